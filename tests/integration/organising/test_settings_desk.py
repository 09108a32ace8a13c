"""Settings changed on a page: comments stay, wrong values are refused, a change can be undone."""

import re
import tomllib
from difflib import unified_diff
from typing import Any

import pytest
from sqlalchemy import select

from survey_pipeline.editing.toml_values import quoted, with_values
from survey_pipeline.settings import load_settings
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import audit_log
from survey_pipeline.vocabulary import Role

PAGE = "/admin/settings"


def seen_in(page: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{12})"', page)
    assert found
    return found[1]


def changed_lines(before: str, after: str) -> list[str]:
    lines = unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def test_settings_are_changed_in_the_file_and_put_back(town: Any) -> None:
    context, browser = town.context, town.browser(Role.ADMIN)
    file = context.home / "config" / "pipeline.toml"
    shipped = file.read_text(encoding="utf-8")
    seen = seen_in(browser.get(PAGE).text)
    typed = {
        "sending.hours": "08:30-12:00，14:00-21:00",
        "callbacks.plan": "0h 2h 1d",
        "callbacks.dissatisfied": "no",
        "sampling.rate": "0.25",
        "sampling.maximum": "30",  # as it is
        "gateway.0.rate_per_second": "5",  # not in the file yet
        "gateway.0.price_per_segment": "0.05",
        "metrics.allow": "0.0.0.0/0",  # no setting of this page
    }
    saved = browser.post(PAGE, seen=seen, **typed)
    assert (saved.status, saved.location) == (303, f"{PAGE}?saved=6")
    after = file.read_text(encoding="utf-8")
    assert changed_lines(shipped, after) == [
        "-rate = 0.2",
        "+rate = 0.25",
        '-hours = ["09:00-12:00", "14:00-20:00"]',
        '+hours = ["08:30-12:00", "14:00-21:00"]',
        '-plan = "0h 4h 1d"                     # the wait before each attempt',
        '+plan = "0h 2h 1d"                     # the wait before each attempt',
        "-dissatisfied = true                   # call to ask why",
        "+dissatisfied = false                   # call to ask why",
        '-price_per_segment = "0.045"',
        '+price_per_segment = "0.05"',
        "+rate_per_second = 5",
    ]
    assert str(load_settings(context.home, {}).gateway[0].rate_per_second) == "5"
    page = browser.get(saved.location).text
    assert "6 settings are changed in the file." in page
    assert "<code>sending.hours</code>" in page  # waits for a restart
    with reading(context.engine) as connection:
        (noted,) = connection.execute(select(audit_log).where(audit_log.c.kind == "settings"))
    assert noted.before["callbacks.plan"] == "0h 4h 1d"
    assert noted.after["callbacks.plan"] == "0h 2h 1d"

    assert browser.post(PAGE, seen=seen, **typed).status == 400  # the file is another by now
    undone = browser.post(f"{PAGE}/undo", entry=str(noted.id), seen=seen_in(page))
    assert undone.status == 303
    assert load_settings(context.home, {}).callbacks.dissatisfied is True
    assert browser.post(f"{PAGE}/undo", entry="999", seen=seen).status == 404


def test_wrong_values_are_refused_all_at_once_and_kept_on_the_page(town: Any) -> None:
    context, browser = town.context, town.browser(Role.ADMIN)
    file = context.home / "config" / "pipeline.toml"
    shipped = file.read_bytes()
    seen = seen_in(browser.get(PAGE).text)
    for wrong, reason in (
        ({"sampling.rate": "2", "callbacks.hours": "17:00-09:00"}, "callbacks.hours.0 is wrong"),
        ({"sampling.minimum": "40"}, "minimum is above maximum"),
        ({"schedule.daily": "now and then"}, "schedule.daily is wrong"),
        ({"organisation.name": 'a"]\n[x]'}, "organisation.name is wrong"),
        ({"gateway.0.currency": "yuan"}, "gateway.0.currency is wrong"),
        ({"sampling.rate": "0.2"}, "Nothing was changed."),
    ):
        refused = browser.post(PAGE, seen=seen, **wrong)
        assert refused.status == 400, wrong
        assert reason in refused.text, wrong
    assert 'value="17:00-09:00"' in browser.post(PAGE, seen=seen, **{
        "callbacks.hours": "17:00-09:00"
    }).text  # fmt: skip
    assert file.read_bytes() == shipped


def test_a_setting_of_the_environment_is_shown_as_fixed(town: Any) -> None:
    town.web.state.app.environ["SURVEY_SAMPLING__RATE"] = "0.5"
    page = town.browser(Role.ADMIN).get(PAGE).text
    field = page.split('id="sampling-rate"')[1].split(">")[0]
    assert "disabled" in field


@pytest.mark.parametrize(
    ("text", "key", "value", "changed"),
    [
        ("a = [\n  1, # one\n]\n[b]\nc = 1\n", ("a",), "1", "a = 1\n[b]\nc = 1\n"),
        ("a = 1\n[b]\nc = 1", ("b", "d"), "2", "a = 1\n[b]\nc = 1\nd = 2\n"),
        ("[b]\nc = 'x # y' # why\n", ("b", "c"), "1", "[b]\nc = 1 # why\n"),
        ('a = """\nb = 1\n"""\n[b]\n', ("b", "b"), "2", 'a = """\nb = 1\n"""\n[b]\nb = 2\n'),
        ("b.c = 1\r\n# d\r\n", ("b", "c"), "2", "b.c = 2\r\n# d\r\n"),
        ("b = { c = 1 } # d\n", ("b", "c"), "2", "b = { c = 2 } # d\n"),
        (
            "[[g]]\np = 1\n[[g]] # two\np = 2\n",
            ("g", 1, "p"),
            "3",
            "[[g]]\np = 1\n[[g]] # two\np = 3\n",
        ),
        ("a = 1\n", ("e", "f"), '"x # y"', 'a = 1\n\n[e]\nf = "x # y"\n'),
    ],
)
def test_all_but_the_value_stays_however_it_is_written(
    text: str, key: tuple[str | int, ...], value: str, changed: str
) -> None:
    assert with_values(text, {key: value}) == changed


@pytest.mark.parametrize("text", ["", 'a"]\n[x]', "a\\b", "\u0000\n\t\x7f", "市评议办"])
def test_a_text_is_quoted_so_that_it_is_read_as_itself(text: str) -> None:
    assert tomllib.loads(f"a = {quoted(text)}") == {"a": text}
