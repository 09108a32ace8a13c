"""What breaks while the program runs: said once, shown while it lasts, mended without a restart."""

import logging
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select, text

from survey_pipeline import schedule
from survey_pipeline.app import App, open_app
from survey_pipeline.calendar import SetClock
from survey_pipeline.catching_up import run_missed_days
from survey_pipeline.errors import ConfigurationError, DatabaseFault, KeyFileError
from survey_pipeline.gateways.port import InboundEvent
from survey_pipeline.inbound import spool
from survey_pipeline.inbound.mail_room import MailRoom
from survey_pipeline.reports.alerts import alerts
from survey_pipeline.stages.dispatch import dispatch
from survey_pipeline.store.engine import reading
from survey_pipeline.store.faults import fault_of
from survey_pipeline.store.tables import calls, inbound, job_runs, messages
from survey_pipeline.testing import NOON, FakeGateway, add_case, add_offices, add_survey, add_text
from survey_pipeline.vocabulary import MessageState
from survey_pipeline.web.spool_drain import drain_spool
from survey_pipeline.workspace import create_workspace

BROKEN = "{# digits: 1=satisfied 2=neutral 3=dissatisfied #}\n{{ ofice }} 1 2 3"
MORNING = NOON - timedelta(hours=2)
EVENING = NOON + timedelta(hours=6)
"""18:00 in Shanghai: after the hour of the daily run."""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    create_workspace(tmp_path)
    made = open_app(tmp_path, clock=SetClock(MORNING), environ={"SURVEY_LOCALE": "en"})
    made.__dict__["gateways"] = {"simulated": FakeGateway()}
    yield made
    made.close()


def texts(app: App) -> Path:
    return app.context.home / "templates" / "sms" / "survey.txt"


def said(app: App) -> list[str]:
    return [str(one) for one in alerts(app.context)]


def jobs(caplog: pytest.LogCaptureFixture) -> list[str]:
    known = [getattr(record, "action", "") for record in caplog.records]
    return [action for action in known if action.startswith("job_")]


def test_a_template_that_breaks_is_said_once_and_mended_without_a_restart(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    whole, a_round = texts(app).read_text(), schedule._safely(app, schedule._round)
    add_offices(app.context, "agency")
    add_survey(app.context, "AG-1")
    assert said(app) == []
    texts(app).write_text(BROKEN)
    for _ in range(3):
        a_round()
    assert jobs(caplog) == ["job_failed"]
    assert "Traceback" not in caplog.text
    (alert,) = said(app)
    assert "templates/sms/survey.txt cannot be used: line 2: 'ofice' is undefined" in alert
    assert "Correct it; no restart is needed" in alert
    texts(app).write_text(whole)
    a_round()
    assert jobs(caplog) == ["job_failed", "job_works"]
    assert said(app) == []
    with reading(app.context.engine) as connection:
        assert connection.scalars(select(messages.c.state)).all() == ["accepted"]


def test_a_broken_template_holds_up_nothing_but_what_it_would_write(app: App) -> None:
    add_offices(app.context, "agency")
    add_text(app.context, add_survey(app.context, "AG-1", asked_at=NOON), state=MessageState.QUEUED)
    add_survey(app.context, "AG-1", "K-2", "+86577123456", phone_kind="landline")
    texts(app).write_text(BROKEN)
    add_survey(app.context, "AG-1", "K-3", "+8613812345679")
    schedule._safely(app, schedule._round)()
    with reading(app.context.engine) as connection:
        assert connection.scalars(select(messages.c.state)).all() == ["accepted"]
        assert connection.scalars(select(calls.c.reason)).all() == ["landline"]


def test_a_day_that_a_broken_file_ended_is_run_as_soon_as_it_is_mended(app: App) -> None:
    whole = texts(app).read_text()
    add_offices(app.context, "agency")
    add_case(app.context, "AG-1", "K-1", "+8613812345678")
    app.context.clock.at = EVENING  # type: ignore[attr-defined] # a SetClock
    texts(app).write_text(BROKEN)
    with pytest.raises(ConfigurationError):
        run_missed_days(app.context, app.gateways, due_today=True)
    texts(app).write_text(whole)
    app.context.clock.at += timedelta(minutes=1)  # type: ignore[attr-defined] # a SetClock
    run_missed_days(app.context, app.gateways, due_today=True)
    dispatch(app.context, app.gateways, ignore_hours=True)
    with reading(app.context.engine) as connection:
        assert connection.scalar(select(job_runs.c.finished_at)) is not None
        assert connection.scalars(select(messages.c.state)).all() == ["accepted"]


def test_a_standard_that_breaks_is_told_with_its_file(app: App) -> None:
    file = app.context.home / "config" / "standards" / "wenzhou-2023.toml"
    whole = file.read_text(encoding="utf-8")
    file.write_text("[[[", encoding="utf-8")
    (alert,) = said(app)
    assert "wenzhou-2023.toml" in alert
    file.write_text(whole, encoding="utf-8")
    assert said(app) == []


def full(app: App) -> Callable[[], None]:
    """Let the database grow no more; return what makes room again."""

    def limit(connection: object, *_: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # type: ignore[attr-defined]

    app.context.engine.dispose()
    event.listen(app.context.engine, "connect", limit)

    def make_room() -> None:
        event.remove(app.context.engine, "connect", limit)
        app.context.engine.dispose()

    return make_room


def brought(app: App, room: MailRoom, name: str, length: int = 200_000) -> BaseException | None:
    wrote = InboundEvent(name, "+8613912345678", "x" * length, NOON)
    return room.store("simulated", [wrote]).exception(timeout=60)


def test_a_full_database_is_shown_and_everything_is_taken_up_again(app: App) -> None:
    room = MailRoom(app.context)
    make_room = full(app)
    assert brought(app, room, "in-1") is not None
    spool.put(app.context, "simulated", [InboundEvent("in-1", "+8613912345678", "x" * 9, NOON)])
    (alert,) = said(app)
    assert "disk is full. Make room" in alert
    drain_spool(app.context)
    make_room()
    drain_spool(app.context)
    assert said(app) == []
    with reading(app.context.engine) as connection:
        assert connection.scalars(select(inbound.c.provider_id)).all() == ["in-1"]


def test_the_spool_has_a_limit_of_its_own(app: App) -> None:
    home, wrote = app.context.home, [InboundEvent("in-1", "+8613912345678", "1", NOON)]
    waits = home / f"{spool.NAME}.1-0a"
    waits.touch()
    os.truncate(waits, spool.MOST_BYTES)  # without a block on the disk
    with pytest.raises(OSError, match="spool is full"):
        spool.put(app.context, "simulated", wrote)
    assert spool.waiting(home) == spool.MOST_BYTES, "nothing is left of what was not acknowledged"
    assert not spool.has_room(home)
    waits.unlink()
    spool.put(app.context, "simulated", wrote)
    assert spool.has_room(home)


def test_a_round_that_fails_for_the_database_says_it_once(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    with app.context.engine.begin() as connection:
        connection.execute(text("ALTER TABLE receipts RENAME TO away"))
    a_round = schedule._safely(app, schedule._round)
    for _ in range(3):
        a_round()
    assert jobs(caplog) == ["job_failed"]
    assert "Traceback" not in caplog.text
    assert len(said(app)) == 1
    with app.context.engine.begin() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO receipts"))
    a_round()
    assert said(app) == []


def test_opening_on_a_full_disk_says_that_it_is_full(tmp_path: Path) -> None:
    """SQLite calls it an I/O error where it cannot make the index of its log."""
    missing = tmp_path / "gone" / "survey.db"
    for error, file, problem in (
        (_io_error(), tmp_path / "survey.db", "does not answer"),
        (_io_error(), Path("/proc/self/survey.db"), "disk is full"),  # a disk without a free byte
        (_io_error(), missing, "does not answer"),
    ):
        assert problem in str(fault_of(error, str(file)))


def _io_error() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = "SQLITE_IOERR_SHMSIZE"
    return error


def test_the_keys_of_another_workspace_are_refused_before_anything_is_drawn(
    app: App, tmp_path_factory: pytest.TempPathFactory
) -> None:
    add_offices(app.context, "agency")
    add_case(app.context, "AG-1", "K-1", "+8613812345678")
    other = tmp_path_factory.mktemp("other")
    create_workspace(other)
    shutil.copy(other / "survey.key", app.context.home / "survey.key")
    with pytest.raises(KeyFileError, match="does not fit the database"):
        open_app(app.context.home, environ={})


def test_what_a_deleted_database_takes_is_neither_acknowledged_nor_sent(app: App) -> None:
    room, home = MailRoom(app.context), app.context.home
    add_offices(app.context, "agency")
    add_text(app.context, add_survey(app.context, "AG-1", asked_at=NOON), state=MessageState.QUEUED)
    assert brought(app, room, "in-1", 9) is None
    for path in home.glob("survey.db*"):
        path.rename(path.with_name(f"away-{path.name}"))
    assert brought(app, room, "in-2", 9) is not None
    with pytest.raises(DatabaseFault):
        dispatch(app.context, app.gateways, ignore_hours=True)
    assert app.gateways["simulated"].ledger == []  # type: ignore[attr-defined] # a FakeGateway
