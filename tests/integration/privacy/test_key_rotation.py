"""The data key is changed under everything, killed at any moment, and nothing is lost or twice.

Source: specification, section 10.3.
"""

import multiprocessing
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyotp
import pytest
from sqlalchemy import event, select

from survey_pipeline.app import App, open_app
from survey_pipeline.appraisal import score_month
from survey_pipeline.audit_chain.chain_check import verify_log
from survey_pipeline.calendar import SetClock
from survey_pipeline.checks import run_checks
from survey_pipeline.errors import DataKeyChanged, KeyFileError
from survey_pipeline.gateways.port import InboundEvent
from survey_pipeline.inbound.spool import drain, put
from survey_pipeline.people.accounts import add_user
from survey_pipeline.people.second_factor import accept_code, confirm_factor, offer_factor
from survey_pipeline.people.sessions import open_session
from survey_pipeline.privacy.key_rotation import rotate_key
from survey_pipeline.privacy.resealing import Resealer, SealedPlace
from survey_pipeline.reports.month_report import read_month
from survey_pipeline.settings import CONFIG_FILE
from survey_pipeline.simulation.demo import DemoSize, run_demo
from survey_pipeline.stages.export.answers_file import write_answers
from survey_pipeline.stages.export.formats import write_month
from survey_pipeline.stages.sampling import verify_draw
from survey_pipeline.store.crypto import Keys, read_key_file
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.personal import Personal, declared, has_to_say, is_sealed
from survey_pipeline.store.tables import cases, draws, inbound, messages
from survey_pipeline.testing.databases import new_database
from survey_pipeline.vocabulary import Role
from survey_pipeline.web.health import Readiness

MONTH = "2023-05"
LATER = datetime(2023, 6, 20, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
SIZE = DemoSize(offices=4, days=2, cases_per_day=5)


def make_city(home: Path, environ: dict[str, str]) -> Path:
    run_demo(home, MONTH, "one seed", SIZE, environ=environ)
    config = home / CONFIG_FILE
    config.write_text(config.read_text("utf-8").replace("demo = true", "demo = false"), "utf-8")
    return home


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo's city on SQLite; each test works on a copy."""
    return make_city(tmp_path_factory.mktemp("original") / "city", {})


@pytest.fixture
def city(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "city"))


def opened(home: Path, environ: dict[str, str], *, check_schema: bool = True) -> App:
    clock = SetClock(LATER)
    return open_app(home, actor="Li", clock=clock, environ=environ, check_schema=check_schema)


def rotate(home: Path, environ: dict[str, str]) -> Any:
    app = opened(home, environ, check_schema=False)
    try:
        return rotate_key(app.context)
    finally:
        app.close()


def rotate_until(home: Path, environ: dict[str, str], moment: int) -> int:
    """Rotate in a process that is killed before its n-th commit or renaming; return its end."""

    def work() -> None:
        app, left = opened(home, environ, check_schema=False), [moment]

        def step(*_: object) -> None:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(app.context.engine, "commit", step)
        sys.addaudithook(lambda name, _: step() if name == "os.rename" else None)
        rotate_key(app.context)
        os._exit(0)

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join(60)
    assert process.exitcode is not None
    return process.exitcode


def results(home: Path, environ: dict[str, str], folder: Path) -> dict[str, Any]:
    """Return what the city exports, its draws' verdicts, and all that is held of its citizens."""
    app = opened(home, environ)
    context = app.context
    folder.mkdir()
    month = read_month(context, MONTH, score_month(context, MONTH).version)
    write_month(month, "csv", folder / "month.csv", "en")
    write_answers(context, MONTH, folder / "answers.csv", "csv")
    found: dict[str, Any] = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    with reading(context.engine) as connection:
        days: list[date] = list(connection.scalars(select(draws.c.day).order_by(draws.c.day)))
        sent = select(messages.c.text, messages.c.variables).order_by(messages.c.id)
        texts = connection.execute(sent).all()
        replies = connection.execute(
            select(inbound.c.text, inbound.c.phone).order_by(inbound.c.id)
        ).all()
        numbers = connection.scalars(select(cases.c.phone).order_by(cases.c.id)).all()
    found["log holds"] = verify_log(context).ok
    found["draws"] = {day: list(verify_draw(context, day).problems) for day in days}
    found["texts"] = [tuple(row) for row in texts]
    found["replies"] = [(row.text, context.keys.decrypt(row.phone)) for row in replies]
    found["numbers"] = [context.keys.decrypt(number) for number in numbers]
    app.close()
    return found


def under(home: Path, environ: dict[str, str], keys: Keys) -> int:
    """Return how many values anywhere in the database a data key opens."""
    app = opened(home, environ)
    resealer = Resealer(keys, keys)
    with reading(app.context.engine) as connection:
        for table in cases.metadata.tables.values():
            columns = [column for column in table.columns if has_to_say(column)]
            plain = SealedPlace(table, columns)
            for row in connection.execute(select(*plain.stored())):
                resealer.changes(plain, row)
    app.close()
    return resealer.values


MOMENTS = {"sqlite": (4, 6, 8, 30, 81, 82, 83), "postgresql": (30,)}
"""The key file is written at 4, the mark is set at 6 or 7, values are written, the mark goes at 81,
and the key file is written at 82 and 83."""


def test_killed_at_any_moment_it_goes_on(database: str, original: Path, tmp_path: Path) -> None:
    for moment in MOMENTS[database]:
        home, own = tmp_path / str(moment), {}
        if database == "postgresql":
            own = {"SURVEY_DATABASE__URL": new_database(home, empty=True)}
            make_city(home, own)
        else:
            shutil.copytree(original, home)
        old = read_key_file(home / "survey.key")
        before, held = results(home, own, tmp_path / f"before-{moment}"), under(home, own, old)
        assert held > 100
        assert before["log holds"]
        assert rotate_until(home, own, moment) == -signal.SIGKILL
        with suppress(DataKeyChanged):  # at rest, or under one key
            opened(home, own).close()
        rotate(home, own)
        new = read_key_file(home / "survey.key")
        assert new.following is None
        assert (new.opt_out, new.draw) == (old.opt_out, old.draw)
        assert read_key_file(home / f"survey.key.old-{old.fingerprint[:6]}").alone == old
        # the entry of the change itself has two values more, before and after
        assert (under(home, own, old), under(home, own, new)) == (0, held + 2)
        assert results(home, own, tmp_path / f"after-{moment}") == before


def test_a_second_factor_opens_the_door_under_the_new_key(city: Path) -> None:
    app = opened(city, {})
    add_user(app.context, "wang", Role.ADMIN, "correct horse battery", None)
    token = open_session(app.context, "wang")
    codes = pyotp.TOTP(offer_factor(app.context, "wang").secret)
    recovery = confirm_factor(app.context.acting("wang"), "wang", codes.at(LATER), token)
    app.close()
    rotate(city, {})
    later = LATER + timedelta(minutes=1)
    again = open_app(city, actor="Li", clock=SetClock(later), environ={})
    assert accept_code(again.context, "wang", codes.at(later))
    assert not accept_code(again.context, "wang", codes.at(later)), "a code is used up"
    assert accept_code(again.context, "wang", recovery[0])
    assert not accept_code(again.context, "wang", "000000")
    again.close()


def test_what_says_that_it_is_encrypted_is_sealed() -> None:
    for table in cases.metadata.tables.values():
        for column in table.columns:
            said = declared(column)
            if isinstance(said, Personal) and "encrypted" in said.holds:
                assert is_sealed(column), column


@pytest.fixture
def running(city: Path) -> Iterator[App]:
    """A process that was started before the change."""
    app = opened(city, {})
    yield app
    app.close()


def test_while_the_mark_stands_nobody_works_and_afterwards_nobody_with_the_old_key(
    city: Path, running: App
) -> None:
    assert rotate_until(city, {}, 30) == -signal.SIGKILL
    for work in (writing, reading):
        with pytest.raises(DataKeyChanged, match="is being changed"), work(running.context.engine):
            pass
    assert not Readiness(running.context).check()
    text = InboundEvent("late", "+8613912345678", "1", LATER)
    put(running.context, "simulated", [text])
    rotate(city, {})
    with pytest.raises(DataKeyChanged, match="was changed"), writing(running.context.engine):
        pass
    with pytest.raises(DataKeyChanged):
        drain(running.context)
    anew = opened(city, {})
    assert drain(anew.context) == 1
    with reading(anew.context.engine) as connection:
        kept = connection.execute(select(inbound).where(inbound.c.provider_id == "late")).one()
    assert (kept.text, anew.context.keys.decrypt(kept.phone)) == ("1", "+8613912345678")
    anew.close()


def test_a_host_with_the_old_key_file_alone_is_told(city: Path) -> None:
    old = (city / "survey.key").read_bytes()
    rotate(city, {})
    (city / "survey.key").write_bytes(old)
    with pytest.raises(KeyFileError, match="does not have it"):
        opened(city, {})
    with pytest.raises(KeyFileError, match="does not have it"):
        rotate(city, {})
    assert (city / "survey.key").read_bytes() == old


def test_keys_in_the_variable_go_through_a_file(city: Path) -> None:
    own = {"SURVEY_PRIVACY__KEY": (city / "survey.key").read_text("utf-8")}
    (city / "survey.key").unlink()
    waits = rotate(city, own)
    assert (waits.done, waits.key_file.name) == (False, "survey.key.next")
    assert look(city, own) == []
    both = waits.key_file.read_text("utf-8")
    assert rotate(city, own).key_file.read_text("utf-8") == both
    own["SURVEY_PRIVACY__KEY"] = both
    assert look(city, own) == ["two data keys are held, and the change has not begun"]
    done = rotate(city, own)
    assert done.done
    assert look(city, own) == ["the data key is changed, and the old one is still held beside it"]
    opened(city, own).close()
    own["SURVEY_PRIVACY__KEY"] = done.key_file.read_text("utf-8")
    assert look(city, own) == []
    opened(city, own).close()


def look(home: Path, environ: dict[str, str]) -> list[str]:
    """What doctor says of the keys, if not that all is well."""
    found = run_checks(home, environ, SetClock(LATER))
    return [str(check.found) for check in found if check.name == "keys" and check.remedy]


def test_doctor_says_that_a_change_was_broken_off(city: Path) -> None:
    rotate_until(city, {}, 30)
    (said,) = (check for check in run_checks(city, {}, SetClock(LATER)) if check.name == "database")
    assert said.level == "failed"
    assert "privacy rotate-key" in str(said.remedy)
