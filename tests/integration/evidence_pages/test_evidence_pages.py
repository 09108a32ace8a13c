"""The evidence pages: tables, one record by a form that knows its clause, withdrawal."""

from typing import Any

import pytest
from sqlalchemy import select

from survey_pipeline.stages.evidence import add_objection
from survey_pipeline.stages.intake import import_file
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import audit_log, import_runs, supervision_records
from survey_pipeline.vocabulary import RecordKind

SUPERVISION = "/organise/evidence/supervision"
FINDING = {
    "year": "2023", "record_no": "S-1", "clause": "C2.1a", "office_code": "A-1",
    "occurred_on": "2023-03-01", "person": "王某", "matter": "receipts", "is_head": "yes",
}  # fmt: skip


def seen_of(answer: Any) -> str:
    """The digest that a form is saved with, once its cost was shown."""
    return str(answer.text.split('name="seen" value="')[1].split('"')[0])


def save(desk: Any, kind: str, fields: dict[str, str]) -> Any:
    """Look at the cost, then save."""
    looked = desk.post(f"/organise/evidence/{kind}/form", fields)
    assert looked.status == 200, looked.text
    fields = {**fields, "step": "save", "seen": seen_of(looked)}
    return desk.follow(desk.post(f"/organise/evidence/{kind}/form", fields))


def stored(desk: Any, table: Any) -> Any:
    with reading(desk.context.engine) as connection:
        return connection.execute(select(table).order_by(table.c.id)).all()


def test_a_form_shows_what_a_record_costs_and_stores_nothing_until_it_is_saved(desk: Any) -> None:
    looked = desk.post(f"{SUPERVISION}/form", FINDING)
    assert "takes off 4.5" in looked.text
    assert "3 x 1.5 = 4.5: the head of the office" in looked.text
    assert "— before, 20.5 after" in looked.text
    assert stored(desk, supervision_records) == stored(desk, import_runs) == []
    said = save(desk, "supervision", FINDING)
    assert "The record is saved." in said.text
    assert "takes off 4.5" in said.text
    (record,) = stored(desk, supervision_records)
    assert (record.record_no, record.clause, record.is_head) == ("S-1", "C2.1a", True)
    (run,) = stored(desk, import_runs)
    assert (run.by, run.file_name, run.accepted) == ("li", "a form of the pages", 1)


def test_a_form_is_refused_as_a_file_is_with_what_was_typed_kept(desk: Any) -> None:
    answer = desk.post(f"{SUPERVISION}/form", FINDING | {"clause": "C1.1", "points": "9"})
    assert answer.status == 400
    assert "clause C1.1 deducts from 3 to 5, not 9" in answer.text
    assert 'value="receipts"' in answer.text or ">receipts</textarea>" in answer.text
    assert "3 to 5 off per case" in answer.text
    answer = desk.post(f"{SUPERVISION}/form", {"year": "2023"})
    assert answer.status == 400
    assert "nothing is filled in" in answer.text
    assert stored(desk, supervision_records) == []


def test_what_was_changed_after_the_look_is_looked_at_again(desk: Any) -> None:
    seen = seen_of(desk.post(f"{SUPERVISION}/form", FINDING))
    changed = {**FINDING, "is_head": "no", "step": "save", "seen": seen}
    answer = desk.post(f"{SUPERVISION}/form", changed)
    assert answer.status == 200
    assert "takes off 3" in answer.text
    assert stored(desk, supervision_records) == []


def test_no_new_record_overwrites_another_and_a_change_is_audited(desk: Any) -> None:
    save(desk, "supervision", FINDING)
    taken = desk.post(f"{SUPERVISION}/form", FINDING | {"office_code": "A-2"})
    assert taken.status == 400
    assert "there is a record with this key already" in taken.text
    assert 'value="S-1"' in desk.get(f"{SUPERVISION}/form", key="S-1", year=2023).text
    said = save(desk, "supervision", FINDING | {"was": "S-1", "is_head": "no", "reason": "typo"})
    assert "takes off 3" in said.text
    with reading(desk.context.engine) as connection:
        entry = connection.execute(select(audit_log).order_by(audit_log.c.id.desc())).first()
    assert entry is not None
    assert (entry.before, entry.after, entry.reason) == (
        {"is_head": True}, {"is_head": False}, "typo",
    )  # fmt: skip
    assert "typo" in said.text


@pytest.mark.usefixtures("database")
def test_a_table_is_filtered_and_says_what_counts_and_why_not(desk: Any) -> None:
    path = desk.context.home / "records.csv"
    path.write_text(
        "record_no,clause,office_code,occurred_on,points,duty_related,adverse_effect\n"
        "S-1,C1.1,A-1,2023-03-01,3,,\nS-2,C2.1a,A-2,2023-05-02,,no,no\n"
        "S-3,C1.1,E-1,2021-05-02,4,,\n",
        encoding="utf-8",
    )
    assert not import_file(desk.context, RecordKind.SUPERVISION, path, year=2023).refused
    page = desk.get(SUPERVISION, year=2023).text
    assert "3 records" in page
    assert "exempt: it has nothing to do with the post" in page
    assert "outside the appraisal window" in page

    def keys(**wanted: Any) -> set[str]:
        text = desk.get(SUPERVISION, year=2023, **wanted).text
        return {key for key in ("S-1", "S-2", "S-3") if f">{key}</a>" in text}

    assert keys(state="counted") == {"S-1"}
    assert keys(state="not-counted") == {"S-2", "S-3"}
    assert keys(state="withdrawn") == set()
    assert keys(parent="P-1") == {"S-1", "S-2"}
    assert keys(clause="C1") == {"S-1", "S-3"}
    assert keys(period="2023-Q2") == {"S-2"}
    assert keys(period="2023-03") == {"S-1"}
    assert keys(office="E-1") == {"S-3"}
    assert keys(q="s-2") == {"S-2"}


def test_a_withdrawn_record_stays_visible_with_objections_beside_it(desk: Any) -> None:
    save(desk, "supervision", FINDING)
    add_objection(desk.context, "A-1", record=(RecordKind.SUPERVISION, "S-1"), text="not us")
    assert "not us" in desk.get(f"{SUPERVISION}/record", key="S-1", year=2023).text
    form = {"key": "S-1", "year": "2023", "reason": "", "objection": ""}
    assert "1 to 500 characters" in desk.post(f"{SUPERVISION}/withdraw", form).text
    said = desk.follow(desk.post(f"{SUPERVISION}/withdraw", form | {"reason": "entered twice"}))
    assert "The record is withdrawn." in said.text
    assert "entered twice" in said.text
    assert "withdrawn" in desk.get(SUPERVISION, year=2023).text
    again = desk.post(f"{SUPERVISION}/withdraw", form | {"reason": "again"})
    assert (again.status, "was withdrawn already" in again.text) == (400, True)


EACH_KIND = [
        ("hotline", {"record_no": "H-1", "clause": "D1.1", "office_code": "A-1",
                     "occurred_on": "2023-04-01"}, "takes off 0.2"),
        ("hotline-rank", {"parent_code": "P-1", "rank": "22"}, "takes off 0.06"),
        ("performance", {"office_code": "A-1", "points": "9.5", "source": "x",
                         "delivered_on": "2023-11-10"}, "gives 9.5"),
        ("parent-grades", {"office_code": "A-1", "grade": "good"}, "gives 4"),
        ("parent-points", {"office_code": "E-1", "points": "4.5", "source": "x"}, "gives 4.5"),
        ("awards", {"award_no": "W-1", "work": "reform", "level": "G3", "recipient": "person",
                    "office_code": "A-1", "issued_on": "2023-04-20", "document_no": "No. 1"},
         "gives 0.6"),
        ("filings", {"filing_no": "F-1", "parent_code": "P-1", "month": "2023-04",
                     "filed_on": "2023-05-20", "nothing_found": "yes"}, "filed in time"),
        ("satisfaction", {"office_code": "E-1", "month": "2023-04", "reported": "9", "sampled": "5",
                          "satisfied": "3", "neutral": "1", "dissatisfied": "1", "source": "x",
                          "delivered_on": "2023-05-20"}, "counts"),
]  # fmt: skip


@pytest.mark.usefixtures("database")
def test_each_kind_is_entered_and_shown(desk: Any) -> None:
    for kind, fields, said in EACH_KIND:
        page = save(desk, kind, {"year": "2023", **fields})
        assert said in page.text, kind
        assert "1 record" in desk.get(f"/organise/evidence/{kind}", year=2023).text
    counts = desk.get("/organise/evidence", year=2023).text
    assert all(f"/organise/evidence/{kind}?year=2023" in counts for kind, _, _ in EACH_KIND)
