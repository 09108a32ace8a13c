"""Backups, the purge and the mends of `doctor` on a page."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from survey_pipeline.people.sessions import open_session
from survey_pipeline.stages.sampling import draw_day
from survey_pipeline.store.crypto import write_key_file
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import audit_log
from survey_pipeline.testing import add_case, add_offices
from survey_pipeline.testing.asgi_client import AsgiClient
from survey_pipeline.upkeep.backing_up import only_read
from survey_pipeline.vocabulary import Role

PAGE = "/admin/upkeep"


def test_a_backup_is_made_checked_and_on_record(town: Any) -> None:
    context, browser = town.context, town.browser(Role.ADMIN)
    add_offices(context, "agency")
    assert "There is no backup" in browser.get(PAGE).text
    made = browser.post(f"{PAGE}/backup")
    assert made.status == 303
    (file,) = (context.home / "backups").iterdir()
    assert made.location == f"{PAGE}?made={file.name}"
    with only_read(file) as connection:
        assert connection.exec_driver_sql("SELECT office_code FROM offices").scalar() == "AG-1"
    page = browser.get(made.location).text
    assert f"The backup {file.name} is made and checked." in page
    with reading(context.engine) as connection:
        noted = connection.execute(select(audit_log).where(audit_log.c.kind == "backups")).one()
    assert (noted.actor, noted.key) == ("admin", file.name)
    assert browser.post(f"{PAGE}/backup").status == 409  # the clock stands: the same name again


def test_what_is_due_is_shown_and_deleted(town: Any) -> None:
    context, browser = town.context, town.browser(Role.ADMIN)
    add_offices(context, "health")
    add_case(context, "HE-1", "K-1", "+8657712345678")  # in the frame, and never drawn
    draw_day(context, context.today())
    assert "Nothing is due." in browser.get(PAGE).text
    context.clock.at += timedelta(days=30)
    browser = AsgiClient(town.web, language="en", session=open_session(context, "admin"))
    assert "Due now:" in browser.get(PAGE).text
    done = browser.post(f"{PAGE}/purge")
    assert "the receipt is number 1" in browser.get(done.location).text
    assert browser.post(f"{PAGE}/purge").location == f"{PAGE}?purged=nothing"


def test_a_button_mends_what_doctor_finds(town: Any) -> None:
    context, browser = town.context, town.browser(Role.ADMIN)
    write_key_file(context.home / "survey.key", context.keys)
    lost = context.home / "templates" / "sms" / "survey.txt"
    lost.unlink()
    loose = context.home / "links.csv"
    loose.touch(0o644)
    loose.chmod(0o644)
    found = browser.get("/admin/doctor").text
    assert found.count('action="/admin/upkeep/mend"') == 2
    assert browser.post(f"{PAGE}/mend", what="templates").location == f"{PAGE}?mended=1"
    assert lost.is_file()
    assert browser.post(f"{PAGE}/mend", what="permissions").status == 303
    assert loose.stat().st_mode & 0o077 == 0
    assert browser.post(f"{PAGE}/mend", what="database").status == 400
