"""Chooses the offices of a made-up city that cheat, and writes what they hand in."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date

from survey_pipeline.gateways.simulated.carrier import NO_SUCH_NUMBER
from survey_pipeline.gateways.simulated.chance import Dice
from survey_pipeline.gateways.simulated.citizens import quality_of
from survey_pipeline.simulation.cheating import Cheat, Citizen, ReportedCase, cheated
from survey_pipeline.simulation.city import City, CityOffice
from survey_pipeline.standard.parts.satisfaction import Arrangement

UNHAPPY_ENOUGH = 900
"""Satisfied of a thousand, at most, where an office has unhappy cases to drop."""
IN_THE_DEMO = (Cheat.ONE_PHONE, Cheat.DROPPED, Cheat.INVENTED)
"""Cheats that show in the files alone: the simulated carrier knows no friends and no strangers."""
HONEST_BESIDE = 20
"""Offices of the demo's city for each one that cheats."""
_CASE_NO, _PHONE, _ITEM = 1, 3, 4
"""Columns of a report's row."""


def plant(
    city: City, cheats: Iterable[Cheat], arrangement: Callable[[CityOffice], Arrangement]
) -> dict[str, Cheat]:
    """Choose an office of at least usual size for each cheat, among those whose survey is ours.

    Args:
        city: the made-up city.
        cheats: in the order in which they choose.
        arrangement: who asks the citizens of an office.

    Returns:
        The cheats by office_code.
    """
    dice = Dice(city.seed, "cheats")
    usual = sorted(office.volume for office in city.offices)[len(city.offices) // 2]
    able = [
        office
        for office in city.offices
        if office.volume >= usual
        and not office.exempt_reason
        and office.valid_until is None
        and arrangement(office).survey_is_ours
        and arrangement(office).calls_are_ours
    ]
    planted: dict[str, Cheat] = {}
    for cheat in cheats:
        free = [office for office in able if office.office_code not in planted]
        if cheat is Cheat.DROPPED:
            free = [office for office in free if _is_unhappy(city.seed, office)]
        if free:
            planted[dice.pick(cheat.value, free).office_code] = cheat
    return planted


def _is_unhappy(seed: str, office: CityOffice) -> bool:
    return quality_of(seed, office.name) <= UNHAPPY_ENOUGH


def demo_cheats(city: City, arrangement: Callable[[CityOffice], Arrangement]) -> dict[str, Cheat]:
    """Return the offices of the demo that cheat: one of twenty, at most three."""
    return plant(city, IN_THE_DEMO[: len(city.offices) // HONEST_BESIDE], arrangement)


def cheated_rows(
    cheat: Cheat, seed: str, office: CityOffice, day: date, rows: Sequence[Sequence[str]]
) -> list[list[str]]:
    """Return the rows that an office hands in of a day instead of its honest ones.

    Args:
        cheat: how it cheats.
        seed: the city's.
        office: the office.
        day: the day of the report.
        rows: the honest ones, as `reports.HEADER` has them.
    """
    honest = {row[_CASE_NO]: row for row in rows}
    cases = [ReportedCase(row[_CASE_NO], f"+86{row[_PHONE]}", row[_ITEM]) for row in rows]
    quality = quality_of(seed, office.name)
    reported = cheated(cheat, seed, office.office_code, day, cases, quality)
    return [_row(case, honest.get(case.case_no, rows[0]), seed) for case in reported]


def _row(case: ReportedCase, like: Sequence[str], seed: str) -> list[str]:
    """Return a case as a row; its other columns are those of the row that it is made from."""
    if case.citizen is Citizen.NOBODY:
        case = replace(case, phone=_dead(seed, case.phone))
    row = list(like)
    row[_CASE_NO], row[_PHONE] = case.case_no, case.phone.removeprefix("+86")
    row[_ITEM] = case.item
    return row


def _dead(seed: str, phone: str) -> str:
    """Return the next number that the simulated carrier does not know."""
    number = int(phone)
    while Dice(seed, "line", f"+{number}").number("line", 1000) >= NO_SUCH_NUMBER:
        number += 1
    return f"+{number}"
