"""What came of drawn cases by the way they were tried: by text, on the phone, by each caller.

A case belongs to each way that tried it. Text: cases whose text a gateway took, or may have taken;
what the text alone brought. Phone: cases that were called for a rating; what the calls brought.
Caller: the same of the caller's own calls, so that a case which two callers tried counts for both,
with what each of them heard. Calls to citizens who had answered already ask for no rating and are
left out. Withdrawn cases are not eligible, even if they were texted or called.
"""

from collections import Counter, defaultdict
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, or_, select

from survey_pipeline.store.tables import call_attempts, calls, surveys
from survey_pipeline.survey.month_scan import passing_through
from survey_pipeline.survey.outcome import BY_CALL, PRECEDENCE
from survey_pipeline.survey.undone import undone
from survey_pipeline.vocabulary import (
    BESIDE_RATING,
    DISPOSITION_GROUPS,
    CallOutcome,
    CallReason,
    Disposition,
    DispositionGroup,
    Mode,
)

Outcomes = Counter[Disposition]
"""Cases by outcome code."""
NOT_ELIGIBLE = tuple(
    code for code, group in DISPOSITION_GROUPS.items() if group is DispositionGroup.NOT_ELIGIBLE
)


def texted_outcomes(connection: Connection, month: str) -> Outcomes:
    """Count a month's texted cases by what their text brought."""
    code = _of_text().label("code")
    query = (
        select(code, func.count())
        .where(passing_through(connection, month), surveys.c.texted)
        .group_by(code)
    )
    return Counter({Disposition(found): count for found, count in connection.execute(query).all()})


def called_outcomes(connection: Connection, month: str) -> Outcomes:
    """Count a month's cases that were called for a rating, by what the calls brought."""
    last = _last_heard(month, surveys.c.id).subquery()
    query = select(last.c.outcome, last.c.withdrawn, func.count()).where(last.c.place == 1)
    found: Outcomes = Counter()
    for outcome, withdrawn, count in connection.execute(
        query.group_by(last.c.outcome, last.c.withdrawn)
    ):
        found[_code(outcome, withdrawn)] += count
    return found


def outcomes_by_caller(connection: Connection, month: str) -> dict[str, Outcomes]:
    """Count the same for each caller, by what their own calls brought."""
    last = _last_heard(month, surveys.c.id, call_attempts.c.by).subquery()
    words = (last.c.by, last.c.outcome, last.c.withdrawn)
    query = select(*words, func.count()).where(last.c.place == 1).group_by(*words)
    found: defaultdict[str, Outcomes] = defaultdict(Counter)
    for caller, outcome, withdrawn, count in connection.execute(query):
        found[caller][_code(outcome, withdrawn)] += count
    return dict(sorted(found.items()))


def _code(outcome: str, withdrawn: str | None) -> Disposition:
    heard = BY_CALL[CallOutcome(outcome)]
    return Disposition(withdrawn) if withdrawn and heard is not Disposition.COMPLETE else heard


def _of_text() -> ColumnElement[Any]:
    """Return what the text of a case brought, as an outcome code.

    A case that was never called ended by its text. Of one that was called, the reply tells, or the
    reason of the call.
    """
    survey = surveys.c
    not_delivered = exists().where(
        calls.c.survey_id == survey.id, calls.c.reason == CallReason.UNDELIVERED
    )
    return case(
        (or_(survey.rated_by == Mode.SMS, survey.corrected), Disposition.COMPLETE),
        (or_(survey.disposition.in_(NOT_ELIGIBLE), ~survey.called), survey.disposition),
        (and_(survey.opted_out, survey.replied, ~survey.reached), Disposition.REFUSAL),
        (and_(survey.denied, survey.replied), Disposition.BAD_CONTACT),
        (survey.replied, Disposition.UNCLASSIFIABLE),
        (not_delivered, Disposition.TEXT_UNDELIVERED),
        else_=Disposition.NOTHING_BACK,
    )


def _last_heard(month: str, *parts: ColumnElement[Any]) -> Select[Any]:
    """Return attempts for a rating, numbered within `parts`: 1 is the outcome that decides.

    The precedence is that of outcome codes; ties go to the latest attempt.
    """
    attempt = call_attempts.c
    precedence = case(
        {outcome: PRECEDENCE[DISPOSITION_GROUPS[code]] for outcome, code in BY_CALL.items()},
        value=attempt.outcome,
    )
    place = func.row_number().over(partition_by=parts, order_by=(precedence, attempt.id.desc()))
    withdrawn = case((surveys.c.disposition.in_(NOT_ELIGIBLE), surveys.c.disposition))
    return (
        select(attempt.by, attempt.outcome, withdrawn.label("withdrawn"), place.label("place"))
        .join(calls, calls.c.id == attempt.call_id)
        .join(surveys, surveys.c.id == attempt.survey_id)
        .where(surveys.c.month == month, calls.c.reason.not_in(BESIDE_RATING), ~undone())
    )
