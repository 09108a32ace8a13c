"""Who asks the citizens of an office stands in the rule book, and everything obeys it."""

import csv
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from survey_pipeline.appraisal import score_month
from survey_pipeline.errors import UsageError
from survey_pipeline.i18n import Message
from survey_pipeline.reports.deadlines import gather_deadlines
from survey_pipeline.stages.callbacks import queue_calls
from survey_pipeline.stages.export.handover import export_handover
from survey_pipeline.stages.intake import import_file
from survey_pipeline.stages.sampling import draw_day, rehearse_draw, verify_draw
from survey_pipeline.stages.sampling.roll import read_roll
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import calls, draws, surveys
from survey_pipeline.survey.rating import GivenAnswer, record_answer
from survey_pipeline.testing import SetContext, add_case, add_offices, add_text, workspace
from survey_pipeline.vocabulary import AnswerRole, Duty, Mode, Rating, RecordKind

pytestmark = pytest.mark.usefixtures("database")

DAY = date(2023, 5, 4)
STANDARD = "config/standards/wenzhou-2023.toml"
FINANCE_BY_OTHERS = """
[[satisfaction.carried_out]]
clause = "A.7a"
place = "银保机构"
label = { zh = "市金融办", en = "The finance bureau" }
decided = "locally"
page = "docs/decisions/whose-answers-count.md"
by = { zh = "市金融办", en = "the finance bureau" }
category = "finance"
survey = "others"
calls = "others"
delivered = ["all"]

"""
EVERYBODY_ELSE = "[[satisfaction.carried_out]]          # everybody else"


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    made = workspace(tmp_path)
    add_offices(made, "finance", "health", "agency")
    return made


def finance_is_surveyed_by_others(context: SetContext) -> None:
    rewrite(context, lambda text: text.replace(EVERYBODY_ELSE, FINANCE_BY_OTHERS + EVERYBODY_ELSE))


def healths_calls_are_ours(context: SetContext) -> None:
    rewrite(
        context,
        lambda text: text.replace(
            'category = "health"\nsurvey = "ours"\ncalls = "others"\ndelivered = ["phone"]',
            'category = "health"\nsurvey = "ours"\ncalls = "ours"\ndelivered = []',
        ).replace('by = { zh = "市卫健委", en = "the health commission" }\ncategory = "health"\n'
                  'survey', 'category = "health"\nsurvey'),
    )  # fmt: skip


def rewrite(context: SetContext, change: Callable[[str], str]) -> None:
    """Change the workspace's own standard."""
    path = context.home / STANDARD
    text = path.read_text("utf-8")
    assert change(text) != text
    path.write_text(change(text), "utf-8")


def report_cases(context: SetContext) -> None:
    """A mobile and a landline of each office."""
    for number, office in enumerate(("FI-1", "HE-2", "AG-3")):
        add_case(context, office, "mobile", f"+861381234560{number}")
        add_case(context, office, "landline", f"+865778888666{number}")


def reasons(context: SetContext) -> dict[str, str]:
    with reading(context.engine) as connection:
        packed = connection.scalar(select(draws.c.roll).where(draws.c.day == DAY))
    return {line.line: line.reason for line in read_roll(packed or b"")}


def text_and_wait(context: SetContext) -> None:
    """Send every drawn mobile its text, and let the reply window end."""
    with reading(context.engine) as connection:
        texted = connection.scalars(select(surveys.c.id).where(surveys.c.phone_kind == "mobile"))
        found = list(texted)
    for survey in found:
        add_text(context, survey)
    context.clock.advance(timedelta(days=4))


def called(context: SetContext) -> set[str]:
    """The offices with a call in our queue."""
    queue_calls(context)
    with reading(context.engine) as connection:
        rows = connection.scalars(
            select(surveys.c.office_code).join(calls, calls.c.survey_id == surveys.c.id)
        )
        return set(rows)


def handed_over(context: SetContext, category: str) -> list[str]:
    path = context.home / f"{category}.csv"
    export_handover(context, category, context.today(), path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [f"{row['office_code']},{row['case_no']}" for row in csv.DictReader(file)]


def owing(context: SetContext) -> set[str]:
    """Who owes the results of May."""
    report = gather_deadlines(context, date(2023, 6, 23))
    return {
        deadline.who.in_locale("en")
        for deadline in report.deadlines
        if deadline.term.duty is Duty.SATISFACTION and deadline.term.period.name == "2023-05"
    }


def deliver(context: SetContext, office: str, mode: str) -> list[str]:
    """Deliver a month's results; return the columns that were refused."""
    path = context.home / "delivered.csv"
    path.write_text(
        "office_code,month,reported,sampled,satisfied,neutral,dissatisfied,source,mode\n"
        f"{office},2023-05,10,5,5,0,0,x,{mode}\n",
        "utf-8",
    )
    summary = import_file(context, RecordKind.SATISFACTION, path)
    return [problem.column for problem in summary.problems]


def counted(context: SetContext, office: str) -> tuple[str, int, int]:
    """Whose answers an office's month rests on; how many we heard on the phone, how many others."""
    row = score_month(context, "2023-05").office(office)
    assert row is not None
    return row.facts["source"], row.facts["rated_by_phone"], row.facts["rated_elsewhere"]


def hear_on_the_phone(context: SetContext, office: str) -> None:
    """Store a rating that we heard ourselves, whoever should have called."""
    with writing(context.engine) as connection:
        survey = connection.scalar(
            select(surveys.c.id).where(
                surveys.c.office_code == office, surveys.c.case_no == "mobile"
            )
        )
        assert survey is not None
        answer = GivenAnswer(AnswerRole.RATING, Mode.PHONE, Rating.SATISFIED, context.now())
        record_answer(connection, survey, answer, context.now())


def test_by_the_shipped_standard_finance_is_ours_and_the_commission_calls_for_health(
    context: SetContext,
) -> None:
    report_cases(context)
    draw_day(context, DAY)
    assert reasons(context) == {
        "AG-3,landline": "eligible",
        "AG-3,mobile": "eligible",
        "FI-1,landline": "eligible",
        "FI-1,mobile": "eligible",
        "HE-2,landline": "health_landline",
        "HE-2,mobile": "eligible",
    }
    text_and_wait(context)
    assert called(context) == {"FI-1", "AG-3"}
    assert handed_over(context, "health") == ["HE-2,mobile"]
    with pytest.raises(UsageError, match="no calls of the category finance are handed over"):
        handed_over(context, "finance")
    assert owing(context) == {"the health commission"}
    assert deliver(context, "FI-1", "all") == ["office_code"]
    assert counted(context, "FI-1") == ("own", 0, 0)


def test_a_file_that_gives_finance_to_others_is_obeyed_everywhere(context: SetContext) -> None:
    finance_is_surveyed_by_others(context)
    report_cases(context)
    assert "FI-1" not in {office for office, _ in rehearse_draw(context, DAY).drawn}
    draw_day(context, DAY)
    assert reasons(context)["FI-1,mobile"] == "not_ours"
    assert reasons(context)["FI-1,landline"] == "not_ours"
    text_and_wait(context)
    assert called(context) == {"AG-3"}
    with pytest.raises(UsageError, match="no calls of the category finance are handed over"):
        handed_over(context, "finance")  # the whole survey is theirs: they have their own lists
    assert owing(context) == {"the health commission", "the finance bureau"}
    assert deliver(context, "FI-1", "all") == []
    assert counted(context, "FI-1") == ("delivered", 0, 5)


def test_a_file_that_makes_healths_calls_ours_is_obeyed_everywhere(context: SetContext) -> None:
    healths_calls_are_ours(context)
    report_cases(context)
    draw_day(context, DAY)
    assert reasons(context)["HE-2,landline"] == "eligible"
    text_and_wait(context)
    assert called(context) == {"FI-1", "HE-2", "AG-3"}
    with pytest.raises(UsageError, match="others make no calls"):
        handed_over(context, "health")
    assert owing(context) == set()
    assert deliver(context, "HE-2", "phone") == ["office_code"]
    hear_on_the_phone(context, "HE-2")
    assert counted(context, "HE-2") == ("own", 1, 0)


def test_a_draw_is_checked_by_the_arrangements_of_its_day(context: SetContext) -> None:
    report_cases(context)
    report = draw_day(context, DAY)
    clauses = {entry["clause"]: entry["survey"] for entry in report.policy["carried_out"]}
    assert clauses == {"A.5": "ours", "A.6": "ours", "A.7": "others", "A.8": "ours"}
    finance_is_surveyed_by_others(context)
    healths_calls_are_ours(context)
    assert verify_draw(context, DAY).ok


def test_a_draw_of_an_early_version_is_checked_by_the_standard_of_its_day(
    context: SetContext,
) -> None:
    report_cases(context)
    policy = dict(draw_day(context, DAY).policy)
    del policy["carried_out"]
    with writing(context.engine) as connection:
        connection.execute(update(draws).values(policy=policy))
    assert verify_draw(context, DAY).ok
    finance_is_surveyed_by_others(context)
    expected = [problem.params["expected"] for problem in verify_draw(context, DAY).problems]
    assert [reason.params["code"] for reason in expected if isinstance(reason, Message)] == [
        "not_ours",
        "not_ours",
    ]


def test_a_call_stays_with_those_who_had_it_at_the_draw(context: SetContext) -> None:
    report_cases(context)
    draw_day(context, DAY)
    text_and_wait(context)
    healths_calls_are_ours(context)
    assert called(context) == {"FI-1", "AG-3"}
    assert handed_over(context, "health") == ["HE-2,mobile"]


def test_what_we_hear_on_the_phone_counts_only_where_the_calls_are_ours(
    context: SetContext,
) -> None:
    report_cases(context)
    draw_day(context, DAY)
    hear_on_the_phone(context, "HE-2")
    assert counted(context, "HE-2") == ("own", 0, 0)
    healths_calls_are_ours(context)
    assert counted(context, "HE-2") == ("own", 1, 0)
