"""The simulated carrier as a gateway: the port, and the news for those who ask."""

import asyncio
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from types import TracebackType
from typing import Self

from survey_pipeline.errors import ConfigurationError
from survey_pipeline.gateways.port import (
    GatewayEnvironment,
    InboundEvent,
    OutgoingMessage,
    ReceiptEvent,
    SendResult,
    SentAnswer,
    SentState,
    WebhookRequest,
    not_sent,
)
from survey_pipeline.gateways.simulated import bodies, carrier, citizens
from survey_pipeline.gateways.simulated.carrier import CarrierReceipt
from survey_pipeline.gateways.simulated.chance import Dice
from survey_pipeline.gateways.simulated.citizens import CitizenText
from survey_pipeline.gateways.simulated.ledger import Ledger, Taken
from survey_pipeline.gateways.simulated.news import News
from survey_pipeline.i18n import N_
from survey_pipeline.notation import parse_duration
from survey_pipeline.settings import CONFIG_FILE
from survey_pipeline.settings import Gateway as GatewaySettings
from survey_pipeline.vocabulary import ReceiptState

DEFAULT_SEED = "simulated"
MANNERS = ("impolite", "polite")
"""`polite`: every text is taken at once and delivered, and nobody replies; for benchmarks."""
KEYS = ("seed", "manners", "latency")
_MILLISECONDS = re.compile(r"(\d+)\s*ms")


class SimulatedGateway:
    """A carrier and its citizens, made up.

    Its own keys: `seed` (one seed gives one history), `manners` (`impolite` or `polite`), `latency`
    (how long a `send` waits once the carrier has the text: `20ms`, `1s`).

    Raises:
        ConfigurationError: a key of its own is unknown or wrong.
    """

    def __init__(self, settings: GatewaySettings, environment: GatewayEnvironment) -> None:
        own = _Own(settings)
        self.label = settings.label
        self._seed, self._polite, self._latency = own.seed(), own.polite(), own.latency()
        self._clock = environment.clock
        self._ledger = Ledger(environment.home / f"simulated-{settings.label}.jsonl")
        self._receipts = News(self._ledger, self._receipts_of)
        self._texts = News(self._ledger, self._texts_of)
        self._quality = lru_cache(4096)(lambda office: citizens.quality_of(self._seed, office))

    async def __aenter__(self) -> Self:
        """Do nothing: the ledger is opened by the first text."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the ledger."""
        self._ledger.close()

    async def send(self, message: OutgoingMessage) -> SendResult:
        """Accept one text or not, by the dice."""
        now = self._clock.now()
        dice = carrier.text_dice(self._seed, message.to, message.template, now)
        if self._polite:
            verdict = carrier.Verdict(taken=True)
        else:
            verdict = carrier.judge(dice, self._line(message.to))
        provider_id = ""
        if verdict.taken:
            taken = self._take(message, dice, now)
            provider_id = taken.provider_id
            if not self._ledger.append(taken):
                return not_sent("LEDGER")
        if self._latency:
            await asyncio.sleep(self._latency)
        return carrier.answer(verdict, provider_id, dice, now)

    async def find_sent(
        self, message: OutgoingMessage, since: datetime, provider_id: str | None = None
    ) -> SentAnswer:
        """Look into the ledger."""
        taken = self._ledger.find(message.attempt_id, since)
        if taken is None:
            return SentAnswer(SentState.ABSENT)
        now = self._clock.now()
        states = {receipt.state for receipt in self._receipts_of(taken) if receipt.at <= now}
        told = (ReceiptState.DELIVERED, ReceiptState.UNDELIVERED, ReceiptState.ACCEPTED)
        receipt = next((state for state in told if state in states), None)
        return SentAnswer(SentState.FOUND, taken.provider_id, receipt)

    def poll_receipts(self, since: datetime | None, now: datetime) -> Sequence[WebhookRequest]:
        """Return the receipts from `since` (inclusive; nothing: ever) up to `now`."""
        return bodies.receipt_requests(self.label, self._receipts.between(since, now))

    def poll_inbound(self, since: datetime | None, now: datetime) -> Sequence[WebhookRequest]:
        """Return the citizens' texts from `since` (inclusive; nothing: ever) up to `now`."""
        if self._polite:
            return ()
        return bodies.inbound_requests(self.label, self._texts.between(since, now))

    def read_receipt(self, request: WebhookRequest) -> Sequence[ReceiptEvent]:
        """Read a receipt request.

        Raises:
            WebhookRefused: it cannot be read.
        """
        return bodies.read_receipts(request)

    def read_inbound(self, request: WebhookRequest) -> Sequence[InboundEvent]:
        """Read a request that brings citizens' texts.

        Raises:
            WebhookRefused: it cannot be read.
        """
        return bodies.read_inbounds(request)

    def _line(self, number: str) -> Dice:
        return Dice(self._seed, "line", number)

    def _take(self, message: OutgoingMessage, dice: Dice, now: datetime) -> Taken:
        quality = self._quality(message.variables.get("office", ""))
        # The attempt is in the name alone: a text handed over twice is two texts.
        provider_id = f"{dice.hex()}-{message.attempt_id[-8:]}"
        return Taken(provider_id, message.attempt_id, now, message.to, message.template, quality)

    def _receipts_of(self, taken: Taken) -> Iterable[CarrierReceipt]:
        if self._polite:
            state = ReceiptState.DELIVERED
            return [CarrierReceipt(taken.at, taken.provider_id, 0, state, taken.attempt_id)]
        return carrier.receipts_of(taken, self._dice(taken), self._line(taken.number))

    def _texts_of(self, taken: Taken) -> Iterable[CitizenText]:
        dice = self._dice(taken)
        read_at = carrier.on_handset(taken, dice, self._line(taken.number))
        return citizens.texts_of(self._seed, taken, dice, read_at) if read_at else ()

    def _dice(self, taken: Taken) -> Dice:
        return carrier.text_dice(self._seed, taken.number, taken.template, taken.at)


class _Own:
    """The gateway's own keys, checked.

    Raises:
        ConfigurationError: one is unknown or wrong.
    """

    def __init__(self, settings: GatewaySettings) -> None:
        self._label, self._given = settings.label, settings.own
        for key in self._given:
            if key not in KEYS:
                raise self._wrong(
                    N_("{file}: gateway {label}: unknown key {key}. It knows {known}"), key
                )

    def seed(self) -> str:
        """Return the seed; a number, as the environment brings it, is its digits."""
        seed = self._given.get("seed", DEFAULT_SEED)
        if isinstance(seed, bool) or not isinstance(seed, str | int) or seed == "":
            raise self._wrong(
                N_('{file}: gateway {label}: {key} says {value}. Write a text, as "2023"'), "seed"
            )
        return str(seed)

    def polite(self) -> bool:
        """Return whether nothing goes wrong."""
        manners = self._given.get("manners", MANNERS[0])
        if manners not in MANNERS:
            raise self._wrong(
                N_("{file}: gateway {label}: {key} says {value}. Write impolite or polite"),
                "manners",
            )
        return bool(manners == "polite")

    def latency(self) -> float:
        """Return how long a `send` waits, in seconds."""
        given = self._given.get("latency", "0s")
        found = _MILLISECONDS.fullmatch(given) if isinstance(given, str) else None
        if found:
            return int(found[1]) / 1000
        try:
            return parse_duration(given).total_seconds()
        except ValueError:
            raise self._wrong(
                N_("{file}: gateway {label}: {key} says {value}. Write a duration as 20ms or 1s"),
                "latency",
            ) from None

    def _wrong(self, text: str, key: str) -> ConfigurationError:
        return ConfigurationError(
            text,
            file=CONFIG_FILE,
            label=self._label,
            key=key,
            value=repr(str(self._given[key])),
            known=", ".join(KEYS),
        )
