"""What offices hand in on a day: case reports with the faults that real ones have."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from survey_pipeline.gateways.simulated.chance import Dice
from survey_pipeline.simulation.cheating import Cheat
from survey_pipeline.simulation.city import City, CityOffice
from survey_pipeline.simulation.planting import cheated_rows
from survey_pipeline.vocabulary import Category

HEADER = "处室（站所）编码,办件编号,服务日期,联系电话,服务事项,服务方式,对象类型,备注"
LANDLINES, BAD_ROWS, FORGETS = 60, 12, 10
"""Of a thousand: cases with a landline, rows with a fault, offices that forget their report."""
_WEEKDAYS = (115, 105, 100, 98, 92, 45, 30)
"""How busy a day is, in hundredths, Monday first."""
_WAYS = ("窗口", "网上", "自助机", "电话")
_SUBJECTS = ("个人", "个人", "个人", "企业")
_REGULARS = 4
"""One case in so many is a citizen's who comes more than once."""


@dataclass(frozen=True)
class DayReports:
    """The files of one day, and the offices that say they had no case."""

    files: Sequence[Path]
    zero: Sequence[str]


class Reports:
    """The reports of a city's offices, day by day."""

    def __init__(self, city: City, folder: Path, cheats: Mapping[str, Cheat] | None = None) -> None:
        """Keep what each day needs: `cheats` by office_code, and none if all are honest."""
        self._city = city
        self._folder = folder
        self._cheats = cheats or {}

    def write(self, day: date, *, working_day: bool) -> DayReports:
        """Write a day's files: one by each way in which offices deliver."""
        rows: dict[str, list[list[str]]] = {"csv": [], "txt": []}
        zero = []
        for office in self._city.offices:
            if not office.open_on(day, working_day=working_day):
                continue
            cases = self._reported(office, day)
            if cases is None:
                continue
            if cases:
                rows["txt" if office.category is Category.FINANCE else "csv"] += cases
            elif working_day:
                zero.append(office.office_code)
        files = [self._write(day, ending, found) for ending, found in rows.items() if found]
        return DayReports(files, zero)

    def _reported(self, office: CityOffice, day: date) -> list[list[str]] | None:
        """Return what an office hands in, an honest one or not; None: it forgets."""
        rows, cheat = (
            reported_rows(self._city.seed, office, day),
            self._cheats.get(office.office_code),
        )
        if cheat is None or not rows:
            return rows
        return cheated_rows(cheat, self._city.seed, office, day, rows)

    def _write(self, day: date, ending: str, rows: Sequence[Sequence[str]]) -> Path:
        """Write a file: UTF-8 and commas, or as an older program does, GB18030 and tabs."""
        path = self._folder / f"{day}.{ending}"
        encoding, delimiter = ("utf-8-sig", ",") if ending == "csv" else ("gb18030", "\t")
        with path.open("w", newline="", encoding=encoding) as file:
            writer = csv.writer(file, delimiter=delimiter)
            writer.writerow(HEADER.split(","))
            writer.writerows(rows)
        return path


def reported_rows(seed: str, office: CityOffice, day: date) -> list[list[str]] | None:
    """Return the rows that an office reports of a day, as `HEADER` has them; None: it forgets."""
    count = reported_count(seed, office, day)
    if count is None:
        return None
    return [
        _row(
            seed, office, day, number, Dice(seed, "case", office.office_code, f"{day}", f"{number}")
        )
        for number in range(count)
    ]


def reported_count(seed: str, office: CityOffice, day: date) -> int | None:
    """Return how many rows an office reports of a day; None: it forgets its report."""
    dice = Dice(seed, "report", office.office_code, day.isoformat())
    if dice.happens("forgets", FORGETS):
        return None
    busy = _WEEKDAYS[day.weekday()] * (70 + dice.number("busy", 61))
    return office.volume * busy // 10_000


def _row(seed: str, office: CityOffice, day: date, number: int, dice: Dice) -> list[str]:
    served = day - timedelta(days=dice.weighted("served", ((0, 80), (1, 15), (2, 5))))
    row = [
        office.office_code,
        f"{office.office_code[3:5]}{day:%m%d}{number:04d}",
        served.isoformat(),
        _phone(seed, dice),
        dice.pick("item", office.items),
        dice.pick("way", _WAYS),
        dice.pick("subject", _SUBJECTS),
        "",
    ]
    return _damaged(row, day, dice) if dice.happens("bad", BAD_ROWS) else row


def _phone(seed: str, dice: Dice) -> str:
    if dice.happens("landline", LANDLINES):
        return f"0577-88{dice.number('line', 1_000_000):06d}"
    regular = dice.number("regular", _REGULARS) == 0
    citizen = dice.number("who", 4_000) if regular else dice.number("who", 90_000_000)
    who = Dice(seed, "number", "regular" if regular else "citizen", str(citizen))
    return f"1{who.pick('net', ('38', '39', '58', '87', '86'))}{who.number('rest', 10**8):08d}"


def _damaged(row: list[str], day: date, dice: Dice) -> list[str]:
    """Return a row with one of the faults that offices make."""
    phone = row[3]
    match dice.pick("fault", ("masked", "digits", "short", "two", "future", "blank", "item")):
        case "masked":
            row[3] = f"{phone[:3]}****{phone[-4:]}"
        case "digits":
            row[3] = f"{phone[0]}.{phone[1:6]}E+10"
        case "short":
            row[3] = phone[:-1]
        case "two":
            row[3] = f"{phone}/{phone}"
        case "future":
            row[2] = (day + timedelta(days=1)).isoformat()
        case "blank":
            row[3] = ""
        case _:
            row[4] = ""
    return row
