"""The second factor: set up, asked for after the password, never twice, slowed down, reset.

Source: specification, section 9.1; RFC 6238.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pyotp
import pytest
from sqlalchemy import select, text, update
from typer.testing import CliRunner

from survey_pipeline.app import App, open_app
from survey_pipeline.calendar import SetClock
from survey_pipeline.cli.main import app as cli
from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UnknownRecord, UsageError
from survey_pipeline.people.accounts import list_users
from survey_pipeline.people.authentication import (
    authenticate,
    authenticate_code,
    change_password,
    check_own_password,
)
from survey_pipeline.people.passwords import hash_password
from survey_pipeline.people.second_factor import (
    accept_code,
    confirm_factor,
    offer_factor,
    recovery_codes_left,
    remove_factor,
    renew_recovery_codes,
    reset_factor,
)
from survey_pipeline.people.sessions import find_session, open_session
from survey_pipeline.people.started_sign_ins import VALID_FOR, find_started, start_sign_in
from survey_pipeline.people.throttle import TooManyFailures, throttled_names
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import audit_log, recovery_codes, second_factors, users
from survey_pipeline.testing import NOON, SetContext, workspace
from survey_pipeline.testing.asgi_client import AsgiClient
from survey_pipeline.vocabulary import Role
from survey_pipeline.web.application import make_web
from survey_pipeline.workspace import create_workspace

pytestmark = pytest.mark.usefixtures("database")

PASSWORD, OTHER = "correct horse battery", "another long one"
HASH = hash_password(PASSWORD)
HERE, THERE = "192.0.2.1", "198.51.100.7"
STEP = 30
RFC_CODES = {
    59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924",
    2000000000: "69279037", 20000000000: "65353130",
}  # fmt: skip


class Enrolled(NamedTuple):
    app: pyotp.TOTP
    token: str
    """Of the session in which it was set up."""
    recovery: Sequence[str]


@pytest.fixture
def context(database: str, tmp_path: Path) -> SetContext:
    made = workspace(tmp_path)
    person(made, "wang", Role.ADMIN)
    return made


def person(context: Context, name: str, role: Role) -> None:
    """Add a user as `add_user` does; the password is hashed once for all tests."""
    row = {"name": name, "role": role, "password_hash": HASH, "must_change": False}
    with writing(context.engine) as connection:
        connection.execute(users.insert(), {**row, "created_at": NOON, "created_by": "test"})


def advance(context: SetContext, seconds: int) -> None:
    context.clock.at += timedelta(seconds=seconds)


def code_of(context: SetContext, app: pyotp.TOTP) -> str:
    return app.at(context.now())


def enrol(context: SetContext, name: str = "wang") -> Enrolled:
    """Set up a factor; the next code is one that was not used."""
    token = open_session(context, name)
    app = pyotp.TOTP(offer_factor(context, name).secret)
    codes = confirm_factor(context.acting(name), name, code_of(context, app), token)
    advance(context, STEP)
    return Enrolled(app, token, codes)


def changes(context: SetContext) -> list[tuple[str, str, str]]:
    with reading(context.engine) as connection:
        rows = connection.execute(select(audit_log).order_by(audit_log.c.id)).all()
    return [
        (row.actor, row.key, row.after["second_factor"])
        for row in rows
        if row.after and "second_factor" in row.after
    ]


def test_codes_are_those_of_the_rfc(context: SetContext) -> None:
    """RFC 6238, appendix B; six digits are the last six of its eight."""
    enrol(context)
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # 12345678901234567890
    for seconds, code in RFC_CODES.items():
        with writing(context.engine) as connection:
            connection.execute(update(second_factors).values(secret=secret, last_step=None))
        context.clock.at = datetime.fromtimestamp(seconds, UTC)
        assert accept_code(context, "wang", code[-6:]), seconds


def test_a_factor_is_asked_for_once_it_is_confirmed(context: SetContext) -> None:
    offered = offer_factor(context, "wang")
    account = authenticate(context, "wang", PASSWORD, HERE)
    assert account is not None
    assert not account.second_factor, "offered and not confirmed"
    with pytest.raises(UsageError, match="not the app's present code"):
        confirm_factor(context, "wang", "000000", "")
    again = offer_factor(context, "wang")
    assert again.secret != offered.secret
    with pytest.raises(UsageError):
        confirm_factor(context, "wang", code_of(context, pyotp.TOTP(offered.secret)), "")
    here, elsewhere = open_session(context, "wang"), open_session(context, "wang")
    app = pyotp.TOTP(again.secret)
    codes = confirm_factor(context.acting("wang"), "wang", code_of(context, app), here)
    assert len(set(codes)) == recovery_codes_left(context, "wang") == 10
    assert find_session(context, here)
    assert find_session(context, elsewhere) is None
    account = authenticate(context, "wang", PASSWORD, HERE)
    assert account is not None
    assert account.second_factor
    assert [user.second_factor for user in list_users(context)] == [True]
    with pytest.raises(CannotProceed, match="already"):
        offer_factor(context, "wang")
    assert changes(context) == [("wang", "wang", "set up")]


def test_no_code_is_accepted_twice(context: SetContext) -> None:
    app = enrol(context).app
    code = code_of(context, app)
    with ThreadPoolExecutor(6) as threads:
        tries = list(threads.map(lambda _: accept_code(context, "wang", code), range(6)))
    assert tries.count(True) == 1
    advance(context, STEP)
    assert not accept_code(context, "wang", code), "still in the window"
    assert accept_code(context, "wang", code_of(context, app))
    assert not accept_code(context, "wang", code), "nor an earlier one after a later one"


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_clocks_may_differ_by_one_step(context: SetContext, steps: int, right: bool) -> None:
    app = enrol(context).app
    advance(context, 3 * STEP)
    code = app.at(context.now() + timedelta(seconds=steps * STEP))
    assert accept_code(context, "wang", code) is right


def test_a_code_is_read_as_people_type_it(context: SetContext) -> None:
    app, _, recovery = enrol(context)
    code = code_of(context, app)
    assert accept_code(context, "wang", f" {code[:3]} {code[3:]}\n")
    advance(context, STEP)
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    assert accept_code(context, "wang", code_of(context, app).translate(wide))
    assert accept_code(context, "wang", recovery[0].upper().replace("-", " "))


def test_a_recovery_code_is_used_once(context: SetContext) -> None:
    _, _, recovery = enrol(context)
    with ThreadPoolExecutor(4) as threads:
        tries = list(
            threads.map(lambda _: authenticate_code(context, "wang", recovery[3], HERE), range(4))
        )
    assert tries.count(True) == 1
    assert recovery_codes_left(context, "wang") == 9
    assert changes(context)[-1] == ("wang", "wang", "recovery code used")
    fresh = renew_recovery_codes(context.acting("wang"), "wang")
    assert not accept_code(context, "wang", recovery[4])
    assert accept_code(context, "wang", fresh[4])


def test_the_database_shows_neither_secret_nor_code(context: SetContext) -> None:
    app, _, recovery = enrol(context)
    with reading(context.engine) as connection:
        stored = connection.scalar(text("SELECT secret FROM second_factors"))
        hashes = connection.scalars(select(recovery_codes.c.code_hash)).all()
    assert stored.startswith("sealed:")
    assert app.secret not in stored
    assert all(code.encode() not in stored_hash for code in recovery for stored_hash in hashes)


def test_wrong_codes_and_wrong_passwords_are_slowed_down_together(context: SetContext) -> None:
    app = enrol(context).app
    for _ in range(2):
        assert authenticate(context, "wang", "a wrong password", HERE) is None
    assert authenticate(context, "wang", PASSWORD, HERE), "right, and counted until the code comes"
    for _ in range(2):
        assert not authenticate_code(context, "wang", "000000", HERE)
    for attempt in (
        lambda: authenticate(context, "wang", PASSWORD, HERE),
        lambda: authenticate_code(context, "wang", code_of(context, app), HERE),
    ):
        with pytest.raises(TooManyFailures):
            attempt()
    advance(context, 5)
    assert authenticate_code(context, "wang", code_of(context, app), HERE)
    assert throttled_names(context) == []


def test_codes_tried_from_many_networks_are_slowed_down_too(context: SetContext) -> None:
    """Else a thousand addresses would guess a thousand times as fast."""
    app = enrol(context).app
    person(context, "chen", Role.ANALYST)
    other = enrol(context, "chen").app
    open_session(context, "wang", address=THERE)
    for number in range(5):
        assert not authenticate_code(context, "wang", "000000", f"203.0.113.{number}")
    with pytest.raises(TooManyFailures):
        authenticate_code(context, "wang", "000000", "203.0.113.99")
    assert authenticate_code(context, "chen", code_of(context, other), HERE), "another person"
    assert authenticate_code(context, "wang", code_of(context, app), THERE), "has been there before"


def test_an_own_password_is_asked_for_without_a_code(context: SetContext) -> None:
    enrol(context)
    for _ in range(6):
        check_own_password(context, "wang", PASSWORD, HERE)
    with pytest.raises(UsageError):
        check_own_password(context, "wang", "a wrong password", HERE)


def test_a_started_sign_in_ends_by_time_and_by_another_password(context: SetContext) -> None:
    token = start_sign_in(context, "wang")
    assert find_started(context, token) == "wang"
    assert find_session(context, token) is None
    for at in range(0, len(token), 7):
        forged = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        assert find_started(context, forged) is None, at
    for nothing in ("", "x", "é", "=" * 40, token[:40]):
        assert find_started(context, nothing) is None
    other = replace(context, keys=replace(context.keys, data=bytes(64)))
    assert find_started(other, token) is None, "made under another key"
    advance(context, VALID_FOR.seconds)
    assert find_started(context, token) is None
    token = start_sign_in(context, "wang")
    change_password(context, "wang", OTHER)
    assert find_started(context, token) is None


def test_a_reset_ends_sessions_and_leaves_the_password(context: SetContext) -> None:
    _, token, recovery = enrol(context)
    reset_factor(context.acting("boss"), " WANG ")
    assert find_session(context, token) is None
    account = authenticate(context, "wang", PASSWORD, HERE)
    assert account is not None
    assert not account.second_factor
    assert not accept_code(context, "wang", recovery[0])
    assert changes(context)[-1] == ("boss", "wang", "reset")
    with pytest.raises(CannotProceed, match="has no second factor"):
        reset_factor(context, "wang")
    with pytest.raises(UnknownRecord):
        reset_factor(context, "zhao")


def test_the_command_resets_it(tmp_path: Path) -> None:
    create_workspace(tmp_path)
    home = ["--home", str(tmp_path)]
    with closing(open_app(tmp_path, clock=SetClock(NOON), environ={})) as app:
        person(app.context, "wang", Role.ADMIN)
        secret = offer_factor(app.context, "wang").secret
        confirm_factor(app.context, "wang", pyotp.TOTP(secret).at(NOON), "")
    done = CliRunner().invoke(cli, [*home, "user", "reset-factor", "wang"])
    assert done.exit_code == 0, done.output
    assert "wang" in done.output
    assert CliRunner().invoke(cli, [*home, "user", "reset-factor", "wang"]).exit_code == 4


def test_removing_it_ends_the_other_sessions(context: SetContext) -> None:
    _, token, _ = enrol(context)
    other = open_session(context, "wang")
    remove_factor(context.acting("wang"), "wang", token)
    assert find_session(context, token)
    assert find_session(context, other) is None
    assert changes(context)[-1] == ("wang", "wang", "removed")


# On the pages


def client(context: SetContext, **cookies: str) -> AsgiClient:
    return AsgiClient(make_web(App(context, {})), language="en", **cookies)


def sign_in(browser: AsgiClient, path: str = "") -> str:
    """Give name and password; return where it leads."""
    answer = browser.post("/login", name="wang", password=PASSWORD, next=path)
    assert answer.status == 303, answer.text
    return answer.location


def test_the_sign_in_asks_for_the_code_after_the_password(context: SetContext) -> None:
    app = enrol(context).app
    browser = client(context)
    assert browser.get("/login/code").location == "/login"
    assert browser.post("/login/code", code="1").location == "/login"
    address = sign_in(browser, "/admin/keys")
    assert address == "/login/code?next=%2Fadmin%2Fkeys"
    assert "session" not in browser.cookies, "the password alone opens nothing"
    assert browser.get("/admin").location.startswith("/login")
    assert 'value="/admin/keys"' in browser.get(address).text
    code = code_of(context, app)
    wrong = browser.post("/login/code", code=f"{(int(code) + 1) % 10**6:06}")
    assert wrong.status == 403
    assert "That code is wrong or has been used" in wrong.text
    right = browser.post("/login/code", code=code, next="/admin/keys")
    assert (right.status, right.location) == (303, "/admin/keys")
    assert browser.get("/admin/keys").status == 200
    assert "started" not in browser.cookies

    again = client(context)
    sign_in(again)
    assert again.post("/login/code", code=code).status == 403, "used already"
    for _ in range(4):
        last = again.post("/login/code", code="000000")
    assert last.status == 429
    assert int(last.headers["retry-after"]) > 0


def test_a_role_that_needs_a_factor_sets_it_up_before_anything_else(context: SetContext) -> None:
    security = context.settings.security.model_copy(update={"second_factor_for": (Role.ADMIN,)})
    settings = context.settings.model_copy(update={"security": security})
    context = replace(context, settings=settings)
    person(context, "li", Role.CALLER)
    browser = client(context)
    assert sign_in(browser) == "/"
    for path in ("/", "/admin", "/account", "/scores"):
        assert browser.get(path).location == "/account/factor", path
    assert "Set it up now" in browser.get("/account/factor").text
    wrong = browser.post("/account/factor", password="a wrong password")
    assert (wrong.status, "present password is wrong" in wrong.text) == (400, True)
    shown = browser.post("/account/factor", password=PASSWORD).text
    with reading(context.engine) as connection:
        secret: str = connection.execute(select(second_factors.c.secret)).scalar_one()
    assert secret in shown.replace(" ", "")
    assert secret not in browser.get("/account/factor").text.replace(" ", ""), "shown once"
    code = code_of(context, pyotp.TOTP(secret))
    done = browser.post("/account/factor/confirm", code=code)
    assert done.status == 200
    assert done.text.count('class="secret"') == 10
    assert browser.get("/admin").status == 200
    caller = client(context, session=open_session(context, "li"))
    assert caller.get("/callbacks").status == 200, "of another role nothing is asked"
    assert caller.get("/account/factor").status == 403
    assert "Second factor" not in caller.get("/account").text


def test_codes_are_renewed_and_the_factor_removed_by_password_and_code(context: SetContext) -> None:
    app, token, _ = enrol(context)
    browser = client(context, session=token)
    code = code_of(context, app)
    for given in (
        {"password": "a wrong password", "code": code},
        {"password": PASSWORD, "code": "1"},
    ):
        refused = browser.post("/account/factor/remove", **given)
        assert refused.status == 400
    proof = {"password": PASSWORD, "code": code}
    assert browser.post("/account/factor/codes", **proof).text.count('class="secret"') == 10
    assert browser.post("/account/factor/remove", **proof).status == 400, "used already"
    advance(context, STEP)
    proof["code"] = code_of(context, app)
    gone = browser.post("/account/factor/remove", **proof)
    assert gone.location == "/account"
    assert "Your second factor is removed" in browser.get("/account").text
    assert sign_in(client(context)) == "/"


def test_an_admin_resets_it_on_the_page(context: SetContext) -> None:
    enrol(context)
    person(context, "boss", Role.ADMIN)
    browser = client(context, session=open_session(context, "boss"))
    assert "Reset second factor" in browser.get("/admin/people").text
    assert browser.post("/admin/people/factor", name="wang").status == 303
    assert "Reset second factor" not in browser.get("/admin/people").text
    assert changes(context)[-1] == ("boss", "wang", "reset")
    assert browser.get("/admin/journal").text.count("second_factor") >= 1
