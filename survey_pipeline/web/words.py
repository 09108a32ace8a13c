"""What the stored words are called on the pages."""

from collections.abc import Mapping

from survey_pipeline.i18n import N_

LEVELS: Mapping[str, str] = {
    "ok": N_("ok"),
    "warning": N_("warning"),
    "failed": N_("FAILED"),
}
"""How a check of `doctor` came out."""
