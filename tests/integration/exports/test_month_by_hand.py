"""Every number of the monthly CSV, recomputed by hand from the answers file.

Nothing of the product's scoring is used here: the answers file, what each office reported, what
others delivered, the register, and the published rules typed in once more.

Source: specification, section 12.
"""

import csv
from collections import defaultdict
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import sqrt
from pathlib import Path
from typing import Any

import pytest

from survey_pipeline.stages.export.answers_file import write_answers
from survey_pipeline.stages.export.month_data import write_csv

pytestmark = pytest.mark.usefixtures("database")

COLUMNS = [
    "month", "office_code", "office", "category", "parent_code", "parent", "reported", "drawn",
    "texted", "delivered", "replied", "called", "reached", "rated", "satisfied", "neutral",
    "dissatisfied", "rated_by_sms", "rated_by_phone", "rated_elsewhere", "rate", "rate_low",
    "rate_high", "coefficient", "points", "rank", "response_rate", "source", "note",
]  # fmt: skip
"""Source: specification, section 8.1."""
ANSWERS = ("satisfied", "neutral", "dissatisfied")
WORTH = dict(zip(ANSWERS, (Fraction(1), Fraction(3, 5), Fraction(0)), strict=True))
TABLE = ((500, "1.00"), (200, "0.99"), (100, "0.98"), (30, "0.97"), (10, "0.96"), (0, "0.95"))

Row = dict[str, str]


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def files(month: Any, tmp_path: Path) -> tuple[list[Row], list[Row]]:
    """The monthly CSV and the answers CSV."""
    write_csv(month.report(), tmp_path / "month.csv", "en")
    write_answers(month.context, "2023-05", tmp_path / "answers.csv", "csv")
    return read(tmp_path / "month.csv"), read(tmp_path / "answers.csv")


def test_every_number_follows_from_the_answers(
    month: Any, files: tuple[list[Row], list[Row]]
) -> None:
    rows, answers = files
    by_office: dict[str, list[Row]] = defaultdict(list)
    for answer in answers:
        by_office[answer["office_code"]].append(answer)
    expected = {
        office.code: by_hand(office, by_office[office.code], month.reported[office.code])
        for office in month.city
        if office.register.get("valid_from") is None
    }
    add_ranks(expected)
    assert [row["office_code"] for row in rows] == sorted(expected)
    for row in rows:
        wanted = expected[row["office_code"]]
        assert {name: row[name] for name in wanted} == wanted


def test_no_number_is_left_out_of_the_check(month: Any, files: tuple[list[Row], list[Row]]) -> None:
    rows, _ = files
    checked = by_hand(month.city[0], [], 0)
    add_ranks({"": checked})
    not_numbers = {
        "month", "office_code", "office", "category", "parent_code", "parent", "note",
    }  # fmt: skip
    assert set(rows[0]) - set(checked) == not_numbers
    assert list(rows[0]) == COLUMNS


def test_the_small_month_holds_something_of_everything(
    files: tuple[list[Row], list[Row]],
) -> None:
    rows, answers = files
    assert {row["source"] for row in rows} == {"own", "delivered", "mixed"}
    assert {row["mode"] for row in answers} == {"", "sms", "phone"}
    assert len({row["aapor_like"] for row in answers}) >= 10
    assert any(row["corrected"] == "1" for row in answers)
    ranks = [row["rank"] for row in rows if row["rank"]]
    assert len(set(ranks)) < len(ranks)
    for name in ("texted", "delivered", "replied", "called", "reached"):
        assert {row[name] for row in answers} == {"0", "1"}


def by_hand(office: Any, cases: list[Row], reported: int) -> dict[str, str]:
    found = {"reported": str(reported), "drawn": str(len(cases))}
    for flag in ("texted", "delivered", "replied", "called", "reached"):
        found[flag] = str(sum(1 for case in cases if case[flag] == "1"))
    sms, phone, elsewhere = counted(office, cases)
    answers = {name: sms[name] + phone[name] + elsewhere[name] for name in ANSWERS}
    rated = sum(answers.values())
    found |= {name: str(count) for name, count in answers.items()}
    found |= {
        "rated": str(rated),
        "rated_by_sms": str(sum(sms.values())),
        "rated_by_phone": str(sum(phone.values())),
        "rated_elsewhere": str(sum(elsewhere.values())),
        "source": source(office, sum(sms.values()) + sum(phone.values()), sum(elsewhere.values())),
        "response_rate": response_rate(cases),
    }
    volume = max(reported, office.delivered["reported"] if office.delivered else 0)
    return found | score(office, answers, rated, volume)


def counted(office: Any, cases: list[Row]) -> tuple[dict[str, int], ...]:
    """Own SMS answers, own phone answers, delivered ones, as far as they count."""
    own = {
        mode: {
            name: sum(1 for case in cases if (case["mode"], case["rating"]) == (mode, name))
            for name in ANSWERS
        }
        for mode in ("sms", "phone")
    }
    nothing = dict.fromkeys(ANSWERS, 0)
    delivered = office.delivered
    elsewhere = {name: delivered[name] for name in ANSWERS} if delivered else nothing
    replaced = delivered is not None and delivered["mode"] == "all"
    ours = not office.register.get("approval_service")
    sms = own["sms"] if ours and not replaced else nothing
    phone = own["phone"] if ours and not replaced and office.category != "health" else nothing
    return sms, phone, elsewhere


def score(office: Any, answers: Mapping[str, int], rated: int, volume: int) -> dict[str, str]:
    empty = dict.fromkeys(("rate", "rate_low", "rate_high", "coefficient", "points"), "")
    if "exempt_reason" in office.register:
        return empty
    coefficient = next(factor for start, factor in TABLE if volume >= start)
    if not rated:
        return empty | {"coefficient": coefficient}
    rate = Fraction(sum(WORTH[name] * count for name, count in answers.items())) / rated
    low, high = wilson(float(rate), rated)
    four = half_up(30 * rate * Fraction(coefficient), 4)
    return {
        "rate": str(half_up(rate, 4)),
        "rate_low": f"{low:.4f}",
        "rate_high": f"{high:.4f}",
        "coefficient": coefficient,
        "points": str(half_up(Fraction(four), 2)),
    }


def wilson(p: float, n: int) -> tuple[float, float]:
    z = 1.959963984540054
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return abs(middle - reach), middle + reach


def response_rate(cases: list[Row]) -> str:
    """RR1: rated, of the drawn cases that are not "not eligible" (4...)."""
    asked = [case["aapor_like"] for case in cases if not case["aapor_like"].startswith("4.")]
    return str(half_up(Fraction(asked.count("1.1"), len(asked)), 4)) if asked else ""


def source(office: Any, own: int, elsewhere: int) -> str:
    if own and elsewhere:
        return "mixed"
    if elsewhere or (not own and office.register.get("approval_service")):
        return "delivered"
    return "own"


def add_ranks(rows: Mapping[str, dict[str, str]]) -> None:
    points = [Decimal(row["points"]) for row in rows.values() if row["points"]]
    for row in rows.values():
        better = sum(1 for other in points if row["points"] and other > Decimal(row["points"]))
        row["rank"] = str(1 + better) if row["points"] else ""


def half_up(value: Fraction, places: int) -> Decimal:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
