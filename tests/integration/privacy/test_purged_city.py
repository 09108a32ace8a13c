"""A purged city scores, exports and verifies as before, byte for byte (specification, 10.3)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from survey_pipeline.app import App, open_app
from survey_pipeline.appraisal import publish_score, score_month, score_year, verify_score
from survey_pipeline.calendar import SetClock
from survey_pipeline.privacy.purging import due_now, purge
from survey_pipeline.reports.month_report import read_month
from survey_pipeline.reports.year_report import read_year
from survey_pipeline.settings import CONFIG_FILE
from survey_pipeline.simulation.demo import DemoSize, run_demo
from survey_pipeline.stages.export.answers_file import write_answers
from survey_pipeline.stages.export.formats import FORMS, write_month, write_year
from survey_pipeline.stages.sampling import verify_draw
from survey_pipeline.store.emptying import still_held
from survey_pipeline.store.engine import reading
from survey_pipeline.store.personal import KeptUntil, columns_until
from survey_pipeline.store.tables import cases, draws
from survey_pipeline.testing.databases import new_database

MONTH, YEAR = "2023-05", 2023
LATER = datetime(2024, 6, 3, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
DELETED = set(KeptUntil) - {KeptUntil.RECORD}


@pytest.fixture
def city(tmp_path: Path, database: str) -> Iterator[App]:
    """A demo's city a year later, without its mark."""
    home = tmp_path / "city"
    own = {}
    if database == "postgresql":
        own = {"SURVEY_DATABASE__URL": new_database(home, empty=True)}
    run_demo(home, MONTH, "one seed", DemoSize(offices=8, days=3, cases_per_day=8), environ=own)
    config = home / CONFIG_FILE
    config.write_text(config.read_text("utf-8").replace("demo = true", "demo = false"), "utf-8")
    app = open_app(home, actor="analyst", clock=SetClock(LATER), environ=own)
    yield app
    app.close()


def results(app: App, folder: Path) -> dict[str, bytes]:
    """Score, export and verify everything; return each file."""
    context = app.context
    folder.mkdir()
    month = read_month(context, MONTH, score_month(context, MONTH).version)
    year = read_year(context, YEAR, score_year(context, YEAR).version)
    for form in FORMS:
        write_month(month, form, folder / f"month.{form}", "en")
        write_year(year, form, folder / f"year.{form}", "en")
    for form in ("csv", "parquet"):
        write_answers(context, MONTH, folder / f"answers.{form}", form)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def days(app: App) -> list[date]:
    with reading(app.context.engine) as connection:
        return list(connection.scalars(select(draws.c.day).order_by(draws.c.day)))


def test_a_purged_city_has_the_same_scores_exports_and_draws(city: App, tmp_path: Path) -> None:
    context = city.context
    score_month(context, MONTH)
    score_year(context, YEAR)
    publish_score(context, MONTH)
    publish_score(context, YEAR)
    assert isinstance(context.clock, SetClock)
    context.clock.advance(timedelta(days=91))
    before = results(city, tmp_path / "before")
    assert len(before) == 2 * len(FORMS) + 2
    receipt = purge(context).receipt
    assert receipt is not None
    for name in ("cases", "surveys", "messages", "inbound", "representatives", "ledger_lines"):
        assert receipt.counts[name] > 0
    assert results(city, tmp_path / "after") == before
    assert len(days(city)) >= 3
    for day in days(city):
        assert list(verify_draw(context, day).problems) == []
    assert verify_score(context, MONTH).ok
    assert verify_score(context, YEAR).ok
    assert due_now(context) == {}

    assert list(left(city)) == []


def left(city: App) -> Iterator[str]:
    """Yield each table that still holds a value that ends."""
    with reading(city.context.engine) as connection:
        for table in cases.metadata.tables.values():
            if table.name == "audit_values" or not list(columns_until(table, *DELETED)):
                continue
            query = select(func.count()).select_from(table).where(still_held(table, *DELETED))
            if connection.scalar(query):
                yield table.name
