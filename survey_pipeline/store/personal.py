"""What each column says of personal data: whose it is, what it is for, and until when it is kept.

Every column of text, bytes or JSON has one of the types below, where it stands in its table;
`columns.table` hands the declaration to the SQLAlchemy column. The inventory lists the columns, and
the purge empties them, from these declarations alone. Source: specification, section 10.3.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import JSON, Column, LargeBinary, String, Table
from sqlmodel import AutoString

from survey_pipeline.i18n import N_
from survey_pipeline.store.sealed import SealedBytes, SealedDocument, SealedText

_TEXTS = (String, AutoString, SealedText, LargeBinary, JSON, SealedDocument)
_SEALED = (SealedBytes, SealedText, SealedDocument)
INFO = "personal data"
"""Under which a column's `info` has its declaration."""


class Subject(StrEnum):
    """Whose data it is."""

    CITIZEN = "citizen"
    REPRESENTATIVE = "representative"
    OFFICIAL = "official"
    """Somebody whom a record of supervision names."""
    STAFF = "staff"
    """Somebody who works with the program."""


class KeptUntil(StrEnum):
    """When a value is deleted."""

    SURVEY = "survey"
    """With the survey, the case or the text that it belongs to."""
    QUIET = "quiet"
    """The same, and not before the phone may be surveyed again."""
    REQUEST = "request"
    """With a request to be asked no more that a person took down."""
    REVIEW = "review"
    """With the online review of its year."""
    SCORE = "score"
    """With the published score of its year."""
    SIGN_IN = "sign_in"
    """With the sign-in that it tells of."""
    RECORD = "record"
    """Never: as long as the record stands."""


@dataclass(frozen=True)
class Personal:
    """That a column holds personal data; the texts are of the catalogue."""

    subject: Subject
    holds: str
    purpose: str
    until: KeptUntil = KeptUntil.SURVEY


@dataclass(frozen=True)
class NotPersonal:
    """That a column of text, bytes or JSON holds no personal data."""

    holds: str
    """What it holds instead."""


Declared = Personal | NotPersonal


def declared(column: Column[Any]) -> Declared | None:
    """Return what a column says of itself; None where it says nothing."""
    found: Declared | None = column.info.get(INFO)
    return found


def has_to_say(column: Column[Any]) -> bool:
    """Return whether a column could hold personal data: text, bytes or JSON."""
    return isinstance(column.type, _TEXTS)


def is_sealed(column: Column[Any]) -> bool:
    """Return whether every value of a column is encrypted under the data key."""
    return isinstance(column.type, _SEALED)


def columns_until(table: Table, *ends: KeptUntil) -> Iterator[Column[Any]]:
    """Yield the columns of a table whose values are deleted at one of these ends."""
    for column in table.columns:
        said = declared(column)
        if isinstance(said, Personal) and said.until in ends:
            yield column


# Nothing personal

Code = Annotated[str, NotPersonal("the code or number of an office, a department or a record")]
Word = Annotated[str, NotPersonal("a word from a list, a month, or the name of a gateway")]
Label = Annotated[str, NotPersonal("an office's word for how, or for which kind of person")]
Title = Annotated[str, NotPersonal("what an office, a department, a file or a work is called")]
Explained = Annotated[str, NotPersonal("words on why, which are to name no citizen")]
Identifier = Annotated[str, NotPersonal("a hash, a version, or an identifier made at random")]
Digest = Annotated[bytes, NotPersonal("a hash, or what is sealed, of nothing personal")]
FactorSecret = Annotated[str, NotPersonal("the secret of a second factor, encrypted")]
Settings = Annotated[dict[str, Any], NotPersonal("settings")]
Figures = Annotated[dict[str, Any], NotPersonal("counts and points")]
Found = Annotated[dict[str, Any], NotPersonal("counts and places of offices")]
Lines = Annotated[list[Any], NotPersonal("the lines of an office's points")]
PackedLines = Annotated[str, NotPersonal("the lines of an office's points")]
Reasons = Annotated[list[dict[str, Any]], NotPersonal("reasons, without any cell's contents")]

# Of citizens

_PHONE, _PHONE_HASH = N_("phone number, encrypted"), N_("keyed hash of a phone number")
_NAME = N_("name, encrypted")
_TO_ASK = N_("to ask the citizen about the case")
_TO_SHOW_ANSWERS = N_("to read answers, and to show how they were read")
_TO_RECOMPUTE = N_("to recompute draws and scores")
_TO_FIND_REQUESTS = N_("to find a request that a person took down")
_TO_TELL_APART = N_("to tell phones apart, and to find what is held of a citizen")

CitizenPhone = Annotated[bytes, Personal(Subject.CITIZEN, _PHONE, _TO_ASK)]
CitizenPhoneHash = Annotated[bytes, Personal(Subject.CITIZEN, _PHONE_HASH, _TO_TELL_APART)]
SurveyedPhoneHash = Annotated[
    bytes,
    Personal(
        Subject.CITIZEN,
        _PHONE_HASH,
        N_("to survey no phone again within sampling.quiet_days"),
        KeptUntil.QUIET,
    ),
]
OptOutHash = Annotated[
    bytes,
    Personal(
        Subject.CITIZEN,
        _PHONE_HASH,
        N_("never again to ask a person who asked for that"),
        KeptUntil.RECORD,
    ),
]
CitizenName = Annotated[bytes, Personal(Subject.CITIZEN, _NAME, _TO_ASK)]
CaseRemark = Annotated[bytes, Personal(Subject.CITIZEN, N_("remark, encrypted"), _TO_ASK)]
SentText = Annotated[str, Personal(Subject.CITIZEN, N_("text as it was sent, encrypted"), _TO_ASK)]
SentVariables = Annotated[
    dict[str, Any], Personal(Subject.CITIZEN, N_("what was filled into a text, encrypted"), _TO_ASK)
]
ReceivedText = Annotated[
    str, Personal(Subject.CITIZEN, N_("text as it came in, encrypted"), _TO_SHOW_ANSWERS)
]
CitizenWords = Annotated[
    str, Personal(Subject.CITIZEN, N_("the citizen's words, encrypted"), _TO_SHOW_ANSWERS)
]
CallerNote = Annotated[
    str, Personal(Subject.CITIZEN, N_("caller's note, encrypted"), N_("to prepare the next call"))
]
RecordedValues = Annotated[
    dict[str, Any],
    Personal(
        Subject.CITIZEN,
        N_("personal values of a case before or after a change"),
        N_("to show what was changed, and what held at a draw"),
    ),
]
RecordedReason = Annotated[
    str,
    Personal(
        Subject.CITIZEN,
        N_("reason that a person typed, encrypted; of a request, deleted with it"),
        N_("to show why it was done"),
        KeptUntil.RECORD,
    ),
]
MaskedPhone = Annotated[
    str,
    Personal(Subject.CITIZEN, N_("masked phone number"), _TO_FIND_REQUESTS, KeptUntil.REQUEST),
]
RequestWords = Annotated[
    str,
    Personal(
        Subject.CITIZEN,
        N_("how and why a person asked, encrypted"),
        _TO_FIND_REQUESTS,
        KeptUntil.REQUEST,
    ),
]
CaseNumber = Annotated[
    str,
    Personal(
        Subject.CITIZEN,
        N_("case number, which only the office can trace to a person"),
        _TO_RECOMPUTE,
        KeptUntil.RECORD,
    ),
]
Service = Annotated[
    str,
    Personal(
        Subject.CITIZEN,
        N_("what the service was"),
        N_("to name the case, and to show which services were rated"),
        KeptUntil.RECORD,
    ),
]
Roll = Annotated[
    bytes,
    Personal(Subject.CITIZEN, N_("case numbers of a draw"), _TO_RECOMPUTE, KeptUntil.RECORD),
]

# Of representatives

_TO_INVITE = N_("to invite the representative to the online review")

RepresentativeName = Annotated[
    bytes, Personal(Subject.REPRESENTATIVE, _NAME, _TO_INVITE, KeptUntil.REVIEW)
]
RepresentativePhone = Annotated[
    bytes, Personal(Subject.REPRESENTATIVE, _PHONE, _TO_INVITE, KeptUntil.REVIEW)
]
RepresentativePhoneHash = Annotated[
    bytes, Personal(Subject.REPRESENTATIVE, _PHONE_HASH, _TO_INVITE, KeptUntil.REVIEW)
]
RepresentativeNumber = Annotated[
    str,
    Personal(
        Subject.REPRESENTATIVE,
        N_("the representative's number"),
        N_("to recompute the draw of representatives"),
        KeptUntil.RECORD,
    ),
]

# Of officials

_TO_COUNT_ONCE = N_("to count once what one person did in one matter")
_TO_DEFEND = N_("to defend a deduction")

OfficialName = Annotated[bytes, Personal(Subject.OFFICIAL, _NAME, _TO_DEFEND, KeptUntil.SCORE)]
OfficialNameHash = Annotated[
    bytes,
    Personal(Subject.OFFICIAL, N_("keyed hash of a name"), _TO_COUNT_ONCE, KeptUntil.RECORD),
]
Matter = Annotated[
    str,
    Personal(
        Subject.OFFICIAL,
        N_("matter, as the file has it, encrypted"),
        _TO_COUNT_ONCE,
        KeptUntil.RECORD,
    ),
]
FilingText = Annotated[
    str,
    Personal(
        Subject.OFFICIAL,
        N_("what a self-check filing says, encrypted"),
        _TO_DEFEND,
        KeptUntil.SCORE,
    ),
]
RecordRemark = Annotated[
    str,
    Personal(Subject.OFFICIAL, N_("remark of a record, encrypted"), _TO_DEFEND, KeptUntil.SCORE),
]

# Of staff

Actor = Annotated[
    str,
    Personal(Subject.STAFF, N_("name of staff"), N_("to show who did what"), KeptUntil.RECORD),
]
Account = Annotated[
    str, Personal(Subject.STAFF, N_("name of staff"), N_("to sign in"), KeptUntil.RECORD)
]
SignInTrace = Annotated[
    str,
    Personal(
        Subject.STAFF,
        N_("name, network or browser of a sign-in"),
        N_("to slow down guessing, and to show people their sessions"),
        KeptUntil.SIGN_IN,
    ),
]
