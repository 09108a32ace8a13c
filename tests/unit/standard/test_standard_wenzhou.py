"""The shipped file against the published text and section 14 of the specification."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from survey_pipeline.standard.entry import entries
from survey_pipeline.standard.load import read_standard
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.quoting import is_mended_from
from survey_pipeline.vocabulary import Category, DeliveryMode

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def standard() -> Standard:
    return read_standard(ROOT / "config/standards/wenzhou-2023.toml")[0]


def test_every_place_is_quoted_from_the_published_text(standard: Standard) -> None:
    text = (ROOT / standard.text).read_text(encoding="utf-8")
    for entry in entries(standard):
        quoted = is_mended_from(entry.place, text) if entry.mended else entry.place in text
        assert quoted, entry.clause


def test_every_local_decision_has_its_page(standard: Standard) -> None:
    pages = {entry.page for entry in entries(standard) if entry.decided}
    assert [page for page in pages if not (ROOT / str(page)).is_file()] == []


@pytest.mark.parametrize(
    ("volume", "coefficient"),
    [
        (0, "0.95"),
        (9, "0.95"),
        (10, "0.96"),
        (29, "0.96"),
        (30, "0.97"),
        (99, "0.97"),
        (100, "0.98"),
        (199, "0.98"),
        (200, "0.99"),
        (499, "0.99"),
        (500, "1.00"),
        (100_000, "1.00"),
    ],
)
def test_coefficients_count_from_their_figure_inclusive(
    standard: Standard, volume: int, coefficient: str
) -> None:
    for category in Category:
        step = standard.satisfaction.coefficient.step(volume, category)
        assert step.coefficient == Decimal(coefficient)


def test_the_table_is_the_shipped_one(standard: Standard) -> None:
    assert standard.satisfaction.coefficient.is_default


@pytest.mark.parametrize(
    ("category", "approval", "survey", "calls", "delivered"),
    [
        (Category.EDUCATION, False, True, True, ("joint", "all", "phone")),
        (Category.HEALTH, False, True, False, ("phone",)),
        (Category.AGENCY, True, False, False, ("all",)),
        (Category.AGENCY, False, True, True, ()),
        (Category.FINANCE, False, True, True, ()),
        (Category.SOE, False, True, True, ()),
        (Category.SOCIAL, False, True, True, ()),
    ],
)
def test_who_asks_the_citizens(
    standard: Standard,
    category: Category,
    approval: bool,
    survey: bool,
    calls: bool,
    delivered: tuple[str, ...],
) -> None:
    entry = standard.satisfaction.arrangement(category, approval_service=approval)
    assert (entry.survey_is_ours, entry.calls_are_ours) == (survey, calls)
    assert entry.delivered == tuple(DeliveryMode(mode) for mode in delivered)


@pytest.mark.parametrize(
    ("of", "occurred", "due"),
    [
        ("month_after", date(2023, 2, 24), date(2023, 3, 25)),
        ("next", date(2023, 2, 24), date(2023, 2, 25)),
        ("next", date(2023, 2, 25), date(2023, 2, 25)),
        ("next", date(2023, 2, 26), date(2023, 3, 25)),
    ],
)
def test_a_filing_is_due_by_the_25th_that_the_standard_names(
    standard: Standard, of: str, occurred: date, due: date
) -> None:
    filing = standard.supervision.filing.model_copy(update={"of": of})
    rules = standard.supervision.model_copy(update={"filing": filing})
    assert rules.filing_due_on(occurred, lambda day: day) == due
