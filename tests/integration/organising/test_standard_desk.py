"""Next year's standard made on a page: changed rule by rule, its effect seen, listed, on record."""

import re
from typing import Any

from sqlalchemy import select

from survey_pipeline.settings import load_settings
from survey_pipeline.standard.load import FOLDER, read_standard
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import audit_log
from survey_pipeline.testing import add_offices
from survey_pipeline.vocabulary import Role

PAGE = "/organise/year/2024/standard"
RULES = f"{PAGE}/wenzhou-2024"


def seen_in(page: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


def test_next_years_standard_is_made_changed_and_listed(town: Any) -> None:
    context, browser = town.context, town.browser(Role.ANALYST)
    add_offices(context, "agency")
    assert "There is no standard of 2024 yet." in browser.get(PAGE).text
    made = browser.post(PAGE, source="wenzhou-2023")
    assert made.location == f"{PAGE}?made=wenzhou-2024"
    assert browser.post(PAGE, source="wenzhou-2023").status == 409  # never overwritten
    assert "wenzhou-2024 was made." in browser.get(made.location).text

    file = context.home / FOLDER / "wenzhou-2024.toml"
    text, page = file.read_text(encoding="utf-8"), browser.get(RULES).text
    typed = {
        "window.until": "2024-11-15",
        "satisfaction.values.neutral.value": "0.5",
        "hotline.clauses.0.points": "0.25",
        "supervision.clauses.0.place": "text of the new year",
    }
    names = {name for name in typed if f'name="{name}"' in page}
    assert {"window.until", "satisfaction.values.neutral.value"} <= names
    sent = {name: typed[name] for name in names}
    saved = browser.post(RULES, seen=seen_in(page), **sent)
    assert saved.location == f"{RULES}?saved={len(sent)}"
    standard, _ = read_standard(file)
    assert str(standard.window.until) == "2024-11-15"
    assert str(standard.satisfaction.values.neutral.value) == "0.5"
    lines = set(file.read_text(encoding="utf-8").splitlines()) - set(text.splitlines())
    assert len(lines) == len(sent)
    page = browser.get(saved.location).text
    assert 'data-clause="A.1b"' in page  # what differs from last year
    assert 'href="/organise/year/2023/what-if?standard=wenzhou-2024"' in page
    stale = browser.post(RULES, seen="0" * 64, **sent)
    assert stale.status == 400

    assert browser.post(f"{PAGE}/list", name="wenzhou-2023").status == 400
    assert browser.post(f"{PAGE}/list", name="wenzhou-2024").status == 303
    assert load_settings(context.home, {}).standards[2024] == "wenzhou-2024"
    assert "until then wenzhou-2024 is not in force" in browser.get(PAGE).text
    with reading(context.engine) as connection:
        log = connection.execute(select(audit_log).where(audit_log.c.kind == "rule_books")).all()
    assert [entry.action for entry in log] == ["created", "updated"]
    assert log[1].before["satisfaction.values.neutral.value"] == "0.6"
    assert log[1].after["satisfaction.values.neutral.value"] == "0.5"


def test_a_wrong_value_is_refused_and_a_standard_in_force_stays(town: Any) -> None:
    context, browser = town.context, town.browser(Role.ADMIN)
    browser.post(PAGE, source="wenzhou-2023")
    file = context.home / FOLDER / "wenzhou-2024.toml"
    text, seen = file.read_bytes(), seen_in(browser.get(RULES).text)
    for value in ("a lot", "", "1\nx = 2", "-1"):
        refused = browser.post(RULES, seen=seen, **{"satisfaction.values.neutral.value": value})
        assert refused.status == 400, value
    assert browser.post(RULES, seen=seen, **{"daily.points": "90"}).status == 400  # no such sum
    assert file.read_bytes() == text
    now = "/organise/year/2023/standard/wenzhou-2023"
    seen = seen_in(browser.get(now).text)
    assert browser.post(now, seen=seen, **{"window.until": "2023-11-30"}).status == 409
    assert browser.get(f"{PAGE}/nowhere").status == 404
    assert town.browser(Role.OPERATOR).get(RULES).status == 200
    assert town.browser(Role.OPERATOR).post(RULES, seen=seen).status == 403
