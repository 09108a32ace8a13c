"""Every route of the web, walked: who may open it, from which site, with what values.

The routes are read off the application, so that a new one is walked too.
"""

import http.client
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlencode

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel

from survey_pipeline import appraisal, day_runs
from survey_pipeline.app import App
from survey_pipeline.calendar import ONE_DAY
from survey_pipeline.context import Context
from survey_pipeline.edited import shipped
from survey_pipeline.people.accounts import add_user
from survey_pipeline.people.api_keys import add_key
from survey_pipeline.people.sessions import open_session
from survey_pipeline.stages.callbacks import queue_calls
from survey_pipeline.stages.evidence import add_objection
from survey_pipeline.store.engine import open_engine, reading, writing
from survey_pipeline.store.tables import surveys
from survey_pipeline.testing import add_inbound, add_offices, add_survey, add_text, workspace
from survey_pipeline.vocabulary import Rating, Role
from survey_pipeline.web.access import Anyone, Roles
from survey_pipeline.web.api.endpoints import KeyAccess
from survey_pipeline.web.application import make_web
from survey_pipeline.web.rendering.navigation import NAVIGATION
from survey_pipeline.web.routes import Access, addresses_of
from survey_pipeline.web.server.security_headers import HEADERS
from survey_pipeline.web.serving import listen, make_server

pytestmark = pytest.mark.usefixtures("database")

PUBLIC = {
    "/login": "the sign-in itself",
    "/login/code": "its second step, after the password",
    "/logout": "ends the visitor's own session",
    "/first": "opens with the one-time link alone",
    "/password": "a person's own, before anything else is open to them",
    "/language": "sets the visitor's own cookie",
    "/healthz": "says nothing but that we live",
    "/readyz": "says nothing but that we can work",
    "/metrics": "counts, for this machine",
    "/hooks/{label}/receipt": "verified by the gateway",
    "/hooks/{label}/inbound": "verified by the gateway",
    "/review/{token}": "a representative's personal link",
}
"""Routes without a role, each with its reason."""
KEYED = "/api/"
"""Addresses that a key opens, not a session."""
EVERYBODY = frozenset(Role)
"""The roles of a person's own pages."""

VALID: Mapping[str, str] = {
    "label": "simulated", "token": "0123456789abcdef", "month": "2023-05", "year": "2023",
    "version": "1", "form": "csv", "office_code": "AG-1", "number": "1", "call_id": "1",
    "reply_id": "1", "date": "2023-05-04", "on": "2023-05-04", "day": "2023-05-04", "page": "1",
    "role": "caller", "office": "AG-1", "label_": "x", "kind": "hotline", "sort": "rank",
    "result": "satisfied", "outcome": "no_answer", "language": "en", "decision": "upheld",
    "text": "why", "reason": "so", "name": "li", "password": "correct horse battery",
    "old": "correct horse battery", "new": "another long one", "again": "another long one",
}  # fmt: skip
"""A value for each parameter, with which a route does what it is for as far as it can."""

BODIES = {Role.OFFICE: "AG-1", Role.DEPARTMENT: "P-1", Role.LEAD_AGENCY: "市卫健委"}
"""The bodies of the roles that have one."""

HOSTILE = (
    "a\0b", "\x1b[31m", "\x85", "9" * 20, "-1", "0", str(2**31), str(2**63), "²", "１２", "0000",
    "0001-01", "9999-12", "9999-12-31", "0001-01-01", "2000-01", "2999-12", "2023-13", "x" * 5_000,
    "\N{RIGHT-TO-LEFT OVERRIDE}%00'; --{{7*7}}[/b]", "",
)  # fmt: skip
"""Values that are too large, too small, too long, or no text at all."""
CONTROLS = HOSTILE[:3]


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    said: str


@dataclass(frozen=True)
class Walked:
    """A route with one method."""

    method: str
    path: str
    access: Access | None
    in_path: Sequence[str]
    in_query: Sequence[str]
    in_form: Sequence[str]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that open it; none for a public address, and for one with a key."""
        return self.access.roles if isinstance(self.access, Roles) else frozenset()

    @property
    def guarded(self) -> bool:
        """Whether a role opens it."""
        return self.path not in PUBLIC and not self.path.startswith(KEYED)

    def filled(self, **given: str) -> tuple[str, bytes]:
        """The address and the form, valid but for what is given."""
        values = {**VALID, **given}
        path = self.path.replace(":path", "")
        for name in self.in_path:
            path = path.replace(f"{{{name}}}", quote(values.get(name, "x"), safe=""))
        query = {name: given[name] for name in self.in_query if name in given}
        if query:
            path += "?" + urlencode(query)
        form = {name: values.get(name, "x") for name in self.in_form}
        return path, urlencode(form).encode() if self.method == "POST" else b""


def walked(web: FastAPI) -> list[Walked]:
    """Every route of ours, once for each method."""
    dependants = {
        (method, route.path): route.dependant
        for route in iter_route_contexts(web.routes)
        if isinstance(route.original_route, APIRoute)
        for method in route.methods or ()
    }
    found = [
        Walked(
            address.method,
            address.path,
            address.access,
            _names(dependant, "path_params"),
            _names(dependant, "query_params"),
            _names(dependant, "body_params"),
        )
        for address in addresses_of(web)
        if (dependant := dependants[address.method, address.path])
    ]
    assert len(found) > 60, "the application's routes are kept elsewhere than this walk looks"
    return found


def _names(dependant: Dependant, kind: str) -> list[str]:
    names: list[str] = []
    for field in getattr(dependant, kind):
        model = field.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            names += model.model_fields
        else:
            names.append(field.alias)
    return names + [name for one in dependant.dependencies for name in _names(one, kind)]


class City:
    """A served workspace with somebody of each role, and something behind every kind of page."""

    def __init__(self, context: Context, web: FastAPI, port: int) -> None:
        self.context, self.web, self.port = context, web, port
        self.routes = walked(web)
        self.sessions = {role: open_session(context, f"{role.value}-1") for role in Role}

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        role: Role | None = None,
        **headers: str,
    ) -> Answer:
        named = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}
        if body or method == "POST":
            named["Content-Type"] = "application/x-www-form-urlencoded"
        if role is not None:
            named["Cookie"] = f"session={self.sessions[role]}"
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(
                method, path, body, {name: value for name, value in named.items() if value}
            )
            answer = connection.getresponse()
            said = answer.read().decode("utf-8", "replace")
        finally:
            connection.close()
        return Answer(answer.status, dict(answer.getheaders()), said)


def fill(context: Context) -> None:
    """Let there be something to see, to call, to read, to decide."""
    add_offices(context, "agency", "agency")
    for role in Role:
        add_user(context, f"{role.value}-1", role, VALID["password"], BODIES.get(role))
    yesterday = context.today() - ONE_DAY  # today's draw is made by the button, if at all
    one = add_survey(context, "AG-1", "K-1", drawn_on=yesterday)
    add_text(context, one)
    add_inbound(context, one, "hm")
    add_survey(context, "AG-2", "K-2", "+8657712345678", drawn_on=yesterday)
    with writing(context.engine) as connection:
        connection.execute(
            surveys.update()
            .where(surveys.c.id == one)
            .values(rating=Rating.SATISFIED, rated_by="sms")
        )
    queue_calls(context)
    add_key(context, "AG-1", "counter")
    appraisal.score_month(context, "2023-05")
    appraisal.score_year(context, 2023)
    add_objection(context, "AG-1", text="why", month="2023-05")


@contextmanager
def served(context: Context) -> Iterator[City]:
    web = make_web(App(context, {}))
    listening = listen("127.0.0.1", 0)
    server = make_server(web)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield City(context, web, listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        for run in threading.enumerate():
            if run.name == "day-by-hand":
                run.join()
        listening.close()
        context.engine.dispose()


@pytest.fixture(scope="module")
def city(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    context = workspace(tmp_path_factory.mktemp("city"))
    fill(context)
    with served(context) as made:
        yield made


def test_every_route_needs_a_role_unless_it_is_on_the_short_list(city: City) -> None:
    assert [str(one) for one in city.routes if one.access is None] == []
    assert [str(one) for one in city.routes if one.guarded and not one.roles] == []
    assert {one.path for one in city.routes if isinstance(one.access, Anyone)} == set(PUBLIC)
    keyed = {one.path for one in city.routes if one.path.startswith(KEYED)}
    assert {one.path for one in city.routes if isinstance(one.access, KeyAccess)} == keyed


def test_a_route_that_no_table_guards_is_found(tmp_path: Path) -> None:
    web = make_web(App(workspace(tmp_path), {}))
    web.add_api_route("/secrets", lambda: "told")
    lacking = [address.path for address in addresses_of(web) if address.access is None]
    assert lacking == ["/secrets"]


def test_a_link_of_the_header_opens_for_those_who_are_shown_it(city: City) -> None:
    for path, _, shown_to in NAVIGATION:
        (route,) = (one for one in city.routes if (one.method, one.path) == ("GET", path))
        assert set(shown_to) == route.roles, path


def test_no_page_is_for_offices_and_others_alike(city: City) -> None:
    """An office sees its own reports, its own account, and the published hashes of the draws."""
    for one in city.routes:
        if Role.OFFICE in one.roles:
            own = one.path.startswith("/account")
            shared = EVERYBODY - {Role.CALLER} if one.path == "/draws" else {Role.OFFICE}
            assert one.roles == (EVERYBODY if own else shared), one


def test_only_its_roles_open_a_route(city: City) -> None:
    for one in city.routes:
        if not one.guarded:
            continue
        path, form = one.filled()
        stranger = city.ask(one.method, path, form)
        assert stranger.status == 303, one
        assert stranger.headers["location"].startswith("/login?next="), one
        for role in EVERYBODY - one.roles:
            assert city.ask(one.method, path, form, role).status == 403, (one, role)


def test_no_key_opens_no_api(city: City) -> None:
    for one in city.routes:
        if one.path.startswith(KEYED):
            path, form = one.filled()
            for given in ("", "Bearer x", "Basic eDp5"):
                assert city.ask(one.method, path, form, Authorization=given).status == 401, one


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": ""},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "", "Origin": "https://elsewhere.example"},
        {"Sec_Fetch_Site": "", "Origin": "null"},
    ],
)
def test_no_form_of_another_site_is_taken(city: City, headers: dict[str, str]) -> None:
    forms = [one for one in city.routes if one.method == "POST"]
    for one in forms:
        if one.path.startswith(("/hooks/", KEYED)):
            continue
        path, form = one.filled()
        role = next(iter(one.roles), Role.ADMIN)
        answer = city.ask("POST", path, form, role, **headers)
        assert answer.status == 403, one
        assert "<h1>" in answer.said, one
        assert "form came from" in answer.said, one


def _asks(city: City, value: str) -> Iterator[tuple[str, str, Answer]]:
    """Send a value in the place of every parameter of every route."""
    for one in city.routes:
        role = next(iter(sorted(one.roles)), None)
        for name in {*one.in_path, *one.in_query, *one.in_form}:
            if one.path == "/admin/doctor" or (name in one.in_path and not value):
                continue
            path, form = one.filled(**{name: value})
            yield str(one), name, city.ask(one.method, path, form, role)


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: ascii(value)[1:30])
def test_no_value_is_a_fault(city: City, value: str) -> None:
    for route, name, answer in _asks(city, value):
        assert answer.status < 500, (route, name, answer.said[-800:])
        lacking = {one for one in HEADERS if one.lower() not in map(str.lower, answer.headers)}
        assert not lacking, (route, name)
        if value in CONTROLS and "/hooks/" not in route:
            assert answer.status in (400, 404, 422), (route, name)
            assert "detail" in answer.said or "<h1>" in answer.said, (route, name)


def test_one_request_holds_one_connection(
    database: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """With a single connection to be had, every route is answered: none needs two at a time."""
    context = workspace(tmp_path)
    fill(context)
    url = context.settings.database.url
    shutil.copytree(shipped() / "templates", context.home / "templates")
    single = open_engine(url, context.home, connections=1, turn=5)  # beside the run that it begins
    context.engine.dispose()
    with served(replace(context, engine=single)) as city:
        order = sorted(city.routes, key=lambda one: one.method)
        for one in order:
            if one.path in ("/logout", "/account/sessions/end-others"):
                continue
            path, form = one.filled()
            answer = city.ask(one.method, path, form, next(iter(sorted(one.roles)), None))
            assert answer.status < 500, (one, answer.said[-500:])
    with reading(single) as connection:
        run = day_runs.run_of(connection, context.today())
    assert run is not None
    assert run.error is None
    assert run.finished_at is not None, "the run of the day's button has ended"
    single.dispose()
