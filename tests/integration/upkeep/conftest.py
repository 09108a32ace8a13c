"""A small city whose database is backed up, put back and copied."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from survey_pipeline.edited import shipped
from survey_pipeline.store.engine import reading
from survey_pipeline.testing import NOON, SetContext, add_cases, add_offices, workspace

CASES = 4


@pytest.fixture
def city(tmp_path: Path) -> Callable[..., SetContext]:
    """A function that makes a workspace, empty or with an office and its cases, at 10:00."""

    def make(name: str, *, filled: bool, **sections: Any) -> SetContext:
        home = tmp_path / name
        home.mkdir()
        shutil.copytree(shipped() / "templates", home / "templates")
        gateway = [{"kind": "simulated", "priority": 100}]
        morning = NOON.replace(hour=2)
        context = workspace(home, at=morning, sampling={"rate": "1"}, gateway=gateway, **sections)
        if filled:
            report(context)
        return context

    return make


@pytest.fixture
def context(city: Callable[..., SetContext]) -> SetContext:
    """The city itself."""
    return city("city", filled=True)


@pytest.fixture
def count() -> Callable[[SetContext, Any], int]:
    """A function that counts the values of a column."""

    def values(context: SetContext, column: Any) -> int:
        with reading(context.engine) as connection:
            return connection.scalar(select(func.count(column))) or 0

    return values


@pytest.fixture
def bring_in() -> Callable[[SetContext], None]:
    """A function that brings in what `city` is filled with."""
    return report


def report(context: SetContext) -> None:
    add_offices(context, "agency")
    rows = [("AG-1", f"K-{number}", f"+86138123456{number:02d}") for number in range(CASES)]
    add_cases(context, rows)
