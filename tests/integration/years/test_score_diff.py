"""`score diff`: which offices moved between two versions, by which lines, and why."""

import json
from datetime import timedelta
from typing import Any

import pytest

from survey_pipeline.stages.intake.withdrawing import withdraw
from survey_pipeline.vocabulary import RecordKind


@pytest.fixture
def twice(city: Any) -> Any:
    """The city's year scored, a record of AG-1 withdrawn, and scored again."""
    city.score()
    city.context.clock.advance(timedelta(hours=1))
    withdraw(city.context, RecordKind.SUPERVISION, "S-01", reason="error")
    city.score()
    return city


def test_the_last_two_versions_are_compared_and_the_record_is_named(twice: Any) -> None:
    done = twice.run("score", "diff", "--year", "2023")
    assert done.exit_code == 0
    for text in (
        "2023: from version 1 to version 2",
        "supervision records, was taken back: 1",
        "offices with other points: 1",
        "AG-1 Land register: 82.7600 → 85.7600",
        "C1.1: -3.0000 → does not count",
    ):
        assert text in done.stdout, done.stdout
    assert "AG-2" not in done.stdout


def test_the_json_holds_figures_lines_and_reasons(twice: Any) -> None:
    found = json.loads(twice.run("score", "diff", "--year", "2023", "--json").stdout)
    assert (found["before"], found["after"], found["moved"]) == (1, 2, 1)
    (office,) = (office for office in found["offices"] if office["office_code"] == "AG-1")
    assert office["points"] == ["82.7600", "85.7600"]
    assert {figure["name"] for figure in office["figures"]} == {"supervision", "daily", "total"}
    (line,) = (line for line in office["lines"] if line["clause"] == "C1.1")
    assert line["before"]["counted"] is True
    assert line["after"] is None or line["after"]["counted"] is False


def test_a_version_that_is_not_there_is_refused_in_words(twice: Any) -> None:
    done = twice.run("score", "diff", "--year", "2023", "--before", "1", "--after", "7")
    assert done.exit_code == 4
    assert "have no version 7" in done.stderr


def test_a_period_with_one_version_or_none_has_nothing_to_compare(city: Any) -> None:
    done = city.run("score", "diff", "--month", "2023-03")
    assert done.exit_code == 4
    assert "there is no score of 2023-03" in done.stderr
    city.score()
    done = city.run("score", "diff", "--year", "2023")
    assert done.exit_code == 4
    assert "none to compare it with" in done.stderr
