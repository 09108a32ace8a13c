"""The order of things, on one page.

A day: draw, delete what has been kept long enough, close what has run out, hear what came in, send
what is due, queue the calls, ask about texts without an end. Between two days the same without
draw, deletions and questions, every minute (`tick`). Each step asks the database which rows are
ready for it, so any of them may be run again, alone, later, or by several workers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from survey_pipeline.calendar import ONE_DAY
from survey_pipeline.errors import CannotProceed
from survey_pipeline.gateways.port import Gateway
from survey_pipeline.scoring.whatif import Difference, compare
from survey_pipeline.stages import assessment, satisfaction
from survey_pipeline.stages.callbacks import DayLoad, QueuedCalls, forecast_load, queue_calls
from survey_pipeline.stages.deadlines import DeadlineReport, gather_deadlines
from survey_pipeline.stages.dispatch import (
    DispatchReport,
    Reconciled,
    apply_receipts,
    dispatch,
    poll,
    reconcile,
)
from survey_pipeline.stages.evidence.gather import gather_year
from survey_pipeline.stages.export.files import remove_abandoned_exports
from survey_pipeline.stages.intake.uploads import drop_old_uploads
from survey_pipeline.stages.replies import ReadReplies, read_inbound
from survey_pipeline.stages.review import forget_representatives
from survey_pipeline.stages.sampling import DrawReport, check_drawable, draw_day
from survey_pipeline.standard.load import (
    FOLDER,
    InForce,
    standard_for,
    standard_of_month,
)
from survey_pipeline.standard.model import Standard
from survey_pipeline.store import audit
from survey_pipeline.store.columnar import collector_off
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import draws
from survey_pipeline.survey import day_runs
from survey_pipeline.survey.closing import close_due
from survey_pipeline.survey.context import Context
from survey_pipeline.survey.owing import MissingReport, missing_reports
from survey_pipeline.survey.spool import drain
from survey_pipeline.vocabulary import AuditAction

DAILY = day_runs.DAILY
"""The name of the daily run in `job_runs`."""
Gateways = Mapping[str, Gateway]


@dataclass(frozen=True)
class TickReport:
    """What one round between the days did."""

    closed: int
    receipts: int
    replies: ReadReplies
    sent: DispatchReport
    calls: QueuedCalls


@dataclass(frozen=True)
class DayReport:
    """What the daily run did, and what it found waiting."""

    day: date
    draw: DrawReport
    tick: TickReport
    reconciled: Reconciled
    missing: Sequence[MissingReport]
    load: Sequence[DayLoad]


def hear(context: Context, gateways: Gateways) -> tuple[int, ReadReplies]:
    """Take in what came: receipts (how many of ours) and texts. Before sending: opt-outs."""
    drain(context)
    poll(context, gateways)
    return apply_receipts(context), read_inbound(context)


def tick(context: Context, gateways: Gateways, *, day: date | None = None) -> TickReport:
    """Hear what came in, send what is due, queue the calls, close what has run out.

    Args:
        context: the workspace.
        gateways: the configured gateways by label.
        day: send only what was drawn that day.
    """
    receipts, replies = hear(context, gateways)
    with writing(context.engine) as connection:
        closed = close_due(connection, context.now())
    try:
        sent = dispatch(context, gateways, day=day, meanwhile=lambda: hear(context, gateways))
    finally:  # calls wait for no template
        queued = queue_calls(context)
    return TickReport(closed, receipts, replies, sent, queued)


def run_day(context: Context, gateways: Gateways, day: date) -> DayReport:
    """Run a day: draw it, then everything that is due now. May be repeated at any time.

    Raises:
        DrawError: the day has not begun, or a later day is drawn already.
    """
    drawn = draw_day(context, day)
    clear_up(context)
    done = tick(context, gateways)
    reconciled = reconcile(context, gateways)
    missing = missing_reports(context, day)
    return DayReport(day, drawn, done, reconciled, missing, forecast_load(context))


def clear_up(context: Context) -> None:
    """Delete what was kept long enough (nothing in a demo), and what killed exports left."""
    remove_abandoned_exports(context.home)
    if not context.settings.demo:
        drop_old_uploads(context)
        forget_representatives(context)


def deadlines(
    context: Context, day: date, *, year: int | None = None, daily: bool = True
) -> DeadlineReport:
    """Say who owes what on a day, and since when.

    Args:
        context: the workspace.
        day: the day on which the question is asked.
        year: this appraisal year alone; else all that matter on the day.
        daily: the offices' daily case reports too.

    Raises:
        ConfigurationError: a standard's file is missing or wrong, or no window holds the day.
    """
    return gather_deadlines(context, day, year=year, daily=daily)


def missed_days(context: Context, due_today: bool) -> list[date]:
    """Return the days whose run is still owed, oldest first, back to `schedule.catch_up`.

    A run that failed after its draw is owed still. Nothing is owed before the first draw there
    ever was, nor in a demo.

    Args:
        context: the workspace.
        due_today: whether today's time for the run has passed.
    """
    if context.settings.demo:
        return []
    today = context.today()
    with reading(context.engine) as connection:
        cut_off = day_runs.cut_off(connection, context.now())
        drawn = set(connection.scalars(select(draws.c.day)))
        ran = day_runs.days_run(connection)
    last = today if due_today else today - ONE_DAY
    if not drawn:
        return [today] if due_today and today not in ran else []
    first = today - context.settings.schedule.catch_up
    day = max(max(drawn) + ONE_DAY, first)
    owed = {day + offset * ONE_DAY for offset in range((last - day).days + 1)}
    return sorted((owed - ran) | {one for one in cut_off if first <= one <= last})


def run_missed_days(context: Context, gateways: Gateways, *, due_today: bool) -> list[DayReport]:
    """Run each missed day once, in date order; several workers share them without doubling one.

    A day that another worker has under way ends the round: a later day drawn before it would leave
    its cases undrawn for good.
    """
    reports = []
    for day in missed_days(context, due_today):
        with writing(context.engine) as connection:
            mine = day_runs.claim(connection, day, context.now())
            if not mine and not day_runs.finished(connection, day):
                break
        if not mine:
            continue
        with day_runs.given_back(context, day):
            report = run_day(context, gateways, day)
        with writing(context.engine) as connection:
            day_runs.finish(connection, day, context.now(), _outcome(report))
        reports.append(report)
    return reports


def begin_day(context: Context, day: date | None = None) -> date:
    """Claim a day's run (today's) for a manual start by `run_begun_day`, even if it already ran.

    Raises:
        CannotProceed: a daily run is under way, on whatever host.
        DrawError: the day has not begun, or a later day is drawn already.
    """
    day, now = day or context.today(), context.now()
    check_drawable(context, day)
    with writing(context.engine) as connection:
        if not day_runs.claim_by_hand(connection, day, now, context.actor):
            raise CannotProceed("a daily run is under way; wait until it has ended")
        entry = audit.entry(
            at=now, actor=context.actor, action=AuditAction.CREATED, kind="job_runs", key=f"{day}"
        )
        audit.append(connection, [entry])
    return day


def run_begun_day(context: Context, gateways: Gateways, day: date) -> DayReport:
    """Run the day that `begin_day` claimed; today after the days before it that are still owed.

    If it fails, the reason is kept with the run, and whoever wants may start it again at once.

    Raises:
        CannotProceed: another worker has an earlier day under way.
        DrawError: a later day is drawn already.
    """
    with day_runs.given_back(context, day):
        if day == context.today():
            run_missed_days(context, gateways, due_today=False)
            if missed_days(context, due_today=False):
                raise CannotProceed("an earlier day is still being run; start this one after it")
        report = run_day(context, gateways, day)
    with writing(context.engine) as connection:
        result = {**_outcome(report), "by": context.actor}
        day_runs.finish(connection, day, context.now(), result)
    return report


def _outcome(report: DayReport) -> dict[str, int]:
    return {"frame": report.draw.frame, "drawn": len(report.draw.drawn)}


def score_month(context: Context, month: str, as_of: date | None = None) -> assessment.StoredMonth:
    """Score a month: satisfaction gathers, assessment scores and stores.

    The same inputs, standard and program give back the version that is stored.

    Args:
        context: the workspace.
        month: `YYYY-MM`.
        as_of: the day up to which months count as ended; today.

    Raises:
        CannotProceed: the month has not begun, or nothing is known of it.
        ConfigurationError: the standard's file is missing or wrong.
    """
    in_force = standard_of_month(month, context.settings.standards, context.home / FOLDER)
    facts = satisfaction.gather_month(context, in_force.standard, month, as_of)
    return assessment.assess_month(context, in_force, facts)


def score_year(context: Context, year: int, as_of: date | None = None) -> assessment.StoredYear:
    """Score a year: satisfaction and evidence gather, assessment scores and stores.

    The same inputs, standard, program and day give back the version that is stored.

    Args:
        context: the workspace.
        year: the appraisal year.
        as_of: the day up to which months have ended and dated records count; today, and never
            after the end of the window. When something was imported plays no part.

    Raises:
        CannotProceed: the window has not begun by that day, no office is on the register, or
            nothing is known of the year: what is missing would be scored, and nothing else.
        ConfigurationError: the standard's file is missing or wrong.
    """
    in_force = standard_of_year(context, year)
    with collector_off():  # hundreds of thousands of records and lines, none in a cycle
        return assessment.assess_year(
            context, in_force, year_inputs(context, in_force.standard, as_of)
        )


def standard_of_year(context: Context, year: int) -> InForce:
    """Return the standard in force for an appraisal year."""
    return standard_for(year, context.settings.standards, context.home / FOLDER)


def year_inputs(
    context: Context, standard: Standard, as_of: date | None = None
) -> assessment.YearInputs:
    """Gather what a year is scored from, all of it as the database stands at one moment.

    Args:
        context: the workspace.
        standard: the one to score by, its window in the appraisal year.
        as_of: the day; today, and never after the end of the window.
    """
    day = min(as_of or context.today(), standard.window.until)
    if day <= standard.window.after:
        raise CannotProceed(
            "the appraisal year {year} begins after {after}: there is nothing to score on {day}",
            year=standard.year,
            after=standard.window.after,
            day=day,
        )
    with reading(context.engine) as connection:
        months = satisfaction.gather_months(connection, standard.window, day)
        if not months.offices:
            raise CannotProceed(
                "no office is on the register in {year}. Import it first: "
                "survey-pipeline import offices FILE",
                year=standard.year,
            )
        gathered = gather_year(
            context,
            connection,
            standard=standard,
            year=standard.year,
            as_of=day,
            offices=months.offices,
        )
    return assessment.YearInputs(gathered.facts, gathered.fingerprint, months.settled)


def try_standard(
    context: Context, year: int, other: Standard, as_of: date | None = None
) -> tuple[Difference, ...]:
    """Score a year's evidence by another standard, its window moved to that year; store nothing.

    Returns:
        Each office under the standard in force and under the other one.
    """
    before, after = (
        assessment.tried(standard, year_inputs(context, standard, as_of))
        for standard in (standard_of_year(context, year).standard, other.moved_to(year))
    )
    return compare(before, after)


def verify_score(
    context: Context, period: str | int, version: int | None = None
) -> assessment.Verification:
    """Compute a stored score anew, as of the day it was taken, and compare.

    Args:
        context: the workspace.
        period: a month (`YYYY-MM`) or an appraisal year.
        version: the stored version; the latest.

    Raises:
        UnknownRecord: there is no such score.
    """
    if isinstance(period, int):
        year = assessment.stored_year(context, period, version)
        in_force = standard_of_year(context, period)
        inputs = year_inputs(context, in_force.standard, year.as_of)
        return assessment.verify_year(year, in_force, inputs)
    month = assessment.stored_month(context, period, version)
    in_force = standard_of_month(period, context.settings.standards, context.home / FOLDER)
    facts = satisfaction.gather_month(context, in_force.standard, period, month.as_of)
    return assessment.verify_month(month, in_force, facts)
