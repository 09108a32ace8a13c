"""What the carrier does with a text: takes it or not, and what its receipts say of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from survey_pipeline.gateways.port import (
    SendResult,
    accepted,
    not_sent,
    refused,
    throttled,
    unknown,
)
from survey_pipeline.gateways.simulated.chance import Dice, Spread
from survey_pipeline.gateways.simulated.ledger import Taken
from survey_pipeline.gateways.simulated.news import Happening
from survey_pipeline.vocabulary import ReceiptState, RefusalReason

NO_SUCH_NUMBER, DEAD_NUMBER = 20, 20
"""Of a thousand numbers: refused at once; taken, and given up later."""
THROTTLED, NOT_SENT, LOST, FILTERED = 10, 10, 10, 2
"""Of a thousand texts: too fast, line down, no word whether it went out, content filtered."""

_TO_HANDSET: Spread = ((0, 2), (800, 15), (970, 120), (1000, 900))
_GIVEN_UP: Spread = ((0, 60), (500, 1_800), (1000, 21_600))
_SWITCHED_ON: Spread = ((0, 3_600), (1000, 86_400))
_DAWDLES: Spread = ((0, 7_200), (1000, 82_800))
_AGAIN: Spread = ((0, 1), (500, 60), (1000, 43_200))

_FATES = (
    ("plain", 912),
    ("with_report", 25),
    ("absent", 20),
    ("late_after_all", 3),
    ("silent", 10),
    ("twice", 10),
    ("disorder", 10),
    ("late", 10),
)
"""What becomes of a text to a number that exists, in thousandths."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the carrier answers to a text, and whether it has it then."""

    taken: bool
    fault: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class CarrierReceipt(Happening):
    """A receipt, and when it comes."""

    state: ReceiptState
    attempt_id: str
    error: str | None = None


def text_dice(seed: str, number: str, template: str, at: datetime) -> Dice:
    """Return the dice of one text; the attempt has no part in it."""
    return Dice(seed, "text", number, template, at.isoformat())


def judge(dice: Dice, line: Dice) -> Verdict:
    """Return what the carrier does with a text when it is handed over.

    Args:
        dice: the text's.
        line: the number's.
    """
    fault = dice.number("fault", 1000)
    if line.number("line", 1000) < NO_SUCH_NUMBER:
        return Verdict(taken=False, fault="no_such_number")
    for name, share in (
        ("throttled", THROTTLED),
        ("not_sent", NOT_SENT),
        ("lost", LOST),
        ("filtered", FILTERED),
    ):
        fault -= share
        if fault < 0:
            return Verdict(taken=name == "lost" and dice.happens("taken", 500), fault=name)
    return Verdict(taken=True)


def answer(verdict: Verdict, provider_id: str, dice: Dice, now: datetime) -> SendResult:
    """Return the verdict in the words of the port."""
    match verdict.fault:
        case None:
            return accepted(provider_id)
        case "no_such_number":
            return refused(RefusalReason.BAD_NUMBER, "NO_SUCH_NUMBER")
        case "filtered":
            return refused(RefusalReason.FILTERED, "CONTENT")
        case "throttled":
            return throttled(now + timedelta(seconds=5 + dice.number("wait", 55)), "TOO_FAST")
        case "not_sent":
            return not_sent("LINE_DOWN")
        case _:
            return unknown("NO_ANSWER")


def fate(dice: Dice, line: Dice) -> str:
    """Return what becomes of an accepted text."""
    if line.number("line", 1000) < NO_SUCH_NUMBER + DEAD_NUMBER:
        return "dead"
    return dice.weighted("fate", _FATES)


def on_handset(taken: Taken, dice: Dice, line: Dice) -> datetime | None:
    """Return when the citizen has the text, or nothing if they never do."""
    match fate(dice, line):
        case "dead" | "absent":
            return None
        case "late_after_all":
            return taken.at + dice.delay("given up", _GIVEN_UP) + dice.delay("on", _SWITCHED_ON)
        case _:
            return taken.at + dice.delay("handset", _TO_HANDSET)


def receipts_of(taken: Taken, dice: Dice, line: Dice) -> Iterator[CarrierReceipt]:
    """Yield the receipts of a text, in no order; each may come more than once."""
    for turn, (at, state, error) in enumerate(_receipts(taken, dice, line)):
        yield CarrierReceipt(at, taken.provider_id, turn, state, taken.attempt_id, error)


_Said = tuple[datetime, ReceiptState, str | None]


def _receipts(taken: Taken, dice: Dice, line: Dice) -> Iterator[_Said]:
    what = fate(dice, line)
    arrived = on_handset(taken, dice, line)
    given_up = taken.at + dice.delay("given up", _GIVEN_UP)
    second = timedelta(seconds=1)
    if what == "dead":
        yield given_up, ReceiptState.UNDELIVERED, "UNKNOWN_SUBSCRIBER"
    if what in {"absent", "late_after_all"}:
        yield given_up, ReceiptState.UNDELIVERED, "ABSENT_SUBSCRIBER"
    if what == "with_report":
        yield taken.at + second, ReceiptState.ACCEPTED, None
    if arrived is None or what == "silent":
        return
    said = arrived + (dice.delay("dawdles", _DAWDLES) if what == "late" else second)
    yield said, ReceiptState.DELIVERED, None
    if what == "twice":
        yield said + dice.delay("again", _AGAIN), ReceiptState.DELIVERED, None
    if what == "disorder":
        yield said + dice.delay("again", _AGAIN), ReceiptState.ACCEPTED, None
