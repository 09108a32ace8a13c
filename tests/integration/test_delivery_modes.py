"""What may be delivered for an office, and by when, is the standard's word and nobody else's."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from survey_pipeline.stages.intake import import_file
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import satisfaction_results
from survey_pipeline.testing import SetContext, add_offices, add_survey, workspace
from survey_pipeline.vocabulary import RecordKind

pytestmark = pytest.mark.usefixtures("database")

HEADINGS = "office_code,month,reported,sampled,satisfied,neutral,dissatisfied,source,mode"


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    return workspace(tmp_path)


def rewrite(context: SetContext, old: str, new: str) -> None:
    """Change the workspace's own standard."""
    path = context.home / "config/standards/wenzhou-2023.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def deliver(context: SetContext, office: str, mode: str = "") -> tuple[int, list[str]]:
    path = context.home / "delivered.csv"
    path.write_text(f"{HEADINGS}\n{office},2023-03,10,5,5,0,0,x,{mode}\n", "utf-8")
    summary = import_file(context, RecordKind.SATISFACTION, path)
    return summary.accepted, [problem.column for problem in summary.problems]


def rate(context: SetContext, office: str, **answers: int) -> None:
    """Rate cases of March by SMS, so many of each answer."""
    given = [rating for rating, count in answers.items() for _ in range(count)]
    march, now = datetime(2023, 3, 6, 4, tzinfo=UTC), context.clock.at
    context.clock.at = march
    for number, rating in enumerate(given):
        phone = f"+86138{number:08}"
        add_survey(context, office, f"K-{number}", phone, rating=rating, rated_by="sms")
    context.clock.at = now


def warned(context: SetContext, office: str, mode: str = "", *, dry_run: bool = False) -> list[str]:
    """Deliver as `deliver` does, in time; return the warnings."""
    path = context.home / "delivered.csv"
    columns = f"{HEADINGS},delivered_on"
    path.write_text(f"{columns}\n{office},2023-03,10,5,5,0,0,Bureau,{mode},2023-04-20\n", "utf-8")
    summary = import_file(context, RecordKind.SATISFACTION, path, dry_run=dry_run)
    return [warning.reason.render("en") for warning in summary.warned]


def modes(context: SetContext) -> list[tuple[str, bool]]:
    with reading(context.engine) as connection:
        columns = satisfaction_results.c
        return [tuple(row) for row in connection.execute(select(columns.mode, columns.late))]


def test_a_health_office_delivers_its_calls_alone(context: SetContext) -> None:
    (office,) = add_offices(context, "health")
    assert deliver(context, office, "all") == (0, ["mode"])
    assert deliver(context, office) == (1, [])
    assert modes(context) == [("phone", True)]


def test_a_standard_that_lets_health_deliver_everything_is_obeyed(context: SetContext) -> None:
    rewrite(context, 'delivered = ["phone"]', 'delivered = ["all", "phone"]')
    (office,) = add_offices(context, "health")
    assert deliver(context, office) == (1, [])
    assert modes(context) == [("all", True)]


def test_a_standard_with_another_day_moves_the_deadline(context: SetContext) -> None:
    rewrite(context, "day = 25\n", "day = 28\n")
    rewrite(context, "count = 25\n", "count = 28\n")
    (office,) = add_offices(context, "education")
    context.clock.at = context.clock.at.replace(month=4, day=28)
    deliver(context, office)
    assert modes(context) == [("joint", False)]


REPLACED = (
    "6 answers to the survey of 市评议办 (3 satisfied, 1 neutral, 2 dissatisfied) are "
    "replaced by the results that Bureau delivered for the whole month"
)


def test_an_import_says_which_of_our_answers_it_puts_aside(context: SetContext) -> None:
    (office,) = add_offices(context, "education")
    rate(context, office, satisfied=3, neutral=1, dissatisfied=2)
    assert warned(context, office, "all", dry_run=True) == [REPLACED]
    assert warned(context, office, "all") == [REPLACED]
    assert warned(context, office, "all") == [REPLACED]


def test_results_that_are_added_put_nothing_aside(context: SetContext) -> None:
    (office,) = add_offices(context, "education")
    rate(context, office, satisfied=3)
    assert warned(context, office) == []
    assert modes(context) == [("joint", False)]


def test_an_office_with_approval_services_is_told_too(context: SetContext) -> None:
    (office,) = add_offices(context, "agency", approval_service=True)
    rate(context, office, satisfied=1)
    (warning,) = warned(context, office)
    assert warning.startswith(
        "1 answers to the survey of 市评议办 (1 satisfied, 0 neutral, 0 dissatisfied)"
    )


def test_an_office_that_we_survey_takes_no_delivery(context: SetContext) -> None:
    (office,) = add_offices(context, "finance")
    assert deliver(context, office, "all") == (0, ["office_code"])
