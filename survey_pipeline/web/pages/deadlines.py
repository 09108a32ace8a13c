"""`/deadlines`: who must deliver what by when: overdue, due soon, delivered."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from survey_pipeline.calendar import ONE_DAY
from survey_pipeline.errors import UsageError
from survey_pipeline.i18n import N_, Message
from survey_pipeline.reports.deadlines import LOOK_AHEAD, Deadline, DeadlineReport, gather_deadlines
from survey_pipeline.reports.deadlines.self_checks import filing_years
from survey_pipeline.reports.deadlines.wording import MOST_NAMES, DeadlineRow, rows
from survey_pipeline.stages.intake.nothing_reports import fresh_nothing_reports
from survey_pipeline.stages.intake.zero_reports import TAKEN_BACK_WITHIN
from survey_pipeline.vocabulary import DeadlineState, Duty
from survey_pipeline.web.access import OPERATORS, User, Workspace
from survey_pipeline.web.pages.nothing_to_bring import outstanding
from survey_pipeline.web.pages.parameters import Day, parse_day
from survey_pipeline.web.rendering.page import locale_of, render

SHOWN = 40
"""Rows of a section that are shown at once; the others are folded."""
DONE = (DeadlineState.MET_LATE, DeadlineState.MET)

DutyName = Annotated[str, Query(max_length=40)]

router = APIRouter(include_in_schema=False)


@router.get("/deadlines")
def deadlines_page(
    request: Request, context: Workspace, who: User, on: Day = "", duty: DutyName = ""
) -> Response:
    """Show the deadlines as of a day, of all duties or one."""
    day, locale = parse_day(context, on), locale_of(request)
    report = gather_deadlines(context, day)
    wanted = _of_duty(report, duty)
    may_say = who.role in OPERATORS.roles and day == context.today()
    return render(
        request,
        "deadlines.html",
        day=day,
        before=day - ONE_DAY,
        today=context.today(),
        duty=duty,
        duties=_duties(report, locale),
        sections=_sections(wanted),
        filing_years=filing_years(wanted, day) if duty == Duty.SELF_CHECK else [],
        later=sum(1 for deadline in wanted if _is_later(deadline)),
        ahead=LOOK_AHEAD,
        years=[year.standard.year for year in report.years],
        unlisted=report.unlisted_years,
        unknown=report.unknown_years,
        nothing=outstanding(context, wanted) if may_say else {},
        fresh=fresh_nothing_reports(context) if may_say else [],
        fresh_for=TAKEN_BACK_WITHIN.seconds // 60,
        shown=SHOWN,
        most_names=MOST_NAMES,
    )


def _of_duty(report: DeadlineReport, duty: str) -> Sequence[Deadline]:
    if not duty:
        return report.deadlines
    if duty not in list(Duty):
        raise UsageError("there is no duty {duty}", duty=duty)
    return [deadline for deadline in report.deadlines if deadline.term.duty == duty]


def _duties(report: DeadlineReport, locale: str) -> list[tuple[str, str]]:
    """Return the duties of the report, each with its label, in the standard's order."""
    found = {
        deadline.term.duty: deadline.term.rule.label.in_locale(locale)
        for deadline in report.deadlines
    }
    return [(duty.value, found[duty]) for duty in Duty if duty in found]


def _is_later(deadline: Deadline) -> bool:
    return deadline.state is DeadlineState.DUE and not deadline.due_within(LOOK_AHEAD)


def _sections(wanted: Sequence[Deadline]) -> list[tuple[str, Message, list[DeadlineRow]]]:
    """Return the page's sections: name, heading, rows."""
    overdue = [deadline for deadline in wanted if deadline.state is DeadlineState.OVERDUE]
    due = [
        deadline
        for deadline in wanted
        if deadline.state is DeadlineState.DUE and not _is_later(deadline)
    ]
    done = [deadline for deadline in wanted if deadline.state in DONE]
    done.sort(key=lambda deadline: deadline.term.due, reverse=True)
    return [
        ("overdue", Message(N_("Overdue")), rows(overdue)),
        ("due", Message(N_("Due in the next {count} days"), {"count": LOOK_AHEAD}), rows(due)),
        ("came", Message(N_("Came, or nothing to come")), rows(done)),
    ]
