"""The names that pages show for stored values."""

from collections.abc import Mapping

from survey_pipeline.i18n import N_

LEVELS: Mapping[str, str] = {
    "ok": N_("ok"),
    "warning": N_("warning"),
    "failed": N_("FAILED"),
}
"""Results of a check of `doctor`."""
MENDS: Mapping[str, str] = {
    "permissions": N_("Close them to others"),
    "templates": N_("Put missing shipped files back"),
    "documents": N_("Put missing shipped files back"),
}
"""What a button of `/admin/upkeep` mends, by the check of `doctor` that finds it."""
PLACES: Mapping[str, str] = {
    "review": "/admin/settings#review",
    "sending": "/admin/settings#sending",
    "standard": "/organise/year",
    "templates": "/admin/templates",
}
"""The pages where other findings are mended."""
