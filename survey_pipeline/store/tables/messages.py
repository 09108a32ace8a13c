"""The outbox, the inbox, receipts and opt-outs."""

from datetime import datetime

from sqlalchemy import Index, Table, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from survey_pipeline.store.columns import (
    document,
    identity,
    moment,
    reference,
    sealed,
    sealed_bytes,
    sealed_document,
    table,
)
from survey_pipeline.store.personal import (
    Actor,
    CitizenPhone,
    CitizenPhoneHash,
    Explained,
    Identifier,
    MaskedPhone,
    OptOutHash,
    ReceivedText,
    RequestWords,
    SentText,
    SentVariables,
    Settings,
    Title,
    Word,
)

UNMATCHED = "survey_id IS NULL AND phone IS NOT NULL"
"""Texts that answer no survey and are still held; queries repeat it, so that its index serves."""


class OutboxMessage(SQLModel, table=True):
    """One text to one citizen. A survey has at most one of each purpose."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("survey_id", "purpose", name="uq_messages_survey_purpose"),
        Index("ix_messages_due", "state", "not_before"),
        Index("ix_messages_provider", "gateway", "provider_id"),
        Index(
            "ix_messages_lease",
            "lease_until",
            sqlite_where=text("state = 'sending'"),
            postgresql_where=text("state = 'sending'"),
        ),
    )

    id: int | None = identity()
    survey_id: int = reference("surveys.id")
    purpose: Word
    """A `MessagePurpose`."""
    phone: CitizenPhone | None = sealed_bytes()
    phone_hash: CitizenPhoneHash | None
    text: SentText | None = sealed()
    """As rendered; emptied with the personal data (a text may name the citizen)."""
    template: Title
    """File name of the template."""
    template_version: Identifier
    """SHA-256 of the template's source, first 12 hex digits."""
    digits: Settings = document()
    """What the digits it offered mean: `{"1": "satisfied", ...}`."""
    variables: SentVariables | None = sealed_document(default=None)
    """What was filled in, for providers of approved templates alone; emptied like the text."""
    encoding: Word
    """`GSM-7` or `UCS-2`."""
    segments: int
    state: Word = "queued"
    """A `MessageState`."""
    queued_at: datetime = moment()
    not_before: datetime = moment()
    """Not due earlier: a held message, a throttle or a backoff."""
    expires_at: datetime = moment()
    """Then it is not worth sending any more (`hold_for`)."""
    tries: int = 0
    """Attempts that ended as not sent or throttled."""
    gateway: Word | None = None
    """The gateway of the present or last attempt."""
    attempt_id: Identifier | None = None
    """The present or last attempt."""
    lease_by: Identifier | None = None
    lease_until: datetime | None = moment(default=None)
    provider_id: Identifier | None = None
    looked_up_at: datetime | None = moment(default=None)
    """When the provider was last asked what became of it."""
    accepted_at: datetime | None = moment(default=None)
    settled_at: datetime | None = moment(default=None)
    """When it reached its final state."""
    reason: Word | None = None
    """Our word for why it failed, a `RefusalReason` or `held_too_long`, `opted_out`, ..."""


class SendAttempt(SQLModel, table=True):
    """One attempt to hand a message to a gateway; committed before the gateway is called."""

    __tablename__ = "send_attempts"

    id: Identifier = Field(primary_key=True)
    """Random; goes to the provider, so that a receipt can name it."""
    message_id: int = reference("messages.id", index=True)
    gateway: Word
    started_at: datetime = moment(index=True)
    ended_at: datetime | None = moment(default=None)
    outcome: Word | None = None
    """A `SendOutcome`; empty while it is under way or was cut off."""
    provider_id: Identifier | None = None
    reason: Word | None = None
    """With a refusal a `RefusalReason`; `not_handed_over` where the gateway was not called."""
    error: Explained | None = None
    """The provider's code and words, never a number or a text."""


class MessageEvent(SQLModel, table=True):
    """The journal of a message: every move of its state."""

    __tablename__ = "message_events"

    id: int | None = identity()
    message_id: int = reference(index=True)
    at: datetime = moment()
    before: Word
    after: Word
    why: Word | None = None


class Receipt(SQLModel, table=True):
    """A delivery receipt as it came; once per (gateway, provider id, state)."""

    __tablename__ = "receipts"
    __table_args__ = (
        UniqueConstraint("gateway", "provider_id", "state", name="uq_receipts_once"),
        Index(
            "ix_receipts_pending",
            "id",
            sqlite_where=text("applied_at IS NULL"),
            postgresql_where=text("applied_at IS NULL"),
        ),
        Index("ix_receipts_received", "received_at"),
    )

    id: int | None = identity()
    gateway: Word
    provider_id: Identifier
    attempt_id: Identifier | None = None
    """As the provider gave it, else found when the receipt is applied."""
    state: Word
    """A `ReceiptState`."""
    reason: Word | None = None
    """With *undelivered*, where the provider says why: a `RefusalReason`."""
    error: Explained | None = None
    received_at: datetime = moment()
    applied_at: datetime | None = moment(default=None)
    waited: int | None = reference(default=None)
    """Milliseconds from the attempt's start to the receipt; known when it is applied."""


class Inbound(SQLModel, table=True):
    """A citizen's text as it came; once per (gateway, provider id), read later."""

    __tablename__ = "inbound"
    __table_args__ = (
        UniqueConstraint("gateway", "provider_id", name="uq_inbound_once"),
        Index("ix_inbound_use", "use", "received_at"),
        Index("ix_inbound_survey", "survey_id"),
        Index(
            "ix_inbound_unmatched",
            "received_at",
            sqlite_where=text(UNMATCHED),
            postgresql_where=text(UNMATCHED),
        ),
    )

    id: int | None = identity()
    gateway: Word
    provider_id: Identifier
    phone: CitizenPhone | None = sealed_bytes()
    phone_hash: CitizenPhoneHash | None
    text: ReceivedText | None = sealed()
    received_at: datetime = moment()
    """When it reached us: the time at which the answer was given."""
    reply_class: Word | None = None
    """A `ReplyClass`."""
    why: Word | None = None
    """Which rule read it so (a `Message` as JSON)."""
    use: Word = "pending"
    """An `InboundUse`."""
    read_at: datetime | None = moment(default=None)
    survey_id: int | None = reference(default=None)
    opted_out: bool = False
    """It also carried an opt-out: whatever a reader says, nobody is called."""
    decision: Word | None = None
    """A `ReaderDecision`."""
    decided_by: Actor | None = None
    decided_at: datetime | None = moment(default=None)
    reader: Actor | None = None
    """Who has it before them to decide, so that two readers do not read one text."""
    reader_until: datetime | None = moment(default=None)


class OptOut(SQLModel, table=True):
    """A number that wants no texts and calls; outlives purge, `forget` and key rotation."""

    __tablename__ = "opt_outs"
    __table_args__ = (
        Index(
            "uq_opt_outs_active",
            "phone_hash",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: int | None = identity()
    phone_hash: OptOutHash
    started_at: datetime = moment()
    gateway: Word
    """Which gateway the text or its refusal came through; blank where it was no text."""
    inbound_id: int | None = reference(default=None)
    call_attempt_id: int | None = reference(default=None)
    """The attempt in which the person said so on the phone."""
    masked: MaskedPhone | None = None
    """The number as it may be shown; None where only the hash is known."""
    by: Actor | None = None
    """Who entered it, for a person who asked on the phone, by letter or at the counter."""
    reason: RequestWords | None = sealed(default=None)
    ended_at: datetime | None = moment(default=None)
    ended_by_inbound_id: int | None = reference(default=None)
    ended_by: Actor | None = None
    """Who ended it by hand."""
    ended_reason: RequestWords | None = sealed(default=None)


messages: Table = table(OutboxMessage)
send_attempts: Table = table(SendAttempt)
message_events: Table = table(MessageEvent)
receipts: Table = table(Receipt)
inbound: Table = table(Inbound)
opt_outs: Table = table(OptOut)
