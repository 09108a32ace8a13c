"""Rows of the tables that a month of the signals' trial fills, without what no signal reads."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from survey_pipeline.calendar import last_day, month_of
from survey_pipeline.simulation.cheating import ReportedCase
from survey_pipeline.simulation.city import City, CityOffice
from survey_pipeline.store.crypto import Keys
from survey_pipeline.vocabulary import DeliveryMode, PhoneKind, SurveyState

_FRESH: Mapping[str, Any] = {
    "phone": None,
    "rating": None,
    "rated_by": None,
    "disposition": "3.11",
    "state": SurveyState.CLOSED,
    **dict.fromkeys(
        ("texted", "delivered", "replied", "called", "denied", "contact_data_bad", "opted_out"),
        False,
    ),
}
"""The same columns in every row: they are written with one statement."""
_IMPORTED = {"import_id": 0, "row_no": 0}


def case_row(keys: Keys, office: CityOffice, case: ReportedCase, day: date) -> dict[str, Any]:
    """Return a case in its day's frame."""
    return {
        "office_code": office.office_code,
        "case_no": case.case_no,
        "served_on": day,
        "reported_on": day,
        "phone": keys.encrypt(case.phone),
        "phone_hash": keys.phone_hash(case.phone),
        "phone_kind": _kind(case),
        "item": case.item,
        "frame_on": day,
        "never_a_case": False,
        **_IMPORTED,
    }


def survey_row(
    office: CityOffice, case: ReportedCase, at: datetime, ended: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the closed survey of a drawn case.

    Args:
        office: the case's.
        case: the case.
        at: the moment of its draw.
        ended: its draw's day, and how it ended.
    """
    return {
        "office_code": office.office_code,
        "case_no": case.case_no,
        "category": office.category,
        "month": month_of(ended["drawn_on"]),
        "rank_hash": "",
        "phone_kind": _kind(case),
        "opened_at": at,
        "closes_at": at,
        **_FRESH,
        **ended,
    }


def draw_row(day: date, at: datetime, frame: int) -> dict[str, Any]:
    """Return the draw of a day."""
    hashes = dict.fromkeys(("frame_hash", "roll_hash", "seed_hash"), "")
    kept = {"seed": b"", "roll": b"", "policy": {}}
    return {"day": day, "drawn_at": at, "frame": frame, **hashes, **kept}


def delivery_row(
    office_code: str, month: str, mode: DeliveryMode, counts: Mapping[str, int]
) -> dict[str, Any]:
    """Return a delivery: how many were reported, sampled and rated how."""
    delivered = {"source": "", "mode": mode, "delivered_on": last_day(month), "late": False}
    return {"office_code": office_code, "month": month, **counts, **delivered, **_IMPORTED}


def daily_row(office: CityOffice, day: date, count: int) -> dict[str, Any]:
    """Return what an office reported of a day."""
    code = office.office_code
    return {"office_code": code, "reported_on": day, "reported": count, "zero": not count}


def parent_rows(city: City) -> Iterator[dict[str, Any]]:
    """Yield the departments."""
    for code, name, group in city.parents:
        yield {"parent_code": code, "name": name, "hotline_group": group}


def office_rows(city: City) -> Iterator[dict[str, Any]]:
    """Yield the register."""
    for office in city.offices:
        yield {
            "office_code": office.office_code,
            "name": office.name,
            "category": office.category,
            "parent_code": office.parent_code,
            "approval_service": office.approval_service,
            "exempt_reason": office.exempt_reason or None,
            "valid_until": office.valid_until,
        }


def rank_of(seed: str, day: date, case: ReportedCase) -> bytes:
    """Return a case's rank in its day's draw."""
    return hashlib.sha256(f"{seed}:{day}:{case.case_no}:{case.phone}".encode()).digest()


def is_mobile(case: ReportedCase) -> bool:
    """Return whether a case has the number of a mobile."""
    return case.phone.startswith("+861")


def _kind(case: ReportedCase) -> PhoneKind:
    return PhoneKind.MOBILE if is_mobile(case) else PhoneKind.LANDLINE
