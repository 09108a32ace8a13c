"""The register of offices, what comes in as files, and what is recorded of it."""

from enum import StrEnum


class Category(StrEnum):
    """The six kinds of assessed offices; each office is in exactly one."""

    AGENCY = "agency"
    """机关中层: mid-level department of a government agency."""
    EDUCATION = "education"
    """教育机构."""
    HEALTH = "health"
    """医疗卫生"""
    FINANCE = "finance"
    """银保机构."""
    SOE = "soe"
    """国有企业."""
    SOCIAL = "social"
    """社会服务."""


MATTER_UNSAID = frozenset({Category.EDUCATION, Category.HEALTH})
"""Categories whose texts and scripts never name the matter: others may see the phone.
docs/decisions/matter-unsaid.md"""


class HotlineGroup(StrEnum):
    """In which yearly hotline ranking a parent department stands (clause D4)."""

    CITY_AGENCY = "city_agency"
    """市级机关."""
    SOE_INSTITUTION = "soe_institution"
    """国企事业单位: state-owned enterprises and public institutions."""
    NONE = "none"
    """In neither ranking."""


RANKED_GROUPS = (HotlineGroup.CITY_AGENCY, HotlineGroup.SOE_INSTITUTION)
"""The groups whose departments are ranked."""


class RecordKind(StrEnum):
    """The kinds of records that come in as files, and are withdrawn."""

    PARENTS = "parents"
    """Parent departments (主管单位)."""
    OFFICES = "offices"
    """Assessed offices (参评处室、站所)."""
    CASES = "cases"
    """Service cases (办件), as offices report them."""
    SATISFACTION = "satisfaction"
    """Results of a month, as lead agencies deliver them."""
    RESULTS = "results"
    """Answers of single cases, as lead agencies deliver them."""
    SUPERVISION = "supervision"
    """Findings and sanctions (监督检查), and material that a department did not file."""
    FILINGS = "filings"
    """Self-check filings (自查备案): what a parent department's own checks found in a month."""
    HOTLINE = "hotline"
    """Faults in handling hotline cases (12345 热线)."""
    HOTLINE_RANK = "hotline-rank"
    """A parent department's rank in the year's hotline assessment."""
    PERFORMANCE = "performance"
    """Performance points (履职成效) from lead agencies."""
    PARENT_GRADES = "parent-grades"
    """Grades (等次) that parent departments give their offices."""
    PARENT_POINTS = "parent-points"
    """Points that lead agencies give where no grades are given."""
    AWARDS = "awards"
    """Commendations (表彰), as offices have them."""
    REPRESENTATIVES = "representatives"
    """The pool from which the online review's representatives (评议代表) are drawn."""
    BALLOTS = "ballots"
    """Their ballots on paper: secret, so that none is ever withdrawn."""


class RowOutcome(StrEnum):
    """The result of one reported row."""

    ACCEPTED = "accepted"
    """It was not there, and now is."""
    UPDATED = "updated"
    """The record has other contents now."""
    UNCHANGED = "unchanged"
    """The record was there, and the same."""
    REFUSED = "refused"
    """It was not taken; the reason stands beside it."""


class DeliveryMode(StrEnum):
    """Which answers a delivered satisfaction result holds."""

    ALL = "all"
    """Replaces our own answers of that office and month."""
    PHONE = "phone"
    """Adds to our SMS answers, in the place of our calls."""
    JOINT = "joint"
    """Adds to all our own answers: both sides carry the survey out."""


class ResultMode(StrEnum):
    """How a citizen gave an answer that others deliver case by case."""

    SMS = "sms"
    """A text."""
    PHONE = "phone"
    """A call."""
    WEB = "web"
    """A form on the internet."""


class ScoreSource(StrEnum):
    """Whose answers a month's score of an office rests on."""

    OWN = "own"
    """Our own survey's alone."""
    DELIVERED = "delivered"
    """A lead agency's alone."""
    MIXED = "mixed"
    """Our own answers and delivered ones."""


class Audited(StrEnum):
    """What the audit log speaks of, beside the records that come in as files (`RecordKind`)."""

    ANSWERS = "answers"
    """The answers of a month, in a file."""
    API_KEYS = "api_keys"
    """A key of the API."""
    BACKUPS = "backups"
    """A copy of the database that was made on a page."""
    CONFIGURATION = "configuration"
    """The files under `config/` and `templates/`, by their hashes."""
    CALL_ATTEMPTS = "call_attempts"
    """An attempt to call that was taken back."""
    DAILY_REPORTS = "daily_reports"
    """What an office reported of a day: that it had no case."""
    CITIZENS = "citizens"
    """What is held of a citizen, shown at their request."""
    DATA_KEYS = "data_keys"
    """A change of the data key."""
    DELETIONS = "deletions"
    """A deletion of personal data, with its receipt."""
    FRAMES = "frames"
    """A frame whose undrawn cases lost their personal data; its key is the day."""
    GATEWAY_TESTS = "gateway_tests"
    """A test text."""
    HOTLINE_QUARTERS = "hotline_quarters"
    """The statements of a hotline quarter, in a file."""
    INBOUND = "inbound"
    """A citizen's text: a reader's decision."""
    JOB_RUNS = "job_runs"
    """A daily run that a person started."""
    MONTH_SCORES = "month_scores"
    """A version of a month's score."""
    NOTIFICATION_CONTACTS = "notification_contacts"
    """Who gets notifications."""
    NOTHING_REPORTS = "nothing_reports"
    """The word that there is nothing to bring for a period."""
    OBJECTIONS = "objections"
    """An office's objection."""
    OPT_OUTS = "opt_outs"
    """An opt-out that a person of ours entered or ended."""
    PAUSES = "pauses"
    """A pause of sending."""
    RESTORES = "restores"
    """The database was put back from a copy; its key is the last day that the lost one was used."""
    REVIEW = "review"
    """A step of the online review."""
    RULE_BOOKS = "rule_books"
    """The file of a year's standard; its key is the standard's name."""
    SEEDS = "seeds"
    """A month's seed: its hash committed, or its draws revealed."""
    SETTINGS = "settings"
    """Keys of `config/pipeline.toml`, changed on a page."""
    SIGNALS = "signals"
    """What stands out of an office's month: a person's decision, or the list in a file."""
    STANDARDS = "standards"
    """A standard's file: local decisions adopted, or an adoption taken back."""
    TEMPLATES = "templates"
    """A text to citizens or callers, changed on a page; its key is folder and name."""
    UPLOADS = "uploads"
    """A file that an office uploaded."""
    USERS = "users"
    """A person who may sign in."""
    WEB_SESSIONS = "web_sessions"
    """A person's session on the pages."""
    REMINDERS = "reminders"
    """The papers that say who owes what."""
    YEAR_SCORES = "year_scores"
    """A version of a year's score."""


class AuditAction(StrEnum):
    """What the audit log records."""

    CREATED = "created"
    """Came in, or was made."""
    UPDATED = "updated"
    """Other contents under the same key; with before and after."""
    WITHDRAWN = "withdrawn"
    """Taken back; it stays visible as withdrawn."""
    DELETED = "deleted"
    """Personal data whose time was up, or that a citizen asked to have deleted."""
    LOOKED = "looked"
    """A full number was shown."""
    EXPORTED = "exported"
    """Full numbers or answers left the program in a file."""
    DECIDED = "decided"
    """A reader's or an officer's decision."""
    STARTED = "started"
    """A service was started, with the configuration that the entry names by its hashes."""
    PUBLISHED = "published"
    """A version of a score was frozen."""


class ChainFault(StrEnum):
    """What a check of the audit log's chain finds."""

    CHANGED = "changed"
    """An entry, or a value of it, is not what was linked."""
    REMOVED = "removed"
    """An entry is gone, or a link is."""
    INSERTED = "inserted"
    """An entry is in the log that no link holds, nor one of those to be linked."""
    MOVED = "moved"
    """A link does not follow the one before it: one was taken out, put in or moved here."""
    CUT_OFF = "cut_off"
    """The chain ends before a head that was signed."""
    REWRITTEN = "rewritten"
    """The chain is another one than that of a head: it was made anew."""
    NOT_SIGNED = "not_signed"
    """A head has not the signature of this workspace's key."""
    EMPTIED = "emptied"
    """Values were deleted, and no receipt of a deletion says so."""


class DeletionKind(StrEnum):
    """Why personal data was deleted."""

    PURGE = "purge"
    """It was due."""
    FORGET = "forget"
    """A citizen asked for it."""
