"""What people are reminded of: what is overdue on a day, or falls due soon.

A daily report is reminded of each working day; another duty 7, 3 and 1 days before it is due, on
the day itself, on the first day after it and then once a week.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from survey_pipeline.context import Context
from survey_pipeline.i18n import N_, Message
from survey_pipeline.notifications.notification import Notification
from survey_pipeline.reports.deadlines import Deadline, gather_deadlines
from survey_pipeline.reports.deadlines.appraised import AppraisedOffice, appraised_offices
from survey_pipeline.reports.deadlines.wording import DeadlineRow, is_an_offices
from survey_pipeline.standard.entry import Label
from survey_pipeline.store.engine import reading
from survey_pipeline.vocabulary import DeadlineState, Duty, NotificationKind

DAYS_BEFORE = frozenset({7, 3, 1, 0})
DAYS_AFTER = 7
"""Days from one reminder of what is overdue to the next."""
KINDS: Mapping[str, NotificationKind] = {
    "month": NotificationKind.MONTHLY,
    "quarter": NotificationKind.QUARTERLY,
    "year": NotificationKind.YEARLY,
}
"""By how often a duty is owed."""
REPORTS = N_("{office}: no case report of {first}")
REPORTS_OF_DAYS = N_("{office}: no case reports of {count} working days from {first} to {last}")
OWED = N_("{who}: {what}, {period}: {state}, by {due}")


def reminders(context: Context, day: date) -> Iterator[Notification]:
    """Yield what people are reminded of on a day."""
    with reading(context.engine) as connection:
        offices = {office.office_code: office for office in appraised_offices(connection)}
    for deadline in gather_deadlines(context, day).deadlines:
        if is_an_offices(deadline):
            yield _missing_reports(deadline, offices[deadline.who.code or ""], day)
        elif deadline.term.duty is not Duty.CASE_REPORT and is_due_for_reminder(deadline):
            yield _owed(deadline, day)


def is_due_for_reminder(deadline: Deadline) -> bool:
    """Return whether this is a day on which people are reminded of a deadline."""
    if not deadline.is_open or deadline.days is None:
        return False
    if deadline.state is DeadlineState.DUE:
        return deadline.days in DAYS_BEFORE
    return deadline.days % DAYS_AFTER == 1


def _missing_reports(deadline: Deadline, office: AppraisedOffice, day: date) -> Notification:
    period, count = deadline.term.period, deadline.expected or 0
    values = {"office": office.name, "first": period.first, "last": period.last, "count": count}
    message = Message(REPORTS if count == 1 else REPORTS_OF_DAYS, values)
    return Notification(
        kind=NotificationKind.MISSING_REPORTS,
        subject=office.office_code,
        day=day,
        words=message.render,
        office_code=office.office_code,
        parent_code=office.parent_code,
    )


def _owed(deadline: Deadline, day: date) -> Notification:
    term, who = deadline.term, deadline.who
    body = who.code or who.in_locale("zh_CN")
    return Notification(
        kind=KINDS[term.rule.every],
        subject=f"{term.duty.value}/{term.period.name}/{body}/{deadline.part or ''}",
        day=day,
        words=lambda locale: _owed_words(deadline, locale),
        parent_code=who.code,
        agency=who.in_locale("zh_CN") if isinstance(who.name, Label) else None,
    )


def _owed_words(deadline: Deadline, locale: str) -> str:
    row = DeadlineRow([deadline])
    values: dict[str, object] = {
        "who": deadline.who.in_locale(locale),
        "what": row.what(locale),
        "period": row.periods,
        "state": row.state,
        "due": row.due,
    }
    return Message(OWED, values).render(locale)
