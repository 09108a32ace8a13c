"""What the stored words are called on the pages."""

from collections.abc import Mapping

from survey_pipeline.i18n import N_
from survey_pipeline.vocabulary.names import KINDS

THINGS: Mapping[str, str] = {
    **KINDS,
    "answers": N_("answers"),
    "api_keys": N_("API keys"),
    "call_attempts": N_("calls made"),
    "daily_reports": N_("daily reports"),
    "gateway_tests": N_("test texts"),
    "inbound": N_("replies"),
    "job_runs": N_("daily run"),
    "month_scores": N_("month's scores"),
    "objections": N_("objections"),
    "pauses": N_("pause of sending"),
    "review": N_("online review"),
    "uploads": N_("files of offices"),
    "users": N_("people"),
    "web_sessions": N_("sessions"),
    "year_scores": N_("year's scores"),
}
"""What the audit log speaks of."""
LEVELS: Mapping[str, str] = {
    "ok": N_("ok"),
    "warning": N_("warning"),
    "failed": N_("FAILED"),
}
"""How a check of `doctor` came out."""
