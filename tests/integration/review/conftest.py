"""A year's review in small: offices, representatives, and the steps up to the open ballot box."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from survey_pipeline.context import Context
from survey_pipeline.stages.review import (
    draw_representatives,
    open_review,
    write_links,
)
from survey_pipeline.testing import add_offices, add_representatives, select_every_office, workspace

YEAR = 2023
NOVEMBER = datetime(2023, 11, 22, 2, 0, tzinfo=UTC)


class City:
    """A workspace whose review is led through its steps."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def prepare(self) -> "City":
        """Select and draw all there are."""
        select_every_office(self.context, YEAR)
        draw_representatives(self.context, YEAR)
        return self

    def open(self) -> "City":
        open_review(self.prepare().context, YEAR)
        return self

    def tokens(self, context: Context | None = None) -> dict[str, str]:
        """Write the links; return rep_no -> token."""
        path = self.context.home / "links.csv"
        write_links(context or self.context, YEAR, path, "https://surveys.example.org")
        lines = path.read_text(encoding="utf-8-sig").splitlines()[1:]
        return {line.split(",")[0]: line.rsplit("/", 1)[1] for line in lines}


def city_at(home: Path) -> City:
    context = workspace(home, at=NOVEMBER)
    add_offices(context, "agency", "health")
    add_representatives(context, YEAR, "R-1", "R-2", "R-3")
    return City(context)


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """Two offices (AG-1, HE-2) and three representatives, nothing selected and nothing drawn."""
    made = city_at(tmp_path)
    yield made
    made.context.engine.dispose()


@pytest.fixture
def another_city(tmp_path: Path) -> Iterator[City]:
    """The same city once more, in a folder of its own."""
    home = tmp_path / "another"
    home.mkdir()
    made = city_at(home)
    yield made
    made.context.engine.dispose()
