"""The offices of a made-up city: deterministic by seed, in the real shares of the categories."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from survey_pipeline.calendar import first_day, last_day
from survey_pipeline.gateways.simulated.chance import Dice
from survey_pipeline.simulation.departments import KINDS, NAMES, PARENTS, OfficeKind
from survey_pipeline.validity import valid_on
from survey_pipeline.vocabulary import Category, HotlineGroup

_SHARES = (
    (Category.AGENCY, 7),
    (Category.SOCIAL, 5),
    (Category.EDUCATION, 3),
    (Category.HEALTH, 2),
    (Category.FINANCE, 2),
    (Category.SOE, 1),
)
_DISTRICTS = ("城东", "城西", "城南", "城北", "滨江", "新区", "古城", "高铁", "开发区", "龙湾")
_AGAIN = ("", "第二", "第三", "第四", "第五", "第六", "第七", "第八", "第九", "第十")


@dataclass(frozen=True)
class CityOffice:
    """One office of the made-up city."""

    office_code: str
    name: str
    category: Category
    parent_code: str
    items: Sequence[str]
    """What its citizens come for."""
    volume: int
    """Cases on a usual working day."""
    approval_service: bool = False
    exempt_reason: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    open_on_weekends: bool = False

    def open_on(self, day: date, *, working_day: bool) -> bool:
        """Return whether it serves citizens that day."""
        return valid_on(self, day) and (working_day or self.open_on_weekends)


@dataclass(frozen=True)
class City:
    """A made-up city."""

    seed: str
    parents: Sequence[tuple[str, str, HotlineGroup]]
    offices: Sequence[CityOffice]


def make_city(seed: str, month: str, offices: int, cases_per_day: int) -> City:
    """Make a city.

    Args:
        seed: one seed gives one city.
        month: `YYYY-MM`, in the middle of which one office closes.
        offices: how many.
        cases_per_day: of an office of middling size on a working day.
    """
    shares = [category for category, share in _SHARES for _ in range(share)]
    made: list[CityOffice] = []
    for number in range(offices):
        category = shares[number * 7 % len(shares)]
        place = sum(1 for office in made if office.category is category)
        made.append(_office(seed, number, category, place, month, cases_per_day))
    return City(seed, PARENTS, made)


def _office(
    seed: str, number: int, category: Category, place: int, month: str, usual: int
) -> CityOffice:
    """Make the office that is the so-many-th of the city, and of its category, both from 0."""
    dice = Dice(seed, "office", str(number))
    prefix, kinds = KINDS[category]
    kind, turn = kinds[place % len(kinds)], place // len(kinds)
    middle = first_day(month) + timedelta(days=last_day(month).day // 2)
    return CityOffice(
        office_code=f"CS-{prefix}-{number + 1:03d}",
        name=_name(category, kind, turn, place % len(kinds)),
        category=category,
        parent_code=kind.parent_code,
        items=kind.items,
        # from a quarter of the usual to about three times as much, most of them small
        volume=max(
            1, usual * (25 + dice.number("one", 140) * dice.number("two", 140) // 70) // 100
        ),
        approval_service=category is Category.AGENCY and kind.approves,
        exempt_reason="网点撤并，本年度免评" if number == 11 else "",
        valid_until=middle if number == 17 else None,
        open_on_weekends=category in {Category.HEALTH, Category.FINANCE},
    )


def _name(category: Category, kind: OfficeKind, turn: int, start: int) -> str:
    """Return an office's name: a department's own office, or one of a district."""
    district = _DISTRICTS[(start + turn) % len(_DISTRICTS)]
    again = _AGAIN[turn // len(_DISTRICTS) % len(_AGAIN)]
    if category is not Category.AGENCY:
        return f"{district}{again}{kind.name}"
    branch = f"{district}{again}分局" if turn else ""
    return f"{NAMES[kind.parent_code]}{branch}{kind.name}"


def write_register(city: City, folder: Path) -> tuple[Path, Path]:
    """Write the files of parents and offices as an operator gets them; return their paths."""
    parents, offices = folder / "parents.csv", folder / "offices.csv"
    with parents.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("主管单位编码", "主管单位名称", "热线分组"))
        writer.writerows((code, name, group.value) for code, name, group in city.parents)
    with offices.open("w", newline="", encoding="gb18030") as file:
        writer = csv.writer(file)
        header = "处室编码,处室名称,类别,主管单位编码,审批服务,免评原因,停用日期"
        writer.writerow(header.split(","))
        writer.writerows(
            (
                office.office_code,
                office.name,
                office.category.value,
                office.parent_code,
                "是" if office.approval_service else "否",
                office.exempt_reason,
                office.valid_until or "",
            )
            for office in city.offices
        )
    return parents, offices
