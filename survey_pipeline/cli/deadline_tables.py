"""A day's deadlines as rows that people read, and as one JSON document.

What one office or agency owes of several periods is one row, and so is what several owe alike.
"""

from collections.abc import Iterator
from typing import Any

from rich.table import Table

from survey_pipeline.cli.console import new_table
from survey_pipeline.cli.support import invocation, say, shown
from survey_pipeline.i18n import N_, Message
from survey_pipeline.reports.deadlines import Deadline, DeadlineReport
from survey_pipeline.reports.deadlines.wording import PROVISIONAL, DeadlineRow, is_an_offices, rows

MOST_OFFICES = 10
"""Rows of offices that owe daily reports."""
MOST_REMINDERS = 10
"""Rows in the report of the daily run."""
COLUMNS = (N_("deadline"), N_("state"), N_("what"), N_("for"), N_("who"), N_("so far"))


def _shown(report: DeadlineReport, *, everything: bool) -> list[DeadlineRow]:
    """Return the rows of the table: of offices that owe reports only the first few."""
    if everything:
        return [DeadlineRow([deadline]) for deadline in report.deadlines]
    found = rows(report.deadlines)
    offices = [row for row in found if is_an_offices(row.first)]
    left_out = {id(row) for row in offices[MOST_OFFICES:]}
    return [row for row in found if id(row) not in left_out]


def table(report: DeadlineReport, *, everything: bool) -> Table:
    """Return the deadlines as a table."""
    locale = invocation().locale
    made = new_table()
    for heading in COLUMNS:
        made.add_column(say(heading), overflow="fold")
    for row in _shown(report, everything=everything):
        cells = _cells(row, locale)
        made.add_row(*cells)
    return made


def _cells(row: DeadlineRow, locale: str) -> tuple[str, ...]:
    return (
        row.due,
        shown(row.state),
        row.what(locale),
        _told(row.periods),
        row.who(locale),
        _told(row.came),
    )


def _told(words: Message | str) -> str:
    return words if isinstance(words, str) else shown(words)


def notes(report: DeadlineReport, *, everything: bool) -> Iterator[str]:
    """Yield the sentences under the table: what it leaves out, and why dates are provisional."""
    told = sum(len(row.deadlines) for row in _shown(report, everything=everything))
    if left_out := len(report.deadlines) - told:
        yield say(
            "{count} more offices owe reports; --all and --json name them.", count=f"{left_out:,}"
        )
    yield from provisional_notes(report)


def provisional_notes(report: DeadlineReport) -> Iterator[str]:
    """Yield why dates are marked as provisional."""
    for year in report.unlisted_years:
        yield say(
            "{mark} provisional: no standard is listed for {year}, so the newest one's dates were "
            "moved to it.",
            mark=PROVISIONAL,
            year=year,
        )
    for year in report.unknown_years:
        yield say(
            "{mark} provisional: the working days of {year} are not known, so Monday to Friday "
            "count.",
            mark=PROVISIONAL,
            year=year,
        )


def reminders(report: DeadlineReport) -> Iterator[str]:
    """Yield a line for each row, for the report of the daily run."""
    locale = invocation().locale
    found = rows(report.deadlines)
    for row in found[:MOST_REMINDERS]:
        yield say(
            "{due}, {state}: {what}, for {period}: {who}",
            due=row.due,
            state=shown(row.state),
            what=row.what(locale),
            period=_told(row.periods),
            who=row.who(locale),
        )
    if len(found) > MOST_REMINDERS:
        count = len(found) - MOST_REMINDERS
        yield say("and {count} more: survey-pipeline deadlines", count=f"{count:,}")


def document(report: DeadlineReport, locale: str) -> dict[str, Any]:
    """Return the deadlines as one document, one entry per deadline."""
    return {
        "date": report.day.isoformat(),
        "years": [year.standard.year for year in report.years],
        "unlisted_years": report.unlisted_years,
        "unknown_years": report.unknown_years,
        "deadlines": [_entry(deadline, locale) for deadline in report.deadlines],
    }


def _entry(deadline: Deadline, locale: str) -> dict[str, Any]:
    term = deadline.term
    return {
        "duty": term.duty,
        "clause": term.rule.clause,
        "label": term.rule.label.in_locale(locale),
        "who": deadline.who.in_locale(locale),
        "who_code": deadline.who.code,
        "part": deadline.part,
        "year": term.year,
        "period": term.period.name,
        "first": term.period.first.isoformat(),
        "last": term.period.last.isoformat(),
        "nominal": term.nominal.isoformat(),
        "due": term.due.isoformat(),
        "provisional": term.provisional,
        "state": deadline.state,
        "days": deadline.days,
        "came_on": deadline.came_on and deadline.came_on.isoformat(),
        "came": deadline.came,
        "expected": deadline.expected,
        "missing": list(deadline.missing),
        "came_as": deadline.came_as,
    }
