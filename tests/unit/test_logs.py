"""The log says what happened to what and why, on one line, and shows no citizen's number."""

import ast
import json
import logging
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import survey_pipeline
from survey_pipeline.cli.logs import LogFacts

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
        raise ValueError("13812345678")
    except ValueError:
        record = logging.makeLogRecord({"msg": "failed", "exc_info": sys.exc_info()})
    said = LogFacts().format(record)
    assert "138****5678" in said
    assert "13812345678" not in said
    assert "1700000000000" in line("at 1700000000000")  # no number of a phone


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
