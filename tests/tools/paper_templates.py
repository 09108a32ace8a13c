"""Writes the shipped papers, `templates/documents/*.docx`: `scripts/papers` runs it.

What a paper says is in `papers_in_chinese` and `papers_in_english`, how it looks in
`document_layout`. A city edits its own copies in Word or LibreOffice; these are what `init` gives
it. The same script gives the same bytes.
"""

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.tools import papers_in_chinese, papers_in_english
from tests.tools.document_layout import Sheet

FOLDER = Path(__file__).parents[2] / "templates" / "documents"
TIMELESS = (1980, 1, 1, 0, 0, 0)

PAPERS: dict[str, Callable[[], Sheet]] = {
    "statement_year.zh_CN": papers_in_chinese.statement_year_zh,
    "statement_month.zh_CN": papers_in_chinese.statement_month_zh,
    "notice_month.zh_CN": papers_in_chinese.notice_month_zh,
    "notice_year.zh_CN": papers_in_chinese.notice_year_zh,
    "reminder.zh_CN": papers_in_chinese.reminder_zh,
    "statement_year.en": papers_in_english.statement_year_en,
    "statement_month.en": papers_in_english.statement_month_en,
    "notice_month.en": papers_in_english.notice_month_en,
    "notice_year.en": papers_in_english.notice_year_en,
    "reminder.en": papers_in_english.reminder_en,
}


def made_papers() -> Iterator[tuple[str, bytes]]:
    """Yield each shipped paper: its file's name, and its bytes."""
    for name, make in PAPERS.items():
        yield f"{name}.docx", _saved(make())


def _saved(sheet: Sheet) -> bytes:
    core = sheet.document.core_properties
    core.created = core.modified = datetime(2026, 1, 1, tzinfo=UTC)
    made, again = io.BytesIO(), io.BytesIO()
    sheet.document.save(made)
    with (
        zipfile.ZipFile(made) as source,
        zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in source.namelist():
            archive.writestr(
                zipfile.ZipInfo(name, TIMELESS), source.read(name), zipfile.ZIP_DEFLATED, 9
            )
    return again.getvalue()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file, content in made_papers():
        (FOLDER / file).write_bytes(content)
