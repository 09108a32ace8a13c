"""Who answers a text, when and in which words.

About a third answer, most within the hour, some after a night, a few too late. The answers of one
citizen hang together: what they think of an office is the same by text and on the phone
(`opinion`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone

from survey_pipeline.gateways.simulated import phrases
from survey_pipeline.gateways.simulated.chance import Dice, Spread
from survey_pipeline.gateways.simulated.ledger import Taken
from survey_pipeline.gateways.simulated.news import Happening
from survey_pipeline.vocabulary import DissatisfactionReason, Rating

LOCAL = timezone(timedelta(hours=8))
"""The citizens' time: China's."""
REASON = "reason"
"""How the name of the template begins that asks for the reason."""

ANSWERS, GIVES_REASON = 320, 480
"""Of a thousand who have the text: answer the question, answer the follow-up."""

REPLY_KINDS = (
    ("rating", 860),
    ("unclear", 70),
    ("denial", 25),
    ("opt_out", 15),
    ("opt_out_rated", 7),
    ("late", 13),
    ("unclear_then_rating", 10),
)
"""What those who answer send, in thousandths."""
_AGAIN, _TWICE_BROUGHT, _CHANGED, _THANKS, _BACK = 20, 20, 30, 30, 250
"""Of a thousand: send it again, have it brought twice by the carrier, change their mind, say
thanks; and of those who opted out, come back."""

_DELAY: Spread = (
    (0, 20),
    (150, 90),
    (400, 600),
    (600, 2_700),
    (750, 7_200),
    (880, 28_800),
    (970, 86_400),
    (1000, 165_000),
)
_TOO_LATE: Spread = ((0, 180_000), (700, 400_000), (1000, 900_000))
_SOON: Spread = ((0, 20), (700, 300), (1000, 1_800))
_LATER: Spread = ((0, 120), (500, 3_600), (1000, 28_800))
_DAYS: Spread = ((0, 3_600), (1000, 500_000))

WAKES, SLEEPS = time(7), time(22, 30)
NIGHT_OWLS = 60
"""Of a thousand: those who answer at night as well."""
QUALITY, WORST, BEST = 900, 780, 975
"""Satisfied of a thousand where the office is not known, and the range of the city's offices."""

_WHY = (
    (DissatisfactionReason.EFFICIENCY, 34),
    (DissatisfactionReason.ATTITUDE, 22),
    (DissatisfactionReason.CLARITY, 16),
    (DissatisfactionReason.RESULT, 10),
    (DissatisfactionReason.RULES, 7),
    (DissatisfactionReason.FACILITIES, 6),
    (DissatisfactionReason.OTHER, 4),
    (DissatisfactionReason.INTEGRITY, 1),
)


@dataclass(frozen=True, slots=True, repr=False)
class CitizenText(Happening):
    """A text of a citizen as the carrier brings it; its turn is 1 where it comes a second time."""

    number: str
    text: str


def quality_of(seed: str, office: str) -> int:
    """Return how good an office is: its satisfied of a thousand."""
    if not office:
        return QUALITY
    dice = Dice(seed, "office", office)
    # The better of two throws: most offices are good, and a few stand out.
    throws = (dice.number("one", BEST - WORST + 1), dice.number("two", BEST - WORST + 1))
    return WORST + max(throws)


def opinion(seed: str, number: str, quality: int) -> Rating:
    """Return what a citizen thinks of an office of that quality."""
    mood = Dice(seed, "citizen", number).number("mood", 1000)
    if mood < quality:
        return Rating.SATISFIED
    return Rating.NEUTRAL if mood < quality + (1000 - quality) * 11 // 20 else Rating.DISSATISFIED


def why(seed: str, number: str) -> DissatisfactionReason:
    """Return what a citizen who is not satisfied would complain of."""
    return Dice(seed, "citizen", number).weighted("why", _WHY)


def texts_of(seed: str, taken: Taken, dice: Dice, read_at: datetime) -> Iterator[CitizenText]:
    """Yield what a citizen sends after a text, in no order.

    Args:
        seed: the city's.
        taken: the text.
        dice: the text's.
        read_at: when it was on their handset.
    """
    writes = _follow_up if taken.template.startswith(REASON) else _question
    for count, (at, text) in enumerate(writes(seed, taken, dice, read_at)):
        provider_id = f"{taken.provider_id}-{count}"
        awake = _awake(at, dice, f"sleep {count}")
        yield CitizenText(awake, provider_id, 0, taken.number, text)
        if dice.happens(f"brought twice {count}", _TWICE_BROUGHT):
            again = awake + dice.delay(f"brought again {count}", _LATER)
            yield CitizenText(again, provider_id, 1, taken.number, text)


_Written = tuple[datetime, str]


def _question(seed: str, taken: Taken, dice: Dice, read_at: datetime) -> Iterator[_Written]:
    if not dice.happens("answers", ANSWERS):
        return
    thinks = opinion(seed, taken.number, taken.quality)
    kind = dice.weighted("kind", REPLY_KINDS)
    at = read_at + dice.delay("answer", _TOO_LATE if kind == "late" else _DELAY)
    text = _first(kind, thinks, dice)
    yield at, text
    if dice.happens("again", _AGAIN):
        yield at + dice.delay("again", _SOON), text
    if kind == "unclear_then_rating":
        yield at + dice.delay("then", _SOON), dice.weighted("then", phrases.RATED[thinks])
    if kind == "rating" and dice.happens("changed", _CHANGED):
        other = dice.pick("other", [rating for rating in Rating if rating is not thinks])
        yield at + dice.delay("changed", _LATER), dice.weighted("changed", phrases.RATED[other])
    if kind == "rating" and dice.happens("thanks", _THANKS):
        yield at + dice.delay("thanks", _LATER), dice.pick("thanks", phrases.AFTERWARDS)
    if kind in {"opt_out", "opt_out_rated"} and dice.happens("back", _BACK):
        yield at + dice.delay("back", _DAYS), dice.pick("back", phrases.OPTED_IN)


def _first(kind: str, thinks: Rating, dice: Dice) -> str:
    match kind:
        case "unclear" | "unclear_then_rating":
            return dice.pick("words", phrases.UNCLEAR)[0]
        case "denial":
            return dice.pick("words", phrases.DENIED)
        case "opt_out":
            return dice.pick("words", phrases.OPTED_OUT)
        case "opt_out_rated":
            return dice.pick("words", phrases.OPTED_OUT_RATED[thinks])
        case _:
            return dice.weighted("words", phrases.RATED[thinks])


def _follow_up(seed: str, taken: Taken, dice: Dice, read_at: datetime) -> Iterator[_Written]:
    if dice.happens("answers", GIVES_REASON):
        words = dice.pick("words", phrases.REASONS[why(seed, taken.number)])
        opts_out = dice.happens("enough", 20)
        text = dice.pick("words", phrases.OPTED_OUT) if opts_out else words
        yield read_at + dice.delay("answer", _DELAY), text


def _awake(at: datetime, dice: Dice, name: str) -> datetime:
    """Put what falls into the night off to the morning, for all but a few."""
    local = at.astimezone(LOCAL)
    if WAKES <= local.time() < SLEEPS or dice.happens(name, NIGHT_OWLS):
        return at
    day = (local + timedelta(days=1) if local.time() >= SLEEPS else local).date()
    morning = datetime.combine(day, WAKES, tzinfo=LOCAL)
    micro = dice.number(f"{name}+", int(timedelta(hours=3).total_seconds()) * 1_000_000)
    return (morning + timedelta(microseconds=micro)).astimezone(at.tzinfo)
