"""What a receipt speaks of, where people read it; texts of the catalogue."""

from collections.abc import Mapping

from survey_pipeline.i18n import N_

COUNTED: Mapping[str, str] = {
    "cases": N_("cases"),
    "surveys": N_("surveys"),
    "ended_surveys": N_("open surveys ended"),
    "messages": N_("texts sent"),
    "inbound": N_("replies"),
    "call_attempts": N_("calls made"),
    "answers": N_("answers"),
    "audit_log": N_("entries of the journal"),
    "opt_outs": N_("opt-outs"),
    "phone_hashes": N_("keyed hashes of surveyed numbers"),
    "representatives": N_("representatives"),
    "supervision_records": N_("supervision records"),
    "hotline_records": N_("hotline records"),
    "filings": N_("self-check filings"),
    "web_sessions": N_("sessions"),
    "sign_in_failures": N_("failed sign-ins"),
    "files": N_("files with the number"),
    "uploads": N_("files of offices"),
    "rejected_files": N_("files of refused rows"),
    "exported_files": N_("call lists"),
    "backups": N_("backups"),
    "ledger_lines": N_("numbers of the simulated gateway"),
}
"""Kinds of rows and files that are counted."""
LIMITS: Mapping[str, str] = {
    "at": N_("all that was held"),
    "drawn": N_("surveys closed, requests made, reviews closed, scores published"),
    "undrawn": N_("cases that were not drawn, by their frame"),
    "unmatched": N_("texts that answer no survey, cases taken back, files to correct"),
    "hash_closed": N_("keyed hashes, by the end of the survey"),
    "hash_drawn": N_("keyed hashes, by the day of the draw"),
}
"""What the limits are of."""
