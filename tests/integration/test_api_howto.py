"""docs/howto/api.md, tried as written: each of its requests, against a served workspace."""

import http.client
import json
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from survey_pipeline import appraisal
from survey_pipeline.app import App
from survey_pipeline.people.api_keys import add_key
from survey_pipeline.stages.intake.uploads.posted_rows import MOST_ROWS
from survey_pipeline.testing import NOON, SetContext, add_offices, add_survey, workspace
from survey_pipeline.vocabulary import Category, Rating, SurveyState
from survey_pipeline.web.api.endpoints import LARGEST_BODY, MOST_AT_ONCE
from survey_pipeline.web.api.openapi import REFUSALS
from survey_pipeline.web.application import make_web
from survey_pipeline.web.serving import listen, make_server

PAGE = (Path(__file__).parents[2] / "docs" / "howto" / "api.md").read_text("utf-8")


def section(title: str) -> str:
    return PAGE.split(f"## {title}\n")[1].split("\n## ")[0]


def commands(title: str) -> list[list[str]]:
    """Return the commands of a section, word by word."""
    text = re.sub(r"```.*?```", "", section(title), flags=re.DOTALL)
    blocks = re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)
    found = "".join(blocks).replace("\\\n", " ")
    return [shlex.split(one) for one in re.split(r"^    (?=\S)", found, flags=re.MULTILINE)[1:]]


class Desk:
    """A shell of the page's reader: its key, its folder, and what answers it."""

    def __init__(self, context: SetContext, port: int) -> None:
        self.context, self.port = context, port
        self.key = ""

    def curl(self, words: list[str]) -> tuple[int, Any]:
        """Send what curl would send."""
        assert words[0] == "curl"
        address, *options = words[1:]
        headers, body = {"Content-Type": "application/x-www-form-urlencoded"}, None
        for name, value in zip(options[::2], options[1::2], strict=True):
            if name == "-H":
                key, _, said = value.replace("$KEY", self.key).partition(": ")
                headers[key] = said
            else:
                assert name in ("-d", "--data-binary")
                at = value.startswith("@")
                body = (self.context.home / value[1:]).read_text("utf-8") if at else value
        parts = urlsplit(address)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request("POST" if body else "GET", path, body and body.encode(), headers)
        answer = connection.getresponse()
        told = answer.status, json.loads(answer.read())
        connection.close()
        return told


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    context = workspace(tmp_path, at=NOON)
    add_offices(context, Category.AGENCY)
    listening = listen("127.0.0.1", 0)
    server = make_server(make_web(App(context, {})))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    made = Desk(context, listening.getsockname()[1])
    _, made.key = add_key(context, "AG-1", "counter system")
    yield made
    server.should_exit = True
    thread.join()
    listening.close()
    context.engine.dispose()


def shape(document: Any) -> Any:
    """Return an answer with its reasons left out."""
    if isinstance(document, dict):
        return {name: name == "reason" or shape(value) for name, value in document.items()}
    return [shape(one) for one in document] if isinstance(document, list) else document


def test_the_first_request_is_answered_as_the_page_says(desk: Desk) -> None:
    (command,) = commands("The first request")
    shown = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])
    status, said = desk.curl(command)
    assert status == 200
    assert shape(said) == shape(shown)
    status, again = desk.curl(command)
    assert [one["outcome"] for one in again["rows"]] == ["unchanged", "refused"]


def test_a_day_before_and_a_file_go_in(desk: Desk) -> None:
    (late,) = commands("A day before")
    status, said = desk.curl(late)
    assert (status, said["reported_on"], said["accepted"]) == (200, "2023-05-03", 1)
    turned, sent = commands("A file of cases")
    assert turned[:2] == ["python3", "-c"]
    assert turned[3:] == ["<", "cases.csv", ">", "cases.json"]
    rows = "office_code,case_no,served_on,phone,item\nAG-1,K-7,2023-05-04,13857710007,许可\n"
    done = subprocess.run(
        [sys.executable, "-c", turned[2]], input=rows, capture_output=True, text=True, check=True
    )
    (desk.context.home / "cases.json").write_text(done.stdout, "utf-8")
    status, said = desk.curl(sent)
    assert (status, said["accepted"], said["refused"]) == (200, 1, 0)


def test_a_closed_month_is_read(desk: Desk) -> None:
    (command,) = commands("A closed month")
    assert desk.curl(command)[0] == 404
    desk.context.clock.at = NOON.replace(month=4)
    for number in range(6):
        add_survey(
            desk.context,
            "AG-1",
            f"A-{number}",
            state=SurveyState.CLOSED,
            rating=Rating.SATISFIED,
            rated_by="sms",
        )
    desk.context.clock.at = NOON
    appraisal.score_month(desk.context, "2023-04")
    status, said = desk.curl(command)
    assert status == 200
    assert (said["shown"], said["rated"], said["published"]) == (True, 6, False)
    for name in re.findall(r"`(\w+)`", section("A closed month")):
        assert name in said, name


def test_what_may_go_wrong_is_the_whole_list_with_its_limits() -> None:
    told = section("What may go wrong")
    assert {int(one) for one in re.findall(r"^\| (\d{3}) ", told, re.MULTILINE)} == set(REFUSALS)
    assert f"{LARGEST_BODY >> 20} MiB or {MOST_ROWS:,} rows" in told
    assert f"more than {MOST_AT_ONCE} requests" in told


def test_without_a_key_a_request_is_refused_in_words(desk: Desk) -> None:
    desk.key = "nobody's"
    status, said = desk.curl(commands("The first request")[0])
    assert status == 401
    assert "Authorization: Bearer" in said["detail"]
