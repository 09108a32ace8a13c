"""Accounts, sessions and keys: hashed, revocable, slowed down, on record.

Source: specification, section 2.
"""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from survey_pipeline.errors import CannotProceed, UnknownRecord, UsageError
from survey_pipeline.people import api_keys
from survey_pipeline.people.accounts import (
    add_user,
    disable_user,
    enable_user,
    has_users,
    list_users,
)
from survey_pipeline.people.authentication import authenticate, change_password
from survey_pipeline.people.sessions import end_session, find_session, open_session
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import audit_log, users, web_sessions
from survey_pipeline.testing import SetContext, add_offices, workspace
from survey_pipeline.vocabulary import Role

PASSWORD = "correct horse battery"


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    made = workspace(tmp_path)
    add_offices(made, "agency")
    return made


def advance(context: SetContext, **by: int) -> None:
    context.clock.at += timedelta(**by)


def test_a_password_is_kept_as_argon2id_and_never_itself(context: SetContext) -> None:
    add_user(context, "Li", Role.CALLER, PASSWORD)
    with reading(context.engine) as connection:
        row = connection.execute(select(users)).one()
    assert row.password_hash.startswith("$argon2id$")
    assert PASSWORD.encode() not in (context.home / "survey.db").read_bytes()


@pytest.mark.parametrize("typed", ["li", " LI ", "ｌｉ"])
def test_a_name_is_compared_as_people_type_it(context: SetContext, typed: str) -> None:
    add_user(context, "Li", Role.CALLER, PASSWORD)
    account = authenticate(context, typed, PASSWORD, "10.0.0.1")
    assert account is not None
    assert (account.name, account.role) == ("li", Role.CALLER)
    with pytest.raises(CannotProceed, match="exists already"):
        add_user(context, typed, Role.ADMIN, PASSWORD)


@pytest.mark.parametrize(
    ("name", "role", "password", "office", "error"),
    [
        ("", Role.ADMIN, PASSWORD, None, UsageError),
        ("x" * 51, Role.ADMIN, PASSWORD, None, UsageError),
        ("li", Role.ADMIN, "short", None, UsageError),
        ("li" * 5, Role.ADMIN, "LI" * 5, None, UsageError),
        ("li", Role.OFFICE, PASSWORD, None, UsageError),
        ("li", Role.CALLER, PASSWORD, "AG-1", UsageError),
        ("li", Role.OFFICE, PASSWORD, "NO-1", UnknownRecord),
    ],
)
def test_what_makes_no_account_is_refused(
    context: SetContext,
    name: str,
    role: Role,
    password: str,
    office: str | None,
    error: type[Exception],
) -> None:
    with pytest.raises(error):
        add_user(context, name, role, password, office)
    assert not has_users(context)


def test_a_session_ends_by_time_by_signing_out_and_by_its_persons_end(context: SetContext) -> None:
    add_user(context, "boss", Role.ADMIN, PASSWORD)
    add_user(context, "li", Role.CALLER, PASSWORD)
    used, left, kept = (open_session(context, "li") for _ in range(3))
    advance(context, hours=11)
    assert find_session(context, kept) is not None
    end_session(context, used, "li")
    advance(context, hours=2)
    assert find_session(context, used) is None, "signed out"
    assert find_session(context, left) is None, "not used for twelve hours"
    assert find_session(context, kept) is not None, "used meanwhile"
    disable_user(context, "li")
    assert find_session(context, kept) is None
    assert authenticate(context, "li", PASSWORD, "") is None


def test_the_use_of_a_session_that_ended_meanwhile_is_not_noted(context: SetContext) -> None:
    add_user(context, "li", Role.CALLER, PASSWORD)
    token = open_session(context, "li")
    advance(context, hours=1)
    to_note: list[Callable[[], object]] = []
    assert find_session(context, token, lambda _name, note: to_note.append(note)) is not None
    end_session(context, token, "li")
    with reading(context.engine) as connection:
        ended = connection.execute(select(web_sessions)).one()
    for note in to_note:
        note()
    with reading(context.engine) as connection:
        assert connection.execute(select(web_sessions)).one() == ended
    assert len(to_note) == 1


def test_who_was_disabled_and_is_enabled_signs_in_anew_with_the_same_password(
    context: SetContext,
) -> None:
    add_user(context, "boss", Role.ADMIN, PASSWORD)
    add_user(context, "li", Role.CALLER, PASSWORD)
    token = open_session(context, "li")
    disable_user(context, "li")
    enable_user(context.acting("boss"), " LI ")
    assert authenticate(context, "li", PASSWORD, "")
    assert find_session(context, token) is None, "an old session stays ended"
    enable_user(context.acting("boss"), "li")
    with reading(context.engine) as connection:
        query = select(audit_log).where(audit_log.c.action == "updated")
        rows = connection.execute(query).all()
    assert [(row.actor, row.key, row.after) for row in rows] == [("boss", "li", {"disabled": "no"})]
    with pytest.raises(UnknownRecord, match="nobody is called zhao"):
        enable_user(context, "zhao")


def test_another_password_ends_every_session(context: SetContext) -> None:
    add_user(context, "li", Role.CALLER, PASSWORD)
    token = open_session(context, "li")
    change_password(context, "li", "another long one")
    assert find_session(context, token) is None
    assert authenticate(context, "li", PASSWORD, "") is None
    assert authenticate(context, "li", "another long one", "")


def test_the_database_holds_no_token_and_no_key(context: SetContext) -> None:
    add_user(context, "li", Role.CALLER, PASSWORD)
    token = open_session(context, "li")
    _, key = api_keys.add_key(context, "AG-1", "windows")
    with reading(context.engine) as connection:
        assert len(connection.execute(select(web_sessions)).all()) == 1
    stored = b"".join(path.read_bytes() for path in context.home.glob("survey.db*"))
    assert token.encode() not in stored
    assert key.encode() not in stored


def test_the_last_admin_stays(context: SetContext) -> None:
    add_user(context, "boss", Role.ADMIN, PASSWORD)
    with pytest.raises(CannotProceed, match="last admin"):
        disable_user(context, "boss")
    add_user(context, "other", Role.ADMIN, PASSWORD)
    disable_user(context, "boss")
    assert [one.name for one in list_users(context) if one.disabled_at] == ["boss"]


def test_a_key_opens_for_its_office_until_it_is_revoked(context: SetContext) -> None:
    number, key = api_keys.add_key(context, "AG-1", "windows")
    assert api_keys.office_of_key(context, key) == "AG-1"
    assert api_keys.office_of_key(context, key + "x") is None
    api_keys.revoke_key(context, number)
    assert api_keys.office_of_key(context, key) is None
    with pytest.raises(UnknownRecord):
        api_keys.revoke_key(context, number)


def test_who_was_made_and_ended_is_on_record(context: SetContext) -> None:
    add_user(context, "boss", Role.ADMIN, PASSWORD)
    add_user(context, "li", Role.CALLER, PASSWORD)
    disable_user(context.acting("boss"), "li")
    number, _ = api_keys.add_key(context.acting("boss"), "AG-1", "")
    with reading(context.engine) as connection:
        rows = connection.execute(select(audit_log).order_by(audit_log.c.id)).all()
    assert [(row.actor, row.action, row.kind, row.key) for row in rows] == [
        ("tester", "created", "users", "boss"),
        ("tester", "created", "users", "li"),
        ("boss", "withdrawn", "users", "li"),
        ("boss", "created", "api_keys", str(number)),
    ]
    assert not any(PASSWORD in str(row) for row in rows)
