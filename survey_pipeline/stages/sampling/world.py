"""Compares a roll with the data at the draw, rebuilt from the recorded changes since."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from survey_pipeline.context import Context
from survey_pipeline.i18n import N_, Message
from survey_pipeline.stages.sampling.algorithm import Policy
from survey_pipeline.stages.sampling.frame import (
    FORGOTTEN,
    LANDLINE,
    TOO_OLD,
    Circumstances,
    OfficeAtDraw,
    circumstances,
)
from survey_pipeline.stages.sampling.roll import RollLine
from survey_pipeline.store.bulk import KEYS_AT_ONCE
from survey_pipeline.store.tables import audit_log, cases, surveys
from survey_pipeline.vocabulary import AuditAction, Audited, Category, PhoneKind, RecordKind
from survey_pipeline.vocabulary.stored_names import frame_reason_named

PURGED_FRAMES = Audited.FRAMES
"""Kind of the audit entry (its key the day) under which a frame's undrawn cases were deleted."""


class LiveCase(NamedTuple):
    """A stored case as it was at the draw."""

    phone_hash: bytes
    flags: int


def data_problems(
    connection: Connection,
    context: Context,
    stored: Row[Any],
    roll: Sequence[RollLine],
    policy: Policy,
) -> Iterator[Message]:
    """Compare a roll with the stored data, turned back to the moment of the draw."""
    live = _frame_as_drawn(connection, context, stored, policy)
    in_roll = {line for line, _, _ in roll}
    for line in sorted(live.keys() - in_roll):
        yield Message(
            N_("{line} stands in the frame and not on the roll: slipped in"), {"line": line}
        )
    missing = in_roll - live.keys()
    if missing and _frame_was_purged(connection, stored.day):
        missing &= set(_drawn_lines(connection, stored.day))
    for line in sorted(missing - _deleted(connection, missing)):
        yield Message(N_("{line} is gone or renamed, with no record of it"), {"line": line})
    yield from _reason_problems(connection, stored, roll, live, policy)
    yield from _group_problems(roll, live)
    yield from _phone_problems(connection, context, stored.day)


def _frame_as_drawn(
    connection: Connection, context: Context, stored: Row[Any], policy: Policy
) -> dict[str, LiveCase]:
    """Return the frame's stored cases by line, turned back to the moment of the draw."""
    oldest = stored.day - timedelta(days=policy.max_age_days)
    former = _former_values(connection, "cases", stored.drawn_at)
    frame = {}
    rows = connection.execute(
        select(
            cases.c.id,
            cases.c.office_code,
            cases.c.case_no,
            cases.c.phone,
            cases.c.phone_hash,
            cases.c.phone_kind,
            cases.c.served_on,
        ).where(cases.c.frame_on == stored.day)
    )
    for row in rows:
        if row.phone_hash is None:
            continue  # its personal data was deleted: nothing is left to hold the roll against
        before = former.get(f"{row.office_code}/{row.case_no}", {})
        phone_hash, kind, served_on = row.phone_hash, row.phone_kind, row.served_on
        if "phone" in before:
            phone_hash = context.keys.phone_hash(before["phone"])
        kind = before.get("phone_kind", kind)
        if "served_on" in before:
            served_on = date.fromisoformat(before["served_on"])
        flags = (kind == PhoneKind.LANDLINE) * LANDLINE + (served_on < oldest) * TOO_OLD
        flags += (row.phone is None) * FORGOTTEN
        frame[f"{row.office_code},{row.case_no}"] = LiveCase(phone_hash, flags)
    return frame


def _former_values(connection: Connection, kind: str, since: datetime) -> dict[str, dict[str, Any]]:
    """Return, by record key, the values that recorded changes since a moment have replaced."""
    former: dict[str, dict[str, Any]] = {}
    rows = connection.execute(
        select(audit_log.c.key, audit_log.c.before)
        .where(
            audit_log.c.kind == kind,
            audit_log.c.at > since,
            audit_log.c.action.in_((AuditAction.UPDATED, AuditAction.WITHDRAWN)),
        )
        .order_by(audit_log.c.id.desc())
    )
    for row in rows:
        former.setdefault(row.key, {}).update(row.before or {})
    return former


def _frame_was_purged(connection: Connection, day: date) -> bool:
    """Return whether the deletion of a frame's undrawn cases is on record."""
    query = select(audit_log.c.id).where(
        audit_log.c.action == AuditAction.DELETED,
        audit_log.c.kind == PURGED_FRAMES,
        audit_log.c.key == day.isoformat(),
    )
    return connection.scalar(query.limit(1)) is not None


def _deleted(connection: Connection, lines: Collection[str]) -> set[str]:
    """Return those lines whose case was deleted by itself, with a record of it."""
    keys = sorted(line.replace(",", "/", 1) for line in lines)
    found: set[str] = set()
    for start in range(0, len(keys), KEYS_AT_ONCE):
        query = select(audit_log.c.key).where(
            audit_log.c.action == AuditAction.DELETED,
            audit_log.c.kind == RecordKind.CASES,
            audit_log.c.key.in_(keys[start : start + KEYS_AT_ONCE]),
        )
        found.update(key.replace("/", ",", 1) for key in connection.scalars(query))
    return found


def _drawn_lines(connection: Connection, day: date) -> Iterator[str]:
    rows = connection.execute(
        select(surveys.c.office_code, surveys.c.case_no).where(surveys.c.drawn_on == day)
    )
    for row in rows:
        yield f"{row.office_code},{row.case_no}"


def _reason_problems(
    connection: Connection,
    stored: Row[Any],
    roll: Sequence[RollLine],
    live: Mapping[str, LiveCase],
    policy: Policy,
) -> Iterator[Message]:
    around = _as_drawn(
        connection, circumstances(connection, stored.day, stored.drawn_at, policy), stored.drawn_at
    )
    for line, reason, _ in roll:
        case = live.get(line)
        if case is None:
            continue
        office = line.partition(",")[0]
        expected = around.office_reason(office) or around.case_reason(
            *case, calls_are_ours=around.calls_are_ours(office)
        )
        if reason != expected:
            yield Message(
                N_(
                    "{line} stands on the roll as {reason}; what held at the draw makes it "
                    "{expected}"
                ),
                {
                    "line": line,
                    "reason": frame_reason_named(reason),
                    "expected": frame_reason_named(expected),
                },
            )


def _as_drawn(connection: Connection, around: Circumstances, at: datetime) -> Circumstances:
    """Turn the register back to the moment of the draw by its recorded changes."""
    register = dict(around.offices)
    for code, before in _former_values(connection, "offices", at).items():
        if code in register:
            register[code] = _former_office(register[code], before)
    return replace(around, offices=register)


def _former_office(office: OfficeAtDraw, before: Mapping[str, Any]) -> OfficeAtDraw:
    values: dict[str, Any] = {}
    if "category" in before:
        values["category"] = Category(before["category"])
    if "approval_service" in before:
        values["approval_service"] = bool(before["approval_service"])
    if "exempt_reason" in before:
        values["exempt"] = before["exempt_reason"] is not None
    if "withdrawn_at" in before:
        values["exempt"] = office.exempt and before.get("exempt_reason") is not None
    for name in ("valid_from", "valid_until"):
        if name in before:
            values[name] = date.fromisoformat(before[name]) if before[name] else None
    return office._replace(**values)


def _group_problems(roll: Sequence[RollLine], live: Mapping[str, LiveCase]) -> Iterator[Message]:
    phone_of_group: dict[int, bytes] = {}
    group_of_phone: dict[bytes, int] = {}
    for line, _, group in roll:
        case = live.get(line)
        if case is None:
            continue
        phone = phone_of_group.setdefault(group, case.phone_hash)
        other = group_of_phone.setdefault(case.phone_hash, group)
        if phone != case.phone_hash or other != group:
            yield Message(
                N_("{line}: its phone is not that of group {group}"), {"line": line, "group": group}
            )


def _phone_problems(connection: Connection, context: Context, day: date) -> Iterator[Message]:
    """Yield drawn cases whose survey has another number than the case."""
    rows = connection.execute(
        select(
            surveys.c.office_code,
            surveys.c.case_no,
            surveys.c.phone,
            surveys.c.phone_hash,
            cases.c.phone_hash.label("case_hash"),
        )
        .outerjoin(cases, cases.c.id == surveys.c.case_id)
        .where(surveys.c.drawn_on == day, surveys.c.phone.is_not(None))
    )
    for row in rows:
        number = context.keys.phone_hash(context.keys.decrypt(row.phone))
        if number != row.phone_hash or row.case_hash not in (None, row.phone_hash):
            yield Message(
                N_("{line}: its survey goes to another number than the case's"),
                {"line": f"{row.office_code},{row.case_no}"},
            )
