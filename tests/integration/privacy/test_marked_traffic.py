"""Marked numbers and words come in by webhook and API and go out as texts: what is said of them.

Searched: answers, the log of every level, and the temporary files. Source: specification,
section 10.3.
"""

import json
import logging
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from survey_pipeline.app import App, open_app
from survey_pipeline.calendar import SetClock
from survey_pipeline.gateways.port import InboundEvent
from survey_pipeline.inbound.spool import put
from survey_pipeline.people.api_keys import add_key
from survey_pipeline.stages.dispatch import dispatch
from survey_pipeline.testing import NOON, add_offices, add_survey
from survey_pipeline.testing.asgi_client import AsgiClient
from survey_pipeline.web.application import make_web
from survey_pipeline.web.spool_drain import drain_spool
from survey_pipeline.workspace import create_workspace
from tests.integration.privacy.test_marked_search import NAME, NUMBER, TEXT, numbers_in, words_in

TOKEN = "marked-token-of-kannel"
GATEWAYS = """
[[gateway]]
kind = "simulated"

[[gateway]]
kind = "kannel"
sendsms_url = "http://127.0.0.1:9/cgi-bin/sendsms"
username = "survey"
password_env = "KANNEL_PASSWORD"
from_number = "1069000000"
public_url = "http://127.0.0.1:8000"
webhook_token_env = "KANNEL_WEBHOOK_TOKEN"
"""
ENVIRON = {"KANNEL_PASSWORD": "pw", "KANNEL_WEBHOOK_TOKEN": TOKEN}
DAY = f"{date(2023, 5, 4)}"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    create_workspace(tmp_path)
    config = tmp_path / "config" / "pipeline.toml"
    head = config.read_text("utf-8").partition("\n[[gateway]]")[0]
    config.write_text(head + GATEWAYS, "utf-8")
    opened = open_app(tmp_path, clock=SetClock(NOON), environ=ENVIRON)
    add_offices(opened.context, "agency")
    yield opened
    opened.close()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def webhooks() -> Iterator[str]:
    """Yield addresses that a provider calls, and that somebody without the token tries."""
    for token in (TOKEN, "wrong"):
        known = {"token": token, "from": f"+86{NUMBER}", "text": f"{TEXT} {NUMBER}"}
        yield f"/hooks/kannel/inbound?{urlencode({**known, 'id': '1'})}"
        yield f"/hooks/kannel/inbound?{urlencode(known)}"
        yield f"/hooks/kannel/receipt?{urlencode({**known, 'attempt': NUMBER, 'status': '1'})}"
        yield f"/hooks/{NUMBER}/inbound?{urlencode(known)}"


def rows() -> list[dict[str, str]]:
    """Return rows of which one is taken and others are refused for what stands in them."""
    case = {
        "office_code": "AG-1", "case_no": "C-1", "served_on": DAY, "item": "permit",
        "phone": NUMBER, "citizen_name": NAME, "remark": TEXT,
    }  # fmt: skip
    return [
        case,
        {**case, "case_no": "C-2", "phone": f"{NUMBER}/{NUMBER}"},
        {**case, "case_no": "C-3", "served_on": NUMBER},
        {**case, "case_no": "C-4", "office_code": "AG-9"},
    ]


def posted(client: AsgiClient, key: str, body: bytes) -> Any:
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    return client.ask("POST", "/api/v1/cases", body, headers)


def test_webhooks_posts_and_sending_leave_no_mark_in_answers_log_and_temporary_files(
    app: App, temporary: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = AsgiClient(make_web(app), language="en")
    answers = [client.get(address) for address in webhooks()]
    assert {answer.status for answer in answers} >= {200, 404}
    drain_spool(app.context)

    _, key = add_key(app.context, "AG-1", "counter")
    whole = json.dumps({"rows": rows()}).encode()
    bodies = [whole, whole[:-9], json.dumps({"rows": [NUMBER, NAME]}).encode(), NAME.encode()]
    answers += [posted(client, key, body) for body in bodies]
    assert answers[-len(bodies)].status in {200, 207, 422}

    add_survey(app.context, "AG-1", "K-1", f"+86{NUMBER}")
    sent = dispatch(app.context, {"simulated": app.gateways["simulated"]}, ignore_hours=True)
    assert sum(sent.outcomes.values()) == 1

    for answer in answers:
        assert (numbers_in(answer.text), words_in(answer.text)) == ([], [])
    assert len(caplog.text) > 100
    assert (numbers_in(caplog.text), words_in(caplog.text)) == ([], [])
    left = [path for path in temporary.rglob("*") if path.is_file()]
    said = "".join(path.read_bytes().decode("utf-8", "replace") for path in left)
    assert (numbers_in(said), words_in(said)) == ([], [])


def test_what_is_spooled_while_the_database_is_away_is_not_in_clear(app: App) -> None:
    event = InboundEvent("1", f"+86{NUMBER}", f"{TEXT} {NUMBER}", NOON)
    put(app.context, "kannel", [event])
    files = [path for path in app.context.home.rglob("*") if path.is_file()]
    spooled = [path for path in files if "spool" in str(path)]
    assert spooled
    for path in spooled:
        said = path.read_bytes().decode("utf-8", "replace")
        assert (numbers_in(said), words_in(said)) == ([], [])
