"""An office's days of validity: the rule for values and the rule for columns are the same."""

from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import offices
from survey_pipeline.testing import add_offices, workspace
from survey_pipeline.validity import (
    valid_on,
    valid_on_sql,
    valid_part,
    valid_within,
    valid_within_sql,
)

DAYS = [date(2023, 5, 1) + timedelta(days=number) for number in range(5)]


class Office(NamedTuple):
    """First and last day."""

    valid_from: date | None
    valid_until: date | None


ends = st.none() | st.sampled_from(DAYS)
kinds = st.builds(Office, ends, ends)
spans = st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)).map(sorted)


@pytest.mark.usefixtures("database")
def test_values_and_columns_agree_on_every_day_and_span(tmp_path: Path) -> None:
    context = workspace(tmp_path)
    register = {}
    for first, last in product([None, *DAYS[1:4]], repeat=2):
        (code,) = add_offices(context, "finance", valid_from=first, valid_until=last)
        register[code] = Office(first, last)
    with reading(context.engine) as connection:
        for first, last in product(DAYS, repeat=2):
            found = connection.scalars(
                select(offices.c.office_code).where(valid_within_sql(offices.c, first, last))
            )
            assert set(found) == {
                code for code, office in register.items() if valid_within(office, first, last)
            }
        for day in DAYS:
            found = connection.scalars(
                select(offices.c.office_code).where(valid_on_sql(offices.c, day))
            )
            assert set(found) == {
                code for code, office in register.items() if valid_on(office, day)
            }


@given(kinds, spans)
def test_valid_within_a_span_is_valid_on_a_day_of_it(office: Office, span: list[date]) -> None:
    first, last = span
    if office.valid_from and office.valid_until and office.valid_until < office.valid_from:
        return  # intake refuses such an office
    days = [day for day in DAYS if first <= day <= last and valid_on(office, day)]
    assert valid_within(office, first, last) == bool(days)
    begin, end = valid_part(office, first, last)
    assert days == [day for day in DAYS if begin <= day <= end]


def test_both_ends_are_included() -> None:
    office = Office(DAYS[1], DAYS[3])
    assert [valid_on(office, day) for day in DAYS] == [False, True, True, True, False]
