"""`callbacks list`, `next` and `log` as they are typed (specification, sections 2, 7 and 12)."""

import json
import shlex
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner, Result

from survey_pipeline.app import load_calendar
from survey_pipeline.cli import callbacks, support
from survey_pipeline.context import Context
from survey_pipeline.settings import load_settings
from survey_pipeline.stages.callbacks import queue_calls
from survey_pipeline.store.crypto import new_keys, parse_keys, write_key_file
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import call_attempts, calls, surveys
from survey_pipeline.testing import add_offices, add_survey, add_text, workspace
from survey_pipeline.vocabulary import MessageState

LANDLINE, MOBILE = "+8657788886666", "+8613812345678"
CALL_KEYS = {"id", "office_code", "case_no", "phone", "reason", "attempt", "lease_until"}
"""What section 12 of the specification names; more may come."""


def noon_zone(now: datetime) -> str:
    """The zone in which the machine's clock now shows an hour from noon on."""
    return f"Etc/GMT{now.hour - 12:+d}" if now.hour != 12 else "Etc/GMT"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A workspace where it is noon of a working day, whenever the tests are run."""
    now = datetime.now(UTC)
    zone = noon_zone(now)
    config = tmp_path / "config"
    (config / "calendar").mkdir(parents=True)
    (config / "pipeline.toml").write_text(
        f'locale = "en"\ntimezone = "{zone}"\n[callbacks]\nhours = ["06:00-20:00"]\n'
    )
    for year in {(now + timedelta(days=shift)).year for shift in (-1, 0, 9)}:
        days = [date(year, 1, 1) + timedelta(days=number) for number in range(365)]
        listed = ", ".join(map(str, days))
        (config / "calendar" / f"{year}.toml").write_text(f"working = [{listed}]\n")
    write_key_file(tmp_path / "survey.key", new_keys())
    support.called_with(tmp_path)
    return tmp_path


@pytest.fixture
def context(home: Path) -> Iterator[Context]:
    """The same workspace, from inside: one landline is queued."""
    settings = load_settings(home, {})
    hours = {"hours": ["06:00-20:00"]}
    made = workspace(home, at=datetime.now(UTC), timezone=settings.timezone, callbacks=hours)
    keys = parse_keys((home / "survey.key").read_text())
    made = replace(made, keys=keys, calendar=load_calendar(home, settings))
    add_offices(made, "agency")
    add_survey(made, "AG-1", "L/1", LANDLINE)
    queue_calls(made)
    yield made
    made.engine.dispose()


def run(*words: str) -> Result:
    return CliRunner().invoke(callbacks.group, list(words), catch_exceptions=False)


def document(*words: str) -> Any:
    done = run(*words, "--json")
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def queued_text_failure(context: Context) -> None:
    add_text(context, add_survey(context, "AG-1", "U-2", MOBILE), state=MessageState.UNDELIVERED)
    queue_calls(context)


def test_next_prints_the_call_to_the_letter(context: Context) -> None:
    call = document("next", "--by", "Li")["call"]
    assert call.keys() >= CALL_KEYS
    assert (call["office_code"], call["case_no"], call["phone"]) == ("AG-1", "L/1", LANDLINE)
    assert (call["reason"], call["attempt"]) == ("landline", 1)
    until = datetime.fromisoformat(call["lease_until"])
    assert until.tzinfo is not None
    assert timedelta(minutes=14) < until - datetime.now(UTC) <= timedelta(minutes=15)
    assert document("next", "--by", "Li")["call"]["id"] == call["id"]


def test_next_without_a_call_is_null_and_done(context: Context) -> None:
    document("next", "--by", "Li")
    done = run("next", "--by", "Wang", "--json")
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"call": None})
    assert "No call" in done.stderr
    assert "No call" in run("next", "--by", "Wang").stdout


def test_next_shows_a_caller_the_number_and_what_to_type(context: Context) -> None:
    shown = run("next", "--by", "Xiao Li").stdout
    assert "0577 8888 6666" in shown
    assert "您好" in shown
    assert "callbacks log 1 --by 'Xiao Li' --outcome answered --answer satisfied" in shown


def test_the_typed_line_of_next_works_as_it_stands(context: Context) -> None:
    shown = run("next", "--by", "Xiao Li").stdout
    line = next(one for one in shown.splitlines() if "callbacks log" in one)
    words = shlex.split(line)
    logged = document(*words[words.index("log") :])
    assert (logged["rating"], logged["rated_by"]) == ("satisfied", "phone")


@pytest.mark.parametrize("state", ["open", "done", "exhausted", "closed"])
def test_the_list_masks_every_number_in_every_state(context: Context, state: str) -> None:
    queued_text_failure(context)
    with writing(context.engine) as connection:
        connection.execute(update(calls).values(state=state))
    for done in (run("list", "--state", state), run("list", "--state", state, "--json")):
        assert done.exit_code == 0
        assert "138****5678" in done.stdout
        assert "13812345678" not in done.stdout
        assert "57788886666" not in done.stdout


def test_the_list_is_one_document(context: Context) -> None:
    queued_text_failure(context)
    document("next", "--by", "Li")
    listed = document("list")["calls"]
    assert [(one["case_no"], one["reason"], one["held_by"]) for one in listed] == [
        ("L/1", "landline", "Li"),
        ("U-2", "undelivered", None),
    ]
    assert [one["case_no"] for one in document("list", "--due")["calls"]] == ["U-2"]
    assert [one["case_no"] for one in document("list", "--by", "Li")["calls"]] == ["L/1"]
    assert len(document("list", "--limit", "1")["calls"]) == 1
    assert document("list", "--reason", "verify") == {"calls": []}
    assert "2 calls." in run("list").stdout


def take(by: str = "Li") -> str:
    return str(document("next", "--by", by)["call"]["id"])


def test_log_prints_what_became_of_it(context: Context) -> None:
    call = take()
    words = ("log", call, "--by", "Li", "--outcome", "answered", "--answer", "dissatisfied",
             "--reason", "attitude", "--note", "waited two hours")  # fmt: skip
    first = document(*words)
    assert first == {
        "call": int(call),
        "attempt": 1,
        "state": "done",
        "next_at": None,
        "rating": "dissatisfied",
        "rated_by": "phone",
        "verification": None,
        "late": False,
        "repeated": False,
        "notes": [],
    }
    assert document(*words) == {**first, "repeated": True}
    assert "logged before" in run(*words).stdout
    with reading(context.engine) as connection:
        assert [row.note for row in connection.execute(select(call_attempts))] == [
            "waited two hours"
        ]


def test_log_says_when_the_next_attempt_is_due(context: Context) -> None:
    done = run("log", take(), "--by", "Li", "--outcome", "busy")
    assert done.exit_code == 0
    assert "attempt 1: kept. The next attempt is due at " in done.stdout


def test_logging_what_somebody_else_holds_is_exit_code_4(context: Context) -> None:
    call = take("Wang")
    done = run("log", call, "--by", "Li", "--outcome", "busy")
    assert (done.exit_code, done.stdout) == (4, "")
    assert done.stderr == f"call {call} is held by Wang\n"
    done = run("log", call, "--by", "Li", "--outcome", "busy", "--json")
    assert (done.exit_code, done.stdout) == (4, "")


def test_logging_a_call_that_is_not_there_is_exit_code_4(context: Context) -> None:
    done = run("log", "99", "--by", "Li", "--outcome", "busy")
    assert (done.exit_code, done.stderr) == (4, "there is no call 99. See: callbacks list\n")


@pytest.mark.parametrize(
    "words",
    [
        ("--outcome", "answered"),
        ("--outcome", "busy", "--answer", "satisfied"),
        ("--outcome", "again"),
        ("--outcome", "again", "--again-at", "three"),
        ("--outcome", "busy", "--no-earlier-time"),
        ("--outcome", "busy", "--correct", "misread"),
        ("--outcome", "answered", "--answer", "great"),
        ("--outcome", "answered", "--answer", "satisfied", "--correct", "misread"),
        ("--outcome", "lunch"),
        (),
    ],
)
def test_a_result_that_makes_no_sense_is_exit_code_2_and_keeps_the_call(
    context: Context, words: tuple[str, ...]
) -> None:
    call = take()
    done = run("log", call, "--by", "Li", *words)
    assert (done.exit_code, done.stdout) == (2, "")
    with reading(context.engine) as connection:
        assert connection.execute(select(call_attempts)).all() == []
    assert take() == call


def test_an_appointment_may_be_given_as_a_time_of_today_or_a_moment(context: Context) -> None:
    done = document("log", take(), "--by", "Li", "--outcome", "again", "--again-at", "19:30")
    local = context.calendar.local(datetime.fromisoformat(done["next_at"]))
    assert f"{local:%H:%M}" == "19:30"
    assert local.date() == context.today()
    queued_text_failure(context)
    moment = f"{context.today() + timedelta(days=1)}T10:00"
    done = document("log", take(), "--by", "Li", "--outcome", "again", "--again-at", moment)
    assert done["next_at"].startswith(f"{moment}:00")


def test_an_appointment_after_the_surveys_end_is_exit_code_4(context: Context) -> None:
    moment = f"{context.today() + timedelta(days=8)}T10:00"
    done = run("log", take(), "--by", "Li", "--outcome", "again", "--again-at", moment)
    assert done.exit_code == 4
    assert "the survey ends on" in done.stderr
    assert "--no-earlier-time" in done.stderr


@pytest.mark.parametrize("when", [True, False])
def test_a_willing_citizen_without_an_earlier_time_is_no_refusal(
    context: Context, when: bool
) -> None:
    moment = f"{context.today() + timedelta(days=8)}T10:00"
    at = ("--again-at", moment) if when else ()
    done = document("log", take(), "--by", "Li", "--outcome", "again", *at, "--no-earlier-time")
    assert (done["state"], done["next_at"]) == ("closed", None)
    assert "not as a refusal" in done["notes"][0]
    with reading(context.engine) as connection:
        assert connection.scalars(select(surveys.c.disposition)).all() == ["2.21"]


def test_nobody_calls_without_a_name(context: Context) -> None:
    assert run("next").exit_code == 2
    assert run("next", "--by", " ").exit_code == 2
