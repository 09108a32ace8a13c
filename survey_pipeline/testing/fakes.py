"""Stand-ins for what is outside of the program, in the test's own process."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Self

from survey_pipeline.errors import WebhookRefused
from survey_pipeline.gateways.port import (
    InboundEvent,
    OutgoingMessage,
    ReceiptEvent,
    SendResult,
    SentAnswer,
    SentState,
    WebhookRequest,
    accepted,
)
from survey_pipeline.vocabulary import (
    SendOutcome,
)


class FakeGateway:
    """A gateway that does what a test tells it, and keeps a ledger of what it took.

    Args:
        script: what to answer to each text; every text is taken where there is none.
        label: its name.
        takes: whether a text whose answer is *unknown* was taken all the same.
    """

    def __init__(
        self,
        script: Callable[[OutgoingMessage], SendResult | None] | None = None,
        *,
        label: str = "simulated",
        takes: bool = True,
        can_tell: bool = True,
    ) -> None:
        self.label = label
        self.ledger: list[OutgoingMessage] = []
        """Every text it took, in order: the truth about what a citizen got."""
        self.calls = 0
        self._script = script
        self._takes = takes
        self._can_tell = can_tell

    async def __aenter__(self) -> Self:
        """Open nothing."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close nothing."""

    async def send(self, message: OutgoingMessage) -> SendResult:
        """Answer as the script says; without an answer of its own the text is accepted."""
        self.calls += 1
        result = self._script(message) if self._script else None
        result = result or accepted(f"p-{message.attempt_id}")
        took = result.outcome is SendOutcome.ACCEPTED
        if took or (result.outcome is SendOutcome.UNKNOWN and self._takes):
            self.ledger.append(message)
        return result

    async def find_sent(
        self, message: OutgoingMessage, since: datetime, provider_id: str | None = None
    ) -> SentAnswer:
        """Look into the ledger, if this provider can be asked at all."""
        if not self._can_tell:
            return SentAnswer(SentState.CANNOT_TELL)
        if any(sent.attempt_id == message.attempt_id for sent in self.ledger):
            return SentAnswer(SentState.FOUND, f"p-{message.attempt_id}")
        return SentAnswer(SentState.ABSENT)

    def read_receipt(self, request: WebhookRequest) -> Sequence[ReceiptEvent]:
        """Refuse: tests store receipts themselves."""
        raise WebhookRefused("a fake gateway has no webhooks")

    def read_inbound(self, request: WebhookRequest) -> Sequence[InboundEvent]:
        """Refuse: tests store texts themselves."""
        raise WebhookRefused("a fake gateway has no webhooks")
