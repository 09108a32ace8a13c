"""The draw, and the life of each drawn case."""

from datetime import date, datetime

from sqlalchemy import Index, Table, text
from sqlmodel import Field, SQLModel

from survey_pipeline.store.columns import (
    document,
    identity,
    moment,
    reference,
    sealed,
    sealed_bytes,
    table,
)
from survey_pipeline.store.personal import (
    Actor,
    CaseNumber,
    CitizenPhone,
    CitizenWords,
    Code,
    Digest,
    Identifier,
    Roll,
    Settings,
    SurveyedPhoneHash,
    Word,
)

UNASKED = "asked_at IS NULL AND state = 'open' AND phone_kind = 'mobile'"
"""Surveys whose question is still to be written; queries repeat it, so that its index serves."""

KEPT = "closed_at IS NOT NULL AND phone_hash IS NOT NULL"
"""Closed surveys whose personal data is still held; likewise."""

UNHAPPY = "state = 'open' AND rating IN ('neutral', 'dissatisfied')"
"""Surveys that may be asked for the reason; likewise."""


class Draw(SQLModel, table=True):
    """The draw of one day, with all that is needed to check it years later."""

    __tablename__ = "draws"

    day: date = Field(primary_key=True)
    drawn_at: datetime = moment()
    frame: int
    """Cases in the frame."""
    frame_hash: Identifier
    roll_hash: Identifier
    seed_hash: Identifier
    """SHA-256 of the month's seed, in hex."""
    seed: Digest = sealed_bytes()
    """The seed used, encrypted."""
    policy: Settings = document()
    """The sampling settings as they were, numbers as written."""
    roll: Roll
    """The roll itself: its lines in UTF-8, compressed (zlib). Names no citizen, so it stays."""
    purged_at: datetime | None = moment(default=None)
    """When the personal data of its frame's undrawn cases was gone."""


class DrawMonth(SQLModel, table=True):
    """A month's seed towards outsiders: committed before it begins, revealed after it is closed."""

    __tablename__ = "draw_months"

    month: Word = Field(primary_key=True)
    """`YYYY-MM`."""
    seed_hash: Identifier | None = None
    """The commitment: SHA-256 of the month's seed, in hex. None: nothing was committed."""
    configured: bool = False
    """Whether the committed seed is `sampling.seed`, which readers of the configuration know."""
    committed_at: datetime | None = moment(default=None)
    committed_by: Actor | None = None
    revealed_at: datetime | None = moment(default=None)
    revealed_by: Actor | None = None
    package_hash: Identifier | None = None
    """SHA-256 of the package as first revealed, in hex."""


class DrawOffice(SQLModel, table=True):
    """One office in one draw: N, n, and so the inclusion probability n/N."""

    __tablename__ = "draw_offices"

    day: date = Field(primary_key=True, foreign_key="draws.day")
    office_code: Code = Field(primary_key=True)
    frame: int
    """Its cases in the frame."""
    eligible: int
    """N: eligible cases after the one-per-phone rule."""
    drawn: int
    """n."""


class Survey(SQLModel, table=True):
    """The survey of one drawn case, from the draw to its closing.

    The columns from `rating` on are what `survey.rating` and `survey.outcome` derived from the
    answers, messages and attempts; they stand here so that a month is scored set by set.
    """

    __tablename__ = "surveys"
    __table_args__ = (
        Index(
            "uq_surveys_open_phone",
            "phone_hash",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_surveys_phone_drawn", "phone_hash", "drawn_on"),
        Index("ix_surveys_month_office", "month", "office_code"),
        Index("ix_surveys_office_case", "office_code", "case_no"),
        Index("ix_surveys_state_closes", "state", "closes_at"),
        Index(
            "ix_surveys_kept",
            "closed_at",
            sqlite_where=text(KEPT),
            postgresql_where=text(KEPT),
        ),
        Index(
            "ix_surveys_unasked",
            "id",
            sqlite_where=text(UNASKED),
            postgresql_where=text(UNASKED),
        ),
        Index(
            "ix_surveys_unhappy",
            "id",
            sqlite_where=text(UNHAPPY),
            postgresql_where=text(UNHAPPY),
        ),
    )

    id: int | None = identity()
    case_id: int | None = reference(default=None, unique=True)
    """The case."""
    office_code: Code
    case_no: CaseNumber
    category: Word
    """The office's category at the draw."""
    month: Word
    """`YYYY-MM` of the report day: the month it counts in."""
    drawn_on: date = Field(index=True)
    rank_hash: Identifier
    """The case's rank in the draw: SHA-256 in hex."""
    phone: CitizenPhone | None = sealed_bytes()
    phone_hash: SurveyedPhoneHash | None
    phone_kind: Word
    own_calls: bool = True
    """Whether its calls are ours, by the standard in force at the draw."""
    opened_at: datetime = moment()
    asked_at: datetime | None = moment(default=None)
    """When its question was written for the outbox; nothing before, and for landlines."""
    reply_until: datetime | None = moment(default=None, index=True)
    """End of the reply window; set when the text is accepted."""
    closes_at: datetime = moment()
    state: Word = "open"
    """A `SurveyState`."""
    closed_at: datetime | None = moment(default=None)

    rating: Word | None = None
    """The rating of record, a `Rating`."""
    rated_by: Word | None = None
    """Its `Mode`."""
    rated_at: datetime | None = moment(default=None)
    corrected: bool = False
    verification: Word | None = None
    """The answer of a call to somebody who has answered: beside the rating, never in it."""
    reason: Word | None = None
    """A `DissatisfactionReason`, by a caller."""
    texted: bool = False
    """A message was accepted (or is unknown)."""
    delivered: bool = False
    replied: bool = False
    """At least one inbound reply was tied to it."""
    called: bool = False
    """At least one attempt was made."""
    reached: bool = False
    """Somebody spoke in at least one attempt."""
    attempts: int = 0
    """Calls attempted."""
    denied: bool = False
    """The citizen said that it was not their case (by SMS or phone)."""
    contact_data_bad: bool = False
    opted_out: bool = False
    """Opted out while it was open: no text and no call follows."""
    disposition: Word = "3.11"
    """A `Disposition`: while open, the code that would hold if it ended now."""
    withdrawn: bool = False
    handed_over_on: date | None = None
    """The day whose list brought it to those who call in our place (health)."""
    handed_over_at: datetime | None = moment(default=None)
    """From then on the case is theirs: an SMS that comes later is kept, not counted."""


class Answer(SQLModel, table=True):
    """One thing a citizen said of the case; never changed."""

    __tablename__ = "answers"

    id: int | None = identity()
    survey_id: int = reference("surveys.id", index=True)
    role: Word
    """An `AnswerRole`."""
    mode: Word
    """A `Mode`."""
    rating: Word
    given_at: datetime = moment()
    """When the citizen gave it: an inbound text's receipt, a call's end."""
    recorded_at: datetime = moment()
    inbound_id: int | None = reference(default=None)
    call_attempt_id: int | None = reference(default=None)
    by: Actor | None = None
    """The reader or caller; empty where the program read the text itself."""
    why: CitizenWords | None = sealed(default=None)
    """For a correction: the citizen's words."""


class SurveyEvent(SQLModel, table=True):
    """The journal of a survey: every move, and every change of its rating or outcome."""

    __tablename__ = "survey_events"

    id: int | None = identity()
    survey_id: int = reference(index=True)
    at: datetime = moment()
    what: Word
    """opened, texted, rated, replaced, corrected, verified, disposition, closed, ..."""
    before: Word | None = None
    after: Word | None = None
    by: Actor | None = None


draws: Table = table(Draw)
draw_months: Table = table(DrawMonth)
draw_offices: Table = table(DrawOffice)
surveys: Table = table(Survey)
answers: Table = table(Answer)
survey_events: Table = table(SurveyEvent)
