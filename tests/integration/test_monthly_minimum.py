"""A small office is asked as a whole until the month has enough (specification, section 4.2)."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from survey_pipeline.stages.sampling import draw_day, rehearse_draw, verify_draw
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import draw_offices, draws
from survey_pipeline.testing import add_cases, add_offices, workspace
from survey_pipeline.testing.workspaces import SetContext

pytestmark = pytest.mark.usefixtures("database")

DAY = date(2023, 5, 4)
"""The day that a workspace's clock shows."""


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    made = workspace(tmp_path, sampling={"monthly_minimum": 10})
    add_offices(made, "agency")
    return made


def report_day(context: SetContext, count: int, day: date = DAY) -> None:
    """Let the office report cases of a day, each of another citizen."""
    context.clock.advance(day - context.today())
    begin = 1000 * day.toordinal()
    rows = [("AG-1", f"{day}-{n}", f"+86138{(begin + n) % 10**8:08d}") for n in range(count)]
    add_cases(context, rows)


def drawn(context: SetContext, day: date) -> int:
    (office,) = draw_day(context, day).offices
    return office.drawn


def test_all_are_drawn_until_the_month_has_enough_then_the_rate_decides(
    context: SetContext,
) -> None:
    counts = []
    for number in range(5):
        day = DAY + timedelta(days=number)
        report_day(context, 4, day)
        counts.append(drawn(context, day))
        assert verify_draw(context, day).ok
    assert counts == [4, 4, 2, 2, 2]


def test_a_new_month_begins_at_nothing(context: SetContext) -> None:
    report_day(context, 12)
    assert drawn(context, DAY) == 10
    report_day(context, 12, date(2023, 6, 1))
    assert drawn(context, date(2023, 6, 1)) == 10


def test_the_maximum_and_an_office_with_many_cases_are_as_before(context: SetContext) -> None:
    report_day(context, 200)
    assert drawn(context, DAY) == 30


def test_the_policy_of_the_draw_names_it_and_a_rehearsal_counts_alike(context: SetContext) -> None:
    report_day(context, 7)
    assert draw_day(context, DAY).to_json()["policy"]["monthly_minimum"] == 10
    following = DAY + timedelta(days=1)
    report_day(context, 7, following)
    assert len(rehearse_draw(context, following).drawn) == drawn(context, following) == 3


def test_a_check_counts_what_the_months_draws_drew(context: SetContext) -> None:
    following = DAY + timedelta(days=1)
    for day in (DAY, following):
        report_day(context, 7, day)
        draw_day(context, day)
    assert verify_draw(context, following).ok
    with writing(context.engine) as connection:
        of_day = draw_offices.c.day == DAY
        connection.execute(update(draw_offices).where(of_day).values(drawn=5))
    assert not verify_draw(context, following).ok


def test_a_draw_kept_without_the_rule_is_checked_without_it(tmp_path: Path) -> None:
    context = workspace(tmp_path)
    add_offices(context, "agency")
    report_day(context, 12)
    draw_day(context, DAY)
    with writing(context.engine) as connection:
        policy: dict[str, Any] = dict(connection.execute(select(draws.c.policy)).scalar_one())
        del policy["monthly_minimum"]
        connection.execute(update(draws).values(policy=policy))
    assert verify_draw(context, DAY).ok
    with reading(context.engine) as connection:
        assert connection.scalar(select(draw_offices.c.drawn)) == 3
