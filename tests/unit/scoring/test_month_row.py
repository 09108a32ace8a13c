"""The stored form of a month's row: what was stored by any version is read, and written alike."""

import json
from datetime import date
from decimal import Decimal

import pytest

from survey_pipeline.scoring.facts import Answers, CaseResults, Delivery
from survey_pipeline.scoring.month_row import MonthRow
from survey_pipeline.testing import month_row
from survey_pipeline.vocabulary import DeliveryMode, Disposition, Mode, ScoreSource

STORED = (
    '{"month": "2026-10", "office_code": "CS-AG-004", "office": "城北规划审批处", '
    '"category": "agency", "parent_code": "D-01", "parent": "市自然资源和规划局", "reported": 85, '
    '"drawn": 9, "texted": 8, "delivered": 7, "replied": 3, "called": 2, "reached": 1, '
    '"rated": 13, "satisfied": 0, "neutral": 0, "dissatisfied": 13, "rated_by_sms": 0, '
    '"rated_by_phone": 0, "rated_elsewhere": 13, "rate": "0.0000", "rate_low": "0.0000", '
    '"rate_high": "0.2281", "coefficient": "0.970", "points": "0.00", "rank": 2, '
    '"response_rate": "0.3333", "source": "mixed", "note": ["{\\"params\\": {\\"count\\": \\"3\\", '
    '\\"source\\": \\"市政务服务局\\"}, \\"text\\": \\"{count} answers of our own are replaced by '
    'the results that {source} delivered for the whole month\\"}"], "appraised": true, '
    '"approval_service": true, "outcomes": {"1.1": 3, "3.19": 6}, "reasons": {"attitude": 2}, '
    '"by_mode": {"sms": {"satisfied": 1, "neutral": 0, "dissatisfied": 2}, "phone": '
    '{"satisfied": 0, "neutral": 0, "dissatisfied": 0}}, "open": 1, "verification": {"pairs": 2, '
    '"same": 1, "sms_mean": "0.5000", "phone_mean": "0.0000"}, "delivered_by_others": '
    '{"reported": 85, "sampled": 17, "satisfied": 0, "neutral": 0, "dissatisfied": 13, '
    '"source": "市政务服务局", "mode": "all", "delivered_on": "2026-11-07", "late": false}, '
    '"to_date": {"rate": "0.0000", "coefficient": "0.95", "points": "0.0000", "months": 12, '
    '"rated": 13, "volume": "7.1"}}'
)
"""As version 0.1 stored it."""


def test_a_stored_row_is_written_as_it_was() -> None:
    row = MonthRow.from_json(json.loads(STORED))
    assert json.dumps(row.to_json(), ensure_ascii=False) == STORED


def test_a_stored_row_is_read_into_exact_figures_and_words() -> None:
    row = MonthRow.from_json(json.loads(STORED))
    assert (row.rate, row.points, row.coefficient) == (Decimal(0), Decimal(0), Decimal("0.97"))
    assert (row.source, row.by_mode[Mode.SMS]) == (ScoreSource.MIXED, Answers(1, 0, 2))
    assert row.outcomes == {Disposition("1.1"): 3, Disposition("3.19"): 6}
    assert row.notes[0].params == {"count": "3", "source": "市政务服务局"}
    assert row.delivered_by_others == Delivery(
        85, 17, Answers(0, 0, 13), "市政务服务局", DeliveryMode.ALL, date(2026, 11, 7), late=False
    )


def test_results_of_single_cases_are_stored_only_where_there_are_some() -> None:
    results = CaseResults(
        Answers(3, 1), Answers(0, 0, 2), Answers(), Answers(1), Answers(0, 1),
        sources=("市教育局",), delivered_on=date(2026, 11, 7), late=2,
    )  # fmt: skip
    row = month_row(delivered_by_case=results)
    assert MonthRow.from_json(json.loads(json.dumps(row.to_json()))) == row
    assert "delivered_by_case" not in month_row().to_json()


def test_an_office_without_ratings_has_no_figures() -> None:
    row = month_row()
    assert MonthRow.from_json(row.to_json()) == row
    assert row.to_json()["points"] is row.to_json()["rate"] is row.to_json()["to_date"] is None


def test_no_figure_is_written_with_an_exponent() -> None:
    tiny = month_row(rate=Decimal("0E-7"), points=Decimal("0E-10"))
    assert tiny.to_json()["rate"] == "0.0000000"
    assert tiny.to_json()["points"] == "0.0000000000"


def test_a_row_without_a_figure_is_refused() -> None:
    stored = json.loads(STORED)
    del stored["rated"]
    with pytest.raises(KeyError):
        MonthRow.from_json(stored)


def test_a_word_of_no_list_is_refused() -> None:
    with pytest.raises(ValueError, match="bank"):
        MonthRow.from_json({**json.loads(STORED), "category": "bank"})
