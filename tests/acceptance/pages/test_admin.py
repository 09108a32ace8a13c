"""Admin: people, keys, sessions, doctor's findings; the journal, which nobody can change."""

import csv
import re
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, text, update

from survey_pipeline.audit_chain.heads import take_head
from survey_pipeline.edited import shipped
from survey_pipeline.people.accounts import disable_user, list_users
from survey_pipeline.people.api_keys import list_keys, office_of_key
from survey_pipeline.people.authentication import authenticate
from survey_pipeline.people.sessions import find_session
from survey_pipeline.people.throttle import MOST_FOR_NAME, count_attempt
from survey_pipeline.privacy.deletion_receipts import OpenReceipt
from survey_pipeline.reports.journal import JournalFilter, read_journal
from survey_pipeline.store import audit
from survey_pipeline.store.crypto import new_keys, write_key_file
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import audit_log, deletions, users
from survey_pipeline.survey.pausing import pause_sending
from survey_pipeline.testing import SetContext, add_offices
from survey_pipeline.vocabulary import AuditAction, DeletionKind, Role
from survey_pipeline.web.pages import bulk_accounts

HEADINGS = {"/admin/journal": "操作日志", "/admin/deletions": "删除记录"}
CONFIG = 'locale = "en"\n[standards]\n2023 = "wenzhou-2023"\n[[gateway]]\nkind = "simulated"\n'


def log(context: SetContext, *keys: str, **values: Any) -> None:
    given = {"actor": "li", "action": AuditAction.UPDATED, "kind": "cases", **values}
    with writing(context.engine) as connection:
        entries = [audit.entry(at=context.now(), key=key, **given) for key in keys]
        audit.append(connection, entries)


def entries(page: Any) -> list[str]:
    return [one.inner_text() for one in page.locator("tr[data-entry]").all()]


def test_a_person_is_added_with_a_password_that_is_shown_once(site: Any) -> None:
    visitor = site.visit(Role.ADMIN, name="boss")
    page = visitor.go("/admin")
    page.fill("#person-name", "Zhang")
    page.select_option("#person-role", "caller")
    page.press("#person-name", "Enter")
    password = page.inner_text("code.secret")
    visitor.look()
    assert authenticate(site.context, "zhang", password, "here") is not None
    visitor.go("/admin")
    assert password not in page.content()
    assert "zhang" in page.inner_text("#people")


def test_a_password_made_by_an_admin_is_replaced_at_the_first_sign_in(site: Any) -> None:
    page = site.visit(Role.ADMIN, name="boss").go("/admin")
    page.fill("#person-name", "zhang")
    page.select_option("#person-role", "caller")
    page.press("#person-name", "Enter")
    password = page.inner_text("code.secret")
    visitor = site.visit()
    page = visitor.go("/login")
    page.fill("#name", "zhang")
    page.fill("#password", password)
    page.press("#password", "Enter")
    page.wait_for_url("**/password")
    visitor.look()
    assert visitor.fits(360)
    visitor.go("/callbacks")
    assert page.url.endswith("/password")
    for first, second, said in (
        (password, password, "choose another one"),
        ("a password of my own", "another one of mine", "typed differently"),
    ):
        page.fill("#password", first)
        page.fill("#again", second)
        page.press("#again", "Enter")
        expect(page.locator("[role=alert]")).to_contain_text(said)
    visitor.errors.clear()
    page.fill("#password", "a password of my own")
    page.fill("#again", "a password of my own")
    page.press("#again", "Enter")
    page.wait_for_url("**/callbacks")
    assert authenticate(site.context, "zhang", "a password of my own", "here") is not None
    assert authenticate(site.context, "zhang", password, "here") is None


def test_a_thousand_people_are_pages_that_can_be_searched(site: Any) -> None:
    made = {"role": "office", "password_hash": "-", "created_by": "t"}
    at = site.context.now()
    rows = [
        {"name": f"wz-{number:04}", "office_code": f"WZ-{number:04}", "created_at": at, **made}
        for number in range(1_000)
    ]
    with writing(site.context.engine) as connection:
        connection.execute(users.insert(), rows)
    visitor = site.visit(Role.ADMIN, name="boss")
    page = visitor.go("/admin")
    assert page.locator("#people tbody tr").count() == 50
    page.click("a[rel=next]")
    page.wait_for_url("**page=2**")
    assert "wz-0049" in page.locator("#people tbody tr").first.inner_text()
    page.fill("#q", "WZ-0777")
    page.press("#q", "Enter")
    page.wait_for_url("**q=WZ-0777**")
    assert page.locator("#people tbody th").all_inner_texts() == ["wz-0777"]
    assert "1 of 1,001" in page.inner_text("main")
    assert "wz-0999" in visitor.go("/admin/people?page=999999").inner_text("#people")
    page.fill("#person-name", "new")
    assert page.locator("#person-name").bounding_box()["y"] < 600


def test_a_mistake_is_said_beside_the_form_and_what_was_typed_stays(site: Any) -> None:
    visitor = site.visit(Role.ADMIN)
    page = visitor.go("/admin")
    page.fill("#person-name", "zhang")
    page.select_option("#person-role", "office")
    page.fill("#person-office", "NO-1")
    page.press("#person-office", "Enter")
    expect(page.locator("#people [role=alert]")).to_have_text("there is no office NO-1")
    assert page.input_value("#person-name") == "zhang"
    assert page.input_value("#person-role") == "office"
    assert [one.name for one in list_users(site.context)] == ["admin-1"]


def test_a_new_password_ends_the_old_one_and_its_sessions(site: Any) -> None:
    token = site.person(Role.CALLER, "li")
    page = site.visit(Role.ADMIN).go("/admin")
    page.locator("summary", has_text="New password li").press("Enter")
    page.locator("button[name=name][value=li]", has_text="Make").press("Enter")
    password = page.inner_text("code.secret")
    assert find_session(site.context, token) is None
    assert authenticate(site.context, "li", "correct horse battery", "here") is None
    assert authenticate(site.context, "li", password, "here") is not None


def test_who_is_disabled_is_out_at_once(site: Any) -> None:
    token = site.person(Role.CALLER, "li")
    page = site.visit(Role.ADMIN).go("/admin")
    page.locator("summary", has_text="Disable li").press("Enter")
    page.locator("button[value=li]", has_text="Disable").press("Enter")
    expect(page.locator("#people tr", has_text="li").last).to_contain_text("disabled on")
    assert find_session(site.context, token) is None


def test_who_was_disabled_may_sign_in_again(site: Any) -> None:
    site.person(Role.CALLER, "li")
    disable_user(site.context, "li")
    visitor = site.visit(Role.ADMIN, name="boss")
    page = visitor.go("/admin")
    page.get_by_role("button", name="Enable again li").press("Enter")
    expect(page.locator("#people summary", has_text="Disable li")).to_be_visible()
    visitor.look()
    assert authenticate(site.context, "li", "correct horse battery", "here") is not None
    newest = read_journal(site.context, JournalFilter(kind="users")).entries[0]
    assert (newest.actor, newest.key, newest.action) == ("boss", "li", "updated")


def test_who_is_slowed_by_failed_sign_ins_is_shown_and_unblocked(site: Any) -> None:
    visitor = site.visit(Role.ADMIN, name="boss")
    site.visit(Role.CALLER, name="li")
    for _ in range(MOST_FOR_NAME):
        for name in ("li", "a stranger"):
            count_attempt(site.context, name, "203.0.113.9")
    page = visitor.go("/admin")
    slowed_down = page.locator("#slowed")
    expect(slowed_down).to_contain_text(f"li {MOST_FOR_NAME} failures from 203.0.113.9")
    expect(slowed_down).not_to_contain_text("a stranger")  # it may be a password typed too early
    visitor.look()
    page.get_by_role("button", name="Unblock li").click()
    expect(page.locator("#people")).to_contain_text("li")
    expect(page.locator("#slowed")).to_have_count(0)
    newest = read_journal(site.context, JournalFilter(kind="users")).entries[0]
    assert (newest.key, newest.actor) == ("li", "boss")
    count_attempt(site.context, "li", "203.0.113.9")


def test_the_last_admin_cannot_be_disabled(site: Any) -> None:
    page = site.visit(Role.ADMIN, name="boss").go("/admin")
    page.locator("summary", has_text="Disable boss").press("Enter")
    page.locator("button[value=boss]", has_text="Disable").press("Enter")
    expect(page.locator("h1")).to_contain_text("boss is the last admin")


def test_a_key_is_shown_once_and_revoked(site: Any) -> None:
    [office] = add_offices(site.context, "agency")
    visitor = site.visit(Role.ADMIN)
    page = visitor.go("/admin/keys")
    page.fill("#key-office", office)
    page.fill("#key-label", "case system")
    page.press("#key-label", "Enter")
    key = page.inner_text("code.secret")
    visitor.look()
    assert office_of_key(site.context, key) == office
    visitor.go("/admin/keys")
    assert key not in page.content()
    page.locator("#keys summary").press("Enter")
    page.locator("#keys button[name=number]").press("Enter")
    expect(page.locator("#keys tbody")).to_contain_text("revoked on")
    assert office_of_key(site.context, key) is None
    assert [one.revoked_at is None for one in list_keys(site.context)] == [False]


def test_somebodys_session_is_ended_from_the_page(site: Any) -> None:
    caller = site.visit(Role.CALLER, name="li")
    page = site.visit(Role.ADMIN, name="boss").go("/admin/sessions")
    assert "this one" in page.locator("#sessions tr", has_text="boss").inner_text()
    page.locator("#sessions tr", has_text="li").locator("button").press("Enter")
    expect(page.locator("#sessions tr", has_text="li")).to_have_count(0)
    caller.go("/admin")
    assert "/login" in caller.page.url
    with reading(site.context.engine) as connection:
        query = select(audit_log).where(audit_log.c.kind == "web_sessions")
        row = connection.execute(query).one()
    assert (row.actor, row.key, row.action) == ("boss", "li", "withdrawn")


def test_doctors_findings_come_on_demand(site: Any) -> None:
    home: Path = site.context.home
    (home / "config" / "pipeline.toml").write_text(CONFIG)
    write_key_file(home / "survey.key", new_keys())
    visitor = site.visit(Role.ADMIN)
    page = visitor.go("/admin/checks")
    page.locator("button[hx-get='/admin/doctor']").press("Enter")
    expect(page.locator("[data-check=gateway]").first).to_contain_text("simulated")
    expect(page.locator("[data-check=templates]").first).to_contain_text("is missing")
    visitor.look()


def test_the_journal_is_read_newest_first_and_page_by_page(site: Any) -> None:
    log(site.context, *(f"AG-1/K-{number}" for number in range(120)))
    visitor = site.visit(Role.ADMIN)
    page = visitor.go("/admin/journal?kind=cases")
    seen = [re.findall(r"AG-1/K-(\d+)", page.inner_text("tbody"))]
    for _ in range(2):
        with page.expect_navigation():
            page.locator("a[rel=next]").press("Enter")
        visitor.look()
        seen.append(re.findall(r"AG-1/K-(\d+)", page.inner_text("tbody")))
    assert [len(one) for one in seen] == [50, 50, 20]
    assert [int(one) for part in seen for one in part] == list(range(119, -1, -1))
    assert page.locator("a[rel=next]").count() == 0


def test_entries_that_come_meanwhile_shift_no_page(site: Any) -> None:
    log(site.context, *(f"K-{number}" for number in range(6)))
    first = read_journal(site.context, JournalFilter(kind="cases"), most=3)
    log(site.context, "late")
    second = read_journal(site.context, JournalFilter(kind="cases"), before=first.older, most=3)
    assert [one.key for one in (*first.entries, *second.entries)] == [
        f"K-{number}" for number in range(5, -1, -1)
    ]


def test_the_journal_is_filtered_by_who_what_and_day(site: Any) -> None:
    context = site.context
    log(context, "K-1")
    log(context, "K-2", action=AuditAction.LOOKED, reason="call 7")
    pause_sending(context.acting("wang"))
    context.clock.at += timedelta(days=1)
    log(context, "K-3")
    page = site.visit(Role.ADMIN, name="boss").go("/admin/journal?actor=li&date=2023-05-04")
    assert len(entries(page)) == 2
    page.select_option("#action", "looked")
    page.locator("form[action='/admin/journal'] button").press("Enter")
    page.wait_for_url("**action=looked**")
    [only] = entries(page)
    assert "K-2" in only
    assert "full number seen" in only
    assert "call 7" in only
    page.goto(site.url + "/admin/journal?actor=wang")
    assert "pause of sending" in entries(page)[0]
    page.goto(site.url + "/admin/journal?kind=cases&date=2023-05-04&until=2023-05-05")
    assert len(entries(page)) == 3
    page.goto(site.url + "/admin/journal?kind=cases&until=2023-05-04")
    assert len(entries(page)) == 2
    page.goto(site.url + "/admin/journal?record=K-3")
    assert ["K-3" in entry for entry in entries(page)] == [True]
    page.goto(site.url + "/admin/journal?kind=nothing")
    assert "No such entry." in page.inner_text("main")


def test_the_journal_finds_an_offices_records_and_says_how_far_the_chain_is(site: Any) -> None:
    log(site.context, "AG-1/K-1", "AG-1/K-2", "AG-10/K-1")
    visitor = site.visit(Role.ADMIN, name="boss")
    page = visitor.go("/admin/journal?record=AG-1")
    assert len(entries(page)) == 2
    assert "No head is signed yet" in page.inner_text("#chain")
    take_head(site.context)
    page.reload()
    assert "The latest heads fit the chain (1 compared)" in page.inner_text("#chain")
    visitor.look()
    with writing(site.context.engine) as connection:
        connection.execute(text("UPDATE audit_heads SET position = 1"))
    page.reload()
    assert "Of the latest 1 heads 1 do not fit the chain" in page.inner_text("#chain")


def test_a_change_names_its_columns_and_hides_what_may_be_personal(site: Any) -> None:
    before = {"phone": "c2VjcmV0", "item": "Wang Wei's licence", "points": 30_000}
    log(site.context, "K-1", before=before, after={"phone": "b3RoZXI", "item": "x", "points": 5})
    page = site.visit(Role.ADMIN).go("/admin/journal?kind=cases")
    [only] = entries(page)
    assert "points: 30000 → 5" in only
    assert "phone: … → …" in only
    assert "Wang" not in page.content()
    assert "c2VjcmV0" not in page.content()


def test_the_journal_cannot_be_changed(site: Any) -> None:
    log(site.context, "K-1")
    page = site.visit(Role.ADMIN).go("/admin/journal")
    assert page.locator("main form:not([method=get])").count() == 0
    for method in ("post", "put", "delete"):
        send = getattr(page.request, method)
        answer = send(site.url + "/admin/journal", headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status == 405


def test_the_receipts_of_deletions_are_shown_and_checked(site: Any) -> None:
    receipt = OpenReceipt(site.context, DeletionKind.PURGE, {"undrawn": "2023-05-01"})
    with writing(site.context.engine) as connection:
        receipt.add(connection, {"cases": 1200, "inbound": 3})
    closed = receipt.close()
    assert closed is not None
    visitor = site.visit(Role.ADMIN)
    page = visitor.go("/admin/deletions")
    row = page.locator(f"[data-receipt='{closed.id}']")
    text = row.inner_text()
    assert "cases: 1,200" in text
    assert "2023-05-01" in text
    assert closed.sha256 in text
    assert "does not match" not in text
    with writing(site.context.engine) as connection:
        connection.execute(update(deletions).values(counts={"cases": 1}))
    page = visitor.go("/admin/deletions")
    assert "does not match" in page.locator(f"[data-receipt='{closed.id}']").inner_text()


@pytest.mark.parametrize(
    "path",
    [
        "/admin",
        "/admin/keys",
        "/admin/sessions",
        "/admin/checks",
        "/admin/journal",
        "/admin/deletions",
        "/admin/notifications",
    ],
)
def test_it_is_in_chinese_and_fits_a_small_screen(site: Any, path: str) -> None:
    log(site.context, "K-1")
    visitor = site.visit(Role.ADMIN, language="zh_CN", width=360, color_scheme="dark")
    page = visitor.go(path)
    assert page.locator("h1").inner_text() == HEADINGS.get(path, "管理")
    assert visitor.fits(360)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.CALLER, Role.ANALYST])
def test_nobody_else_opens_admin(site: Any, role: Role) -> None:
    visitor = site.visit(role)
    for path in ("", "/people", "/keys", "/sessions", "/checks", "/journal", "/deletions"):
        visitor.go(f"/admin{path}", status=403)
    for path in (
        "people",
        "people/password",
        "people/disable",
        "people/enable",
        "people/offices",
        "keys",
        "keys/offices",
        "keys/revoke",
        "checks/text",
    ):
        answer = visitor.page.request.post(
            f"{site.url}/admin/{path}",
            form={"name": "x", "role": "admin", "office": "A", "label": "l", "number": "1"},
            headers={"Sec-Fetch-Site": "same-origin"},
        )
        assert answer.status == 403
    assert len(list_users(site.context)) == 1


def test_accounts_for_all_offices_are_one_file_of_several_parts(site: Any) -> None:
    count = bulk_accounts.BATCH + 2
    add_offices(site.context, *["agency"] * count)
    visitor = site.visit(Role.ADMIN, name="boss")
    page = visitor.go("/admin/people")
    with page.expect_download(timeout=120_000) as download:
        page.click("#all-accounts button")
    made = saved(download.value)
    assert download.value.suggested_filename == "first-passwords.csv"
    assert len({one["office_code"] for one in made}) == len(made) == count
    one = made[-1]
    assert authenticate(site.context, one["name"], one["password"], "here") is not None
    expect(page.locator("#all-accounts [role=status]")).to_contain_text(f"{count} made.")
    visitor.look()
    visitor.go("/admin/people")
    assert page.locator("#all-accounts").count() == 0
    assert one["password"] not in page.content()


def test_what_was_made_before_a_stop_is_saved_and_said(site: Any) -> None:
    add_offices(site.context, *["agency"] * (bulk_accounts.BATCH + 2))
    visitor = site.visit(Role.ADMIN, name="boss")
    page = visitor.go("/admin/keys")
    page.fill("#all-label", "window")
    asked: list[Any] = []

    def cut_off(route: Any) -> None:
        asked.append(route)
        route.continue_() if len(asked) == 1 else route.abort()

    page.route("**/admin/keys/offices", cut_off)
    with page.expect_download() as download:
        page.press("#all-label", "Enter")
    assert len(saved(download.value)) == bulk_accounts.BATCH
    status = page.locator("#all-keys [role=status]")
    expect(status).to_contain_text(f"It stopped after {bulk_accounts.BATCH}")
    page.unroute("**/admin/keys/offices")
    visitor.errors.clear()
    with page.expect_download() as download:
        page.press("#all-label", "Enter")
    assert len(saved(download.value)) == 2
    expect(status).to_contain_text("2 made.")
    assert len(list_keys(site.context)) == bulk_accounts.BATCH + 2


def test_a_test_text_is_sent_from_the_page(site: Any) -> None:
    shutil.copytree(shipped() / "templates", site.context.home / "templates", dirs_exist_ok=True)
    visitor = site.visit(Role.ADMIN, name="boss")
    page = visitor.go("/admin/checks")
    page.fill("#test-number", "12")
    page.press("#test-number", "Enter")
    expect(page.locator("#test-text [role=alert]")).to_contain_text("too short")
    visitor.errors.clear()
    page.fill("#test-number", "139 1234 5678")
    page.press("#test-number", "Enter")
    expect(page.locator("#test-text [role=status]")).to_contain_text("139****5678")
    visitor.look()
    assert visitor.fits(360)
    assert "12345678" not in page.content()
    page.click("form[action='/language'] button")
    page.wait_for_selector("html[lang=zh-CN]")
    assert page.url.endswith("/admin/checks")


def saved(download: Any) -> list[dict[str, str]]:
    text = Path(download.path()).read_text("utf-8-sig")
    return list(csv.DictReader(text.splitlines()))
