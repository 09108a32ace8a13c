"""Scores to take away: each file is the command line's, on record, and for readers alone."""

import csv
import hashlib
import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import html5lib
import openpyxl
import pytest
from sqlalchemy import select

from survey_pipeline import appraisal
from survey_pipeline.store.crypto import derived_keys, write_key_file
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import audit_log
from survey_pipeline.testing import SetContext
from survey_pipeline.vocabulary import AuditAction, Role

MONTH = "2023-05"


@pytest.mark.parametrize(("form", "name"), [
    ("take-csv", f"satisfaction-{MONTH}.csv"),
    ("take-json", f"satisfaction-{MONTH}.json"),
    ("take-xlsx", f"satisfaction-{MONTH}.xlsx"),
    ("take-html", f"satisfaction-{MONTH}.html"),
    ("take-answers-csv", f"answers-{MONTH}.csv"),
    ("take-answers-parquet", f"answers-{MONTH}.parquet"),
])  # fmt: skip
def test_a_file_is_the_command_lines_and_stands_on_record(
    site: Any, context: SetContext, form: str, name: str
) -> None:
    context.clock.at = datetime.now(UTC)
    appraisal.score_month(context, MONTH)
    page = site.visit(Role.ANALYST, name="li").go(f"/scores?month={MONTH}")
    with page.expect_download() as waiting:
        page.locator(f"#{form}").press("Enter")
    assert waiting.value.suggested_filename == name
    taken = Path(waiting.value.path()).read_bytes()
    assert taken == by_command(context, name)
    with reading(context.engine) as connection:
        exported = select(audit_log).where(audit_log.c.action == AuditAction.EXPORTED)
        kept, by_hand = connection.execute(exported.order_by(audit_log.c.id)).all()
    assert (by_hand.kind, by_hand.after) == (kept.kind, kept.after)
    assert (kept.actor, kept.reason) == ("li", name)


def by_command(context: SetContext, name: str) -> bytes:
    """Export the same with the command line, in the same workspace."""
    config = context.home / "config" / "pipeline.toml"
    config.write_text('locale = "en"\n[standards]\n2023 = "wenzhou-2023"\n')
    write_key_file(context.home / "survey.key", derived_keys("test"))
    stem, form = name.rsplit(".", 1)
    what = {
        "answers": ("answers", "--month", MONTH),
        "satisfaction": ("month", MONTH),
        "appraisal": ("year", "2023"),
    }[stem.split("-")[0]]
    subprocess.run(
        [sys.executable, "-m", "survey_pipeline.cli", "--home", str(context.home), "export", *what,
         "--format", form],
        check=True, capture_output=True,
    )  # fmt: skip
    return (context.home / "exports" / name).read_bytes()


@pytest.mark.parametrize("form", ["xlsx", "csv", "json", "html"])
def test_a_years_file_is_the_command_lines_and_stands_on_record(
    site: Any, context: SetContext, form: str
) -> None:
    context.clock.at = datetime.now(UTC)
    appraisal.score_month(context, MONTH)
    appraisal.score_year(context, 2023)
    page = site.visit(Role.OPERATOR, name="wang").go("/scores/year/2023")
    with page.expect_download() as waiting:
        page.locator(f"#take-{form}").press("Enter")
    name = f"appraisal-2023.{form}"
    assert waiting.value.suggested_filename == name
    taken = Path(waiting.value.path()).read_bytes()
    assert taken == by_command(context, name)
    assert offices_in(taken, form) == {"AG-1", "AG-2", "AG-3", "ED-4", "ED-5"}
    with reading(context.engine) as connection:
        exported = select(audit_log).where(audit_log.c.action == AuditAction.EXPORTED)
        kept, by_hand = connection.execute(exported.order_by(audit_log.c.id)).all()
    assert (by_hand.kind, by_hand.after) == (kept.kind, kept.after)
    assert (kept.actor, kept.kind, kept.key) == ("wang", "year_scores", "2023/1")
    assert kept.after == {"file": name, "sha256": hashlib.sha256(taken).hexdigest()}
    journal = site.visit(Role.ADMIN).go("/admin/journal")
    row = journal.get_by_role("row").filter(has_text=name).last
    assert "wang" in row.inner_text()


def offices_in(file: bytes, form: str) -> set[str]:
    """Return the offices that a year's file speaks of."""
    if form == "csv":
        return {row["office_code"] for row in csv.DictReader(StringIO(file.decode("utf-8-sig")))}
    if form == "json":
        return {one["office_code"] for one in json.loads(file)["offices"]}
    if form == "xlsx":
        book = openpyxl.load_workbook(BytesIO(file), read_only=True, data_only=True)
        cells = {str(cell) for sheet in book for row in sheet.values for cell in row}
        book.close()
    else:
        cells = set(html5lib.parse(file.decode()).itertext())
    return set(re.findall(r"\b(?:AG|ED)-[0-9]\b", "\n".join(cells)))


@pytest.mark.parametrize("role", [Role.CALLER, Role.OFFICE])
def test_others_see_no_scores_and_take_no_files(site: Any, scored: SetContext, role: Role) -> None:
    office_code = "AG-1" if role is Role.OFFICE else None
    visitor = site.visit(role, office_code=office_code)
    for path in (
        "/scores",
        f"/scores/month/{MONTH}/AG-1",
        "/scores/year/2023",
        f"/scores/files/month/{MONTH}/1/csv",
        f"/scores/files/answers/{MONTH}/csv",
    ):
        assert visitor.page.request.get(site.url + path).status == 403, path
    answer = visitor.page.request.post(
        site.url + "/scores/compute",
        form={"month": MONTH},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status == 403
