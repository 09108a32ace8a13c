"""`/organise/files`: files of any kind are brought, looked at, mended, stored, and taken back."""

import http.client
import io
import re
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import urlencode

import openpyxl
import pytest
from sqlalchemy import func, select, update

from survey_pipeline.app import App
from survey_pipeline.people.accounts import add_user
from survey_pipeline.people.sessions import open_session
from survey_pipeline.stages.intake import import_file
from survey_pipeline.stages.intake.checking import EXAMPLE_ROW
from survey_pipeline.stages.intake.import_undoing import undo_import
from survey_pipeline.stages.intake.uploads.file_template import make_template
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import (
    audit_entries,
    cases,
    daily_reports,
    offices,
    review_offices,
)
from survey_pipeline.testing import SetContext, add_offices, workspace
from survey_pipeline.vocabulary import Audited, Category, RecordKind, Role
from survey_pipeline.web.application import make_web
from survey_pipeline.web.serving import listen, make_server

FORM = "application/x-www-form-urlencoded"
CASES = "office_code,case_no,served_on,phone,item\n"


@pytest.fixture
def context(tmp_path: Path) -> Any:
    context = workspace(tmp_path)
    add_offices(context, Category.AGENCY, Category.AGENCY)
    return context.acting("qian")


class Answer(NamedTuple):
    status: int
    path: str
    text: str


class Browser:
    """An operator's requests; redirects are followed."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, b"", "")

    def post(self, path: str, **form: str) -> Answer:
        return self._ask("POST", path, urlencode(form).encode(), FORM)

    def bring(self, kind: str, text: str) -> Answer:
        fields = {"kind": kind, "year": "2023", "day": "2023-05-04"}
        parts = [f'name="{name}"\r\n\r\n{value}' for name, value in fields.items()]
        parts.append(f'name="file"; filename="file.csv"\r\n\r\n{text}')
        body = "".join(f"--B\r\nContent-Disposition: form-data; {part}\r\n" for part in parts)
        sent = f"{body}--B--\r\n".encode()
        return self._ask("POST", "/organise/files/uploads", sent, "multipart/form-data; boundary=B")

    def _ask(self, method: str, path: str, body: bytes, kind: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        named = {"Cookie": f"session={self.token}", "Sec-Fetch-Site": "same-origin"}
        connection.request(method, path, body or None, {**named, "Content-Type": kind})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        if answer.status == 303:
            return self.get((answer.getheader("location") or "").partition("#")[0])
        return Answer(answer.status, path, text)


@pytest.fixture
def client(context: SetContext) -> Iterator[Browser]:
    add_user(context, "qian", Role.OPERATOR, "correct horse battery")
    listening = listen("127.0.0.1", 0)
    server = make_server(make_web(App(context, {})))
    thread = Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield Browser(listening.getsockname()[1], open_session(context, "qian"))
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def test_a_bad_file_is_mended_in_the_page_and_stored(client: Browser) -> None:
    bad = CASES + "AG-1,K-1,2023-05-04,13857710001,Licence\nAG-1,K-2,2023-05-04,1385771,Licence\n"
    page = client.bring("cases", bad)
    assert page.status == 200
    assert 'id="refused" class="bad">1<' in page.text
    at = page.path
    shown = client.get(f"{at}?mend=1").text
    (cell,) = re.findall(r'<input name="(cell-\d+-\d+)" value="1385771"', shown)
    page = client.post(f"{at}/mend", **{cell: "13857710002"})
    assert 'id="accepted">2<' in page.text
    page = client.post(f"{at}/take")
    assert ">stored<" in page.text
    history = client.get("/organise/files?kind=cases&name=file").text
    assert len(re.findall(r"/organise/files/imports/\d+", history)) == 1


def test_what_an_update_changes_is_shown_before_it_is_stored(
    client: Browser, context: SetContext
) -> None:
    head = "office_code,name,category,parent_code\n"
    with reading(context.engine) as connection:
        parent = connection.scalar(select(offices.c.parent_code).limit(1))
    page = client.bring("offices", f"{head}AG-1,New name,agency,{parent}\n")
    assert "<ins>New name</ins>" in page.text


def test_the_kind_is_suggested_and_never_guessed(client: Browser) -> None:
    page = client.bring("", CASES + "AG-1,K-1,2023-05-04,13857710001,Licence\n")
    assert page.status == 400
    assert "The headings of file.csv fit: cases." in page.text
    page = client.bring("parents", CASES)
    assert page.status == 400
    assert "fit: cases." in page.text
    page = client.bring(
        "", "<!doctype html><html><table><tr><td>office_code</td></tr></table></html>"
    )
    assert "is a web page" in page.text


def test_an_import_is_taken_back_where_nothing_rests_on_it(
    client: Browser, context: SetContext
) -> None:
    rows = "".join(f"AG-1,K-{at},2023-05-04,1385771000{at},Licence\n" for at in range(3))
    at = client.bring("cases", CASES + rows).path
    client.post(f"{at}/take")
    with writing(context.engine) as connection:
        drawn = update(cases).where(cases.c.case_no == "K-0")
        connection.execute(drawn.values(frame_on=context.today()))
    page = client.post("/organise/files/imports/1/undo", reason="wrong file")
    assert "2 records were taken back." in page.text
    assert "they are in a draw already" in page.text
    with reading(context.engine) as connection:
        left = connection.scalars(select(cases.c.case_no).where(cases.c.withdrawn_at.is_(None)))
        assert left.all() == ["K-0"]
        assert connection.scalar(select(daily_reports.c.reported)) == 1
        logged = select(func.count()).where(audit_entries.c.kind == Audited.IMPORTS.value)
        assert connection.scalar(logged) == 1
    assert client.post("/organise/files/imports/1/undo", reason=" ").status == 400


def test_an_office_that_is_selected_or_was_changed_stays(context: SetContext) -> None:
    path = context.home / "offices.csv"
    with reading(context.engine) as connection:
        parent = connection.scalar(select(offices.c.parent_code).limit(1))
    head = "office_code,name,category,parent_code\n"
    path.write_text(head + "".join(f"N-{at},Office {at},agency,{parent}\n" for at in range(3)))
    brought = import_file(context, RecordKind.OFFICES, path)
    path.write_text(f"{head}N-1,Another name,agency,{parent}\n")
    import_file(context, RecordKind.OFFICES, path)
    with writing(context.engine) as connection:
        selected = {"year": 2023, "office_code": "N-2", "category": "agency"}
        connection.execute(review_offices.insert().values(selected))
    assert brought.import_id is not None
    undone = undo_import(context, brought.import_id, "not ours")
    assert undone.withdrawn == 1
    assert [(what, str(why)) for what, why in undone.why] == [
        ("N-2", "the office is selected for the online review of 2023"),
        ("N-1", "it was changed after the import"),
    ]


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
@pytest.mark.parametrize("kind", sorted({*RecordKind} - {RecordKind.BALLOTS}))
def test_a_template_has_every_column_and_its_example_row_is_refused(
    context: SetContext, kind: RecordKind, locale: str
) -> None:
    standard = context.standard_on(context.today()).standard
    content = make_template(kind, locale, standard)
    if kind is RecordKind.SUPERVISION:
        book = openpyxl.load_workbook(io.BytesIO(content))
        lists = book.worksheets[2]
        assert lists["A2"].value == standard.supervision.clauses[0].clause
        assert lists["B2"].value == standard.supervision.clauses[0].label.in_locale(locale)
    path = context.home / "template.xlsx"
    path.write_bytes(content)
    summary = import_file(context, kind, path, dry_run=True)
    assert [problem.reason for problem in summary.problems] == [EXAMPLE_ROW]
    assert (summary.accepted, summary.refused) == (0, 1)
