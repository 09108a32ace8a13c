"""The dates of an appraisal year, from section 14.H of the specification."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.calendar import Calendar, YearOverride, last_day
from survey_pipeline.reports.deadlines.plan import Term, terms
from survey_pipeline.standard import InForce, Standard
from survey_pipeline.standard.load import read_standard
from survey_pipeline.standard.periods import Period, months, quarters
from survey_pipeline.vocabulary import Duty

FILE = Path(__file__).parents[4] / "config" / "standards" / "wenzhou-2023.toml"
WENZHOU: Standard = read_standard(FILE)[0]
CHINA = Calendar(ZoneInfo("Asia/Shanghai"))
YEARS = st.integers(2005, 2026)
WINDOWS = st.builds(
    lambda year, until: WENZHOU.model_copy(
        update={
            "year": year,
            "window": WENZHOU.window.model_copy(
                update={
                    "after": until.replace(year=year - 1),
                    "until": until.replace(year=year),
                }
            ),
        }
    ),
    YEARS,
    st.dates(date(2023, 1, 1), date(2023, 12, 31)),
)
"""The standard in other years, cut off at any day of the year."""


def of_year(year: int = 2023, calendar: Calendar = CHINA) -> list[Term]:
    moved = WENZHOU if year == WENZHOU.year else WENZHOU.moved_to(year)
    return terms(InForce(moved, provisional=year != WENZHOU.year, file_hash=""), calendar)


def dates(duty: Duty, year: int = 2023) -> dict[str, str]:
    return {term.period.name: str(term.due) for term in of_year(year) if term.duty is duty}


def test_a_months_results_are_due_on_the_25th_of_the_next_month_or_the_working_day_after() -> None:
    assert dates(Duty.SATISFACTION) == {
        "2022-11": "2022-12-26",  # the 25th is a Sunday
        "2022-12": "2023-01-28",  # Spring Festival to the 27th; that Saturday is worked
        "2023-01": "2023-02-27",  # a Saturday
        "2023-02": "2023-03-27",  # a Saturday
        "2023-03": "2023-04-25",
        "2023-04": "2023-05-25",
        "2023-05": "2023-06-25",  # a Sunday, worked after the Dragon Boat Festival
        "2023-06": "2023-07-25",
        "2023-07": "2023-08-25",
        "2023-08": "2023-09-25",
        "2023-09": "2023-10-25",
        "2023-10": "2023-11-27",  # a Saturday; after the window, and still of its year
    }


@pytest.mark.parametrize("day", [date(2023, 2, 5), date(2023, 2, 28)])
def test_what_occurred_in_february_is_filed_by_25_march_moved_to_a_working_day(day: date) -> None:
    [term] = [term for term in of_year() if term.duty is Duty.SELF_CHECK and day in term.period]
    assert term.period == Period("2023-02", date(2023, 2, 1), date(2023, 2, 28))
    assert (term.nominal, term.due) == (date(2023, 3, 25), date(2023, 3, 27))  # from a Saturday


def test_quarters_end_with_the_window_and_are_due_ten_days_after_their_end() -> None:
    assert dates(Duty.HOTLINE) == {
        "2022-Q4": "2023-01-10",
        "2023-Q1": "2023-04-10",
        "2023-Q2": "2023-07-10",
        "2023-Q3": "2023-10-10",
        "2023-Q4": "2023-11-10",  # October alone, before the year is scored
    }


@pytest.mark.parametrize("duty", [Duty.PARENT_RATING, Duty.PERFORMANCE, Duty.HOTLINE_RANK])
def test_yearly_deliveries_are_due_in_the_november_after_the_window(duty: Duty) -> None:
    assert dates(duty) == {"2023": "2023-11-20"}
    assert dates(duty, 2022) == {"2022": "2022-11-21"}  # the 20th is a Sunday


def test_the_daily_report_has_no_date_of_its_own() -> None:
    assert dates(Duty.CASE_REPORT) == {}


def test_the_table_of_dates_says_what_the_rules_behind_it_say() -> None:
    """Results and filings are late by their own parts; a table that differs would mislead."""
    duties = WENZHOU.duties
    assert duties.of(Duty.SATISFACTION).day == WENZHOU.satisfaction.due.day
    assert duties.of(Duty.SELF_CHECK).day == WENZHOU.supervision.filing.count
    shifts = (WENZHOU.satisfaction.due_shift, WENZHOU.supervision.filing_shift, duties.shift)
    assert len({shift.to for shift in shifts}) == 1


@given(WINDOWS)
def test_every_deadline_is_the_first_working_day_from_its_nominal_date(standard: Standard) -> None:
    for term in terms(InForce(standard, provisional=False, file_hash=""), CHINA):
        assert CHINA.is_working_day(term.due)
        between = [
            date.fromordinal(day) for day in range(term.nominal.toordinal(), term.due.toordinal())
        ]
        assert term.nominal <= term.due
        assert not any(CHINA.is_working_day(day) for day in between)


@given(st.dates(date(2005, 1, 1), date(2026, 11, 25)))
def test_what_is_filed_by_its_deadline_is_filed_in_time(day: date) -> None:
    """The date that is shown beforehand is the one that the score goes by."""
    for standard in (WENZHOU.moved_to(year) for year in range(day.year - 1, day.year + 3)):
        for term in terms(InForce(standard, provisional=False, file_hash=""), CHINA):
            if term.duty is Duty.SELF_CHECK and day in term.period:
                by_the_rule = WENZHOU.supervision.filing_due_on(day, CHINA.next_working_day)
                assert by_the_rule == term.due


@given(st.dates(date(2005, 1, 1), date(2026, 12, 31)), WINDOWS)
def test_months_and_quarters_are_owed_once_however_the_window_cuts_them(
    day: date, standard: Standard
) -> None:
    windows = [standard.moved_to(year).window for year in range(day.year - 1, day.year + 3)]
    [month] = [period for window in windows for period in months(window) if day in period]
    assert (month.first.day, month.last) == (1, last_day(month.name))
    [(window, quarter)] = [
        (window, period) for window in windows for period in quarters(window) if day in period
    ]
    assert quarter.first in window
    assert quarter.last in window
    assert (quarter.last - quarter.first).days < 92


def test_dates_of_a_year_without_a_calendar_are_provisional_and_say_of_which_year() -> None:
    found = of_year(2049)
    assert all(term.provisional and term.unlisted for term in found)
    assert {year for term in found for year in term.unknown_years} == {2048, 2049}
    assert all(term.due.weekday() < 5 for term in found)


def test_a_calendar_of_the_workspace_makes_dates_certain() -> None:
    years = {year: YearOverride(frozenset({date(year, 1, 1)})) for year in (2048, 2049)}
    calendar = Calendar(ZoneInfo("Asia/Shanghai"), years)
    listed = InForce(WENZHOU.moved_to(2049), provisional=False, file_hash="")
    assert not any(term.provisional for term in terms(listed, calendar))


def test_a_deadline_stays_where_it_is_if_the_standard_says_so() -> None:
    none = {"to": "none"}
    still = WENZHOU.model_copy(
        update={
            "duties": WENZHOU.duties.model_copy(
                update={"shift": WENZHOU.duties.shift.model_copy(update=none)}
            ),
            "supervision": WENZHOU.supervision.model_copy(
                update={"filing_shift": WENZHOU.supervision.filing_shift.model_copy(update=none)}
            ),
            "satisfaction": WENZHOU.satisfaction.model_copy(
                update={"due_shift": WENZHOU.satisfaction.due_shift.model_copy(update=none)}
            ),
        }
    )
    found = terms(InForce(still, provisional=False, file_hash=""), CHINA)
    assert all(term.due == term.nominal for term in found)


def test_a_window_of_the_calendar_year_has_its_ratings_due_within_it() -> None:
    window = WENZHOU.window.model_copy(
        update={"after": date(2022, 12, 31), "until": date(2023, 12, 31)}
    )
    standard = WENZHOU.model_copy(update={"window": window})
    found = terms(InForce(standard, provisional=False, file_hash=""), CHINA)
    assert {term.due for term in found if term.duty is Duty.PERFORMANCE} == {date(2023, 11, 20)}
    assert [one.name for one in months(window)] == [f"2023-{n:02d}" for n in range(1, 13)]


def test_a_month_that_the_cut_off_divides_belongs_to_the_later_year_a_quarter_is_cut() -> None:
    dates_ = {"after": date(2022, 6, 15), "until": date(2023, 6, 15)}
    window = WENZHOU.window.model_copy(update=dates_)
    named = [one.name for one in months(window)]
    assert (named[0], named[-1], len(named)) == ("2022-06", "2023-05", 12)
    found = list(quarters(window))
    assert found[0] == Period("2022-Q2", date(2022, 6, 16), date(2022, 6, 30))
    assert found[-1] == Period("2023-Q2", date(2023, 4, 1), date(2023, 6, 15))
    assert len(found) == 5
