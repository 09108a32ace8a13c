"""`/deadlines`: who owes what by when; the overdue first, then what is due soon, then what came."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from survey_pipeline.calendar import ONE_DAY
from survey_pipeline.errors import UsageError
from survey_pipeline.i18n import N_, Message
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.reports.deadlines import LOOK_AHEAD, Deadline, DeadlineReport, gather_deadlines
from survey_pipeline.reports.deadlines.wording import MOST_NAMES, DeadlineRow, rows
from survey_pipeline.vocabulary import DeadlineState, Duty, Role
from survey_pipeline.web.access import Workspace, allowed
from survey_pipeline.web.day import Day, parse_day
from survey_pipeline.web.pages import locale_of, render

READERS = allowed(Role.OPERATOR, Role.ANALYST, Role.ADMIN)
SHOWN = 40
"""Rows of a part that are shown before one asks for more."""
CAME = (DeadlineState.NOTHING_FILED, DeadlineState.MET_LATE, DeadlineState.MET)

DutyName = Annotated[str, Query(max_length=40)]

router = APIRouter(include_in_schema=False)


@router.get("/deadlines")
def deadlines_page(
    request: Request,
    context: Workspace,
    on: Day = "",
    duty: DutyName = "",
    who: SignedIn = READERS,
) -> Response:
    """Show the deadlines of a day, of one duty if asked."""
    day, locale = parse_day(context, on), locale_of(request)
    report = gather_deadlines(context, day)
    wanted = _of_duty(report, duty)
    return render(
        request,
        "deadlines.html",
        day=day,
        before=day - ONE_DAY,
        today=context.today(),
        duty=duty,
        duties=_duties(report, locale),
        parts=_parts(wanted),
        later=sum(1 for one in wanted if _is_later(one)),
        ahead=LOOK_AHEAD,
        years=[one.standard.year for one in report.years],
        unlisted=report.unlisted_years,
        unknown=report.unknown_years,
        shown=SHOWN,
        most_names=MOST_NAMES,
    )


def _of_duty(report: DeadlineReport, duty: str) -> Sequence[Deadline]:
    if not duty:
        return report.deadlines
    if duty not in list(Duty):
        raise UsageError("there is no duty {duty}", duty=duty)
    return [one for one in report.deadlines if one.term.duty == duty]


def _duties(report: DeadlineReport, locale: str) -> list[tuple[str, str]]:
    """Return the duties of the years looked at, each with its label, in the standard's order."""
    found = {one.term.duty: one.term.rule.label.in_locale(locale) for one in report.deadlines}
    return [(duty.value, found[duty]) for duty in Duty if duty in found]


def _is_later(one: Deadline) -> bool:
    return one.state is DeadlineState.DUE and not one.due_within(LOOK_AHEAD)


def _parts(wanted: Sequence[Deadline]) -> list[tuple[str, Message, list[DeadlineRow]]]:
    """Return the page's parts: a name, a heading, the rows."""
    overdue = [one for one in wanted if one.state is DeadlineState.OVERDUE]
    due = [one for one in wanted if one.state is DeadlineState.DUE and not _is_later(one)]
    came = [one for one in wanted if one.state in CAME]
    came.sort(key=lambda one: one.term.due, reverse=True)
    return [
        ("overdue", Message(N_("Overdue")), rows(overdue)),
        ("due", Message(N_("Due in the next {count} days"), {"count": LOOK_AHEAD}), rows(due)),
        ("came", Message(N_("Came, or nothing to come")), rows(came)),
    ]
