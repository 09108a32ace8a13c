"""The port that every gateway speaks, and the closed lists of what may be said over it.

A gateway is an object with the four methods of `Gateway`. It holds no state of ours: the outbox
commits an attempt before it calls `send`, and records what came back afterwards. A gateway never
retries by itself, never logs a number or a text, and translates its provider's words into the
outcomes below at its own border.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

from survey_pipeline.calendar import Clock
from survey_pipeline.i18n import ORGANISATION, Message
from survey_pipeline.settings import Gateway as GatewaySettings
from survey_pipeline.vocabulary import ReceiptState, RefusalReason, SendOutcome


@dataclass(frozen=True, repr=False)
class OutgoingMessage:
    """One text to hand over. Its `repr` shows neither number nor text."""

    attempt_id: str
    """Our random id of this attempt; a provider that can carries it into its receipts."""
    to: str
    """E.164."""
    text: str
    template: str = ""
    """Our template's name, for providers that only send approved templates."""
    variables: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"OutgoingMessage(attempt_id={self.attempt_id!r})"


@dataclass(frozen=True)
class SendResult:
    """What became of one attempt: an outcome of the closed list, and what belongs to it."""

    outcome: SendOutcome
    provider_id: str | None = None
    """With *accepted*."""
    reason: RefusalReason | None = None
    """With *refused*."""
    retry_at: datetime | None = None
    """With *throttled*: not before."""
    error: str | None = None
    """The provider's code and words, never a number or a text."""


def accepted(provider_id: str) -> SendResult:
    """The provider has it, under this id."""
    return SendResult(SendOutcome.ACCEPTED, provider_id=provider_id)


def refused(reason: RefusalReason, error: str | None = None) -> SendResult:
    """The provider will never deliver it."""
    return SendResult(SendOutcome.REFUSED, reason=reason, error=error)


def throttled(retry_at: datetime, error: str | None = None) -> SendResult:
    """It was not processed; not again before `retry_at`."""
    return SendResult(SendOutcome.THROTTLED, retry_at=retry_at, error=error)


def not_sent(error: str) -> SendResult:
    """It certainly did not go out."""
    return SendResult(SendOutcome.NOT_SENT, error=error)


def unknown(error: str) -> SendResult:
    """It may or may not have gone out."""
    return SendResult(SendOutcome.UNKNOWN, error=error)


@dataclass(frozen=True)
class WebhookRequest:
    """A provider's request as it came, or what a polled provider would have posted."""

    target: str
    """The request-target (RFC 9112, section 3.2): path and query, raw, as they came to us. A
    provider that signs its public address has it in its gateway's `public_url`."""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    method: str = "POST"
    peer: str = ""
    """The address it came from, a trusted proxy's word taken for it; empty where it was polled."""


@dataclass(frozen=True)
class ReceiptEvent:
    """What one delivery receipt says."""

    provider_id: str
    state: ReceiptState
    attempt_id: str | None = None
    error: str | None = None
    """The provider's code and words, never a number or a text."""
    reason: RefusalReason | None = None
    """With *undelivered*, where the provider says why."""


@dataclass(frozen=True, repr=False)
class InboundEvent:
    """One text from a citizen. Its `repr` shows neither number nor text."""

    provider_id: str
    sender: str
    """E.164 where the provider's form allows it, else as it came."""
    text: str
    received_at: datetime
    opted_out: bool = False
    """The provider itself has taken it as an opt-out. There is no such word for the way back: only
    our own reading of START or 恢复 ends an opt-out."""

    def __repr__(self) -> str:
        return f"InboundEvent(provider_id={self.provider_id!r})"


class SentState(StrEnum):
    """What a provider says when asked about a message."""

    FOUND = "found"
    ABSENT = "absent"
    """It shows that it never had it: sending again cannot make two."""
    CANNOT_TELL = "cannot_tell"
    """It has no way of saying: the policy decides."""
    NO_ANSWER = "no_answer"
    """This time it could not be asked: ask again later, decide nothing."""


@dataclass(frozen=True)
class SentAnswer:
    """The answer to `find_sent`."""

    state: SentState
    provider_id: str | None = None
    receipt: ReceiptState | None = None
    """What became of it, where the provider says that too."""
    reason: RefusalReason | None = None
    """With *undelivered*, where the provider says why."""


@runtime_checkable
class Gateway(Protocol):
    """One provider."""

    label: str
    """Its name in the configuration, the database and webhook addresses."""

    async def __aenter__(self) -> Self:
        """Open connections; called once before the first `send`."""
        ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close them."""
        ...

    async def send(self, message: OutgoingMessage) -> SendResult:
        """Hand one text over, once. Never raises for what the provider does."""
        ...

    async def find_sent(
        self, message: OutgoingMessage, since: datetime, provider_id: str | None = None
    ) -> SentAnswer:
        """Ask the provider what became of an attempt. Never raises for what the provider does.

        Args:
            message: as it was handed over.
            since: when the attempt began.
            provider_id: the provider's name for it, where we have heard one.
        """
        ...

    def read_receipt(self, request: WebhookRequest) -> Sequence[ReceiptEvent]:
        """Read a receipt request.

        Raises:
            WebhookRefused: its signature is missing or wrong.
            WebhookUnreadable: it is the provider's, and cannot be read.
        """
        ...

    def read_inbound(self, request: WebhookRequest) -> Sequence[InboundEvent]:
        """Read a request that brings citizens' texts.

        Raises:
            WebhookRefused: its signature is missing or wrong.
            WebhookUnreadable: it is the provider's, and cannot be read.
        """
        ...


@runtime_checkable
class Polled(Gateway, Protocol):
    """A gateway that is asked for news instead of calling our webhooks.

    Both methods return what happened from `since` on (inclusive; nothing means ever) up to `now`,
    in order of time. What was returned before may come again: it is stored once.
    """

    def poll_receipts(self, since: datetime | None, now: datetime) -> Sequence[WebhookRequest]:
        """Return the receipt requests of that time, as the provider would have posted them."""
        ...

    def poll_inbound(self, since: datetime | None, now: datetime) -> Sequence[WebhookRequest]:
        """Return the inbound requests of that time, as the provider would have posted them."""
        ...


@dataclass(frozen=True)
class Acknowledgement:
    """What a provider wants to hear when its request has been stored."""

    body: str = ""
    media_type: str = "text/plain"


@runtime_checkable
class Acknowledging(Gateway, Protocol):
    """A gateway whose provider wants more than an empty answer to its requests."""

    acknowledgement: Acknowledgement


@dataclass(frozen=True)
class Finding:
    """One thing that a gateway found when it looked at its own configuration, for `doctor`."""

    ok: bool
    found: Message
    remedy: Message | None = None
    """What to mend, where something is wrong."""


@runtime_checkable
class Checkable(Gateway, Protocol):
    """A gateway that can try its credentials without sending a text."""

    async def check(self) -> Sequence[Finding]:
        """Look. Called between `__aenter__` and `__aexit__`; never raises for what it finds."""
        ...


@runtime_checkable
class Reachable(Gateway, Protocol):
    """A gateway whose provider calls our webhooks."""

    public_url: str
    """Where the provider reaches our pages, without a slash at the end; empty: nowhere."""


@dataclass(frozen=True)
class GatewayEnvironment:
    """What a gateway is made with besides its own settings."""

    home: Path
    environ: Mapping[str, str]
    """For secrets whose variables the settings name."""
    clock: Clock
    organisation: str = ORGANISATION
    """The name of the office that asks, as it stands in texts."""


class GatewayFactory(Protocol):
    """What an entry point of the group `survey_pipeline.gateways` names: usually the class."""

    def __call__(self, settings: GatewaySettings, environment: GatewayEnvironment) -> Gateway:
        """Make a gateway.

        Raises:
            ConfigurationError: a key of its own is unknown, missing or wrong.
        """
        ...
