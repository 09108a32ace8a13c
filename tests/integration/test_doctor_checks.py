"""`doctor`: each thing that can be wrong is found, with a remedy (product.md sections 2, 11)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from survey_pipeline.calendar import SetClock
from survey_pipeline.checks import CHECKS, Check, Level, run_checks
from survey_pipeline.store.engine import open_engine, writing
from survey_pipeline.testing import NOON
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
    assert made >= {"configuration", *CHECKS} - {"trials"}


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
    home: Path, environ: dict[str, str], name: str, says: str
) -> None:
    found = look(home, **environ)
    assert says in one(found, name, Level.WARNING)
    assert found[name][0].remedy
