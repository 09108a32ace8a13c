"""No figure of the standard stands in Python: next year's is another file and no other program."""

import ast
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path

from survey_pipeline.standard.entry import Table
from survey_pipeline.standard.load import read_standard

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "survey_pipeline"
SCORING_ROOMS = (
    "scoring",
    "standard",
    "stages/satisfaction",
    "stages/evidence",
    "stages/review",
    "stages/assessment",
    "reports/deadlines",
)
"""Where points are made, and what they are made from."""

EVERYWHERE = {
    0: "nothing; the beginning",
    1: "one; the whole; the next",
}
"""Figures of the standard too, but no test can tell them from plain counting."""

HARMLESS = {
    ("reports/deadlines/year_calendar.py", 5): "Monday to Friday",
    ("scoring/bonus.py", 100): "per cent",
    ("scoring/estimates.py", 2): "Wilson's interval",
    ("scoring/estimates.py", 4): "Wilson's interval",
    ("scoring/estimates.py", 30): "digits of a square root",
    ("scoring/lines.py", 4): "decimals that a line carries, as the store does",
    ("scoring/month.py", 4): "decimals of rates, and those that the store carries",
    ("scoring/numbers.py", 2): "half up; a prime factor of ten",
    ("scoring/numbers.py", 4): "decimals that the store carries",
    ("scoring/numbers.py", 5): "the other prime factor of ten",
    ("scoring/numbers.py", 10): "the base of decimals",
    ("scoring/satisfaction.py", 4): "decimals that the store carries",
    ("stages/review/gaps.py", 10): "offices that a refusal names",
    ("standard/key_problems.py", 100): "characters of a wrong value that are repeated",
    ("standard/parts/satisfaction.py", 2): "the most that a coefficient may be: more is a slip",
    ("standard/model.py", 2): "decimals that people are shown; February",
    ("standard/model.py", 4): "decimals that the store carries",
    ("stages/assessment/packing.py", 2): "places of a packed line",
    ("reports/deadlines/gathering.py", 30): "days looked ahead",
    ("standard/periods.py", 3): "months of a quarter",
    ("reports/deadlines/wording.py", 3): "names in a row of several",
    ("stages/evidence/objections.py", 500): "characters of a free text",
    ("stages/evidence/rows.py", 2): "columns of a key",
    ("stages/review/manual.py", 2): "the row after the header",
    ("stages/review/standing.py", 2): "half up",
}
"""By file and figure: what it is there, besides a figure of the standard."""


def figures(value: object) -> Iterator[Decimal]:
    """Every figure of a standard, dates apart."""
    if isinstance(value, Table):
        for name in type(value).model_fields:
            yield from figures(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from figures(item)
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        yield Decimal(value)


FIGURES = {
    figure.normalize()
    for path in (ROOT / "config/standards").glob("*.toml")
    for figure in figures(read_standard(path)[0])
}


def number(value: object) -> Decimal | None:
    """A literal as a number; a text too, as in `Decimal("0.6")`."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found.normalize() if found.is_finite() else None


TYPES = {"Annotated", "Literal"}
"""What stands in their brackets is no place in a sequence."""


def literals(source: str) -> Iterator[tuple[int, Decimal]]:
    """Line and value of every numeric literal; places in a sequence (`row[4]`) apart."""
    tree = ast.parse(source)
    places = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) not in TYPES
        for part in ast.walk(node.slice)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in places:
            value = number(node.value)
            if value is not None:
                yield node.lineno, value


def of_the_standard(source: str) -> list[tuple[int, Decimal]]:
    return [
        (line, value)
        for line, value in literals(source)
        if value in FIGURES and value not in EVERYWHERE
    ]


def test_no_figure_of_the_standard_stands_in_python() -> None:
    found = [
        f"{name}:{line}: {value:f}"
        for room in SCORING_ROOMS
        for path in sorted((PACKAGE / room).rglob("*.py"))
        for name in [path.relative_to(PACKAGE).as_posix()]
        for line, value in of_the_standard(path.read_text("utf-8"))
        if (name, value) not in HARMLESS
    ]
    assert found == [], "read it from the standard, or say in HARMLESS what else it is"


def test_a_figure_that_slips_in_is_found_however_it_is_written() -> None:
    source = 'cap = 25\nvalue = Decimal("0.6")\nfactor = 1.50\nneutral = Fraction("0.6")\nodd = 17'
    assert sorted(line for line, _ in of_the_standard(source)) == [1, 2, 3, 4]


def test_a_place_in_a_row_is_no_figure() -> None:
    assert of_the_standard("answer = row[4] + rows[2:5]") == []


def test_a_bound_of_a_model_is_looked_at() -> None:
    assert of_the_standard("points: Annotated[Figure, Field(le=30)]") == [(1, Decimal(30))]


def test_the_rooms_are_there() -> None:
    assert [room for room in SCORING_ROOMS if not list((PACKAGE / room).rglob("*.py"))] == []
