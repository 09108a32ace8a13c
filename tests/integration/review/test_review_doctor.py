"""`doctor` finds a review's key that is missing, lies open, or outlived its review."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from survey_pipeline.app import open_app
from survey_pipeline.checks import run_checks
from survey_pipeline.stages.review import (
    close_review,
    draw_representatives,
    open_review,
)
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import reviews
from survey_pipeline.testing import (
    SetContext,
    add_offices,
    add_representatives,
    select_every_office,
)
from survey_pipeline.workspace import create_workspace

YEAR = 2023
SEED = {"SURVEY_REVIEW__SEED": "lottery of 1 November"}


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Any]:
    create_workspace(tmp_path)
    app = open_app(tmp_path, environ={})
    add_offices(app.context, "agency")
    add_representatives(app.context, YEAR, "R-1")
    select_every_office(app.context, YEAR)
    draw_representatives(app.context, YEAR)
    open_review(app.context, YEAR)
    yield app.context
    app.close()


def told(context: SetContext) -> Any:
    """What it says of reviews: level, finding, remedy."""
    found = [one for one in run_checks(context.home, SEED) if one.name == "review"]
    return [(one.level.value, str(one.found), str(one.remedy or "")) for one in found]


def test_an_open_review_with_its_key_is_well(opened: Any) -> None:
    assert told(opened) == [("ok", "the online review of 2023 is open, its key is here", "")]


def test_a_missing_key_fails_with_the_remedy(opened: Any) -> None:
    (opened.home / "review-2023.key").unlink()
    [(level, found, remedy)] = told(opened)
    assert (level, "its key is not here" in found) == ("failed", True)
    assert "put review-2023.key back" in remedy


def test_a_key_that_others_can_read_fails(opened: Any) -> None:
    (opened.home / "review-2023.key").chmod(0o640)
    [(level, found, _)] = told(opened)
    assert (level, "chmod 600" in found) == ("failed", True)


def test_a_closing_that_was_cut_off_fails_until_it_is_finished(opened: Any) -> None:
    close_review(opened, YEAR)
    with writing(opened.engine) as connection:
        connection.execute(reviews.update().values(cleared_at=None))
    [(level, _, remedy)] = told(opened)
    assert (level, "review close --year 2023 once more" in remedy) == ("failed", True)
    close_review(opened, YEAR)
    assert told(opened) == []


def test_where_no_review_is_open_there_is_nothing_to_say(opened: Any) -> None:
    with writing(opened.engine) as connection:
        connection.execute(reviews.update().values(opened_at=None))
    assert told(opened) == []
