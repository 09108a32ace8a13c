"""The column types that both engines store alike, and values as the audit log holds them."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from survey_pipeline.store.audit import plain
from survey_pipeline.store.columns import UtcDateTime
from survey_pipeline.store.crypto import derived_keys

DIALECT = sqlite.dialect()
KEYS = derived_keys("test")
ZONES = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=ZONES)  # noqa: DTZ001 - hypothesis wants naive bounds


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        UtcDateTime().process_bind_param(datetime(2023, 5, 4), DIALECT)  # noqa: DTZ001 - that is the point


@given(MOMENTS)
def test_a_moment_is_stored_in_utc_and_comes_back_the_same(moment: datetime) -> None:
    column = UtcDateTime()
    stored = column.process_bind_param(moment, DIALECT)
    assert stored is not None
    assert (stored.tzinfo, stored) == (UTC, moment)
    back = column.process_result_value(stored.replace(tzinfo=None), DIALECT)
    assert back is not None
    assert (back.tzinfo, back) == (UTC, moment)


def test_nothing_stays_nothing() -> None:
    assert UtcDateTime().process_bind_param(None, DIALECT) is None
    assert UtcDateTime().process_result_value(None, DIALECT) is None
    assert plain(None, KEYS) is None


def test_the_log_holds_ciphertexts_opened_hashes_in_base64_and_dates_in_iso_form() -> None:
    moment = datetime(2023, 5, 4, 4, tzinfo=UTC)
    phone = {"phone": KEYS.encrypt("+8613857710001"), "phone_hash": b"\x01" * 16}
    values = {
        **phone,
        "remark": KEYS.encrypt(""),
        "on": date(2023, 5, 4),
        "at": moment,
        "n": 1,
        "x": None,
    }
    assert plain(values, KEYS) == {
        "phone": "+8613857710001",
        "phone_hash": "AQEBAQEBAQEBAQEBAQEBAQ==",
        "remark": "",
        "on": "2023-05-04",
        "at": "2023-05-04T04:00:00+00:00",
        "n": 1,
        "x": None,
    }


def test_an_exact_number_is_written_as_it_is() -> None:
    assert plain({"rate": Decimal("0.10")}, KEYS) == {"rate": "0.10"}
