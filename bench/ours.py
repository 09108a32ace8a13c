"""The product's side of each pair, through its own stages; imported by child processes alone."""

import time
from contextlib import closing
from datetime import date
from pathlib import Path

from bench import made
from survey_pipeline.app import open_app
from survey_pipeline.appraisal import score_month, score_year
from survey_pipeline.stages.dispatch import dispatch as send_everything
from survey_pipeline.stages.intake import import_file
from survey_pipeline.stages.sampling import draw_day
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import (
    messages,
    month_scores,
    office_month_scores,
    office_year_scores,
    surveys,
    year_scores,
)
from survey_pipeline.vocabulary import RecordKind
from survey_pipeline.workspace import create_workspace


def make(home: str) -> None:
    """Make a workspace with a thousand offices and a carrier of good manners."""
    folder = Path(home)
    create_workspace(folder)
    config = folder / "config" / "pipeline.toml"
    polite = config.read_text(encoding="utf-8").replace(
        "\n[[gateway]]\n", '\n[[gateway]]\nmanners = "polite"\n', 1
    )
    config.write_text(polite, encoding="utf-8")
    made.write_register(folder)
    with closing(open_app(folder)) as app:
        for kind in (RecordKind.PARENTS, RecordKind.OFFICES):
            done = import_file(app.context, kind, folder / f"{kind.value}.csv")
            if done.refused:
                raise SystemExit(f"{kind.value}: {done.refused} rows refused")


def sample(home: str, day: str) -> dict[str, float]:
    """Draw a day, the report on it included."""
    with closing(open_app(Path(home))) as app:
        begun = time.perf_counter()
        drawn = draw_day(app.context, date.fromisoformat(day))
        seconds = time.perf_counter() - begun
    if drawn.drawn_before or not drawn.drawn:
        raise SystemExit("nothing was drawn")
    return {"seconds": seconds}


def score(home: str, month: str) -> dict[str, float]:
    """Score a month for the first time: gather, score, store."""
    with closing(open_app(Path(home))) as app:
        with writing(app.context.engine) as connection:
            for table in (office_month_scores, month_scores):
                connection.execute(table.delete())
        begun = time.perf_counter()
        stored = score_month(app.context, month)
        seconds = time.perf_counter() - begun
    if not stored.is_new or not stored.offices:
        raise SystemExit("no new score was stored")
    return {"seconds": seconds}


def year(home: str, year: str) -> dict[str, float]:
    """Score a year for the first time: gather, score, store."""
    with closing(open_app(Path(home))) as app:
        with writing(app.context.engine) as connection:
            for table in (office_year_scores, year_scores):
                connection.execute(table.delete())
        begun = time.perf_counter()
        stored = score_year(app.context, int(year))
        seconds = time.perf_counter() - begun
    if not stored.is_new or not stored.offices:
        raise SystemExit("no new score was stored")
    return {"seconds": seconds}


def dispatch(home: str) -> dict[str, float]:
    """Write and send the text of every open survey, at whatever hour this runs."""
    with closing(open_app(Path(home))) as app:
        gateways = app.gateways
        begun = time.perf_counter()
        send_everything(app.context, gateways, ignore_hours=True)
        seconds = time.perf_counter() - begun
        with reading(app.context.engine) as connection:
            mobiles = connection.execute(surveys.select()).all()
            sent = connection.execute(messages.select().where(messages.c.state == "accepted")).all()
    if not sent or len(sent) != len(mobiles):
        raise SystemExit(f"{len(sent)} texts went out for {len(mobiles)} surveys")
    return {"seconds": seconds}
