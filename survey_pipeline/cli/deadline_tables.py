"""A day's deadlines as rows that people read, and as one JSON document.

What one office or agency owes of several periods is one row, and so is what several owe alike.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from survey_pipeline.cli.score_tables import CATEGORY_NAMES
from survey_pipeline.cli.support import invocation, say
from survey_pipeline.i18n import N_
from survey_pipeline.stages.deadlines import Deadline, DeadlineReport
from survey_pipeline.vocabulary import Category, DeadlineState, Duty, HotlineGroup

MOST_NAMES = 3
"""Names in a row of several."""
MOST_OFFICES = 10
"""Rows of offices that owe daily reports."""
MOST_REMINDERS = 10
"""Rows in the report of the daily run."""
GROUP_NAMES = {
    HotlineGroup.CITY_AGENCY: N_("city agencies"),
    HotlineGroup.SOE_INSTITUTION: N_("enterprises and institutions"),
}
COLUMNS = (N_("deadline"), N_("state"), N_("what"), N_("for"), N_("who"), N_("so far"))
PROVISIONAL = "*"
"""Stands behind a date that may still change."""


@dataclass(frozen=True)
class Row:
    """Deadlines that are told together."""

    deadlines: Sequence[Deadline]

    @property
    def first(self) -> Deadline:
        """The one that speaks for all: the oldest."""
        return min(self.deadlines, key=lambda one: one.term.due)

    @property
    def due(self) -> str:
        """The date, marked where it may still change."""
        term = self.first.term
        return f"{term.due} {PROVISIONAL}" if term.provisional else f"{term.due}"

    @property
    def state(self) -> str:
        """How urgent it is, or when it came."""
        return state_words(self.first)

    @property
    def periods(self) -> str:
        """What it is for: one period, or from which to which."""
        period = self.first.term.period
        if _is_an_offices(self.first) and period.first != period.last:
            return say("{first} to {last}", first=period.first, last=period.last)
        names = sorted({one.term.period.name for one in self.deadlines})
        if len(names) == 1:
            return names[0]
        return say(
            "{first} to {last}, {count} of them", first=names[0], last=names[-1], count=len(names)
        )

    @property
    def came(self) -> str:
        """How many of how many have come."""
        if _is_an_offices(self.first):
            return say("{count} days missing", count=f"{self.first.expected:,}")
        came = sum(one.came for one in self.deadlines)
        if any(one.expected is None for one in self.deadlines):
            return f"{came:,}" if came else say("none")
        expected = sum(one.expected or 0 for one in self.deadlines)
        return say("{came} of {expected}", came=f"{came:,}", expected=f"{expected:,}")

    def what(self, locale: str) -> str:
        """What is owed, and of which category where it is of one."""
        label = self.first.term.rule.label.in_locale(locale)
        parts = {one.part for one in self.deadlines}
        if len(parts) > 1 or self.first.part is None:
            return label
        return say("{what} ({part})", what=label, part=_part_name(self.first.part))

    def who(self, locale: str, most: int = MOST_NAMES) -> str:
        """Who owes it: at most so many names."""
        names = list(dict.fromkeys(_name(one, locale) for one in self.deadlines))
        if len(names) <= most + 1:
            return _listed(names)
        shown = _listed(names[:most])
        return say("{names} and {count} more", names=shown, count=f"{len(names) - most:,}")


def state_words(one: Deadline) -> str:
    """Return where a deadline stands, in words."""
    days = one.days or 0
    if one.state is DeadlineState.OVERDUE:
        text = N_("overdue by one day") if days == 1 else N_("overdue by {count} days")
        return say(text, count=f"{days:,}")
    if one.state is DeadlineState.DUE:
        soon = (N_("due today"), N_("due tomorrow"))
        return say(soon[days] if days < len(soon) else N_("due in {count} days"), count=f"{days:,}")
    if one.state is DeadlineState.NOTHING_FILED:
        return say("nothing filed")
    text = N_("came late, {day}") if one.state is DeadlineState.MET_LATE else N_("came {day}")
    return say(text, day=one.came_on)


def _listed(names: Sequence[str]) -> str:
    return reduce(lambda names, name: say("{names}, {name}", names=names, name=name), names)


def _part_name(part: Category | HotlineGroup) -> str:
    return say(CATEGORY_NAMES[part] if isinstance(part, Category) else GROUP_NAMES[part])


def _name(one: Deadline, locale: str) -> str:
    name = one.who.in_locale(locale)
    return f"{one.who.code} {name}" if _is_an_offices(one) else name


def rows(report: DeadlineReport) -> list[Row]:
    """Return the deadlines as rows, the most urgent first."""
    each = [Row([one]) for one in report.deadlines]
    return _joined(_joined(each, _same_debtor), _same_debt)


def _joined(found: Iterable[Row], key: Callable[[Row], tuple[object, ...] | None]) -> list[Row]:
    """Join the rows that have one key, at the place of the first of them."""
    made: dict[object, list[Deadline]] = {}
    for number, row in enumerate(found):
        alike = key(row)
        made.setdefault(number if alike is None else alike, []).extend(row.deadlines)
    return [Row(deadlines) for deadlines in made.values()]


def _same_debtor(row: Row) -> tuple[object, ...] | None:
    """What one owes of several periods, all of it overdue."""
    one = row.first
    if one.state is not DeadlineState.OVERDUE or one.term.duty is Duty.CASE_REPORT:
        return None
    return (one.term.duty, one.part, one.who)


def _same_debt(row: Row) -> tuple[object, ...] | None:
    """What several owe alike; whoever has brought a part of it stands alone."""
    one = row.first
    if one.is_open and any(each.came for each in row.deadlines):
        return None
    periods = tuple(sorted(each.term.period.name for each in row.deadlines))
    return (one.term.duty, one.state, one.term.due, one.came_on, periods, _days_missing(one))


def _days_missing(one: Deadline) -> int | None:
    return one.expected if _is_an_offices(one) else None


def _is_an_offices(one: Deadline) -> bool:
    return one.term.duty is Duty.CASE_REPORT and one.who.code is not None


def _shown(report: DeadlineReport, *, everything: bool) -> list[Row]:
    """Return the rows of the table: of offices that owe reports only the first few."""
    if everything:
        return [Row([one]) for one in report.deadlines]
    found = rows(report)
    offices = [row for row in found if _is_an_offices(row.first)]
    left_out = {id(row) for row in offices[MOST_OFFICES:]}
    return [row for row in found if id(row) not in left_out]


def table(report: DeadlineReport, *, everything: bool) -> Table:
    """Return the deadlines as a table."""
    locale = invocation().locale
    made = Table(box=SIMPLE_HEAD, padding=(0, 1))
    for heading in COLUMNS:
        made.add_column(say(heading), overflow="fold")
    for row in _shown(report, everything=everything):
        cells = (row.due, row.state, row.what(locale), row.periods, row.who(locale), row.came)
        made.add_row(*map(escape, cells))
    return made


def notes(report: DeadlineReport, *, everything: bool) -> Iterator[str]:
    """Yield the sentences under the table: what it leaves out, and why dates are provisional."""
    shown = sum(len(row.deadlines) for row in _shown(report, everything=everything))
    if left_out := len(report.deadlines) - shown:
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
    found = rows(report)
    for row in found[:MOST_REMINDERS]:
        yield say(
            "{due}, {state}: {what}, for {period}: {who}",
            due=row.due,
            state=row.state,
            what=row.what(locale),
            period=row.periods,
            who=row.who(locale),
        )
    if len(found) > MOST_REMINDERS:
        count = len(found) - MOST_REMINDERS
        yield say("and {count} more: survey-pipeline deadlines", count=f"{count:,}")


def document(report: DeadlineReport, locale: str) -> dict[str, Any]:
    """Return the deadlines as one document, one entry per deadline."""
    return {
        "date": report.day.isoformat(),
        "years": [one.standard.year for one in report.years],
        "unlisted_years": report.unlisted_years,
        "unknown_years": report.unknown_years,
        "deadlines": [_entry(one, locale) for one in report.deadlines],
    }


def _entry(one: Deadline, locale: str) -> dict[str, Any]:
    term = one.term
    return {
        "duty": term.duty,
        "clause": term.rule.clause,
        "label": term.rule.label.in_locale(locale),
        "who": one.who.in_locale(locale),
        "who_code": one.who.code,
        "part": one.part,
        "year": term.year,
        "period": term.period.name,
        "first": term.period.first.isoformat(),
        "last": term.period.last.isoformat(),
        "nominal": term.nominal.isoformat(),
        "due": term.due.isoformat(),
        "provisional": term.provisional,
        "state": one.state,
        "days": one.days,
        "came_on": one.came_on and one.came_on.isoformat(),
        "came": one.came,
        "expected": one.expected,
        "missing": list(one.missing),
    }
