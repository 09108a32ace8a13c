"""Offices that cheat: what each kind of cheat makes of the cases that an honest office reports."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from survey_pipeline.gateways.simulated.chance import Dice
from survey_pipeline.gateways.simulated.citizens import opinion
from survey_pipeline.vocabulary import Rating


class Cheat(StrEnum):
    """How an office cheats."""

    PADDED = "padded cases"
    """Reports a case that never was beside each real one, under numbers of other people."""
    INVENTED = "invented numbers"
    """Reports a case that never was beside every second real one, under invented numbers."""
    FRIENDS = "friends' numbers"
    """One case of four is a friend's, who is always satisfied."""
    ONE_PHONE = "one phone on many cases"
    """Every fifth case has the number of a phone in the office."""
    DROPPED = "dropped unhappy cases"
    """Four of five cases that went badly are left out."""


class Citizen(StrEnum):
    """Whose number stands on a case."""

    SERVED = "served"
    STRANGER = "stranger"
    FRIEND = "friend"
    NOBODY = "nobody"
    """The number does not exist."""


@dataclass(frozen=True)
class ReportedCase:
    """A case as an office reports it."""

    case_no: str
    phone: str
    """E.164."""
    item: str
    citizen: Citizen = Citizen.SERVED


FRIENDS = 12
INVENTED_DEAD = 600
"""Of a thousand invented numbers: those that do not exist; the others are strangers'."""
LEFT_OUT = 800
"""Of a thousand cases that went badly: those that are dropped."""


def cheated(
    cheat: Cheat,
    seed: str,
    office_code: str,
    day: date,
    cases: Sequence[ReportedCase],
    quality: int,
) -> list[ReportedCase]:
    """Return what the office reports of a day instead of its honest cases.

    Args:
        cheat: how it cheats.
        seed: the city's.
        office_code: the office.
        day: the day of the report.
        cases: the honest ones.
        quality: satisfied of a thousand.
    """
    dice = Dice(seed, "cheat", office_code, day.isoformat())
    match cheat:
        case Cheat.PADDED:
            added = [_mobile(dice, f"stranger {n}") for n in range(len(cases))]
            return [*cases, *_more(cases, added, Citizen.STRANGER)]
        case Cheat.INVENTED:
            added = [_mobile(dice, f"invented {n}") for n in range(len(cases) // 2)]
            made = _more(cases, added, Citizen.STRANGER)
            return [*cases, *(_perhaps_dead(seed, case) for case in made)]
        case Cheat.FRIENDS:
            added = [_friend(seed, office_code, dice, n) for n in range(len(cases) // 3)]
            return [*cases, *_more(cases, added, Citizen.FRIEND)]
        case Cheat.ONE_PHONE:
            desk = _friend(seed, office_code, Dice("desk"), 0)
            return [
                replace(case, phone=desk, citizen=Citizen.FRIEND) if number % 5 == 0 else case
                for number, case in enumerate(cases)
            ]
        case Cheat.DROPPED:
            return [case for case in cases if not _is_left_out(seed, case, quality)]


def _mobile(dice: Dice, name: str) -> str:
    return f"+861{dice.pick(f'{name} net', ('38', '39', '58'))}{dice.number(name, 10**8):08d}"


def _friend(seed: str, office_code: str, dice: Dice, number: int) -> str:
    who = str(dice.number(f"friend {number}", FRIENDS))
    return _mobile(Dice(seed, "friend", office_code, who), "number")


def _more(
    cases: Sequence[ReportedCase], phones: Sequence[str], citizen: Citizen
) -> Iterator[ReportedCase]:
    """Yield cases that look like the honest ones, their numbers counted on."""
    last = max((case.case_no for case in cases), default="")
    for count, phone in enumerate(phones, 1):
        number = f"{last[:-4]}{int(last[-4:]) + count:04d}"
        yield ReportedCase(number, phone, cases[count % len(cases)].item, citizen)


def _perhaps_dead(seed: str, case: ReportedCase) -> ReportedCase:
    dead = Dice(seed, "invented", case.phone).happens("dead", INVENTED_DEAD)
    return replace(case, citizen=Citizen.NOBODY) if dead else case


def _is_left_out(seed: str, case: ReportedCase, quality: int) -> bool:
    unhappy = opinion(seed, case.phone, quality) is not Rating.SATISFIED
    return unhappy and Dice(seed, "drops", case.case_no, case.phone).happens("drops", LEFT_OUT)
