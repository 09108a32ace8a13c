"""The scheduler's jobs: a name, a cron line, a call; nothing else.

What a job does, and that it does it once, is `pipeline`'s business.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from survey_pipeline import catching_up, pipeline
from survey_pipeline.app import App
from survey_pipeline.errors import SurveyPipelineError
from survey_pipeline.gateways.registry import make_gateways
from survey_pipeline.i18n import N_, Message
from survey_pipeline.notation import parse_cron
from survey_pipeline.notifications.sending import send_notifications
from survey_pipeline.store.server_clock import clock_is_off
from survey_pipeline.troubles import CLOCK, told

log = logging.getLogger(__name__)

ROUND = timedelta(minutes=1)
"""How often what came in is heard and what is due is sent."""
NOTIFICATIONS = timedelta(minutes=5)
"""How often people are told what is new: a channel that is slow must not delay a round."""

_UNEXPECTED = N_(
    "an unexpected fault ({kind}) keeps the scheduler from its work; the program's log has it"
)
GRACE = 3600
"""Seconds that a job may start late (a machine that slept); the next round catches up on others."""


def daily_trigger(app: App) -> BaseTrigger:
    """Return the trigger of the daily run, in the workspace's time zone."""
    context = app.context
    zone = context.calendar.timezone
    line = parse_cron(context.settings.schedule.daily)._asdict()
    if not line.pop("either_day"):
        return CronTrigger(**line, timezone=zone)
    by_date = CronTrigger(**{**line, "day_of_week": "*"}, timezone=zone)
    by_weekday = CronTrigger(**{**line, "day": "*"}, timezone=zone)
    return OrTrigger([by_date, by_weekday])


def due_today(app: App) -> bool:
    """Return whether the daily run's time has passed today."""
    context = app.context
    start = context.calendar.at(context.today(), datetime.min.time())
    fires: datetime | None = daily_trigger(app).get_next_fire_time(None, start)
    return fires is not None and fires <= context.now()


def make_scheduler(app: App) -> BackgroundScheduler:
    """Return a scheduler with our jobs, not yet started."""
    scheduler = BackgroundScheduler(
        timezone=app.context.calendar.timezone,
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": GRACE},
    )
    scheduler.add_job(_safely(app, _daily), daily_trigger(app), id="daily")
    scheduler.add_job(_safely(app, _round), IntervalTrigger(seconds=ROUND.seconds), id="round")
    scheduler.add_job(
        _safely(app, _notifications),
        IntervalTrigger(seconds=NOTIFICATIONS.seconds),
        id="notifications",
    )
    return scheduler


@contextmanager
def running(app: App) -> Iterator[None]:
    """Catch up on missed days and run the jobs in background threads; wait for them at the end."""
    catching_up = threading.Thread(target=_safely(app, _daily), name="catch-up")
    catching_up.start()
    scheduler = make_scheduler(app)
    scheduler.start()
    try:
        yield
    finally:
        catching_up.join()
        scheduler.shutdown(wait=True)


def _daily(app: App) -> None:
    for report in catching_up.run_missed_days(app.context, app.gateways, due_today=due_today(app)):
        log.info("day run", extra={"action": "day_run", "day": report.day.isoformat()})


def _round(app: App) -> None:
    _safely(app, _daily)()  # a day that failed, or whose time passed while the machine slept
    _compare_clocks(app)
    app.configuration.look()
    pipeline.tick(app.context, app.gateways)


def _compare_clocks(app: App) -> None:
    """Report in the log, and on the page of the day, that this clock is not the server's."""
    context = app.context
    apart = clock_is_off(context.engine, context.clock)
    if apart is None:
        context.troubles.end(CLOCK)
    elif not context.troubles.of(CLOCK):
        context.troubles.begin(CLOCK, apart, context.now())
        log.warning("%s", apart, extra={"action": "clock_off"})


def _notifications(app: App) -> None:
    # gateways of the round belong to the event loop of its sender
    send_notifications(
        app.context, lambda: make_gateways(app.context.settings.gateway, app.gateway_environment)
    )


def _safely(app: App, job: Callable[[App], None]) -> Callable[[], None]:
    """Keep the scheduler alive when a job fails; the next round retries.

    The log has the reason once, and when it works again; the page of the day has it meanwhile.
    """
    name = job.__name__.removeprefix("_")

    def run() -> None:
        try:
            job(app)
        except Exception as error:
            _begin_trouble(app, name, error)
        else:
            if app.context.troubles.end(name):
                log.info("job works again", extra={"action": "job_works", "job": name})

    return run


def _begin_trouble(app: App, name: str, error: Exception) -> None:
    known = {"action": "job_failed", "job": name}
    troubles, now = app.context.troubles, app.context.now()
    if isinstance(error, SurveyPipelineError):
        if troubles.begin(name, told(error), now):
            log.error("job failed: %s", error, extra=known)
        return
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    if troubles.begin(name, Message(_UNEXPECTED, {"kind": kind}), now):
        log.error("job failed", extra=known, exc_info=error)
