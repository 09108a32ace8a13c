"""What a person must repair, apart from gateways: edited files with faults, a full disk.

The process that shows the page checks the files itself, so that a fault shows whichever process
would have met it; what failed in this process is known to its context.
"""

import shutil
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from sqlalchemy import func, select

from survey_pipeline.context import Context
from survey_pipeline.errors import DatabaseFault, SurveyPipelineError
from survey_pipeline.i18n import N_, Message
from survey_pipeline.settings import Settings
from survey_pipeline.stages.callbacks import check_scripts
from survey_pipeline.stages.callbacks.scripts import FOLDER as SCRIPTS
from survey_pipeline.stages.dispatch import check_templates
from survey_pipeline.stages.dispatch.templates import FOLDER as TEXTS
from survey_pipeline.standard.load import FOLDER as STANDARDS
from survey_pipeline.standard.load import standard_for
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import notification_contacts, sent_notifications
from survey_pipeline.survey.pausing import open_pause
from survey_pipeline.survey.restored import restored_at
from survey_pipeline.troubles import told
from survey_pipeline.validation import os_problem
from survey_pipeline.vocabulary import NotificationState

LITTLE_ROOM = 8 << 20
"""Bytes free on the workspace's disk: what is in hand can still be written."""


PUT_BACK = N_(
    "A backup was put back. Texts that may have gone out since it was made are not sent again: the "
    "provider is asked, and citizens whose texts are not found are called. First bring in what "
    "came after the backup (files, opt-outs), then resume sending"
)
NOT_DELIVERED = N_(
    "Notifications to {name} are not delivered: {problem}. "
    "Check the address under Admin, Notifications"
)


def alerts(context: Context) -> list[Message]:
    """Return what keeps the work from being done as it should, each with what to do."""
    found = [trouble.problem for trouble in context.troubles.standing()]
    found += [*_put_back(context), *_files(context), *room_alerts(context.home)]
    found += _notifications(context)
    return list({str(alert): alert for alert in found}.values())


def _put_back(context: Context) -> Iterator[Message]:
    """Yield what to do before sending goes on, while it is paused since a backup was put back.

    Nothing while the database is away: that is another alert.
    """
    try:
        with reading(context.engine) as connection:
            pause, restored = open_pause(connection), restored_at(connection)
    except DatabaseFault:
        return
    if pause is not None and pause.at == restored:
        yield Message(PUT_BACK)


def _notifications(context: Context) -> Iterator[Message]:
    """Yield an alert for each contact whose latest notification was not delivered.

    Nothing while the database is away: that is another alert.
    """
    own, contacts = sent_notifications.c, notification_contacts.c
    newer = sent_notifications.alias("newer")
    latest = select(func.max(newer.c.at)).where(newer.c.contact_id == contacts.id).scalar_subquery()
    query = (
        select(contacts.name, func.max(own.problem))
        .join(notification_contacts, contacts.id == own.contact_id)
        .where(contacts.ended_at.is_(None), own.state == NotificationState.FAILED, own.at == latest)
        .group_by(contacts.id, contacts.name)
        .order_by(contacts.id)
    )
    try:
        with reading(context.engine) as connection:
            rows = connection.execute(query).all()
    except DatabaseFault:
        return
    for name, problem in rows:
        values: dict[str, object] = {"name": name, "problem": Message.from_json(problem)}
        yield Message(NOT_DELIVERED, values)


def _files(context: Context) -> Iterator[Message]:
    """Check the files again if one has changed: the page asks every few seconds."""
    home, settings = context.home, context.settings
    state = tuple(_state(home / folder) for folder in (TEXTS, SCRIPTS, STANDARDS))
    found: Sequence[Message] = _look(state, home, context.today().year, _Settings(settings))
    yield from found


class _Settings:
    """The settings of a process, which never change: told apart by their identity."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def __hash__(self) -> int:
        return id(self.settings)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Settings) and other.settings is self.settings


@lru_cache(8)
def _look(_state: object, home: Path, year: int, settings: _Settings) -> Sequence[Message]:
    found = [*check_templates(home / TEXTS, settings.settings), *check_scripts(home)]
    try:
        standard_for(year, settings.settings.standards, home / STANDARDS)
    except SurveyPipelineError as error:
        found.append(told(error))
    return found


def _state(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Return a value that changes when a file of the folder is edited."""
    try:
        stats = [(path.name, path.stat()) for path in sorted(folder.iterdir())]
    except OSError:
        return ()
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


def room_alerts(home: Path) -> Iterator[Message]:
    """Yield an alert if the workspace's disk cannot be reached or is nearly full."""
    try:
        free = shutil.disk_usage(home).free
    except OSError as error:
        yield Message(
            N_("the workspace {home} cannot be reached ({problem}). See that its disk is there"),
            {"home": home, "problem": os_problem(error)},
        )
        return
    if free < LITTLE_ROOM:
        yield Message(
            N_("the disk of the workspace is full but for {free} MiB. Make room on it"),
            {"free": free >> 20},
        )
