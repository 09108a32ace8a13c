"""`doctor`: each thing that can be wrong is found, with a remedy.

Source: specification, sections 2, 11.
"""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from survey_pipeline.calendar import SetClock
from survey_pipeline.checks import CHECKS, Check, Level, run_checks
from survey_pipeline.store.engine import open_engine, writing
from survey_pipeline.testing import NOON
from survey_pipeline.vocabulary.names import CHECK_NAMES
from survey_pipeline.workspace import create_workspace

CONFIG = "config/pipeline.toml"
DIGITS = "{# digits: 1=satisfied 2=neutral 3=dissatisfied #}\n"
REAL = {"SURVEY_REVIEW__SEED": "2023-lottery"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    create_workspace(tmp_path)
    return tmp_path


def look(home: Path, at: datetime = NOON, **environ: str) -> dict[str, list[Check]]:
    """What doctor finds, by the name of the check, whatever is well left out."""
    found: dict[str, list[Check]] = {}
    for check in run_checks(home, {**REAL, **environ}, SetClock(at)):
        if check.level is not Level.OK:
            found.setdefault(check.name, []).append(check)
    return found


def one(found: dict[str, list[Check]], name: str, level: Level) -> str:
    """The one finding of that name; its text and remedy."""
    (check,) = found[name]
    assert check.level is level
    return f"{check.found} -> {check.remedy or ''}"


def test_a_fresh_workspace_warns_of_the_simulated_gateway_alone(home: Path) -> None:
    found = look(home)
    assert list(found) == ["gateway"]
    said = one(found, "gateway", Level.WARNING)
    assert "no text leaves this machine" in said
    assert "configure a real [[gateway]]" in said


def test_every_check_is_made(home: Path) -> None:
    made = {check.name for check in run_checks(home, {}, SetClock(NOON))}
    assert made >= {"configuration", *CHECKS} - {"trials", "draws"}


def test_every_check_has_a_name_for_people() -> None:
    assert set(CHECKS) - {"trials"} <= set(CHECK_NAMES)  # trials are told under what they set


def test_a_workspace_by_a_relative_path_is_in_order(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home.parent)
    found = run_checks(Path(home.name), REAL)
    assert [check for check in found if check.level is Level.FAILED] == []


def test_a_demo_is_not_warned_of_its_own_gateway(home: Path) -> None:
    assert look(home, SURVEY_DEMO="true") == {}


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda home: (home / CONFIG).unlink(), "Run: survey-pipeline init"),
        (lambda home: (home / CONFIG).write_text("x = 1"), "unknown key x. Remove it"),
        (lambda home: (home / "survey.key").unlink(), "survey.key cannot be read"),
        (lambda home: (home / "survey.key").chmod(0o644), "chmod 600 survey.key"),
        (lambda home: (home / "survey.key").write_text("x"), "Put back a copy of it"),
    ],
    ids=["no config", "wrong config", "no key", "open key", "damaged key"],
)
def test_what_keeps_the_workspace_from_opening_is_said(
    home: Path, spoil: Callable[[Path], object], says: str
) -> None:
    spoil(home)
    assert says in one(look(home), "configuration", Level.FAILED)


def test_a_wrong_calendar_file_is_named(home: Path) -> None:
    (home / "config/calendar").mkdir(exist_ok=True)
    (home / "config/calendar/2023.toml").write_text("holiday = []")
    assert "config/calendar/2023.toml" in one(look(home), "configuration", Level.FAILED)


def test_an_old_database_says_what_to_run(home: Path) -> None:
    engine = open_engine("sqlite:///survey.db", home)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    engine.dispose()
    assert "db upgrade" in one(look(home), "database", Level.FAILED)


def test_a_file_that_is_no_database_has_its_remedy(home: Path) -> None:
    for path in home.glob("survey.db*"):
        path.unlink()
    (home / "survey.db").write_bytes(b"not a database " * 100)
    found = look(home)
    said = one(found, "database", Level.FAILED)
    assert "not a database" in said
    assert found["database"][0].remedy


def test_a_database_that_takes_no_writes_is_found(home: Path) -> None:
    with (home / "survey.db").open("r+b") as file:
        file.seek(18)  # SQLite's file format: above 2, this version may only read it
        file.write(b"\3")
    assert "cannot be written" in one(look(home), "room", Level.FAILED)


def test_a_database_that_is_held_is_said_without_waiting_for_it(home: Path) -> None:
    with closing(sqlite3.connect(home / "survey.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "held by another program" in one(look(home), "room", Level.FAILED)


@pytest.mark.parametrize("year", [2024, 2031])
def test_a_year_without_a_standard_is_provisional(home: Path, year: int) -> None:
    said = one(look(home, NOON.replace(year=year)), "standard", Level.WARNING)
    assert f"no standard is listed for {year}" in said
    assert "config/standards/" in said


def test_a_broken_standard_is_named(home: Path) -> None:
    (home / "config/standards/wenzhou-2023.toml").write_text("year = 2023")
    assert "wenzhou-2023.toml" in one(look(home), "standard", Level.FAILED)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (DIGITS + "{{ colour }}", "colour"),
        (DIGITS + "{% if %}", "survey.txt"),
        ("How was it?", "digits"),
        ("", "survey.txt"),
    ],
)
def test_a_template_that_does_not_render_is_named(home: Path, content: str, says: str) -> None:
    (home / "templates/sms/survey.txt").write_text(content, encoding="utf-8")
    found = look(home)["templates"]
    assert {check.level for check in found} == {Level.FAILED}
    assert says in " ".join(str(check.found) for check in found)
    assert all("templates/sms/" in str(check.remedy) for check in found)


@pytest.mark.parametrize(("day", "warned"), [("2049-10-31", "2049"), ("2049-11-01", "2049 2050")])
def test_unknown_working_days_are_warned_of_from_november_on(
    home: Path, day: str, warned: str
) -> None:
    at = datetime.fromisoformat(f"{day}T12:00:00+08:00")
    found = look(home, at)["calendar"]
    assert {check.level for check in found} == {Level.WARNING}
    assert [year in str(found) for year in warned.split()] == [True] * len(found)
    assert all("config/calendar/" in str(check.remedy) for check in found)


def test_a_clock_behind_the_records_is_found(home: Path) -> None:
    engine = open_engine("sqlite:///survey.db", home)
    with writing(engine) as connection:
        connection.execute(
            text(
                "INSERT INTO audit_log (at, actor, action, kind, key) "
                "VALUES ('2023-05-04 04:00:01.000000', 'x', 'created', 'offices', 'A')"
            )
        )
    engine.dispose()
    assert look(home, NOON + timedelta(seconds=1)).keys() == {"gateway"}
    assert "set the machine's clock" in one(look(home, NOON), "clock", Level.FAILED)


def test_without_a_gateway_nothing_can_be_sent(home: Path) -> None:
    (home / CONFIG).write_text('locale = "en"\n[standards]\n2023 = "wenzhou-2023"\n')
    assert "add a [[gateway]]" in one(look(home), "gateway", Level.FAILED)


@pytest.mark.parametrize("line", ['kind = "pigeon"', 'kind = "simulated"\ncolour = "red"'])
def test_a_wrong_gateway_is_named(home: Path, line: str) -> None:
    (home / CONFIG).write_text(f'[standards]\n2023 = "wenzhou-2023"\n[[gateway]]\n{line}\n')
    said = one(look(home), "gateway", Level.FAILED)
    assert "pigeon" in said or "colour" in said


@pytest.mark.parametrize(
    ("environ", "name", "says"),
    [
        ({"SURVEY_SAMPLING__SEED": "abc"}, "sampling", "can predict the draw"),
        ({"SURVEY_SENDING__UNKNOWN_POLICY": "resend"}, "sending", "texted twice"),
        ({"SURVEY_REVIEW__SEED": "change-me"}, "review", "still the shipped one"),
    ],
)
def test_settings_for_trials_are_warned_of(
    home: Path, environ: dict[str, Any], name: str, says: str
) -> None:
    found = look(home, **environ)
    assert says in one(found, name, Level.WARNING)
    assert found[name][0].remedy


ACCOUNT, TOKEN = "AC" + "1a" * 16, "9d2c4e8b7a6f5d3c1b0a9e8d7c6b5a4f"


@pytest.fixture
def twilio(home: Path, double: Callable[..., Any]) -> Any:
    """Twilio's double, and a workspace that is configured for it but for what a test spoils."""
    made = double("twilio_double")
    config = home / CONFIG
    kept = config.read_text(encoding="utf-8").partition("[[gateway]]")[0]
    gateway = (
        f'kind = "twilio"\naccount_sid = "{ACCOUNT}"\nauth_token_env = "TWILIO_AUTH_TOKEN"\n'
        f'messaging_service_sid = "{"MG" + "2b" * 16}"\napi_base = "{made.url}"\n'
    )
    config.write_text(f"{kept}[[gateway]]\n{gateway}", encoding="utf-8")
    return made


@pytest.fixture
def served(twilio: Any, home: Path) -> Iterator[str]:
    """The workspace's own `serve`, as its public address leads to it."""
    command = [sys.executable, "-m", "survey_pipeline.cli", "--home", str(home)]
    environ = {**os.environ, "TWILIO_AUTH_TOKEN": TOKEN, "SURVEY_LOCALE": "en"}
    running = subprocess.Popen(
        [*command, "serve", "--port", "0"], env=environ, stderr=subprocess.PIPE, text=True
    )
    assert running.stderr is not None
    yield re.search(r"http://\S+:\d+", running.stderr.readline())[0]
    running.terminate()
    said = running.communicate()[1]
    assert running.returncode == 0, said
    assert said.endswith("Stopped.\n")


def gateway_of(home: Path, **environ: str) -> list[Check]:
    given = {**REAL, "TWILIO_AUTH_TOKEN": TOKEN, **environ}
    return [one for one in run_checks(home, given, SetClock(NOON)) if one.name == "gateway"]


def wrong_with(home: Path, **environ: str) -> str:
    found = gateway_of(home, **environ)
    return " ".join(f"{one.found} -> {one.remedy}" for one in found if one.level is Level.FAILED)


def test_a_gateway_that_is_right_in_every_part_is_said_to_be(home: Path, served: str) -> None:
    found = gateway_of(home, SURVEY_GATEWAY__0__PUBLIC_URL=served)
    assert {one.level for one in found} == {Level.OK}
    said = " ".join(str(one.found) for one in found)
    assert "twilio: the credentials are right" in said
    assert "twilio: the Messaging Service exists" in said
    assert f"{served}/hooks/twilio/receipt answers" in said


@pytest.mark.usefixtures("twilio")
@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"TWILIO_AUTH_TOKEN": ""}, "the environment variable TWILIO_AUTH_TOKEN is not set"),
        ({"TWILIO_AUTH_TOKEN": "wrong"}, "set account_sid and the auth token"),
        (
            {"SURVEY_GATEWAY__0__MESSAGING_SERVICE_SID": "MG9"},
            "copy messaging_service_sid from Twilio's console",
        ),
        ({"SURVEY_GATEWAY__0__API_BASE": "http://127.0.0.1:1"}, "mend api_base"),
        ({"SURVEY_GATEWAY__0__FROM_NUMBER": "1069"}, "either messaging_service_sid or from_number"),
        ({}, "public_url is not set"),
        (
            {"SURVEY_GATEWAY__0__PUBLIC_URL": "http://127.0.0.1:1"},
            "start survey-pipeline run (or serve)",
        ),
        ({"SURVEY_GATEWAY__0__PUBLIC_URL": "example.org"}, "as https://surveys.example.org"),
    ],
)
def test_what_is_wrong_with_a_gateway_is_said_with_its_remedy(
    home: Path, environ: dict[str, str], says: str
) -> None:
    assert says in wrong_with(home, **environ)


def test_an_address_that_leads_elsewhere_is_found(home: Path, twilio: Any) -> None:
    said = wrong_with(home, SURVEY_GATEWAY__0__PUBLIC_URL=twilio.url)
    assert "answers HTTP 404: another program" in said


def test_one_gateway_that_is_wrong_does_not_hide_the_other(home: Path, twilio: Any) -> None:
    config = home / CONFIG
    second = f'[[gateway]]\nkind = "twilio"\nname = "spare"\naccount_sid = "{ACCOUNT}"\n'
    config.write_text(config.read_text(encoding="utf-8") + second, encoding="utf-8")
    found = gateway_of(home)
    assert "the credentials are right" in " ".join(str(one.found) for one in found)
    assert "spare" in " ".join(str(one.found) for one in found if one.level is Level.FAILED)


def test_each_finding_names_a_page_that_is_there(home: Path) -> None:
    howto = Path(__file__).parents[2] / "docs" / "howto"
    (home / "templates/sms/survey.txt").unlink()
    config = home / CONFIG
    kannel = '[[gateway]]\nkind = "kannel"\nsendsms_url = "x"\n'
    config.write_text(f"{config.read_text(encoding='utf-8')}\n{kannel}", encoding="utf-8")
    pages = {
        check.page for checks in look(home, NOON.replace(year=2031)).values() for check in checks
    }
    assert pages >= {"kannel", "going-live", "deadlines"}
    for page in pages:
        assert (howto / f"{page}.md").is_file()
        assert (howto / f"{page}.zh_CN.md").is_file()
