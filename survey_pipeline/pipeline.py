"""The order of things, on one page.

A day: draw, commit to the next month's seed, count the integrity signals, delete what has been kept
long enough, close what has run out, hear what came in, send what is due, queue the calls, ask about
texts without an end, and sign the head of the audit log. Between two days the same without draw,
signals, deletions, questions and head, every minute (`tick`). Each step
asks the database which rows are ready for it, so any of them may be run again, alone, later, or by
several workers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from survey_pipeline.audit_chain.heads import write_daily_head
from survey_pipeline.audit_chain.linking import link_entries
from survey_pipeline.context import Context
from survey_pipeline.gateways.port import Gateway
from survey_pipeline.inbound.spool import drain
from survey_pipeline.privacy.purging import purge
from survey_pipeline.reports.missing_reports import MissingReport, missing_reports
from survey_pipeline.signals.day_counts import count_frames
from survey_pipeline.signals.month_signals import refresh_latest
from survey_pipeline.stage_counting import counted
from survey_pipeline.stages.callbacks import DayLoad, QueuedCalls, forecast_load, queue_calls
from survey_pipeline.stages.dispatch import (
    DispatchReport,
    Reconciled,
    apply_receipts,
    dispatch,
    poll,
    reconcile,
)
from survey_pipeline.stages.export.destination import remove_abandoned_exports
from survey_pipeline.stages.replies import ReadReplies, read_inbound
from survey_pipeline.stages.sampling import DrawReport, commit_next_month, draw_day
from survey_pipeline.store.engine import writing
from survey_pipeline.survey.closing import close_due
from survey_pipeline.vocabulary.counted_stages import CountedStage

Gateways = Mapping[str, Gateway]


@dataclass(frozen=True)
class TickReport:
    """What one round of `tick` did."""

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
    """Apply the receipts and read the texts that came in. Done before sending: a text may opt out.

    Returns:
        How many receipts were for messages of ours, and what was read.
    """
    with counted(context, CountedStage.RECEIPTS) as receipts:
        drain(context)
        poll(context, gateways)
        receipts.items = apply_receipts(context)
    with counted(context, CountedStage.REPLIES) as texts:
        replies = read_inbound(context)
        texts.items = replies.total
    return receipts.items, replies


def tick(context: Context, gateways: Gateways, *, day: date | None = None) -> TickReport:
    """Hear what came in, send what is due, queue the calls, close what has run out.

    Args:
        context: the workspace.
        gateways: the configured gateways by label.
        day: send only what was drawn that day.
    """
    receipts, replies = hear(context, gateways)
    with counted(context, CountedStage.CLOSING) as closing, writing(context.engine) as connection:
        closing.items = close_due(connection, context.now())
    try:
        with counted(context, CountedStage.DISPATCH) as texts:
            sent = dispatch(context, gateways, day=day, meanwhile=lambda: hear(context, gateways))
            texts.items = sent.outcomes.total()
    finally:  # calls wait for no template
        with counted(context, CountedStage.CALLBACKS) as calls:
            queued = queue_calls(context)
            calls.items = sum(queued.queued.values())
        with counted(context, CountedStage.AUDIT) as entries:
            entries.items = link_entries(context)
    return TickReport(closing.items, receipts, replies, sent, queued)


def run_day(context: Context, gateways: Gateways, day: date) -> DayReport:
    """Run a day: draw it, then everything that is due now. May be repeated at any time.

    Raises:
        DrawError: the day has not begun, or a later day is drawn already.
    """
    with counted(context, CountedStage.SAMPLING) as cases:
        drawn = draw_day(context, day)
        cases.items = 0 if drawn.drawn_before else len(drawn.drawn)
    commit_next_month(context)
    count_frames(context)  # before numbers are deleted
    refresh_latest(context, day)
    clear_up(context)
    done = tick(context, gateways)
    with counted(context, CountedStage.RECONCILING) as texts:
        reconciled = reconcile(context, gateways)
        texts.items = reconciled.asked
    write_daily_head(context)
    missing = missing_reports(context, day)
    return DayReport(day, drawn, done, reconciled, missing, forecast_load(context))


def clear_up(context: Context) -> None:
    """Delete what was kept long enough (nothing in a demo), and what killed exports left."""
    remove_abandoned_exports(context.home)
    with counted(context, CountedStage.DELETION):
        purge(context)
