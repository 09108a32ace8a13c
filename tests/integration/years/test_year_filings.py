"""A year in which supervision records name their self-check filings (specification, 14.C)."""

from typing import Any

from sqlalchemy import select

from survey_pipeline.stages.intake.withdrawing import withdraw
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import year_scores
from survey_pipeline.vocabulary import RecordKind

FILING = "filing_no,parent_code,month,filed_on,problems"
RECORD = "record_no,clause,office_code,occurred_on,points,self_found,rectified,filing_no,filed_on"


def inputs_of(city: Any) -> str:
    """Score the year; return the hash of what it was scored from."""
    city.score()
    with reading(city.context.engine) as connection:
        found = connection.scalars(select(year_scores.c.inputs_hash).order_by(year_scores.c.id))
        return str(list(found)[-1])


def supervised(city: Any) -> tuple[str, str]:
    """The office's supervision points, and the note on the record."""
    row = city.office("AG-3")
    [line] = [line for line in row["lines"] if any("S-20" in it for it in line["evidence"])]
    return row["components"]["supervision"], line["note"]


def test_the_day_of_the_filing_decides(city: Any) -> None:
    """2023-02-26 is to be filed by Monday 27 March; the record's own day does not count."""
    city.bring("filings", [FILING, "F-1,P-1,2023-02,2023-03-27,late replies"])
    city.bring("supervision", [RECORD, "S-20,C1.5,AG-3,2023-02-26,0.5,yes,yes,F-1,2023-05-01"])
    points, note = supervised(city)
    assert points == "23.0000"
    assert "filed it in time, on 2023-03-27 (filing F-1)" in note
    city.bring("filings", [FILING, "F-1,P-1,2023-02,2023-03-28,late replies"])
    points, note = supervised(city)
    assert points == "22.5000"
    assert "filed late, on 2023-03-28 (filing F-1) instead of 2023-03-27" in note
    withdraw(city.context, RecordKind.FILINGS, "F-1", reason="of another department")
    points, note = supervised(city)
    assert points == "22.5000"
    assert "its filing F-1 was taken back" in note


def test_filings_that_no_record_names_leave_the_inputs_as_they_were(city: Any) -> None:
    before = inputs_of(city)
    city.bring("filings", [FILING, "F-1,P-1,2023-02,2023-03-27,late replies"])
    assert inputs_of(city) == before
    city.bring("supervision", [RECORD, "S-20,C1.5,AG-3,2023-02-26,0.5,yes,yes,F-1,"])
    with_record = inputs_of(city)
    city.bring("filings", [FILING, "F-1,P-1,2023-02,2023-03-28,late replies"])
    assert len({before, with_record, inputs_of(city)}) == 3
