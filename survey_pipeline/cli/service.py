"""`run`, `worker` and `serve`: scheduler, sender and web, until they are told to stop."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from survey_pipeline.cli.logs import log_to_stderr
from survey_pipeline.cli.support import explained, opened, say, shown, stderr
from survey_pipeline.i18n import N_

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from fastapi import FastAPI

    from survey_pipeline.app import App

HostOption = Annotated[
    str,
    typer.Option(
        "--host", help="The address to listen at; 0.0.0.0 is every one.", show_default=True
    ),
]
PortOption = Annotated[
    int, typer.Option("--port", min=0, max=65535, help="The port to listen at.", show_default=True)
]
HOST, PORT = "127.0.0.1", 8000


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
    from survey_pipeline import catching_up, pipeline, schedule

    with _opened_until_key_changes("scheduler") as app:
        _begin(app, "worker")
        if once:
            catching_up.run_missed_days(
                app.context, app.gateways, due_today=schedule.due_today(app)
            )
            pipeline.tick(app.context, app.gateways)
            return
        stop = threading.Event()
        _on_signals(stop.set)
        with schedule.running(app):
            _working(app)
            stop.wait()
        stderr().print(say("Stopped."))


@explained
def run(*, host: HostOption = HOST, port: PortOption = PORT) -> None:
    """Run everything that a city needs in one process, until Ctrl-C: scheduler, sender and web.

    Example:  survey-pipeline run --port 8080
    """
    from survey_pipeline import schedule
    from survey_pipeline.web.application import make_web
    from survey_pipeline.web.serving import listen

    with _opened_until_key_changes("scheduler") as app, listen(host, port) as listening:
        _begin(app, "run")
        web = make_web(app)
        with schedule.running(app):
            _working(app)
            _serve(web, listening)
        stderr().print(say("Stopped."))


@explained
def serve(*, host: HostOption = HOST, port: PortOption = PORT) -> None:
    """Serve the web alone until Ctrl-C: pages and webhooks; a `worker` does the rest elsewhere.

    Example:  survey-pipeline serve --host 0.0.0.0 --port 8000
    """
    from survey_pipeline.web.application import make_web
    from survey_pipeline.web.serving import listen

    with _opened_until_key_changes("web") as app, listen(host, port) as listening:
        _begin(app, "serve")
        _serve(make_web(app), listening)
        stderr().print(say("Stopped."))


@contextmanager
def _opened_until_key_changes(actor: str) -> Iterator["App"]:
    """Open the workspace; end the process as a failure when the data key is another one.

    Whatever watches over it starts it anew, and then it reads the new key file.
    """
    from survey_pipeline.store.key_changes import was_changed

    changed = threading.Event()

    def end() -> None:
        if not changed.is_set():
            changed.set()
            os.kill(os.getpid(), signal.SIGTERM)

    with opened(actor=actor, when_key_changed=end) as app:
        log_to_stderr(app.context.settings.logging.format)
        yield app
    if changed.is_set():
        raise was_changed()


def _begin(app: "App", service: str) -> None:
    """Put the start on record, remove what killed exports left, name what others can read."""
    from survey_pipeline.checks.permissions import look_at_permissions
    from survey_pipeline.stages.export.destination import remove_abandoned_exports

    app.configuration.begin(service)
    remove_abandoned_exports(app.context.home)
    for found in look_at_permissions(app):
        if found.remedy:
            parts = {"problem": shown(found.found), "remedy": shown(found.remedy)}
            text = say(N_("{problem}. {remedy}"), **parts)
            stderr().print(text, markup=False, soft_wrap=True)


def _serve(web: "FastAPI", listening: "socket.socket") -> None:
    from survey_pipeline.web import serving

    _on_signals(lambda: None)  # uvicorn's own are in force meanwhile; it raises them again after
    host, port = listening.getsockname()[:2]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    stderr().print(say("Serving {address}. Stop with Ctrl-C.", address=address), markup=False)
    if link := web.state.first_admin.path:
        text = say("Nobody may sign in yet. Make the first admin here: {link}", link=address + link)
        stderr().print(text, markup=False, soft_wrap=True)
    serving.serve(web, listening)


def _on_signals(do: "Callable[[], None]") -> None:
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: do())


def _working(app: "App") -> None:
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
