"""Which answer was first depends on when it was given, and never on when a result was delivered."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from survey_pipeline.scoring.facts import MonthOfOffice
from survey_pipeline.stages.intake import import_file
from survey_pipeline.stages.satisfaction import gather_month
from survey_pipeline.standard.load import FOLDER, standard_of_month
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import answers, case_results, surveys
from survey_pipeline.survey.delivered_result import with_its_result
from survey_pipeline.survey.rating import GivenAnswer, ours_was_first, record_answer
from survey_pipeline.testing import SetContext, add_offices, add_survey, workspace
from survey_pipeline.vocabulary import AnswerRole, Mode, Rating, RecordKind

pytestmark = pytest.mark.usefixtures("database")

OPENED = datetime(2023, 5, 4, 4, tzinfo=UTC)
numbers = itertools.count(1)
ratings = st.sampled_from(Rating)
days = st.integers(0, 6)
few_examples = settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@dataclass(frozen=True)
class Told:
    """What became of one case: our answers by day, and the delivered one."""

    ours: Sequence[tuple[int, Mode, Rating]]
    theirs: tuple[int, Rating]
    file: int
    """From which of the files on the result is in all of them."""

    @property
    def is_ours(self) -> bool:
        """Whether ours was first: on an earlier day, or on the same one."""
        return bool(self.ours) and min(day for day, _, _ in self.ours) <= self.theirs[0]


told_cases = st.lists(
    st.builds(
        Told,
        ours=st.lists(st.tuples(days, st.sampled_from(Mode), ratings), max_size=3),
        theirs=st.tuples(days, ratings),
        file=st.integers(0, 2),
    ),
    min_size=1,
    max_size=5,
)


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    made = workspace(tmp_path, at=OPENED)
    add_offices(made, "education")
    return made


def ask(context: SetContext, drawn: Sequence[Told]) -> list[tuple[str, Told]]:
    """Draw cases that replace all earlier ones, and record our answers as they were given."""
    context.clock.at = OPENED
    with writing(context.engine) as connection:
        for table in (case_results, answers, surveys):
            connection.execute(delete(table))
    named = [(f"K-{next(numbers)}", told) for told in drawn]
    for case_no, told in named:
        phone = f"+86138{next(numbers):08}"
        window = OPENED + timedelta(days=3)
        survey = add_survey(context, "ED-1", case_no, phone, reply_until=window)
        with writing(context.engine) as connection:
            for day, mode, rating in sorted(told.ours):
                at = OPENED + timedelta(days=day)
                record_answer(
                    connection, survey, GivenAnswer(AnswerRole.RATING, mode, rating, at), at
                )
    return named


def deliver(context: SetContext, rows: Sequence[tuple[str, Told]], on: date) -> None:
    """Import a file of results, as of a day."""
    path = context.home / "results.csv"
    lines = ["office_code,case_no,answer,mode,answered_on,source"]
    for case_no, told in rows:
        answered = OPENED.date() + timedelta(days=told.theirs[0])
        lines.append(f"ED-1,{case_no},{told.theirs[1]},phone,{answered},Bureau")
    path.write_text("\n".join(lines), "utf-8")
    context.clock.at = datetime(on.year, on.month, on.day, 4, tzinfo=UTC)
    assert import_file(context, RecordKind.RESULTS, path).refused == 0


def firsts(context: SetContext) -> dict[str, bool]:
    """Return of each case with a result whether our answer was first."""
    both = case_results.outerjoin(surveys, with_its_result())
    with reading(context.engine) as connection:
        query = select(case_results.c.case_no, ours_was_first()).select_from(both)
        return {case_no: bool(ours) for case_no, ours in connection.execute(query)}


CHANGED = Told(
    ours=[(0, Mode.SMS, Rating.SATISFIED), (2, Mode.SMS, Rating.DISSATISFIED)],
    theirs=(1, Rating.NEUTRAL),
    file=1,
)
"""A citizen who wrote first, told the bureau next, and changed the text within the window."""


@few_examples
@given(drawn=told_cases)
@example(drawn=[CHANGED])
def test_a_later_delivery_never_changes_which_answer_was_first(
    context: SetContext, drawn: list[Told]
) -> None:
    named = ask(context, drawn)
    known: dict[str, bool] = {}
    for file, on in enumerate((date(2023, 5, 20), date(2023, 6, 20), date(2023, 7, 20))):
        rows = [(case_no, told) for case_no, told in named if told.file <= file]
        deliver(context, rows, on)
        present = firsts(context)
        assert {case_no: present[case_no] for case_no in known} == known
        assert present == {case_no: told.is_ours for case_no, told in rows}
        known = present


@few_examples
@given(drawn=told_cases)
def test_a_case_that_anybody_rated_has_one_rating(context: SetContext, drawn: list[Told]) -> None:
    deliver(context, ask(context, drawn), date(2023, 6, 20))
    month = gathered(context)
    assert month.results is not None
    ours = month.sms + month.phone
    beside = month.results.own_sms + month.results.own_phone
    later = month.results.after_sms + month.results.after_phone
    assert month.results.first.rated + later.rated == len(drawn)
    assert (ours - beside).rated == later.rated == sum(told.is_ours for told in drawn)


def gathered(context: SetContext) -> MonthOfOffice:
    rules = context.settings.standards
    in_force = standard_of_month("2023-05", rules, context.home / FOLDER)
    return gather_month(context, in_force.standard, "2023-05").offices[0].month
