"""The names that pages show for stored values."""

from collections.abc import Mapping

from survey_pipeline.i18n import N_

LEVELS: Mapping[str, str] = {
    "ok": N_("ok"),
    "warning": N_("warning"),
    "failed": N_("FAILED"),
}
"""Results of a check of `doctor`."""
