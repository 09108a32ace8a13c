"""The online review (part F): who is reviewed, who reviews, and ballots that name nobody.

What a ballot may hold is decided in docs/decisions/ballot-secrecy.md: no representative, no office,
no time, no number that orders it with others, and its answer only under the review's own key.
"""

from datetime import date, datetime

from sqlalchemy import Index, Table, UniqueConstraint
from sqlmodel import Field, SQLModel

from survey_pipeline.store.columns import document, identity, moment, sealed_bytes, table
from survey_pipeline.store.personal import (
    Actor,
    Code,
    Digest,
    Explained,
    Found,
    Identifier,
    RepresentativeName,
    RepresentativeNumber,
    RepresentativePhone,
    RepresentativePhoneHash,
    Title,
    Word,
)


class Review(SQLModel, table=True):
    """The online review of one appraisal year, with who took each step and when."""

    __tablename__ = "reviews"

    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    selected_at: datetime | None = moment(default=None)
    selected_by: Actor | None = None
    way: Word | None = None
    """`quota` or `manual`."""
    score_version: int | None = None
    """The version of the year's score whose daily points selected; empty where it was by hand."""
    wanted_offices: int | None = None
    """`review.offices` at the selection."""
    selection_reason: Explained | None = None
    """Why it was made provisionally, or again."""
    selection: Found | None = document(default=None)
    """What the selection found: offices passed over, places left empty, what was missing."""
    drawn_at: datetime | None = moment(default=None)
    drawn_by: Actor | None = None
    wanted_representatives: int | None = None
    """`review.representatives` at the draw."""
    seed: Identifier | None = None
    """The published seed that the draw used."""
    pool: int | None = None
    """Representatives in the pool at the draw."""
    roll_hash: Identifier | None = None
    """SHA-256, in hex, of the pool's sorted numbers, a line each."""
    opened_at: datetime | None = moment(default=None)
    opened_by: Actor | None = None
    closes_on: date | None = None
    """The day it is to close, as the ballots announce it; it is closed by hand."""
    closed_at: datetime | None = moment(default=None)
    closed_by: Actor | None = None
    cleared_at: datetime | None = moment(default=None)
    """When the key was destroyed after closing; until then `review close` has to be run again."""


class ReviewOffice(SQLModel, table=True):
    """An office that takes part in a year's review."""

    __tablename__ = "review_offices"

    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    office_code: Code = Field(primary_key=True)
    category: Word
    """At the selection."""
    daily: int | None = None
    """The daily points, in ten-thousandths, that selected it; empty: by hand, or not scored."""
    place: int | None = None
    """Its place in the daily ranking of its category; empty where it was selected by hand."""
    reason: Explained | None = None
    """Why it was selected by hand."""
    satisfied: int | None = None
    """Ballots by answer, counted at closing; empty before."""
    neutral: int | None = None
    dissatisfied: int | None = None


class Representative(SQLModel, table=True):
    """Somebody in the pool from which a year's review representatives (评议代表) are drawn."""

    __tablename__ = "representatives"
    __table_args__ = (UniqueConstraint("year", "rep_no", name="uq_representatives_no"),)

    id: int | None = identity()
    year: int
    rep_no: RepresentativeNumber
    name: RepresentativeName | None = sealed_bytes()
    """Ciphertext (`store.crypto`); emptied by deletion."""
    phone: RepresentativePhone | None = sealed_bytes()
    """Ciphertext of the E.164 number."""
    phone_hash: RepresentativePhoneHash | None
    phone_kind: Word
    """A `PhoneKind`."""
    group: Title | None = None
    """Where the representative comes from, in the words of the file."""
    import_id: int
    row_no: int
    withdrawn_at: datetime | None = moment(default=None)
    withdrawn_by: Actor | None = None
    withdrawn_reason: Explained | None = None


class ReviewRepresentative(SQLModel, table=True):
    """A representative who was drawn for a year's review."""

    __tablename__ = "review_representatives"
    __table_args__ = (Index("ix_review_representatives_token", "token_hash"),)

    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    rep_no: RepresentativeNumber = Field(primary_key=True)
    rank_hash: Identifier
    """SHA-256 of `seed:year:rep_no`, in hex."""
    token_hash: Digest | None = None
    """Keyed hash of the personal link's token; emptied at closing, with its key."""
    invited_at: datetime | None = moment(default=None)
    """When the one invitation by SMS was begun; taken back where it certainly did not go out."""
    invite_attempt: Identifier | None = None
    """Random; goes to the provider."""
    invite_gateway: Identifier | None = None
    invite_outcome: Word | None = None
    """A `SendOutcome`; empty while it is under way or was cut off."""
    voted: bool = False
    """Whether any ballot was cast; neither when nor how many nor which."""


class Ballot(SQLModel, table=True):
    """One ballot while its review is open; at closing counted, and deleted with all others.

    Stored by its `voter` (without a row number where the engine allows it), which only the review's
    key can connect with a representative and an office; it is that key, too, that opens `sealed`.
    """

    __tablename__ = "ballots"
    __table_args__ = ({"sqlite_with_rowid": False},)

    voter: Digest = Field(primary_key=True)
    """Keyed hash of representative and office."""
    year: int
    sealed: Digest
    """The answer, encrypted; every answer's ciphertext is equally long."""


reviews: Table = table(Review)
review_offices: Table = table(ReviewOffice)
representatives: Table = table(Representative)
review_representatives: Table = table(ReviewRepresentative)
ballots: Table = table(Ballot)
