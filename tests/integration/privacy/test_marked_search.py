"""Marked numbers, names and words are driven through the program, and looked for in what it gives.

Searched: every page and download that a GET opens, for every role; the metrics; the API; commands,
as tables and as JSON; exports; tracebacks; the log of every level; the database's files. Numbers
are looked for in clear and as people type them. Source: specification, section 10.3.
"""

import logging
import re
import shutil
import traceback
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy import text
from typer.testing import CliRunner

from survey_pipeline.app import App
from survey_pipeline.appraisal import score_month
from survey_pipeline.calendar import ONE_DAY
from survey_pipeline.cli import main, support
from survey_pipeline.edited import shipped
from survey_pipeline.people.accounts import add_user
from survey_pipeline.people.sessions import open_session
from survey_pipeline.privacy.purging import purge
from survey_pipeline.reports.month_report import read_month
from survey_pipeline.stages.callbacks import queue_calls
from survey_pipeline.stages.export.answers_file import write_answers
from survey_pipeline.stages.export.formats import FORMS, write_month
from survey_pipeline.store.crypto import write_key_file
from survey_pipeline.store.engine import database_file, writing
from survey_pipeline.testing import (
    NOON,
    SetContext,
    add_case,
    add_inbound,
    add_offices,
    add_survey,
    add_text,
    workspace,
)
from survey_pipeline.testing.asgi_client import AsgiClient
from survey_pipeline.vocabulary import InboundUse, Role
from survey_pipeline.web.application import make_web

NUMBER, CALLED = "13857710009", "57788966822"
NAME, REMARK, TEXT, VARIABLE = "标记姓名", "标记备注", "标记短信", "标记变量"
WORDS = (NAME, REMARK, TEXT, VARIABLE)
SEPARATED = r"[\s\-‐-―.·()\u00a0]*"

FULL_NUMBERS: Mapping[str, str] = {
    "/callbacks": "the page of the call, for the caller who holds it",
    "/callbacks/{call_id}/watch": "the part of the same page that looks again",
    "/replies": "a number that a citizen wrote into a text: the reader reads it as it came in",
}
"""The pages that show a number in full, each with its reason: product, "Decisions"."""
SHOWN_WORDS: Mapping[str, str] = {
    "/replies": "the reader's desk: what came in has to be read",
}
"""The pages that show citizens' words or names to those whose work they are."""
BODIES = {Role.OFFICE: "AG-1", Role.DEPARTMENT: "P-1", Role.LEAD_AGENCY: "市卫健委"}
GIVEN = {
    "label": "simulated", "month": "2023-05", "year": "2023", "version": "1", "form": "csv",
    "office_code": "AG-1", "date": "2023-05-04", "day": "2023-05-04", "kind": "hotline",
}  # fmt: skip


def disguises(number: str) -> re.Pattern[str]:
    """Return what finds a number in clear, separated, and its last eight digits alone."""
    digits = SEPARATED.join(number[-8:])
    return re.compile(rf"(?<![0-9a-f]){digits}|{SEPARATED.join(number)}")


FOUND_IN = [disguises(number) for number in (NUMBER, CALLED)]


def numbers_in(said: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", said)
    return [match[0] for wanted in FOUND_IN for match in wanted.finditer(plain)]


def words_in(said: str) -> list[str]:
    return [word for word in WORDS if word in said]


@pytest.fixture
def city(tmp_path: Path) -> SetContext:
    """A workspace with one citizen of each kind of path: texted and answering, called, undrawn."""
    context = workspace(tmp_path, at=NOON.replace(hour=2))  # calls are made then
    shutil.copytree(shipped() / "templates", tmp_path / "templates")
    add_offices(context, "agency")
    write_key_file(tmp_path / "survey.key", context.keys)
    for role in Role:
        add_user(context, f"{role.value}-1", role, "correct horse battery", BODIES.get(role))
    seal = context.keys.encrypt
    add_case(context, "AG-1", "C-1", f"+86{NUMBER}", citizen_name=seal(NAME), remark=seal(REMARK))
    texted = add_survey(context, "AG-1", "K-1", f"+86{NUMBER}")
    add_text(context, texted, text=TEXT, variables={"name": VARIABLE})
    add_inbound(context, texted, f"{TEXT} {NUMBER}", use=InboundUse.READER)
    yesterday = context.today() - ONE_DAY
    add_survey(context, "AG-1", "K-2", f"+86{CALLED}", drawn_on=yesterday)
    queue_calls(context)
    score_month(context, "2023-05")
    return context


def pages(context: SetContext) -> Iterator[tuple[str, str, str]]:
    """Yield each page and download with its role, and what it says."""
    web = make_web(App(context, {}))
    paths = {
        str(route.path)
        for route in iter_route_contexts(web.routes)
        if isinstance(route.original_route, APIRoute) and "GET" in (route.methods or ())
    }
    assert len(paths) > 40
    opened = 0
    for role in Role:
        browser = AsgiClient(web, language="en", session=open_session(context, f"{role.value}-1"))
        for desk in ("/replies/next", "/callbacks/next"):
            browser.post(desk)
        for path in sorted(paths):
            filled = re.sub(r"{(\w+)(:path)?}", lambda part: quote(GIVEN.get(part[1], "1")), path)
            answer = browser.get(filled)
            assert answer.status < 500, path
            opened += answer.status == 200
            yield role, path, answer.text
    assert opened > 100


def test_no_page_no_metric_and_no_log_line_has_a_number_or_a_word(
    city: SetContext, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shown = list(pages(city))
    assert {path for _, path, said in shown if numbers_in(said)} == set(FULL_NUMBERS)
    told = {path for _, path, said in shown if words_in(said)}
    assert "/replies" in told, "the marks are driven through"
    assert told <= set(SHOWN_WORDS)
    office = [(path, said) for role, path, said in shown if role == Role.OFFICE]
    assert [path for path, said in office if numbers_in(said) or words_in(said)] == []
    purge(city)
    assert numbers_in(caplog.text) == []
    assert words_in(caplog.text) == []


def test_no_command_prints_a_number_or_a_name(city: SetContext) -> None:
    (city.home / "config").mkdir(exist_ok=True)
    (city.home / "config" / "pipeline.toml").write_text('locale = "en"\n', "utf-8")
    support.called_with(city.home)
    commands = (
        "status", "doctor", "callbacks list", "opt-outs list", "privacy inventory",
        "purge --dry-run", "deadlines", "sample --date 2023-05-04", "verify-draw --date 2023-05-04",
        "explain AG-1 --month 2023-05", "score month 2023-05", "dispatch --dry-run",
        "withdraw cases AG-1/none --reason x", "user list", "key list",
    )  # fmt: skip
    for command in commands:
        for form in ([], ["--json"]):
            words = ["--home", str(city.home), *command.split(), *form]
            done = CliRunner().invoke(main.app, words)
            assert numbers_in(done.output) == [], command
            assert words_in(done.output) == [], command


def test_no_export_has_a_number_a_name_or_a_text(city: SetContext, tmp_path: Path) -> None:
    month = read_month(city, "2023-05", 1)
    for form in FORMS:
        write_month(month, form, tmp_path / f"m.{form}", "en")
    for form in ("csv", "parquet"):
        write_answers(city, "2023-05", tmp_path / f"a.{form}", form)
    for file in (*tmp_path.glob("m.*"), *tmp_path.glob("a.*")):
        said = file.read_bytes().decode("utf-8", "replace")
        assert (numbers_in(said), words_in(said)) == ([], []), file.name


def test_no_traceback_has_a_value_of_the_failed_statement(city: SetContext) -> None:
    said = ""
    try:
        with writing(city.engine) as connection:
            statement = text("INSERT INTO nowhere VALUES (:number, :name)")
            connection.execute(statement, {"number": NUMBER, "name": NAME})
    except Exception:
        said = traceback.format_exc()
    assert said
    assert (numbers_in(said), words_in(said)) == ([], [])


def test_the_database_and_its_log_hold_none_in_clear(city: SetContext) -> None:
    file = database_file(city.engine)
    assert file is not None
    names = [file, file.with_name(f"{file.name}-wal")]
    kept = b"".join(path.read_bytes() for path in names if path.exists())
    assert len(kept) > 100_000
    for encoding in ("utf-8", "gb18030", "utf-16-le"):
        said = kept.decode(encoding, "replace")
        assert (numbers_in(said), words_in(said)) == ([], []), encoding
