"""What records, files and the audit log's entries are called where people read them.

As `names` for the words of a survey: one table for each enum, worded for the middle of a sentence.
"""

from collections.abc import Mapping, Sequence

from survey_pipeline.i18n import N_, Message, coded
from survey_pipeline.vocabulary.evidence import AwardKind, Grade, Recipient
from survey_pipeline.vocabulary.register import (
    AuditAction,
    Audited,
    ChainFault,
    DeletionKind,
    RecordKind,
)

AUDIT_ACTIONS: Mapping[str, str] = {
    AuditAction.CREATED: N_("came in or was made"),
    AuditAction.UPDATED: N_("was changed"),
    AuditAction.WITHDRAWN: N_("was taken back"),
    AuditAction.DELETED: N_("was deleted"),
    AuditAction.LOOKED: N_("full number seen"),
    AuditAction.EXPORTED: N_("was exported"),
    AuditAction.DECIDED: N_("was decided"),
    AuditAction.STARTED: N_("was started"),
    AuditAction.PUBLISHED: N_("was published"),
}
"""What was done to a record."""
RECIPIENTS: Mapping[str, str] = {
    Recipient.OFFICE: N_("the office"),
    Recipient.PERSON: N_("a person"),
    Recipient.PARENT: N_("the parent department"),
}
"""To whom an award went."""
AWARD_KINDS: Mapping[str, str] = {
    AwardKind.COMMENDATION: N_("commendation"),
    AwardKind.GENERAL: N_("general award"),
    AwardKind.CITY_SELECTION: N_("large-scale city commendation"),
    AwardKind.QUALIFICATION: N_("qualification review"),
}
"""What kind of award it is."""
GRADES: Mapping[str, str] = {
    Grade.EXCELLENT: N_("excellent"),
    Grade.GOOD: N_("good"),
    Grade.FAIR: N_("fair"),
}
"""The grades that departments give."""
KINDS: Mapping[str, str] = {
    RecordKind.PARENTS: N_("parent departments"),
    RecordKind.OFFICES: N_("offices"),
    RecordKind.CASES: N_("cases"),
    RecordKind.SATISFACTION: N_("satisfaction results"),
    RecordKind.RESULTS: N_("results of cases"),
    RecordKind.SUPERVISION: N_("supervision records"),
    RecordKind.FILINGS: N_("self-check filings"),
    RecordKind.HOTLINE: N_("hotline records"),
    RecordKind.HOTLINE_RANK: N_("hotline ranks"),
    RecordKind.PERFORMANCE: N_("performance points"),
    RecordKind.PARENT_GRADES: N_("parents' grades"),
    RecordKind.PARENT_POINTS: N_("parents' points"),
    RecordKind.AWARDS: N_("awards"),
    RecordKind.REPRESENTATIVES: N_("representatives"),
    RecordKind.BALLOTS: N_("ballots"),
}
"""What files hold."""
AUDITED: Mapping[str, str] = {
    **KINDS,
    Audited.ANSWERS: N_("answers"),
    Audited.API_KEYS: N_("API keys"),
    Audited.BACKUPS: N_("backups"),
    Audited.CONFIGURATION: N_("configuration"),
    Audited.CALL_ATTEMPTS: N_("calls made"),
    Audited.DAILY_REPORTS: N_("daily reports"),
    Audited.CITIZENS: N_("requests of citizens"),
    Audited.DATA_KEYS: N_("data key"),
    Audited.DELETIONS: N_("deletions of personal data"),
    Audited.FRAMES: N_("cases of a draw"),
    Audited.GATEWAY_TESTS: N_("test texts"),
    Audited.HOTLINE_QUARTERS: N_("hotline quarters"),
    Audited.IMPORTS: N_("imports"),
    Audited.INBOUND: N_("replies"),
    Audited.JOB_RUNS: N_("daily run"),
    Audited.MONTH_SCORES: N_("month's scores"),
    Audited.NOTIFICATION_CONTACTS: N_("contacts of notifications"),
    Audited.NOTHING_REPORTS: N_("reports that there was nothing"),
    Audited.OBJECTIONS: N_("objections"),
    Audited.OPT_OUTS: N_("opt-outs"),
    Audited.PAUSES: N_("pause of sending"),
    Audited.RESTORES: N_("backup put back"),
    Audited.REMINDERS: N_("reminders"),
    Audited.REVIEW: N_("online review"),
    Audited.RULE_BOOKS: N_("rule book's file"),
    Audited.SEEDS: N_("month's draws"),
    Audited.SETTINGS: N_("settings"),
    Audited.SIGNALS: N_("integrity signal"),
    Audited.STANDARDS: N_("local decisions of the standard"),
    Audited.TEMPLATES: N_("texts and call scripts"),
    Audited.UPLOADS: N_("uploaded files"),
    Audited.USERS: N_("people"),
    Audited.WEB_SESSIONS: N_("sessions"),
    Audited.YEAR_SCORES: N_("year's scores"),
}
"""What the audit log speaks of."""
CHAIN_FAULTS: Mapping[str, str] = {
    ChainFault.CHANGED: N_("the entry was changed after it was linked"),
    ChainFault.REMOVED: N_("the entry was removed"),
    ChainFault.INSERTED: N_("the entry was put in beside the program"),
    ChainFault.MOVED: N_("an entry was removed, put in or moved here"),
    ChainFault.CUT_OFF: N_("the log was cut off: a signed head was further"),
    ChainFault.REWRITTEN: N_("the chain up to here is not the one that was signed"),
    ChainFault.NOT_SIGNED: N_("the head is not signed with this workspace's key"),
    ChainFault.EMPTIED: N_("values were deleted without a receipt"),
}
"""What a check of the audit log's chain finds."""
DELETION_KINDS: Mapping[str, str] = {
    DeletionKind.PURGE: N_("its time was up"),
    DeletionKind.FORGET: N_("asked for by a citizen"),
}
"""Why personal data was deleted."""
KEY_PARTS: Mapping[str, str] = {
    "parent_code": N_("department code"),
    "office_code": N_("office code"),
    "case_no": N_("case number"),
    "month": N_("month"),
    "record_no": N_("record number"),
    "filing_no": N_("filing number"),
    "award_no": N_("award number"),
    "rep_no": N_("representative number"),
}
"""Of the keys of records, as `withdraw` takes them."""


def kind_named(kind: str) -> Message:
    """Return a kind of file or record as a sentence names it."""
    return coded(kind, Message(KINDS[kind]))


def key_named(parts: Sequence[str]) -> Message:
    """Return how a key is written: its parts, joined by slashes."""
    named: list[object] = [coded(part.upper(), Message(KEY_PARTS[part])) for part in parts]
    text = "/".join(f"{{part{place}}}" for place in range(len(named)))
    return Message(text, {f"part{place}": part for place, part in enumerate(named)})
