"""Accounts and keys for many at once; first passwords in a file for its owner, to be replaced."""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from survey_pipeline.cli.main import app
from survey_pipeline.context import Context
from survey_pipeline.edited import shipped
from survey_pipeline.errors import UsageError
from survey_pipeline.people.accounts import add_user, list_users
from survey_pipeline.people.api_keys import office_of_key
from survey_pipeline.people.authentication import authenticate, change_password, choose_password
from survey_pipeline.people.sessions import find_session, open_session
from survey_pipeline.store.crypto import derived_keys, write_key_file
from survey_pipeline.testing import add_offices, workspace
from survey_pipeline.vocabulary import Role

PASSWORD = "correct horse battery"


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    made = workspace(tmp_path)
    shutil.copytree(shipped() / "templates", tmp_path / "templates")
    (tmp_path / "config" / "pipeline.toml").write_text('locale = "en"\n')
    write_key_file(tmp_path / "survey.key", derived_keys("test"))
    add_offices(made, "agency", "agency", "health")
    yield made
    made.engine.dispose()


def run(context: Context, *words: object) -> Result:
    called = ["--home", str(context.home), *map(str, words)]
    return CliRunner().invoke(app, called, catch_exceptions=False)


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_office_without_an_account_gets_one(context: Context, tmp_path: Path) -> None:
    add_user(context, "li", Role.OFFICE, PASSWORD, "AG-1")
    file = tmp_path / "out.csv"
    done = run(context, "user", "add", "--offices", "--passwords", file)
    assert done.exit_code == 0
    assert "2 people may sign in" in done.stdout
    assert file.stat().st_mode & 0o777 == 0o600
    made = lines(file)
    assert [(one["office_code"], one["office"]) for one in made] == [
        ("AG-2", "Office 2"),
        ("HE-3", "Office 3"),
    ]
    for one in made:
        assert one["password"] not in done.stdout
        account = authenticate(context, one["name"], one["password"], "here")
        assert account is not None
        assert (account.role, account.office_code) == (Role.OFFICE, one["office_code"])
        who = find_session(context, open_session(context, account.name))
        assert who is not None
        assert who.must_change
    again = run(context, "user", "add", "--offices", "--passwords", tmp_path / "second.csv")
    assert "Nobody is to be added." in again.stdout
    assert len(list_users(context)) == 3


def test_a_file_of_people_refuses_the_wrong_ones_and_keeps_the_others(
    context: Context, tmp_path: Path
) -> None:
    people = tmp_path / "people.csv"
    rows = [
        "name,role,office",
        "wang,caller,",
        "zhao,chief,",
        "qian,office,NO-1",
        "sun,office,AG-1",
    ]
    people.write_text("\n".join(rows), encoding="utf-8-sig")
    file = tmp_path / "out.csv"
    done = run(context, "user", "add", "--file", people, "--passwords", file)
    assert done.exit_code == 3
    assert [one["name"] for one in lines(file)] == ["wang", "sun"]
    assert "zhao: there is no role chief" in done.stderr
    assert "qian: there is no office NO-1" in done.stderr
    assert [one.name for one in list_users(context)] == ["sun", "wang"]


def test_no_file_is_overwritten(context: Context, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    file.write_text("somebody's")
    done = run(context, "user", "add", "--offices", "--passwords", file)
    assert done.exit_code == 4
    assert file.read_text() == "somebody's"
    assert list_users(context) == []


@pytest.mark.parametrize(
    "words", [(), ("li", "--offices"), ("li",), ("--file", "x.csv", "--offices")]
)
def test_one_way_to_say_who_is_asked_for(context: Context, words: tuple[str, ...]) -> None:
    assert run(context, "user", "add", *words).exit_code == 2


@pytest.mark.parametrize("text", ["name;role\n", "who,role\nli,caller\n", "\xff"])
def test_a_file_that_is_none_is_refused(context: Context, tmp_path: Path, text: str) -> None:
    people = tmp_path / "people.csv"
    people.write_bytes(text.encode("latin-1"))
    assert run(context, "user", "add", "--file", people).exit_code == 2
    assert list_users(context) == []


def test_every_office_gets_a_key_once(context: Context, tmp_path: Path) -> None:
    file = tmp_path / "keys.csv"
    done = run(context, "key", "add", "--offices", "--label", "windows", "--keys", file)
    assert (done.exit_code, file.stat().st_mode & 0o777) == (0, 0o600)
    assert [office_of_key(context, one["key"]) for one in lines(file)] == ["AG-1", "AG-2", "HE-3"]
    other = tmp_path / "other.csv"
    again = run(context, "key", "add", "--offices", "--label", "windows", "--keys", other)
    assert "0 keys made." in again.stdout
    assert not other.exists()


def test_a_given_password_is_replaced_by_another_one(context: Context) -> None:
    add_user(context, "li", Role.CALLER, PASSWORD, must_change=True)
    with pytest.raises(UsageError):
        choose_password(context, "li", PASSWORD)
    choose_password(context, "li", "a password of my own")
    who = find_session(context, open_session(context, "li"))
    assert who is not None
    assert not who.must_change
    change_password(context, "li", PASSWORD, must_change=True)
    who = find_session(context, open_session(context, "li"))
    assert who is not None
    assert who.must_change
