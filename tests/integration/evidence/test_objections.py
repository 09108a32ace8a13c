"""Objections: noted, decided once, and named by what follows them."""

from typing import Any

import pytest

from survey_pipeline.errors import CannotProceed, UnknownRecord, UsageError
from survey_pipeline.stages.evidence import (
    TooManyObjections,
    add_objection,
    decide_objection,
    list_objections,
)
from survey_pipeline.stages.evidence.objections import MOST_OPEN
from survey_pipeline.stages.intake import withdraw
from survey_pipeline.store.tables import audit_log, supervision_records
from survey_pipeline.vocabulary import Decision, RecordKind

SUPERVISION = "record_no,clause,office_code,parent_code,occurred_on,points"
FINDING = "S-1,C1.1,A-1,,2023-03-01,3"
AGAINST = (RecordKind.SUPERVISION, "S-1")


@pytest.fixture
def objected(evidence: Any) -> Any:
    evidence.bring("supervision", SUPERVISION, FINDING, "S-2,C3.4,,P-1,2023-03-01,")
    add_objection(evidence.context, "A-1", record=AGAINST, text=" It was not us. ", by="陈")
    return evidence


def test_an_objection_is_noted_and_waits(objected: Any) -> None:
    (found,) = list_objections(objected.context, only_open=True)
    assert (found.id, found.by, found.office_code, found.text) == (1, "陈", "A-1", "It was not us.")
    assert (found.kind, found.key, found.year, found.month) == ("supervision", "S-1", None, None)
    assert (found.at, found.decision) == (objected.context.now(), None)
    entry = objected.rows(audit_log)[-1]
    assert (entry.action, entry.kind, entry.key, entry.actor) == (
        "created",
        "objections",
        "1",
        "陈",
    )


def test_an_office_has_so_many_open_objections_and_no_more(objected: Any) -> None:
    for _ in range(MOST_OPEN - 1):
        add_objection(objected.context, "A-1", month="2023-05", text="again")
    with pytest.raises(TooManyObjections, match=f"{MOST_OPEN} objections of A-1 wait"):
        add_objection(objected.context, "A-1", month="2023-05", text="once more")
    decide_objection(objected.context, 1, Decision.REJECTED, reason="no")
    add_objection(objected.context, "A-1", month="2023-05", text="now")


def test_an_objection_to_a_month(objected: Any) -> None:
    add_objection(objected.context, "A-1", month="2023-05", text="too few cases")
    assert list_objections(objected.context)[1].month == "2023-05"
    with pytest.raises(CannotProceed, match="future"):
        add_objection(objected.context, "A-1", month="2023-12", text="x")


def test_an_office_objects_to_its_own_records_and_its_departments(objected: Any) -> None:
    add_objection(objected.context, "A-2", record=(RecordKind.SUPERVISION, "S-2"), text="x")
    for office, key in (("A-2", "S-1"), ("E-1", "S-2")):
        with pytest.raises(CannotProceed, match="does not concern"):
            add_objection(objected.context, office, record=(RecordKind.SUPERVISION, key), text="x")
    with pytest.raises(UnknownRecord, match="S-9"):
        add_objection(objected.context, "A-1", record=(RecordKind.SUPERVISION, "S-9"), text="x")
    with pytest.raises(UnknownRecord, match="no office X-1"):
        add_objection(objected.context, "X-1", month="2023-05", text="x")


def test_a_yearly_key_needs_its_year(objected: Any) -> None:
    objected.bring("performance", "office_code,points,source", "A-1,9,x", year=2022)
    record = (RecordKind.PERFORMANCE, "A-1")
    with pytest.raises(UnknownRecord):
        add_objection(objected.context, "A-1", record=record, text="x")
    noted = add_objection(objected.context, "A-1", record=record, year=2022, text="x")
    assert (noted.key, noted.year) == ("A-1", 2022)


@pytest.mark.parametrize(
    "wrong",
    [
        {"record": AGAINST, "month": "2023-05", "text": "x"},
        {"text": "x"},
        {"record": AGAINST, "text": "  "},
        {"record": AGAINST, "text": "x" * 501},
        {"month": "2023-05", "year": 2023, "text": "x"},
    ],
)
def test_what_is_no_objection(objected: Any, wrong: Any) -> None:
    with pytest.raises(UsageError):
        add_objection(objected.context, "A-1", **wrong)


@pytest.mark.parametrize("decision", list(Decision))
def test_a_decision_is_made_once_and_changes_no_evidence(objected: Any, decision: Any) -> None:
    before = objected.rows(supervision_records)
    done = decide_objection(objected.context, 1, decision, reason="the minutes say so", by="林")
    assert (done.decision, done.decided_by, done.reason) == (decision, "林", "the minutes say so")
    assert done.decided_at == objected.context.now()
    assert objected.rows(supervision_records) == before
    entry = objected.rows(audit_log)[-1]
    assert (entry.action, entry.kind, entry.key, entry.reason) == (
        "decided",
        "objections",
        "1",
        "the minutes say so",
    )
    with pytest.raises(CannotProceed, match="decided already, on 2023-11-15 by 林"):
        decide_objection(objected.context, 1, Decision.REJECTED, reason="x")
    assert list_objections(objected.context, only_open=True) == []
    assert [one.decision for one in list_objections(objected.context)] == [decision]


def test_no_decision_without_objection_or_reason(objected: Any) -> None:
    with pytest.raises(UnknownRecord, match="no objection 9"):
        decide_objection(objected.context, 9, Decision.UPHELD, reason="x")
    with pytest.raises(UsageError, match="--reason"):
        decide_objection(objected.context, 1, Decision.UPHELD, reason=" ")


def test_a_withdrawal_that_follows_names_the_objection(objected: Any) -> None:
    decide_objection(objected.context, 1, Decision.UPHELD, reason="wrong office")
    withdraw(objected.context, *AGAINST, reason="taken back", objection=1)
    entry = objected.rows(audit_log)[-1]
    assert entry.reason == "taken back (objection 1 was upheld: wrong office)"
    first = objected.rows(supervision_records)[0]
    assert first.withdrawn_reason == entry.reason


def test_an_update_that_follows_names_the_objection(objected: Any) -> None:
    decide_objection(objected.context, 1, Decision.UPHELD, reason="wrong office")
    line = FINDING.replace("A-1", "A-2")
    objected.bring("supervision", SUPERVISION, line, objection=1)
    entry = objected.rows(audit_log)[-1]
    assert (entry.action, entry.key) == ("updated", "S-1")
    assert entry.reason == "objection 1 was upheld: wrong office"
    assert (entry.before, entry.after) == ({"office_code": "A-1"}, {"office_code": "A-2"})


def test_nothing_follows_from_an_objection_that_was_not_upheld(objected: Any) -> None:
    with pytest.raises(CannotProceed, match="not decided yet"):
        withdraw(objected.context, *AGAINST, reason="x", objection=1)
    decide_objection(objected.context, 1, Decision.REJECTED, reason="the minutes say so")
    with pytest.raises(CannotProceed, match="was rejected"):
        withdraw(objected.context, *AGAINST, reason="x", objection=1)
    with pytest.raises(CannotProceed, match="was rejected"):
        objected.bring("supervision", SUPERVISION, FINDING.replace(",3", ",4"), objection=1)
    with pytest.raises(UnknownRecord, match="no objection 7"):
        withdraw(objected.context, *AGAINST, reason="x", objection=7)
    first = objected.rows(supervision_records)[0]
    assert (first.points, first.withdrawn_at) == (30_000, None)
