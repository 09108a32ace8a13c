"""Whether the database and the workspace can be written, and what waits because they could not."""

from collections.abc import Iterator

from survey_pipeline.app import App
from survey_pipeline.checks.check import Check, failed, ok, warning
from survey_pipeline.i18n import N_, Message
from survey_pipeline.inbound.spool import has_room, waiting
from survey_pipeline.reports.alerts import room_alerts
from survey_pipeline.store.engine import require_writable, try_writing

NAME = "room"


def look_at_room(app: App) -> Iterator[Check]:
    """Try to write to the database and to the workspace, without changing anything."""
    home = app.context.home
    require_writable(app.context.engine)  # waits for no long writer; `run_checks` tells its fault
    try_writing(app.context.engine)
    if not has_room(home):
        yield failed(
            NAME,
            Message(N_("nothing can be written into {home}"), {"home": home}),
            Message(N_("make room on its disk, and see that its folder may be written")),
        )
        return
    for found in room_alerts(home):
        yield warning(NAME, found, Message(N_("make room on its disk")))
    if kept := waiting(home):
        yield warning(
            NAME,
            Message(N_("{size} KiB from providers wait to be stored"), {"size": -(-kept >> 10)}),
            Message(N_("start survey-pipeline run: it stores them as soon as the database allows")),
        )
    else:
        yield ok(NAME, N_("the database and the workspace can be written"))
