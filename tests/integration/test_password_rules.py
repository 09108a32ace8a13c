"""Passwords that anybody would try are refused, on pages and command line (section 9.1)."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from survey_pipeline.app import App
from survey_pipeline.cli.main import app as cli
from survey_pipeline.errors import UsageError
from survey_pipeline.people.accounts import add_user
from survey_pipeline.people.password_rules import (
    FEWEST_GUESSES,
    LONGEST,
    MOST_READINGS,
    _readings,
    check_new_password,
    guesses_for,
)
from survey_pipeline.people.passwords import generate_password
from survey_pipeline.people.sessions import open_session
from survey_pipeline.testing import workspace
from survey_pipeline.testing.asgi_client import AsgiClient
from survey_pipeline.vocabulary import Role
from survey_pipeline.web.application import make_web
from survey_pipeline.workspace import create_workspace

PASSWORD = "correct horse battery"


@pytest.mark.parametrize(
    "password",
    [
        "1234567890", "0123456789", "password123", "Password2023", "P@ssw0rd2023", "qwertyuiop",
        "1qaz2wsx3edc", "iloveyou123", "woaini1314", "a123456789", "admin123456", "aaaaaaaaaaaa",
        "lilililili", "20231128001", "abcdefghij",
    ],
)  # fmt: skip
def test_what_anybody_would_try_is_refused(password: str) -> None:
    with pytest.raises(UsageError, match="easy to guess"):
        check_new_password(password, "li", "市评议办")


@pytest.mark.parametrize(
    ("password", "named"),
    [
        ("my WANG and a horse", "wang"), ("王芳和一匹马在河边上走", "王芳"),
        ("我们市评议办的人很多啊", "市评议办"),
    ],
)  # fmt: skip
def test_the_users_and_the_organisations_name_are_refused(password: str, named: str) -> None:
    names = {"wang", "王芳", "市评议办"}
    with pytest.raises(UsageError, match=f"must not contain {named}"):
        check_new_password(password, *names)
    check_new_password(password, *names - {named})


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD, "a city in May", "四匹马站在桥边看月亮", "kT9#vq2LmZ", "li bai drinks alone",
        "x7" * 5 + "a horse in a river", "long enough, and longer" * 8,
    ],
)  # fmt: skip
def test_others_are_taken(password: str) -> None:
    assert len(password) <= LONGEST
    check_new_password(password, "li", "市评议办")


def test_no_password_is_estimated_in_more_ways_than_a_few() -> None:
    """Signs that may stand for letters multiply the work: this one took ten seconds."""
    hostile = "4@8({[<369!|170$5+7%2" * 4
    assert _readings(hostile) > MOST_READINGS >= _readings("1234567890!@#$%^&*()")
    check_new_password(hostile)
    with pytest.raises(UsageError):
        check_new_password("1234567890!@")


def test_what_we_make_ourselves_is_never_refused() -> None:
    assert all(guesses_for(generate_password()) >= FEWEST_GUESSES for _ in range(50))


def test_the_pages_say_so_in_both_languages(tmp_path: Path) -> None:
    context = workspace(tmp_path)
    add_user(context, "wang", Role.CALLER, PASSWORD)
    form = {"old": PASSWORD, "new": "password123", "again": "password123"}
    for language, said in (("en", "easy to guess"), ("zh_CN", "容易被猜到")):
        token = open_session(context, "wang")
        browser = AsgiClient(make_web(App(context, {})), language=language, session=token)
        refused = browser.post("/account/password", **form)
        assert refused.status == 400
        assert said in refused.text


def test_the_command_line_says_so(tmp_path: Path) -> None:
    create_workspace(tmp_path)
    words = ["--home", str(tmp_path), "user", "add", "wang", "--role", "caller"]
    for password in ("password123", "wang and a horse"):
        done = CliRunner().invoke(cli, [*words, "--password-stdin"], input=f"{password}\n")
        assert done.exit_code == 2, done.output
    taken = CliRunner().invoke(cli, [*words, "--password-stdin"], input=f"{PASSWORD}\n")
    assert taken.exit_code == 0, taken.output
