"""A small city whose May is rated by the citizens of five offices.

`context` is its workspace, `scored` the same with May computed.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from survey_pipeline import appraisal
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import cases, draw_offices, draws, offices, parents, surveys
from survey_pipeline.testing import SetContext, add_cases, add_offices

MONTH, DRAWN = "2023-05", date(2023, 5, 10)
JULY = datetime(2023, 7, 3, 4, 0, tzinfo=UTC)
PHONE = "+86138000"
ANSWERS: Mapping[str, tuple[int, int, int]] = {
    "AG-1": (19, 1, 0),
    "AG-2": (3, 0, 0),  # few answers
    "AG-3": (1, 0, 15),  # wholly below AG-1
    "ED-4": (8, 0, 2),  # a wide interval
    "ED-5": (0, 0, 0),
}
"""Satisfied, neutral, dissatisfied."""


def set_clock(context: SetContext, at: datetime) -> None:
    context.clock.at = at


def fill(context: SetContext) -> SetContext:
    """Let five offices of two departments be rated in May, every survey closed by July."""
    set_clock(context, datetime(2023, 5, 10, 4, 0, tzinfo=UTC))
    add_offices(context, "agency", "agency", "agency", "education", "education")
    with writing(context.engine) as connection:
        connection.execute(
            insert(parents).values(
                parent_code="P-2", name="Schools", hotline_group="soe_institution"
            )
        )
        connection.execute(
            update(offices).where(offices.c.category == "education").values(parent_code="P-2")
        )
    rows = [
        (code, f"K-{number}", f"{PHONE}{place}{number:04d}")
        for place, code in enumerate(ANSWERS)
        for number in range(sum(ANSWERS[code]) + 2)
    ]
    add_cases(context, rows, reported_on=DRAWN, frame_on=DRAWN)
    with writing(context.engine) as connection:
        connection.execute(
            insert(draws).values(
                day=DRAWN, drawn_at=context.now(), frame=len(rows), frame_hash="0" * 64,
                roll_hash="0" * 64, seed_hash="0" * 64, policy={}, roll=b"",
                seed=context.keys.encrypt("seed"),
            )
        )  # fmt: skip
        for code, answers in ANSWERS.items():
            drawn = sum(answers) + 1
            connection.execute(
                insert(draw_offices).values(
                    day=DRAWN, office_code=code, frame=drawn, eligible=drawn, drawn=drawn
                )
            )
        found = connection.execute(select(cases)).all()
        connection.execute(insert(surveys), [_survey(context, row) for row in found if _drawn(row)])
    set_clock(context, JULY)
    return context


def _drawn(row: Any) -> bool:
    return int(row.case_no[2:]) <= sum(ANSWERS[row.office_code])


def _survey(context: SetContext, row: Any) -> dict[str, Any]:
    satisfied, neutral, dissatisfied = ANSWERS[row.office_code]
    given = ["satisfied"] * satisfied + ["neutral"] * neutral + ["dissatisfied"] * dissatisfied
    number = int(row.case_no[2:])
    rating = given[number] if number < len(given) else None
    by_phone = rating is not None and number % 3 == 2
    return {
        "case_id": row.id, "office_code": row.office_code, "case_no": row.case_no,
        "category": "agency" if row.office_code.startswith("AG") else "education",
        "month": MONTH, "drawn_on": DRAWN, "rank_hash": f"{row.id:064d}", "phone": row.phone,
        "phone_hash": row.phone_hash, "phone_kind": row.phone_kind, "own_calls": True,
        "opened_at": context.now(), "closes_at": context.now(), "state": "closed",
        "texted": True, "delivered": True, "replied": rating is not None and not by_phone,
        "called": by_phone, "reached": by_phone, "rating": rating,
        "rated_by": ("phone" if by_phone else "sms") if rating else None,
        "reason": "attitude" if rating == "dissatisfied" else None,
        "disposition": "1.1" if rating else "3.19",
    }  # fmt: skip


@pytest.fixture
def context(site: Any) -> SetContext:
    """The city's workspace, its month not computed yet."""
    made: SetContext = site.context
    return fill(made)


@pytest.fixture
def scored(context: SetContext) -> SetContext:
    """The same with May computed."""
    appraisal.score_month(context, MONTH)
    return context


@pytest.fixture
def city() -> Callable[[SetContext], SetContext]:
    """What fills a workspace, for tests that need no browser."""
    return fill
