"""Names and numbers of representatives are kept until some time after the review (section 10)."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from survey_pipeline.pipeline import run_day
from survey_pipeline.stages.review import close_review, forget_representatives, review_status
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import audit_log, representatives, review_representatives
from survey_pipeline.testing import SetContext, add_representatives
from survey_pipeline.vocabulary import AuditAction

pytestmark = pytest.mark.usefixtures("database")

TEMPLATES = Path(__file__).parents[3] / "templates"
YEAR = 2023
KEPT = timedelta(days=90)


def personal(context: SetContext, year: Any = YEAR) -> Any:
    """Whatever is stored of the pool that is somebody's own."""
    table = representatives.c
    with reading(context.engine) as connection:
        rows = connection.execute(
            select(table.name, table.phone, table.phone_hash).where(table.year == year)
        )
        return [value for row in rows for value in row if value is not None]


def test_names_and_numbers_go_when_the_closed_review_has_been_kept_long_enough(city: Any) -> None:
    context = city.open().context
    close_review(context, YEAR)
    context.clock.advance(KEPT - timedelta(seconds=1))
    assert forget_representatives(context) == 0
    assert len(personal(context)) == 9
    context.clock.advance(timedelta(seconds=1))
    assert forget_representatives(context) == 3
    assert personal(context) == []
    assert forget_representatives(context) == 0
    with reading(context.engine) as connection:
        numbers = connection.scalars(select(review_representatives.c.rep_no)).all()
        said = connection.execute(
            select(audit_log).where(audit_log.c.action == AuditAction.DELETED)
        ).one()
    assert sorted(numbers) == ["R-1", "R-2", "R-3"]
    assert (said.kind, said.key, said.after) == ("review", f"{YEAR}/forget", {"forgotten": 3})
    assert review_status(context, YEAR).year == YEAR


def test_an_open_review_keeps_them_however_long_it_takes(city: Any) -> None:
    context = city.open().context
    context.clock.advance(KEPT * 3)
    assert forget_representatives(context) == 0
    assert len(personal(context)) == 9


def test_a_pool_of_another_year_is_left_alone(city: Any) -> None:
    context = city.open().context
    add_representatives(context, YEAR + 1, "R-1")
    close_review(context, YEAR)
    context.clock.advance(KEPT)
    assert forget_representatives(context) == 3
    assert len(personal(context, YEAR + 1)) == 3


def test_the_daily_run_lets_them_go_but_never_in_a_demo(city: Any) -> None:
    context = city.open().context
    close_review(context, YEAR)
    context.clock.advance(KEPT)
    shutil.copytree(TEMPLATES, context.home / "templates")
    demo = replace(context, settings=context.settings.model_copy(update={"demo": True}))
    run_day(demo, {}, context.today())
    assert len(personal(context)) == 9
    run_day(context, {}, context.today())
    assert personal(context) == []
