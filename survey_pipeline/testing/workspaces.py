"""Workspaces of tests, with a clock that stands where it was put."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree
from typing import Any
from zoneinfo import ZoneInfo

from survey_pipeline.calendar import Calendar, SetClock
from survey_pipeline.context import Context
from survey_pipeline.edited import shipped
from survey_pipeline.settings import Settings
from survey_pipeline.standard.load import FOLDER as STANDARDS
from survey_pipeline.store.crypto import derived_keys
from survey_pipeline.store.engine import open_engine
from survey_pipeline.testing.databases import database_url, new_database

NOON = datetime(2023, 5, 4, 4, 0, tzinfo=UTC)
"""Thursday 4 May 2023, 12:00 in Shanghai: a working day."""


@dataclass(frozen=True)
class SetContext(Context):
    """A context whose clock stands where a test puts it."""

    clock: SetClock


def workspace(home: Path, *, at: datetime = NOON, **sections: Any) -> SetContext:
    """Make a workspace with an up-to-date database, the shipped standards and a clock set to `at`.

    Args:
        home: an empty folder.
        at: the moment the clock shows; `context.clock.at = ...` moves it.
        sections: settings that differ from the shipped ones, by section
            (`sampling={"rate": "0.5"}`). `sampling.monthly_minimum` is 0 unless they say otherwise,
            so that a test counts the cases that its rate draws, and `ranking.min_ratings` is 0.
    """
    if not (home / STANDARDS).exists():
        copytree(shipped() / STANDARDS, home / STANDARDS)
    new_database(home)
    return reopened(home, at, **sections)


def reopened(home: Path, at: datetime, **sections: Any) -> SetContext:
    """Open a workspace that `workspace` has made once more, in another process for instance."""
    standards = {2023: "wenzhou-2023"}
    usual = {"locale": "en", "standards": standards, "database": {"url": database_url(home)}}
    sampling = {"monthly_minimum": 0, **sections.get("sampling", {})}
    ranking = {"min_ratings": 0, **sections.get("ranking", {})}
    settings = Settings.model_validate(
        {**usual, **sections, "sampling": sampling, "ranking": ranking}
    )
    return SetContext(
        home=home,
        settings=settings,
        engine=open_engine(settings.database.url, home),
        keys=derived_keys("test"),
        calendar=Calendar(ZoneInfo(settings.timezone)),
        clock=SetClock(at),
        actor="tester",
    )
