"""A demo opens on the last day that has something, and nothing is overdue in its finished month."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from survey_pipeline.reports.day_arrivals import read_day_arrivals
from survey_pipeline.reports.day_course import opening_day
from survey_pipeline.reports.missing_reports import missing_reports
from survey_pipeline.stages.sampling import draw_day
from survey_pipeline.testing import add_case, add_offices, workspace

pytestmark = pytest.mark.usefixtures("database")

LAST = date(2023, 5, 4)


@pytest.mark.parametrize("demo", [True, False])
def test_a_demo_is_shown_as_of_its_last_day(tmp_path: Path, demo: bool) -> None:
    context = workspace(tmp_path, demo=demo)
    offices = add_offices(context, "agency", "agency")
    add_case(context, offices[0], "K-1", "+8613812345678", reported_on=LAST)
    add_case(context, offices[1], "K-2", "+8613812345679", reported_on=LAST)
    draw_day(context, LAST)
    context.clock.at += timedelta(days=40)
    draw_day(context, LAST + timedelta(days=1))  # nothing is in its frame
    today = context.today()
    assert opening_day(context) == (LAST if demo else today)
    assert (missing_reports(context, today) == []) is demo
    assert (read_day_arrivals(context, today).missing == []) is demo
