"""What came back of a month's handover, as a table for the terminal and as one JSON document."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from survey_pipeline.cli.console import new_table
from survey_pipeline.cli.support import print_json, say, stdout
from survey_pipeline.i18n import N_
from survey_pipeline.reports.handover_returns import OfficeReturns

FIGURES = (N_("Handed over"), N_("Returned"), N_("Outstanding"), N_("Unknown"))
MOST_CASES = 20
"""Case numbers that are printed of an office; the JSON document has all."""


def show_returns(
    category: str, month: str, offices: Sequence[OfficeReturns], *, as_json: bool
) -> None:
    """Print what came back of a month, as a table or as one document."""
    if as_json:
        print_json(returns_document(category, month, offices))
        return
    if not offices:
        nothing = N_("Nothing of {month} was handed over, and nothing came back.")
        stdout().print(say(nothing, month=month))
        return
    for part in returns_table(month, offices):
        stdout().print(part)


def returns_document(category: str, month: str, offices: Sequence[OfficeReturns]) -> dict[str, Any]:
    """Return the reconciliation as one document."""
    return {
        "category": category,
        "month": month,
        **dict(zip(_NAMES, _sums(offices), strict=True)),
        "offices": [
            {
                "office_code": office.office_code,
                "office": office.office,
                **dict(zip(_NAMES, _figures(office), strict=True)),
                "delivered_whole": office.delivered_whole,
                "outstanding_cases": list(office.outstanding),
                "unknown_cases": office.unknown,
            }
            for office in offices
        ],
    }


_NAMES = ("handed_over", "returned", "outstanding", "unknown")


def returns_table(month: str, offices: Sequence[OfficeReturns]) -> Iterator[Table | Text]:
    """Yield the table with its sums, then what must be known of single offices."""
    title = say("Handover of {month}: what came back", month=month)
    table = new_table(say("Office"), say("Name"), title=title)
    for heading in FIGURES:
        table.add_column(say(heading), justify="right")
    for office in offices:
        table.add_row(office.office_code, office.office, *map(str, _figures(office)))
    table.add_section()
    table.add_row(say("Total"), "", *map(str, _sums(offices)))
    yield table
    for office in offices:
        yield from (Text(f"  {office.office_code}: {note}") for note in _notes(office))


def _notes(office: OfficeReturns) -> Iterator[str]:
    if office.delivered_whole:
        yield say("the month came back as a whole, so nothing is outstanding")
    for text, cases in (
        (N_("outstanding: {cases}"), office.outstanding),
        (N_("came back, and was never handed over: {cases}"), office.unknown),
    ):
        if cases:
            more = "" if len(cases) <= MOST_CASES else ", ..."
            yield say(text, cases=", ".join(cases[:MOST_CASES]) + more)


def _figures(office: OfficeReturns) -> tuple[int, int, int, int]:
    return office.handed_over, len(office.returned), len(office.outstanding), len(office.unknown)


def _sums(offices: Sequence[OfficeReturns]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*map(_figures, offices), strict=True))) or (0, 0, 0, 0)
