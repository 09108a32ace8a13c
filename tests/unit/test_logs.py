"""The log says what happened to what and why, on one line, and shows no citizen's number."""

import ast
import json
import logging
import re
import shlex
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import survey_pipeline
from survey_pipeline.cli.logs import LogFacts, LogJson

PERSONAL = {"phone", "text", "name", "citizen", "number", "password", "key", "token"}
"""Facts that no call may give."""


def line(message: str, *values: object, **extra: Any) -> str:
    record = logging.getLogger("city").makeRecord(
        "city", logging.WARNING, "f", 1, message, values, None, extra=extra
    )
    return LogFacts().format(record)


def test_a_record_shows_every_fact_of_its_call() -> None:
    said = line("gateway stopped", action="gateway_stopped", gateway="twilio", error="20003: no")
    assert said.endswith(
        'WARNING city gateway stopped action=gateway_stopped gateway=twilio error="20003: no"'
    )
    assert "lost=3 by={'a': 1}" not in said
    facts = dict(one.split("=", 1) for one in shlex.split(said) if "=" in one)
    assert facts["error"] == "20003: no"


def test_a_record_is_one_line_that_steers_nothing() -> None:
    said = line("x\n2026 INFO forged \x1b[31m", why='a "quoted"\nforged=yes', empty="")
    assert len(said.splitlines()) == 1
    assert "\x1b" not in said
    assert json.loads(re.findall(r'why=(".*?[^\\]") ', said)[0]) == 'a "quoted"\nforged=yes'
    assert said.endswith('empty=""')


def test_no_number_of_a_citizen_is_shown() -> None:
    for number in ("13812345678", "+8613812345678", "008613812345678"):
        assert "12345678" not in line(f"sent to {number}", error=f"no {number}!")
    try:
        raise OSError("13812345678")
    except OSError:
        record = logging.makeLogRecord({"msg": "failed", "exc_info": sys.exc_info()})
    said = LogFacts().format(record)
    assert "138****5678" in said
    assert "13812345678" not in said
    assert "1700000000000" in line("at 1700000000000")  # no number of a phone


def failed_on_a_citizen() -> logging.LogRecord:
    """A record of a fault whose library quotes a citizen's words, as its cause does."""
    citizen, words = "标记姓名", "标记短信"
    try:
        try:
            int(words)
        except ValueError as error:
            raise KeyError(citizen) from error
    except KeyError as error:
        known = {"exc_info": (KeyError, error, error.__traceback__), "action": "job_failed"}
    return logging.makeLogRecord({"msg": "failed", **known})


@pytest.mark.parametrize("form", [LogFacts(), LogJson()])
def test_a_traceback_says_where_and_quotes_no_value(form: logging.Formatter) -> None:
    said = form.format(failed_on_a_citizen())
    assert "标记" not in said.replace("\\u6807\\u8bb0", "标记")
    assert said.index("ValueError") < said.index("KeyError")
    assert "in failed_on_a_citizen" in said


def test_as_json_a_record_is_one_object_with_its_facts() -> None:
    record = logging.makeLogRecord(
        {"name": "city", "levelname": "ERROR", "msg": "sent to 13812345678\n%s", "args": ("x",),
         "action": "stopped", "texts": 3, "open": True, "why": None, "till": 13812345678}
    )  # fmt: skip
    said = LogJson().format(record)
    assert "\n" not in said
    line = json.loads(said)
    assert datetime.fromisoformat(line.pop("at")).tzinfo is not None
    assert line == {
        "level": "ERROR", "logger": "city", "message": "sent to 138****5678\nx",
        "action": "stopped", "texts": 3, "open": True, "why": None, "till": "138****5678",
    }  # fmt: skip
    assert "traceback" in json.loads(LogJson().format(failed_on_a_citizen()))


def test_no_call_gives_a_personal_fact() -> None:
    given = set()
    for file in Path(survey_pipeline.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            extra = [one.value for one in getattr(node, "keywords", ()) if one.arg == "extra"]
            for one in extra:
                if isinstance(one, ast.Dict):
                    given |= {key.value for key in one.keys if isinstance(key, ast.Constant)}
    assert "action" in given
    assert not given & PERSONAL
