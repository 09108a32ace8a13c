"""Sign-ins under attack: tries at once, networks, names that deceive, the first admin's link."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from survey_pipeline.errors import CannotProceed, SurveyPipelineError, UsageError
from survey_pipeline.people import passwords
from survey_pipeline.people.account_names import check_new_name, skeleton
from survey_pipeline.people.accounts import add_first_admin, add_user, list_users
from survey_pipeline.people.authentication import authenticate, change_own_password, change_password
from survey_pipeline.people.networks import network_of
from survey_pipeline.people.sessions import (
    IDLE,
    LONGEST,
    end_other_sessions,
    find_session,
    open_session,
    open_sessions,
    revoke_session,
)
from survey_pipeline.people.throttle import TooManyFailures, clear_failures, throttled_names
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import audit_log, web_sessions
from survey_pipeline.testing import SetContext, workspace
from survey_pipeline.vocabulary import Role

pytestmark = pytest.mark.usefixtures("database")

PASSWORD, OTHER = "correct horse battery", "another long one"
HERE, THERE = "192.0.2.1", "198.51.100.7"


@pytest.fixture
def context(database: str, tmp_path: Path) -> SetContext:
    return workspace(tmp_path)


def advance(context: SetContext, **by: int) -> None:
    context.clock.at += timedelta(**by)


def at_once(count: int, do: Callable[[int], object]) -> list[object]:
    """Do something so many times at the same moment; return results and errors."""
    together = threading.Barrier(count)

    def one(number: int) -> object:
        together.wait()
        try:
            return do(number)
        except SurveyPipelineError as error:
            return error

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(one, range(count)))


def fail(context: SetContext, count: int, name: str = "li", address: str = HERE) -> None:
    for _ in range(count):
        assert authenticate(context, name, "wrong password", address) is None


def test_of_many_tries_at_once_five_are_looked_at(context: SetContext) -> None:
    add_user(context, "li", Role.CALLER, PASSWORD)
    tries = at_once(24, lambda _: authenticate(context, "li", "wrong password", HERE))
    assert tries.count(None) == 5
    assert sum(isinstance(one, TooManyFailures) for one in tries) == 19


def test_strangers_do_not_keep_a_person_out(context: SetContext) -> None:
    add_user(context, "li", Role.CALLER, PASSWORD)
    fail(context, 5, address=THERE)
    with pytest.raises(TooManyFailures):
        authenticate(context, "li", PASSWORD, THERE)
    assert authenticate(context, "li", PASSWORD, HERE)


def test_failures_slow_down_and_never_shut_out(context: SetContext) -> None:
    add_user(context, "li", Role.CALLER, PASSWORD)
    fail(context, 5)
    waits = []
    for _ in range(7):
        with pytest.raises(TooManyFailures) as refused:
            authenticate(context, "li", PASSWORD, HERE)
        waits.append(refused.value.seconds)
        assert f"{waits[-1]} seconds" in str(refused.value)
        advance(context, seconds=waits[-1])
        fail(context, 1)
    assert waits == [5, 10, 20, 40, 60, 60, 60]
    advance(context, seconds=60)
    assert authenticate(context, "li", PASSWORD, HERE)
    fail(context, 4)
    assert authenticate(context, "li", PASSWORD, HERE), "who got in begins anew"


def test_a_network_that_guesses_many_names_is_slowed_but_for_those_it_knows(
    context: SetContext,
) -> None:
    add_user(context, "li", Role.CALLER, PASSWORD)
    add_user(context, "wang", Role.CALLER, PASSWORD)
    open_session(context, "li", address=HERE)
    for number in range(30):
        fail(context, 1, name=f"guess-{number}")
    with pytest.raises(TooManyFailures):
        authenticate(context, "wang", PASSWORD, HERE)
    assert authenticate(context, "li", PASSWORD, HERE), "has signed in from here before"
    assert authenticate(context, "wang", PASSWORD, THERE)
    advance(context, seconds=5)
    assert authenticate(context, "wang", PASSWORD, HERE), "slower, not shut"


def test_an_admin_clears_it(context: SetContext) -> None:
    add_user(context, "li", Role.CALLER, PASSWORD)
    fail(context, 5)
    assert [(one.name, one.network, one.failures) for one in throttled_names(context)] == [
        ("li", HERE, 5)
    ]
    assert clear_failures(context.acting("boss"), "li") == 5
    assert throttled_names(context) == []
    assert authenticate(context, "li", PASSWORD, HERE)
    with reading(context.engine) as connection:
        log = connection.execute(select(audit_log).order_by(audit_log.c.id.desc())).first()
    assert log is not None
    assert (log.actor, log.key, log.after) == ("boss", "li", {"failed_sign_ins": "cleared"})


def test_a_new_password_from_an_admin_begins_anew(context: SetContext) -> None:
    add_user(context, "li", Role.CALLER, PASSWORD)
    fail(context, 5)
    change_password(context.acting("boss"), "li", OTHER)
    assert authenticate(context, "li", OTHER, HERE)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("x" * 500, "x" * 60),
    ],
)
def test_a_visitor_is_one_address_or_a_network_of_64_bits(address: str, network: str) -> None:
    assert network_of(address) == network


def test_another_address_of_the_same_network_is_no_way_around(context: SetContext) -> None:
    add_user(context, "li", Role.CALLER, PASSWORD)
    for number in range(5):
        fail(context, 1, address=f"2001:db8:1:2::{number}")
    with pytest.raises(TooManyFailures):
        authenticate(context, "li", PASSWORD, "2001:db8:1:2:ffff::1")
    assert authenticate(context, "li", PASSWORD, "2001:db8:1:3::1")


def test_few_hashes_are_made_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes 64 MiB: forty at once took more than a gigabyte."""
    real, now, most, lock = passwords._hasher(), 0, 0, threading.Lock()

    class Counting:
        def verify(self, *given: str) -> bool:
            nonlocal now, most
            with lock:
                now += 1
                most = max(most, now)
            try:
                return real.verify(*given)
            finally:
                with lock:
                    now -= 1

    stored = passwords.hash_password(PASSWORD, "li")
    monkeypatch.setattr(passwords, "_hasher", Counting)
    assert all(at_once(12, lambda _: passwords.is_password(PASSWORD, stored)))
    assert most <= passwords.CONCURRENT_HASHES


@pytest.mark.parametrize(
    "name",
    [
        "system", "SYSTEM", " scheduler ", "Web", "ｒｏｏｔ", "first-admin", "first–admin",
        "key of AG-1", "ѕyѕtem", "sуstem", "r00t", "a\0b", "a\x1b[31mb", "a\nb", "a\tb", "a\u202eb",
        "a\u200bb", "a\ufeffb", "a\u00adb", "a\u2028b", "\ud800", "", "   ", "--",
        "a  b", "x" * 51, "\ue000",
    ],
)  # fmt: skip
def test_names_that_deceive_are_refused(context: SetContext, name: str) -> None:
    with pytest.raises(UsageError):
        add_user(context, name, Role.ANALYST, PASSWORD)
    assert list_users(context) == []


@pytest.mark.parametrize(
    "name", ["li", "王芳", "li wei", "o'brien", "ops-1", "zhang.san", "AG-001", "admin", "李1"]
)
def test_ordinary_names_are_taken(name: str) -> None:
    assert check_new_name(name) == name.casefold()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("paypal", "раураl"), ("li", "1i"), ("boss", "b0ss"), ("wang", "wаng"), ("li wei", "liwei"),
        ("王二", "王ニ"), ("王-1", "王–l"), ("morn", "mom"), ("lí", "li"), ("ops-1", "ops‑l"),
    ],
)  # fmt: skip
def test_nobody_is_taken_for_another_person(context: SetContext, one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)
    add_user(context, one, Role.CALLER, PASSWORD)
    with pytest.raises(CannotProceed, match="looks like"):
        add_user(context, other, Role.ADMIN, PASSWORD)
    with pytest.raises(CannotProceed, match="exists already"):
        add_user(context, one, Role.ADMIN, PASSWORD)


def test_of_several_first_admins_at_once_one_is_made(context: SetContext) -> None:
    made = at_once(3, lambda number: add_first_admin(context, f"boss{number}x", PASSWORD))
    assert len([one for one in made if one is not None]) == 1
    assert len(list_users(context)) == 1
    assert add_first_admin(context, "late", PASSWORD) is None


def test_a_session_ends_however_much_it_is_used(context: SetContext) -> None:
    add_user(context, "li", Role.CALLER, PASSWORD)
    token, hours = open_session(context, "li"), 0
    while find_session(context, token):
        hours += 1
        assert hours <= LONGEST // timedelta(hours=1)
        assert open_sessions(context, "li")
        advance(context, hours=1)
    assert hours == LONGEST // timedelta(hours=1) > IDLE // timedelta(hours=1)
    assert open_sessions(context, "li") == []


def test_the_use_of_a_session_is_written_down_beside_the_page(context: SetContext) -> None:
    """While another writer holds the database, and where it cannot be written at all."""
    add_user(context, "li", Role.CALLER, PASSWORD)
    token = open_session(context, "li")
    advance(context, minutes=10)
    later: list[Callable[[], object]] = []
    with writing(context.engine):
        who = find_session(context, token, lambda _name, do: later.append(do))
    assert who is not None
    assert who.name == "li"
    for do in later:
        do()
    (session,) = open_sessions(context, "li")
    assert session.seen_at == context.now()


def test_people_end_their_own_sessions_alone(context: SetContext) -> None:
    add_user(context, "li", Role.CALLER, PASSWORD)
    add_user(context, "wang", Role.CALLER, PASSWORD)
    mine = open_session(context, "li", address=HERE, browser="Firefox, Linux")
    mine_too, theirs = open_session(context, "li"), open_session(context, "wang")
    keys = {one.name: one.key for one in open_sessions(context) if one.name == "wang"}
    with pytest.raises(CannotProceed):
        revoke_session(context.acting("li"), keys["wang"], owner="li")
    end_other_sessions(context.acting("li"), "li", mine)
    assert find_session(context, mine_too) is None
    assert find_session(context, mine)
    assert find_session(context, theirs)
    (left,) = open_sessions(context, "li")
    assert (left.network, left.browser) == (HERE, "Firefox, Linux")


def test_people_change_their_own_password(context: SetContext) -> None:
    add_user(context, "li", Role.CALLER, PASSWORD)
    here, elsewhere = open_session(context, "li"), open_session(context, "li")
    given = {"address": HERE, "token": here}
    with pytest.raises(UsageError, match="present password is wrong"):
        change_own_password(context.acting("li"), "li", OTHER, "a third one, long", **given)
    for unfit in ("short", "li", PASSWORD):
        with pytest.raises(UsageError):
            change_own_password(context.acting("li"), "li", PASSWORD, unfit, **given)
    change_own_password(context.acting("li"), "li", PASSWORD, OTHER, **given)
    assert find_session(context, here)
    assert find_session(context, elsewhere) is None
    assert authenticate(context, "li", PASSWORD, THERE) is None
    assert authenticate(context, "li", OTHER, THERE)
    with reading(context.engine) as connection:
        ended = connection.execute(
            select(web_sessions.c.ended_by).where(web_sessions.c.ended_at.is_not(None))
        ).scalars()
        assert list(ended) == ["li"]


def test_a_wrong_present_password_is_slowed_down_as_at_the_sign_in(context: SetContext) -> None:
    add_user(context, "li", Role.CALLER, PASSWORD)
    token = open_session(context, "li", address=HERE)
    for _ in range(5):
        with pytest.raises(UsageError):
            change_own_password(context, "li", "guess", OTHER, address=HERE, token=token)
    with pytest.raises(TooManyFailures):
        change_own_password(context, "li", PASSWORD, OTHER, address=HERE, token=token)
