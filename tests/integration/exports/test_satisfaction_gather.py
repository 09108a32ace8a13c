"""What a month's score rests on, gathered from the tables, and when it makes a new version."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from survey_pipeline.errors import CannotProceed
from survey_pipeline.scoring.facts import Answers, MonthFacts, OfficeFacts
from survey_pipeline.stages.assessment import latest
from survey_pipeline.stages.assessment.canonical import inputs_hash
from survey_pipeline.stages.satisfaction import gather_month
from survey_pipeline.standard.load import FOLDER, standard_of_month
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import (
    daily_reports,
    draws,
    offices,
    satisfaction_results,
    surveys,
)
from survey_pipeline.testing import add_case, add_survey

pytestmark = pytest.mark.usefixtures("database")


def gathered(month: Any, name: str = "2023-05", as_of: date | None = None) -> MonthFacts:
    context = month.context
    in_force = standard_of_month(name, context.settings.standards, context.home / FOLDER)
    return gather_month(context, in_force.standard, name, as_of)


def office(facts: MonthFacts, code: str) -> OfficeFacts:
    return next(one for one in facts.offices if one.office.office_code == code)


def listed(facts: MonthFacts) -> list[str]:
    return [one.office.office_code for one in facts.offices]


def change(month: Any, table: Any, where: Any, **values: Any) -> None:
    with writing(month.context.engine) as connection:
        connection.execute(update(table).where(where).values(**values))


def test_a_withdrawn_case_leaves_reported_stays_drawn_and_keeps_its_rating(month: Any) -> None:
    bank = office(gathered(month), "FI-2")
    assert bank.month.reported == 18 + 5 - 2
    assert bank.surveys.drawn == 5
    assert bank.month.sms == Answers(satisfied=1, neutral=1)


def test_a_case_that_was_handed_over_counts_no_text_that_came_later(month: Any) -> None:
    hospital = office(gathered(month), "HE-1")
    assert hospital.surveys.replied == 5
    assert hospital.month.sms == Answers(satisfied=2, neutral=1)
    assert hospital.month.phone == Answers()


def test_exempt_offices_are_listed_and_those_not_yet_open_are_not(month: Any) -> None:
    codes = listed(gathered(month))
    assert {"SC-1", "SC-2"} <= set(codes)
    assert "SC-3" not in codes
    assert codes == sorted(codes)


def test_an_office_outside_its_time_is_listed_if_it_reported_all_the_same(month: Any) -> None:
    with writing(month.context.engine) as connection:
        connection.execute(
            insert(daily_reports).values(
                office_code="SC-3", reported_on=date(2023, 5, 31), reported=2
            )
        )
    row = month.score().office("SC-3")
    assert row.points is None
    assert row.row.reported == 2
    assert row.row.notes[0].params == {"day": "2023-06-01"}


def test_an_office_taken_off_the_register_is_listed_only_with_what_it_left(month: Any) -> None:
    gone = datetime(2023, 5, 31, tzinfo=UTC)
    change(month, offices, offices.c.office_code.in_(["SO-2", "AG-1"]), withdrawn_at=gone)
    codes = listed(gathered(month))
    assert "SO-2" not in codes
    assert "AG-1" in codes
    assert month.score().office("AG-1").points is None


def test_a_case_counts_in_the_month_it_was_reported_in(month: Any) -> None:
    """Drawn on 1 June from the reports of 31 May: May's, on both sides."""
    context = month.context
    with writing(context.engine) as connection:
        connection.execute(
            insert(draws).values(
                day=date(2023, 6, 1), drawn_at=context.now(), frame=1, frame_hash="", roll_hash="",
                seed_hash="", policy={}, roll=b"",
                seed=context.keys.encrypt("seed"),
            )
        )  # fmt: skip
    before = office(gathered(month), "SO-2")
    end, context.clock.at = context.clock.at, datetime(2023, 6, 1, 9, tzinfo=UTC)
    add_survey(context, "SO-2", "L-1", "+8613900000001", month="2023-05", state="closed")
    context.clock.at = end
    change(
        month, daily_reports, daily_reports.c.office_code == "SO-2", reported_on=date(2023, 5, 31)
    )
    after = office(gathered(month), "SO-2")
    assert (after.surveys.drawn, after.month.reported) == (1, 1)
    assert (before.surveys.drawn, before.month.reported) == (0, 0)


def test_a_withdrawn_delivery_does_not_count(month: Any) -> None:
    change(
        month, satisfaction_results, satisfaction_results.c.office_code == "ED-1",
        withdrawn_at=month.context.now(),
    )  # fmt: skip
    row = month.score().office("ED-1").row
    assert (row.rated_elsewhere, row.rated_by_sms, row.source) == (0, 2, "own")


def test_only_people_who_answered_by_sms_are_compared_with_their_own_call(month: Any) -> None:
    """A corrected answer is a phone answer: beside it nothing is left to compare."""
    before = office(gathered(month), "AG-1").surveys.verified
    change(month, surveys, surveys.c.corrected, verification="dissatisfied")
    assert office(gathered(month), "AG-1").surveys.verified == before
    assert sum(before.values()) == 2


def test_results_are_due_on_the_25th_of_the_month_after_or_the_next_working_day(
    month: Any,
) -> None:
    assert gathered(month).due_on == date(2023, 6, 25)  # a Sunday that was worked in 2023
    assert gathered(month, as_of=date(2023, 6, 25)).overdue is False
    assert gathered(month, as_of=date(2023, 6, 26)).overdue is True


# ---- Complete or provisional --------------------------------------------------------------------


def test_a_month_is_complete_when_its_last_survey_has_ended(month: Any) -> None:
    assert gathered(month).complete
    change(month, surveys, surveys.c.id == 1, state="open")
    assert not gathered(month).complete
    assert office(gathered(month), "AG-1").surveys.still_open == 1


def test_a_month_with_a_case_that_waits_for_its_draw_is_not_complete(month: Any) -> None:
    add_case(month.context, "SO-2", "L-9", "+8613900000009", reported_on=date(2023, 5, 31))
    assert not gathered(month).complete


def test_a_month_is_not_complete_on_its_last_day(month: Any) -> None:
    month.context.clock.at = datetime(2023, 5, 31, 4, tzinfo=UTC)
    assert not gathered(month).complete
    month.context.clock.at = datetime(2023, 5, 31, 16, tzinfo=UTC)  # 1 June, 0:00 in Shanghai
    assert gathered(month).complete


def test_a_month_that_has_not_begun_is_refused(month: Any) -> None:
    with pytest.raises(CannotProceed, match="has not begun"):
        gathered(month, "2023-08")


def test_a_month_of_which_nothing_is_known_is_refused(month: Any) -> None:
    with pytest.raises(CannotProceed, match="nothing was reported, drawn or delivered in 2023-06"):
        gathered(month, "2023-06")


# ---- The window to date -------------------------------------------------------------------------


def add_draw(month: Any, day: date) -> None:
    """Draw on a day from an empty frame."""
    context = month.context
    with writing(context.engine) as connection:
        connection.execute(
            insert(draws).values(
                day=day, drawn_at=context.now(), frame=0, frame_hash="", roll_hash="",
                seed_hash="", policy={}, roll=b"", seed=context.keys.encrypt("seed"),
            )
        )  # fmt: skip


def add_march(month: Any) -> None:
    """Report 1,000 cases and rate one in March for AG-1; the first draw was in November."""
    add_draw(month, date(2022, 11, 1))
    context = month.context
    end, context.clock.at = context.clock.at, datetime(2023, 3, 6, 9, tzinfo=UTC)
    add_survey(
        context, "AG-1", "M-1", "+8613700000001", state="closed", replied=True,
        rating="dissatisfied", rated_by="sms", disposition="1.1",
    )  # fmt: skip
    context.clock.at = end
    change(
        month, daily_reports,
        (daily_reports.c.office_code == "AG-1")
        & (daily_reports.c.reported_on == date(2023, 3, 6)),
        reported=1000,
    )  # fmt: skip


def test_the_year_so_far_pools_all_ratings_and_divides_by_the_months_that_have_ended(
    month: Any,
) -> None:
    add_march(month)
    facts = office(gathered(month), "AG-1")
    assert [one.month for one in facts.earlier] == [
        "2022-11", "2022-12", "2023-01", "2023-02", "2023-03", "2023-04",
    ]  # fmt: skip
    assert facts.ended_months == 7
    so_far = month.score().office("AG-1").row.to_date
    # (1000 + 124) / 7 = 160.57; (5 + 0.6) of 7 + 1; 30 x 0.7 x 0.98
    assert so_far.to_json() == {
        "rate": "0.7000", "coefficient": "0.98", "points": "20.5800", "months": 7, "rated": 8,
        "volume": "160.6",
    }  # fmt: skip


def test_only_months_that_have_ended_by_the_day_of_the_score_divide(month: Any) -> None:
    add_draw(month, date(2022, 11, 1))
    assert office(gathered(month, as_of=date(2023, 5, 30)), "AG-1").ended_months == 6
    assert office(gathered(month, as_of=date(2023, 5, 31)), "AG-1").ended_months == 7


def test_an_office_that_opened_in_april_counts_its_own_months(month: Any) -> None:
    add_march(month)
    change(month, offices, offices.c.office_code == "AG-1", valid_from=date(2023, 4, 30))
    facts = office(gathered(month), "AG-1")
    assert [one.month for one in facts.earlier] == ["2023-04"]
    assert facts.ended_months == 2


def test_the_window_begins_after_the_last_years_cut_off(month: Any) -> None:
    """October 2022 ends on the day of the cut-off, which is the last of the year before."""
    context = month.context
    end, context.clock.at = context.clock.at, datetime(2022, 10, 31, 9, tzinfo=UTC)
    add_survey(
        context, "AG-1", "N-1", "+8613700000002", state="closed", rating="dissatisfied",
        rated_by="sms", disposition="1.1",
    )  # fmt: skip
    context.clock.at = end
    assert month.score().office("AG-1").row.to_date.rated == 7


# ---- Versions -----------------------------------------------------------------------------------


def test_the_same_inputs_give_back_the_stored_version(month: Any) -> None:
    first, again = month.score(), month.score()
    assert (first.version, first.is_new) == (1, True)
    assert (again.version, again.is_new) == (1, False)
    assert replace(again, is_new=True) == first


def test_a_change_makes_a_new_version_and_keeps_the_old_one(month: Any) -> None:
    first = month.score()
    change(month, surveys, surveys.c.id == 1, rating="dissatisfied")
    second = month.score()
    assert (second.version, second.is_new) == (2, True)
    assert second.inputs_hash != first.inputs_hash
    assert second.office("AG-1").points < first.office("AG-1").points
    with reading(month.context.engine) as connection:
        assert latest(connection, "2023-05") == replace(second, is_new=False)


def test_another_standard_makes_a_new_version(month: Any) -> None:
    month.score()
    path = month.context.home / FOLDER / "wenzhou-2023.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n# adopted\n", encoding="utf-8")
    assert month.score().version == 2


def test_a_stored_score_names_what_it_rests_on(month: Any) -> None:
    stored = month.score()
    assert stored.standard == "wenzhou-2023"
    assert stored.as_of == date(2023, 7, 3)
    assert len(stored.standard_hash) == len(stored.inputs_hash) == 64
    assert stored.program_version
    assert stored.complete


def test_the_hash_of_the_inputs_is_that_of_any_order(new_month: Callable[..., Any]) -> None:
    hashes = {inputs_hash(gathered(new_month(shuffled=seed))) for seed in (None, 1, 2)}
    assert len(hashes) == 1


def test_the_day_is_no_input_until_it_decides_something(month: Any) -> None:
    def seen(day: date) -> str:
        return inputs_hash(gathered(month, as_of=day))

    assert seen(date(2023, 7, 3)) == seen(date(2023, 9, 1))
    assert seen(date(2023, 6, 25)) != seen(date(2023, 6, 26))  # what is missing is overdue


def test_points_are_stored_as_ten_thousandths(month: Any, tmp_path: Path) -> None:
    assert month.score().office("AG-1").points == 235_200
    assert month.score().office("FI-1").points is None


def with_setting(month: Any, counted_from: str) -> Any:
    """The same month in a workspace whose settings name the first month that counts."""
    context = month.context
    satisfaction = context.settings.satisfaction.model_copy(update={"counted_from": counted_from})
    settings = context.settings.model_copy(update={"satisfaction": satisfaction})
    return replace(month, context=replace(context, settings=settings))


@pytest.mark.parametrize(
    ("drawn_on", "counted_from", "ended"),
    [
        (date(2022, 9, 1), "2022-11", 7),  # before the window: its first month
        (date(2022, 11, 30), "2022-11", 7),
        (date(2023, 1, 1), "2023-01", 5),
        (date(2023, 1, 31), "2023-01", 5),
        (date(2023, 4, 30), "2023-04", 2),
    ],
)
def test_months_count_from_that_of_the_first_draw(
    month: Any, drawn_on: date, counted_from: str, ended: int
) -> None:
    add_draw(month, drawn_on)
    facts = gathered(month)
    assert facts.counted_from == counted_from
    assert office(facts, "AG-1").ended_months == ended


@pytest.mark.parametrize(
    ("setting", "counted_from", "ended"),
    [("2022-10", "2022-11", 7), ("2022-11", "2022-11", 7), ("2023-03", "2023-03", 3)],
)
def test_the_setting_comes_before_the_first_draw(
    month: Any, setting: str, counted_from: str, ended: int
) -> None:
    add_draw(month, date(2022, 12, 1))
    facts = gathered(with_setting(month, setting))
    assert (facts.counted_from, office(facts, "AG-1").ended_months) == (counted_from, ended)


def test_the_cases_of_months_that_do_not_count_are_not_in_the_volume(month: Any) -> None:
    add_march(month)
    so_far = with_setting(month, "2023-04").score().office("AG-1").row.to_date
    # March's 1000 cases do not count: 124 / 2 months; March's rating does
    assert (str(so_far.volume), so_far.months, so_far.rated) == ("62.0", 2, 8)
    assert str(so_far.coefficient) == "0.97"
