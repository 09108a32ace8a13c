"""A made-up next year's standard stands beside this one and changes nothing of what 2023 gives."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from shutil import copy
from typing import Any

import pytest

from survey_pipeline.i18n import Message
from survey_pipeline.scoring.evidence import (
    AwardRecord,
    DeliveredGrade,
    DeliveredPoints,
    HotlineRank,
    HotlineRecord,
    MaterialRecord,
    OfficeYear,
    OnlineBallots,
    SupervisionRecord,
    YearFacts,
)
from survey_pipeline.scoring.facts import Answers, MonthOfOffice, OfficeOnRegister
from survey_pipeline.scoring.year import score_year
from survey_pipeline.standard import standard_for, standard_of_month
from survey_pipeline.standard.load import FOLDER, read_standard
from survey_pipeline.standard.model import Standard
from survey_pipeline.vocabulary import AwardLevel, Category, Grade, HotlineGroup

ROOT = Path(__file__).parents[3]
THIS, NEXT = ROOT / FOLDER / "wenzhou-2023.toml", ROOT / "tests/data/standards/wenzhou-2024.toml"
BOTH = {2023: "wenzhou-2023", 2024: "wenzhou-2024"}
MAY = date(2023, 5, 4)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in (THIS, NEXT):
        copy(path, tmp_path)
    return tmp_path


def record(key: str) -> dict[str, Any]:
    return {"key": key, "evidence": Message("{key}", {"key": key})}


OFFICE = OfficeOnRegister("AG-1", "Office", Category.AGENCY, "P-1", "Bureau", False)
FACTS = YearFacts(
    year=2023,
    as_of=date(2023, 10, 31),
    offices=(
        OfficeYear(
            OFFICE,
            months=(MonthOfOffice("2023-05", reported=60, sms=Answers(6, 2, 2)),),
            performance=(DeliveredPoints(**record("p"), points=Decimal(8)),),
            supervision=(
                SupervisionRecord(**record("s1"), clause="C2.1b", occurred_on=MAY, is_head=True),
                SupervisionRecord(
                    **record("s2"), clause="C1.6", occurred_on=MAY, points=Decimal("1.5")
                ),
            ),
            hotline=(HotlineRecord(**record("h"), clause="D2.6", occurred_on=MAY),),
            hotline_rank=HotlineRank(**record("r"), group=HotlineGroup.CITY_AGENCY, rank=27),
            parent_grade=DeliveredGrade(**record("g"), grade=Grade.GOOD),
            selected=True,
            online=OnlineBallots(Answers(2, 1, 1), closed=True),
            awards=(
                AwardRecord(
                    **record("a"),
                    work="reform",
                    level=AwardLevel.G1,
                    document_no="1",
                    issued_on=MAY,
                    core_function=True,
                ),
            ),
        ),
    ),
    material={"P-1": (MaterialRecord(**record("m"), occurred_on=MAY),)},
)
"""One office with something in every component."""


def scored(standard: Standard) -> dict[str, Any]:
    """The office's entry in the document of the year."""
    office: dict[str, Any] = score_year(standard, FACTS).to_json("en")["offices"][0]
    return office


def test_each_year_is_scored_by_its_own_file(folder: Path) -> None:
    found = {year: standard_for(year, BOTH, folder) for year in (2023, 2024, 2025)}
    assert {year: one.standard.id for year, one in found.items()} == {
        2023: "wenzhou-2023",
        2024: "wenzhou-2024",
        2025: "wenzhou-2024",
    }
    assert [one.provisional for one in found.values()] == [False, False, True]


@pytest.mark.parametrize(
    ("month", "year"), [("2023-10", 2023), ("2023-11", 2024), ("2024-10", 2024), ("2024-11", 2025)]
)
def test_a_month_finds_the_window_of_its_last_day_among_both(
    folder: Path, month: str, year: int
) -> None:
    assert standard_of_month(month, BOTH, folder).standard.year == year


def test_reading_the_next_changes_nothing_of_this_years() -> None:
    before, hash_before = read_standard(THIS)
    points = scored(before)
    other, other_hash = read_standard(NEXT)
    assert scored(other) != points
    after, hash_after = read_standard(THIS)
    assert (after, hash_after) == (before, hash_before)
    assert other_hash != hash_after
    assert scored(before) == scored(after) == points


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        # 30 x (6 + 2 x 0.6)/10 x 0.97; 25 - 4.5 x 1.5; 15 - 0.4 - 7 x 0.03; 15 x (2 + 0.6)/4
        (THIS, "20.9520 8.0000 18.2500 14.3900 4.0000 9.7500 2.0000 0.2500"),
        # 35 x (6 + 2 x 0.5)/10 x 0.9; 20 - 4 x 2 - 1.5; 15 - 0.6 - 2 x 0.05; 15 x (2 + 0.5)/4
        (NEXT, "22.0500 8.0000 10.5000 14.3000 4.5000 9.3750 3.0000 0.5000"),
    ],
    ids=["2023", "2024"],
)
def test_the_same_office_by_both(path: Path, expected: str) -> None:
    office = scored(read_standard(path)[0])
    beside = [office["online"], office["bonus"], office["material_penalty"]]
    assert " ".join([*office["components"].values(), *beside]) == expected


def test_a_clause_that_is_new_next_year_costs_nothing_this_year() -> None:
    def line(path: Path) -> dict[str, Any]:
        lines = scored(read_standard(path)[0])["lines"]
        return next(one for one in lines if one["clause"] == "C1.6")

    assert line(THIS)["counted"] is False
    assert line(NEXT)["counted"] is True


def test_nearly_every_figure_of_the_next_differs() -> None:
    this, following = read_standard(THIS)[0], read_standard(NEXT)[0]
    for part in ("satisfaction", "supervision", "hotline", "parent_rating", "bonus", "duties"):
        assert getattr(this, part) != getattr(following, part), part
    assert following.supervision.clause("C1.6")
    assert this.supervision.clause("C1.6") is None
