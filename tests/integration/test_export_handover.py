"""The call list of the health commission (specification, section 7)."""

import csv
import stat
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from survey_pipeline.errors import CannotProceed, UsageError
from survey_pipeline.stages.export.handover import Handover, export_handover
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import answers, audit_log, surveys
from survey_pipeline.survey.opt_outs import opt_out
from survey_pipeline.survey.rating import GivenAnswer, record_answer
from survey_pipeline.testing import (
    SetContext,
    add_inbound,
    add_offices,
    add_survey,
    add_text,
    workspace,
)
from survey_pipeline.vocabulary import AnswerRole, InboundUse, MessageState, Mode, Rating

pytestmark = pytest.mark.usefixtures("database")

DRAWN = date(2023, 5, 4)
DUE = date(2023, 5, 6)
"""Two days later: the reply window has ended by noon."""


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    made = workspace(tmp_path)
    add_offices(made, "health", "agency")
    return made


def add(context: SetContext, case_no: str, phone: str, office: str = "HE-1", **values: Any) -> int:
    survey = add_survey(context, office, case_no, phone, **values)
    add_text(context, survey)
    return survey


def advance(context: SetContext, **by: float) -> None:
    context.clock.advance(timedelta(**by))


def listed(
    context: SetContext, path: Path, day: date = DUE
) -> tuple[Handover, list[dict[str, str]]]:
    done = export_handover(context, "health", day, path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return done, list(csv.DictReader(file))


def numbers(context: SetContext, path: Path, day: date = DUE) -> list[str]:
    return [row["case_no"] for row in listed(context, path, day)[1]]


def rate(context: SetContext, survey: int) -> None:
    with writing(context.engine) as connection:
        given = GivenAnswer(AnswerRole.RATING, Mode.SMS, Rating.SATISFIED, context.now())
        record_answer(connection, survey, given, context.now())


def test_a_case_without_a_rating_is_listed_with_its_full_number(
    context: SetContext, tmp_path: Path
) -> None:
    add(context, "K-1", "+8613812345678")
    advance(context, days=2)
    done, rows = listed(context, tmp_path / "list.csv")
    assert (done.cases, done.new) == (1, 1)
    assert rows == [
        {
            "office_code": "HE-1", "office": "Office 1", "case_no": "K-1", "month": "2023-05",
            "served_on": "2023-05-04", "item": "Licence", "phone": "13812345678",
            "drawn_on": "2023-05-04", "reason": "no_reply", "answer": "", "answered_on": "",
            "mode": "phone", "source": "the health commission",
        }
    ]  # fmt: skip


def test_nothing_is_listed_before_the_reply_window_has_ended(
    context: SetContext, tmp_path: Path
) -> None:
    add(context, "K-1", "+8613812345678")
    advance(context, hours=47)
    assert numbers(context, tmp_path / "list.csv") == []
    advance(context, hours=1)
    assert numbers(context, tmp_path / "list.csv") == ["K-1"]


def test_only_health_offices_are_listed(context: SetContext, tmp_path: Path) -> None:
    add(context, "K-1", "+8613812345678")
    add(context, "K-2", "+8613812345679", office="AG-2")
    advance(context, days=2)
    assert numbers(context, tmp_path / "list.csv") == ["K-1"]


def test_a_rated_case_is_not_listed(context: SetContext, tmp_path: Path) -> None:
    rate(context, add(context, "K-1", "+8613812345678"))
    advance(context, days=2)
    assert numbers(context, tmp_path / "list.csv") == []


def test_what_nobody_could_read_is_listed_as_unclear(context: SetContext, tmp_path: Path) -> None:
    survey = add(context, "K-1", "+8613812345678", replied=True)
    add_inbound(context, survey, "hm")
    advance(context, days=2)
    _, rows = listed(context, tmp_path / "list.csv")
    assert [row["reason"] for row in rows] == ["unclear"]


def test_a_text_that_did_not_arrive_is_listed_as_undelivered(
    context: SetContext, tmp_path: Path
) -> None:
    survey = add_survey(context, "HE-1", "K-1", "+8613812345678")
    add_text(context, survey, state=MessageState.FAILED)
    advance(context, days=2)
    _, rows = listed(context, tmp_path / "list.csv")
    assert [row["reason"] for row in rows] == ["undelivered"]


@pytest.mark.parametrize("why", ["denied", "withdrawn", "opted_out"])
def test_who_said_no_or_was_taken_back_is_not_listed(
    context: SetContext, why: str, tmp_path: Path
) -> None:
    ended: dict[str, Any] = {why: True}
    add(context, "K-1", "+8613812345678", **ended)
    advance(context, days=2)
    assert numbers(context, tmp_path / "list.csv") == []


def test_a_number_that_opted_out_elsewhere_is_not_listed(
    context: SetContext, tmp_path: Path
) -> None:
    add(context, "K-1", "+8613812345678", state="closed")
    with writing(context.engine) as connection:
        phone = context.keys.phone_hash("+8613812345678")
        opt_out(connection, phone, "simulated", None, context.now())
    advance(context, days=2)
    assert numbers(context, tmp_path / "list.csv") == []


def test_a_text_that_nobody_has_read_yet_is_heard_first(
    context: SetContext, tmp_path: Path
) -> None:
    survey = add(context, "K-1", "+8613812345678")
    add_inbound(context, survey, "1", use=InboundUse.PENDING)
    advance(context, days=2)
    assert numbers(context, tmp_path / "list.csv") == []


def test_a_text_still_on_its_way_is_waited_for(context: SetContext, tmp_path: Path) -> None:
    survey = add_survey(context, "HE-1", "K-1", "+8613812345678")
    add_text(context, survey, state=MessageState.QUEUED)
    advance(context, days=2)
    assert numbers(context, tmp_path / "list.csv") == []


def test_an_answer_that_comes_after_the_handover_is_kept_and_not_counted(
    context: SetContext, tmp_path: Path
) -> None:
    survey = add(context, "K-1", "+8613812345678")
    advance(context, days=2)
    assert numbers(context, tmp_path / "list.csv") == ["K-1"]
    rate(context, survey)
    with reading(context.engine) as connection:
        row = connection.execute(select(surveys)).one()
        kept = connection.execute(select(answers)).one()
    assert (row.rating, row.handed_over_on) == (None, DUE)
    assert kept.rating == Rating.SATISFIED


def test_the_list_of_a_day_can_be_written_again(context: SetContext, tmp_path: Path) -> None:
    add(context, "K-1", "+8613812345678")
    advance(context, days=2)
    first, rows = listed(context, tmp_path / "list.csv")
    content = (tmp_path / "list.csv").read_bytes()
    again, _ = listed(context, tmp_path / "again.csv")
    assert (first.new, again.new, again.cases) == (1, 0, 1)
    assert (tmp_path / "again.csv").read_bytes() == content
    advance(context, days=3)
    assert listed(context, tmp_path / "later.csv", DUE)[1] == rows


def test_a_case_is_on_the_list_of_one_day_only(context: SetContext, tmp_path: Path) -> None:
    add(context, "K-1", "+8613812345678")
    advance(context, days=2)
    assert numbers(context, tmp_path / "list.csv", DUE) == ["K-1"]
    advance(context, days=1)
    assert numbers(context, tmp_path / "next.csv", date(2023, 5, 7)) == []


def test_every_number_shown_is_in_the_audit_log_each_time(
    context: SetContext, tmp_path: Path
) -> None:
    add(context, "K-1", "+8613812345678")
    add(context, "K-2", "+8613812345679")
    advance(context, days=2)
    for name in ("first.csv", "second.csv"):
        listed(context, tmp_path / name)
    with reading(context.engine) as connection:
        log = connection.execute(select(audit_log).order_by(audit_log.c.id)).all()
    assert [(row.action, row.kind, row.key) for row in log] == [
        ("exported", "cases", "HE-1/K-1"), ("exported", "cases", "HE-1/K-2"),
    ] * 2  # fmt: skip
    assert {row.actor for row in log} == {"tester"}
    assert {row.reason for row in log} == {"handover health 2023-05-06"}
    assert "138" not in "".join(str(row) for row in log)


@pytest.mark.parametrize("name", ["list.csv", "list.xlsx"])
def test_only_its_owner_can_read_the_list(context: SetContext, name: str, tmp_path: Path) -> None:
    add(context, "K-1", "+8613812345678")
    advance(context, days=2)
    export_handover(context, "health", DUE, tmp_path / name)
    assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_numbers_in_the_workbook_are_text(context: SetContext, tmp_path: Path) -> None:
    add(context, "=1+1", "+8613812345678")
    advance(context, days=2)
    export_handover(context, "health", DUE, tmp_path / "list.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "list.xlsx").active
    cells = {cell.value: cell.data_type for row in sheet for cell in row}
    assert cells["13812345678"] == "s"
    assert cells["=1+1"] == "s"


def test_a_case_number_that_computes_is_disarmed_in_the_csv(
    context: SetContext, tmp_path: Path
) -> None:
    add(context, "=1+1", "+8613812345678")
    add(context, "-K/2", "+8613812345679")
    advance(context, days=2)
    assert numbers(context, tmp_path / "list.csv") == ["'-K/2", "'=1+1"]


@pytest.mark.parametrize("category", ["agency", "education", "ducks"])
def test_other_categories_are_wrong_usage(
    context: SetContext, category: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="health"):
        export_handover(context, category, DRAWN, tmp_path / "list.csv")


def test_another_ending_is_wrong_usage(context: SetContext, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="xlsx"):
        export_handover(context, "health", DRAWN, tmp_path / "list.pdf")


def test_a_day_to_come_is_refused(context: SetContext, tmp_path: Path) -> None:
    with pytest.raises(CannotProceed, match="has not come yet"):
        export_handover(context, "health", DUE, tmp_path / "list.csv")


def test_a_list_that_cannot_be_written_hands_nothing_over(
    context: SetContext, tmp_path: Path
) -> None:
    add(context, "K-1", "+8613812345678")
    advance(context, days=2)
    with pytest.raises(CannotProceed, match="cannot be written to"):
        export_handover(context, "health", DUE, tmp_path / "nowhere" / "list.csv")
    with reading(context.engine) as connection:
        assert connection.scalar(select(surveys.c.handed_over_on)) is None
