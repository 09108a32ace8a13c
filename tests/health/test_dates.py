"""Dates and times have one short and one long form per language, in local time."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from survey_pipeline.web.rendering.environment import environment

PACKAGE = Path(__file__).parents[2] / "survey_pipeline"
OWN_FORM = re.compile(r"%H:%M|format_(datetime|time)\(|UTC\"}|strftime\(")
"""What writes a moment in a form of its own."""
ALLOWED = {
    "calendar.py": "the short form itself",
    "gateways/acs3.py": "a header that the provider's signature prescribes",
}
NIGHT = datetime(2026, 10, 20, 16, 30, tzinfo=UTC)
"""Half past midnight of the next day in China."""


def test_only_the_calendar_writes_moments() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{number}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if str(path.relative_to(PACKAGE)) not in ALLOWED
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if OWN_FORM.search(line)
    ]
    assert found == [], "use Calendar.written, or SHORT_MOMENT of a local moment"


def test_templates_leave_the_form_to_the_filters() -> None:
    templates = sorted((PACKAGE / "web" / "templates").glob("*.html"))
    assert not [path.name for path in templates if re.search(r"strftime|%H", path.read_text())]


@pytest.mark.parametrize(("locale", "long"), [("en", "Oct 21, 2026"), ("zh_CN", "2026年10月21日")])
def test_pages_have_two_forms_of_a_day_and_one_of_a_moment(locale: str, long: str) -> None:
    filters = environment(locale, "Asia/Shanghai").filters
    assert filters["moment"](NIGHT) == "2026-10-21 00:30"
    assert filters["clock"](NIGHT) == "00:30"
    assert filters["short"](date(2026, 10, 21)) == "2026-10-21"
    assert filters["day"](date(2026, 10, 21)) == long
