"""What is overdue and what comes next, as a notice says it: from the list of deadlines."""

from survey_pipeline.context import Context
from survey_pipeline.i18n import Message
from survey_pipeline.papers.paper import day_words, words_of
from survey_pipeline.reports.deadlines import LOOK_AHEAD, DeadlineReport, gather_deadlines
from survey_pipeline.reports.deadlines.wording import is_an_offices, rows
from survey_pipeline.vocabulary import DeadlineState, Duty


def overdue_lines(context: Context, locale: str) -> list[str]:
    """Return what is overdue today as sentences, the daily reports of offices as one."""
    report = _near(context)
    late = [each for each in report.deadlines if each.state is DeadlineState.OVERDUE]
    offices = [deadline for deadline in late if is_an_offices(deadline)]
    found = [
        Message(
            "{what}, {periods}: {who}, {state}.",
            {
                "what": row.what(locale),
                "periods": row.periods,
                "who": row.who(locale),
                "state": row.state,
            },
        )
        for row in rows(deadline for deadline in late if not is_an_offices(deadline))
    ]
    if offices:
        codes = {deadline.who.code for deadline in offices}
        found.append(
            Message(
                "{count} offices did not hand in all their daily case reports.",
                {"count": len(codes)},
            )
        )
    return [message.render(locale) for message in found]


def coming_rows(context: Context, locale: str) -> list[dict[str, str]]:
    """Return what falls due within `LOOK_AHEAD` days."""
    near = _near(context).deadlines
    due = [
        deadline
        for deadline in near
        if deadline.state is DeadlineState.DUE and deadline.term.duty is not Duty.CASE_REPORT
    ]
    return [
        {
            "day": day_words(row.first.term.due, locale),
            "what": row.what(locale),
            "period": words_of(row.periods, locale),
            "who": row.who(locale),
        }
        for row in rows(due)
    ]


def _near(context: Context) -> DeadlineReport:
    return gather_deadlines(context, context.today()).within(LOOK_AHEAD)
