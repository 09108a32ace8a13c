"""`run` and `worker`: the scheduler and the sender, until they are told to stop."""

import signal
import threading
from typing import Annotated

import typer

from survey_pipeline.cli.support import explained, opened, say, stderr


@explained
def worker(
    *,
    once: Annotated[
        bool, typer.Option("--once", help="Do what is due now, days missed included, and stop.")
    ] = False,
) -> None:
    """Run the scheduler and the sender until Ctrl-C: the daily run, texts, replies, call-backs.

    Days missed while the machine was off are run first, once each, in date order.

    Example:  survey-pipeline worker
    """
    _work(once=once)


@explained
def run(
    *,
    once: Annotated[
        bool, typer.Option("--once", help="Do what is due now, days missed included, and stop.")
    ] = False,
) -> None:
    """Run everything that a city needs in one process, until Ctrl-C.

    Example:  survey-pipeline run
    """
    _work(once=once)


def _work(*, once: bool) -> None:
    from survey_pipeline import pipeline, schedule

    _log_to_stderr()
    with opened(actor="scheduler") as app:
        if once:
            pipeline.run_missed_days(app.context, app.gateways, due_today=schedule.due_today(app))
            pipeline.tick(app.context, app.gateways)
            return
        stop = threading.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: stop.set())
        settings = app.context.settings
        stderr().print(
            say(
                'Working in {home}. The daily run is at "{daily}" ({zone}). Stop with Ctrl-C.',
                home=app.context.home.resolve(),
                daily=settings.schedule.daily,
                zone=settings.timezone,
            ),
            markup=False,
        )
        schedule.run_until(app, stop)
        stderr().print(say("Stopped."))


def _log_to_stderr() -> None:
    import logging

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for chatty in ("apscheduler", "twilio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)  # their INFO holds numbers and noise
