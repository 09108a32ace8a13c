"""What an author says of a gateway: settings, and tables of cases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from survey_pipeline.gateways.port import (
    InboundEvent,
    OutgoingMessage,
    ReceiptEvent,
    SentState,
    WebhookRequest,
)
from survey_pipeline.vocabulary import ReceiptState, RefusalReason, SendOutcome

NOW = datetime(2023, 5, 4, 4, 0, tzinfo=UTC)
"""Where the clock stands: Thursday 4 May 2023, 12:00 in Shanghai."""

MESSAGE = OutgoingMessage(
    attempt_id="5f0c1d9be3a24876.41",
    to="+8613812345678",
    text="您好，您在市民中心办理的业务，满意请回复1，一般请回复2，不满意请回复3。",
    template="survey",
    variables={"office": "市民中心", "item": "业务"},
)
"""The text of every case that brings none of its own."""


class Fault(StrEnum):
    """What a provider does instead of answering."""

    UNREACHABLE = "unreachable"
    """Its address refuses connections."""
    HANG = "hang"
    """It takes the request and says nothing."""
    CUT = "cut"
    """It takes the request and breaks the connection."""


@dataclass(frozen=True)
class Reply:
    """What a provider answers."""

    status: int = 200
    body: str | bytes = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json"


@dataclass(frozen=True)
class SendCase:
    """One answer of the provider, and what it means."""

    name: str
    answer: Reply | Fault | None
    """None: the provider is not asked (a gateway that is none, or a text that it cannot send)."""
    outcome: SendOutcome
    provider_id: str | None = None
    reason: RefusalReason | None = None
    retry_after: timedelta | None = None
    message: OutgoingMessage = MESSAGE
    asked: Sequence[str] = ()
    """Texts that the request must hold, unquoted: the attempt id, for instance."""


@dataclass(frozen=True)
class FindCase:
    """What the provider says when it is asked about a message."""

    name: str
    answers: Sequence[Reply | Fault]
    state: SentState
    provider_id: str | None = None
    receipt: ReceiptState | None = None
    known_as: str | None = None
    """The provider's id, where we have heard one."""
    message: OutgoingMessage = MESSAGE


@dataclass(frozen=True)
class ReceiptCase:
    """A receipt request, and what it says; without events it must be refused."""

    name: str
    request: WebhookRequest
    events: Sequence[ReceiptEvent] | None


@dataclass(frozen=True)
class InboundCase:
    """A request that brings citizens' texts, and what it says; without events: refused."""

    name: str
    request: WebhookRequest
    events: Sequence[InboundEvent] | None


@dataclass(frozen=True)
class Contract:
    """A gateway as its author describes it.

    Attributes:
        kind: the name of its entry point.
        settings: its `[[gateway]]`; `{double}` in a text becomes the address of the provider's
            stand-in. A gateway that speaks HTTP sets a short time-out here.
        environ: variables with its secrets: none of their values may show up anywhere.
        sends: answers of the provider and what they mean.
        finds: what it says when asked about a message.
        receipts: receipt requests.
        inbound: requests that bring texts.
        story: the receipts of one message that was delivered in the end, each once.
        http: whether it speaks HTTP to the double; then the faults of a network are tried too.
        signed: whether its provider's requests carry a signature or a token.
    """

    kind: str
    settings: Mapping[str, Any]
    environ: Mapping[str, str] = field(default_factory=dict)
    sends: Sequence[SendCase] = ()
    finds: Sequence[FindCase] = ()
    receipts: Sequence[ReceiptCase] = ()
    inbound: Sequence[InboundCase] = ()
    story: Sequence[WebhookRequest] = ()
    http: bool = True
    signed: bool = True
