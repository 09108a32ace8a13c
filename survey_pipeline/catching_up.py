"""The daily run beyond the hour of its schedule: the days that were missed, and a manual start.

Each day is claimed before it is run (`day_runs`), so that no day runs twice at once, on any host.
"""

from datetime import date
from typing import Any

from sqlalchemy import select

from survey_pipeline import day_runs
from survey_pipeline.calendar import ONE_DAY
from survey_pipeline.context import Context
from survey_pipeline.day_runs import Claim
from survey_pipeline.errors import CannotProceed
from survey_pipeline.pipeline import DayReport, Gateways, run_day
from survey_pipeline.stages.sampling import check_drawable
from survey_pipeline.store import audit
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.sole_work import sole_worker
from survey_pipeline.store.tables import draws
from survey_pipeline.vocabulary import AuditAction, Audited


def missed_days(context: Context, due_today: bool, *, alone: bool = False) -> list[date]:
    """Return the days whose run is still owed, oldest first, back to `schedule.catch_up`.

    A run that failed after its draw is owed still. Nothing is owed before the first draw there
    ever was, nor in a demo.

    Args:
        context: the workspace.
        due_today: whether today's time for the run has passed.
        alone: whether this process alone runs days now: see `day_runs.claim`.
    """
    if context.settings.demo:
        return []
    today = context.today()
    with reading(context.engine) as connection:
        cut_off = day_runs.cut_off(connection, context.now(), alone=alone)
        drawn = set(connection.scalars(select(draws.c.day)))
        ran = day_runs.days_run(connection)
    last = today if due_today else today - ONE_DAY
    if not drawn:
        return [today] if due_today and today not in ran else []
    first = today - context.settings.schedule.catch_up
    day = max(max(drawn) + ONE_DAY, first)
    owed = {day + offset * ONE_DAY for offset in range((last - day).days + 1)}
    return sorted((owed - ran) | {day for day in cut_off if first <= day <= last})


def run_missed_days(context: Context, gateways: Gateways, *, due_today: bool) -> list[DayReport]:
    """Run each missed day once, in date order; several workers may call it at the same time.

    A day that another worker has under way ends the round: a later day drawn before it would leave
    its cases undrawn for good. A worker that was killed in it is replaced by the next that asks.
    """
    context.postponed.catch_up(context.engine)
    with sole_worker(context.engine, day_runs.ONE_AT_A_TIME) as alone:
        return _run_missed(context, gateways, due_today=due_today, alone=alone)


def _run_missed(
    context: Context, gateways: Gateways, *, due_today: bool, alone: bool
) -> list[DayReport]:
    reports = []
    for day in missed_days(context, due_today, alone=alone):
        with writing(context.engine) as connection:
            held = day_runs.claim(connection, day, context.now(), alone=alone)
            if held is None and not day_runs.finished(connection, day):
                break
        if held is None:
            continue
        with day_runs.given_back(context, held):
            report = run_day(context, gateways, day)
            _finish(context, held, _outcome(report))
        reports.append(report)
    return reports


def begin_day(context: Context, day: date | None = None) -> Claim:
    """Claim a day's run (today's) for a manual start by `run_begun_day`, even if it already ran.

    Raises:
        CannotProceed: a daily run is under way, on whatever host.
        DrawError: the day has not begun, or a later day is drawn already.
    """
    day, now = day or context.today(), context.now()
    context.postponed.catch_up(context.engine)
    check_drawable(context, day)
    with writing(context.engine) as connection:
        held = day_runs.claim_by_hand(connection, day, now, context.actor)
        if held is None:
            raise CannotProceed("a daily run is under way; wait until it has ended")
        entry = audit.entry(
            at=now,
            actor=context.actor,
            action=AuditAction.CREATED,
            kind=Audited.JOB_RUNS,
            key=f"{day}",
        )
        audit.append(connection, [entry])
    return held


def run_begun_day(context: Context, gateways: Gateways, held: Claim) -> DayReport:
    """Run the day that `begin_day` claimed; today after the days before it that are still owed.

    If it fails, the reason is kept with the run, and the run may be started again at once.

    Raises:
        CannotProceed: another worker has an earlier day under way.
        DrawError: a later day is drawn already.
    """
    day = held.day
    sole = sole_worker(context.engine, day_runs.ONE_AT_A_TIME)
    with day_runs.given_back(context, held), sole as alone:
        if alone:
            with writing(context.engine) as connection:
                day_runs.note_alone(connection, held, context.actor)
        if day == context.today():
            _run_missed(context, gateways, due_today=False, alone=False)
            if missed_days(context, due_today=False):
                raise CannotProceed("an earlier day is still being run; start this one after it")
        report = run_day(context, gateways, day)
        _finish(context, held, {**_outcome(report), "by": context.actor})
    return report


def _finish(context: Context, held: Claim, result: dict[str, Any]) -> None:
    with writing(context.engine) as connection:
        day_runs.finish(connection, held, context.now(), result)


def _outcome(report: DayReport) -> dict[str, int]:
    return {"frame": report.draw.frame, "drawn": len(report.draw.drawn)}
