"""The administration's pages: a test text, accounts and keys for all offices, without a browser."""

import csv
import http.client
import io
import shutil
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from survey_pipeline.app import App
from survey_pipeline.context import Context
from survey_pipeline.edited import shipped
from survey_pipeline.people.accounts import add_user, list_users
from survey_pipeline.people.api_keys import list_keys, office_of_key
from survey_pipeline.people.authentication import authenticate
from survey_pipeline.people.many_accounts import offices_without_account
from survey_pipeline.people.sessions import open_session
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import audit_log, messages, offices
from survey_pipeline.survey.opt_outs import opt_out
from survey_pipeline.testing import add_offices, workspace
from survey_pipeline.vocabulary import Role
from survey_pipeline.web.application import make_web
from survey_pipeline.web.pages import bulk_accounts
from survey_pipeline.web.serving import listen, make_server

pytestmark = pytest.mark.usefixtures("database")

PASSWORD = "correct horse battery"
NUMBER = "13912345678"


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    made = workspace(tmp_path, locale="en", gateway=[{"kind": "simulated"}])
    shutil.copytree(shipped() / "templates", tmp_path / "templates")
    add_user(made, "boss", Role.ADMIN, PASSWORD)
    yield made
    made.engine.dispose()


class Answer(NamedTuple):
    status_code: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()


class Admin:
    """An admin's browser, as far as forms go."""

    def __init__(self, port: int, session: str) -> None:
        self.url, self.session, self.port = f"http://127.0.0.1:{port}", session, port

    def ask(self, method: str, path: str, data: Mapping[str, str], **headers: str) -> Answer:
        named = {"Sec-Fetch-Site": "same-origin", "Cookie": f"session={self.session}"}
        if method == "POST":
            named["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, urlencode(data), {**named, **headers})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, told, content)

    def post(self, path: str, data: Mapping[str, str] | None = None, **headers: str) -> Answer:
        return self.ask("POST", path, data or {}, **headers)


@pytest.fixture
def admin(context: Context) -> Iterator[Admin]:
    listening = listen("127.0.0.1", 0)
    server = make_server(make_web(App(context, {})))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield Admin(listening.getsockname()[1], open_session(context, "boss"))
    server.should_exit = True
    thread.join()
    listening.close()


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def recorded_tests(context: Context) -> list[tuple[str, str]]:
    query = select(audit_log.c.actor, audit_log.c.action).where(audit_log.c.kind == "gateway_tests")
    with reading(context.engine) as connection:
        return [(row.actor, row.action) for row in connection.execute(query)]


def test_one_text_goes_out_on_record_and_uncounted(context: Context, admin: Admin) -> None:
    answer = admin.post("/admin/checks/text", data={"number": "139 1234 5678"})
    assert answer.status_code == 200
    assert "simulated took the text" in answer.text
    assert "139****5678" in answer.text
    assert "12345678" not in answer.text
    assert recorded_tests(context) == [("boss", "created"), ("boss", "updated")]
    with reading(context.engine) as connection:
        assert connection.execute(select(messages)).all() == []


@pytest.mark.parametrize(
    ("number", "gateway", "status", "said"),
    [
        ("139****5678", "", 400, "masked"),
        ("0577-88966822", "", 400, "no mobile"),
        ("12", "", 400, "too short"),
        (f"{NUMBER} {NUMBER}", "", 400, "two numbers"),
        (NUMBER, "nope", 409, "no gateway nope"),
    ],
)
def test_what_cannot_be_sent_is_said_beside_the_form(
    context: Context, admin: Admin, number: str, gateway: str, status: int, said: str
) -> None:
    answer = admin.post("/admin/checks/text", data={"number": number, "gateway": gateway})
    assert answer.status_code == status
    assert said in answer.text
    assert 'role="alert"' in answer.text
    assert recorded_tests(context) == []


def test_a_number_that_opted_out_gets_no_test(context: Context, admin: Admin) -> None:
    with writing(context.engine) as connection:
        opt_out(connection, context.keys.phone_hash(f"+86{NUMBER}"), "a", None, context.now())
    answer = admin.post("/admin/checks/text", data={"number": NUMBER})
    assert answer.status_code == 409
    assert "opted out" in answer.text
    assert recorded_tests(context) == []


def test_accounts_come_in_parts_until_no_office_is_left(context: Context, admin: Admin) -> None:
    count = bulk_accounts.BATCH + 2
    add_offices(context, *["agency"] * count)
    first = admin.post("/admin/people/offices")
    assert first.headers["cache-control"] == "no-store"
    assert first.headers["content-disposition"] == 'attachment; filename="first-passwords.csv"'
    assert first.content.startswith(b"\xef\xbb\xbf")
    told = [first.headers[name] for name in ("x-made", "x-refused", "x-left")]
    assert told == [str(bulk_accounts.BATCH), "0", "2"]
    second = admin.post("/admin/people/offices", data={"after": first.headers["x-last"]})
    assert second.headers["x-left"] == "0"
    made = rows(first.text) + rows(second.text)
    assert len({one["office_code"] for one in made}) == count
    one = made[-1]
    assert authenticate(context, one["name"], one["password"], "here") is not None
    assert offices_without_account(context) == []
    assert admin.post("/admin/people/offices").status_code == 409
    found = [path for path in context.home.rglob("*.csv") if "password" in path.name]
    assert found == [], "nothing is kept on the server"


def test_an_office_whose_name_is_taken_is_named_and_holds_nothing_up(
    context: Context, admin: Admin
) -> None:
    add_offices(context, "agency", "agency")
    add_user(context, "ag-1", Role.CALLER, PASSWORD)
    answer = admin.post("/admin/people/offices")
    assert (answer.headers["x-made"], answer.headers["x-refused"]) == ("1", "1")
    refused = [one for one in rows(answer.text) if one["problem"]]
    assert [(one["name"], one["password"]) for one in refused] == [("ag-1", "")]
    assert "exists already" in refused[0]["problem"]
    assert answer.headers["x-left"] == "0"


def test_keys_for_all_offices_work_and_are_not_made_twice(context: Context, admin: Admin) -> None:
    add_offices(context, "agency", "agency")
    answer = admin.post("/admin/keys/offices", data={"label": " window "})
    made = rows(answer.text)
    assert [one["office_code"] for one in made] == ["AG-1", "AG-2"]
    assert office_of_key(context, made[1]["key"]) == "AG-2"
    assert {one.label for one in list_keys(context)} == {"window"}
    assert admin.post("/admin/keys/offices", data={"label": "window"}).status_code == 409
    assert len(list_keys(context)) == 2


def test_a_name_that_looks_like_a_formula_is_text_in_the_file(
    context: Context, admin: Admin
) -> None:
    add_offices(context, "agency")
    with writing(context.engine) as connection:
        connection.execute(offices.update().values(name="=1+1"))
    answer = admin.post("/admin/keys/offices", data={"label": "window"})
    assert [one["office"] for one in rows(answer.text)] == ["'=1+1"]


def test_people_sign_in_while_accounts_are_made(context: Context, admin: Admin) -> None:
    """Accounts are hashed one after the other: a turn is left for people who sign in."""
    add_offices(context, *["agency"] * 10)
    done: list[int] = []
    making = threading.Thread(
        target=lambda: done.append(admin.post("/admin/people/offices").status_code)
    )
    making.start()
    data = {"name": "boss", "password": PASSWORD}
    signed = [admin.post("/login", data=data).status_code for _ in range(3)]
    making.join()
    assert signed == [303] * 3
    assert done == [200]
    assert len(list_users(context)) == 11


@pytest.mark.parametrize(
    ("form", "back"),
    [
        ("/admin/people?q=li&page=1", "/admin/people?q=li&page=1"),
        ("/admin/people?q=li&saved=1", "/admin/people?q=li"),
        ("/admin/people/password", "/admin/people"),
        ("//evil.example?q=1", "/admin/people"),
        ("", "/admin/people"),
    ],
)
def test_the_switch_of_languages_comes_back_to_the_page_of_the_form(
    admin: Admin, form: str, back: str
) -> None:
    named = {"Referer": admin.url + form} if form else {}
    answer = admin.post("/admin/people/password", {"name": "boss"}, **named)
    _switched(admin, answer, back)


def test_a_sign_in_that_failed_keeps_its_way_when_the_language_is_switched(admin: Admin) -> None:
    form = "/login?next=%2Fscores%3Fmonth%3D2023-05"
    wrong = {"name": "boss", "password": "wrong wrong wrong"}
    answer = admin.post("/login", wrong, Referer=admin.url + form)
    _switched(admin, answer, form)


def _switched(admin: Admin, answer: Answer, back: str) -> None:
    """Press the switch in the header: it leads to a page that is there."""
    shown = back.replace("&", "&amp;")
    assert f'name="back" value="{shown}"' in answer.text
    switched = admin.post("/language", {"language": "zh_CN", "back": back})
    assert switched.headers["location"] == back
    assert admin.ask("GET", back, {}).status_code in (200, 303)
