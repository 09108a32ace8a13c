"""What is due in the database, kind by kind, and what is emptied with it.

A rule finds the keys of rows that are due, and empties them and all that hangs on them. Which
columns, the tables declare (`store.personal`). Both may be repeated, by several hosts at once: what
is empty is not due.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, Select, Table, delete, exists, func, select, update

from survey_pipeline.context import Context
from survey_pipeline.privacy.limits import Limits
from survey_pipeline.stages.sampling.world import PURGED_FRAMES
from survey_pipeline.store import audit
from survey_pipeline.store.emptying import (
    empty,
    empty_reasons,
    empty_recorded,
    still_held,
    years_over,
)
from survey_pipeline.store.locks import hold_rows, lock_name
from survey_pipeline.store.personal import KeptUntil
from survey_pipeline.store.record_keys import PLACES
from survey_pipeline.store.tables import (
    answers,
    audit_log,
    call_attempts,
    cases,
    draws,
    filings,
    hotline_records,
    inbound,
    messages,
    opt_outs,
    sign_in_failures,
    supervision_records,
    surveys,
    web_sessions,
)
from survey_pipeline.vocabulary import AuditAction, Audited, InboundUse, RecordKind, SurveyState

Keys = Sequence[int]
Counts = Counter[str]


class Rule(NamedTuple):
    """One kind of data that becomes due."""

    due: Callable[[Limits], Select[tuple[int]]]
    empty: Callable[[Connection, Context, Keys], Counts]


def _surveys_due(limits: Limits) -> Select[tuple[int]]:
    return select(surveys.c.id).where(
        surveys.c.state == SurveyState.CLOSED,
        surveys.c.closed_at <= limits.drawn,
        surveys.c.phone.is_not(None),
        surveys.c.phone_hash.is_not(None),
    )


def empty_surveys(connection: Connection, context: Context, ids: Keys) -> Counts:
    """Empty surveys with their cases, texts, calls, answers and recorded changes.

    The keyed hash of a survey's number stays until the quiet days are over.
    """
    hold_rows(connection, surveys.c.id, surveys.c.id.in_(ids))
    query = select(surveys.c.case_id, surveys.c.office_code, surveys.c.case_no)
    found = connection.execute(query.where(surveys.c.id.in_(ids), still_held(surveys, _END))).all()
    counts = empty_cases(connection, [row.case_id for row in found if row.case_id is not None])
    for table in (messages, inbound, call_attempts, answers):
        counts[table.name] += empty(connection, table, table.c.survey_id.in_(ids), _END)
    counts[surveys.name] += empty(connection, surveys, surveys.c.id.in_(ids), _END)
    names = [f"{row.office_code}/{row.case_no}" for row in found]
    _log(connection, context, RecordKind.CASES, names)
    return counts


def _hashes_due(limits: Limits) -> Select[tuple[int]]:
    return select(surveys.c.id).where(
        surveys.c.closed_at <= limits.hash_closed,
        surveys.c.drawn_on <= limits.hash_drawn,
        surveys.c.phone_hash.is_not(None),
        surveys.c.phone.is_(None),
    )


def _empty_hashes(connection: Connection, _context: Context, ids: Keys) -> Counts:
    count = empty(connection, surveys, surveys.c.id.in_(ids), KeptUntil.QUIET)
    return Counter({"phone_hashes": count})


def _undrawn_due(limits: Limits) -> Select[tuple[int]]:
    frames = select(draws.c.day).where(draws.c.day <= limits.undrawn, draws.c.purged_at.is_(None))
    return select(cases.c.id).where(
        cases.c.frame_on.in_(frames),
        still_held(cases, _END),
        ~exists().where(surveys.c.case_id == cases.c.id),
    )


def _empty_undrawn(connection: Connection, context: Context, ids: Keys) -> Counts:
    """Empty cases that were not drawn; the first batch of a frame puts that on record."""
    frames = select(cases.c.frame_on).where(cases.c.id.in_(ids)).distinct()
    for frame in connection.scalars(frames).all():
        _log_once(connection, context, frame.isoformat())
    return empty_cases(connection, ids)


def close_frames(connection: Connection, context: Context, limits: Limits) -> None:
    """Mark the frames whose undrawn cases are all empty, so that they are not looked at again."""
    left = _undrawn_due(limits).with_only_columns(cases.c.frame_on).distinct()
    connection.execute(
        update(draws)
        .where(draws.c.day <= limits.undrawn, draws.c.purged_at.is_(None), draws.c.day.not_in(left))
        .values(purged_at=context.now())
    )


def _withdrawn_due(limits: Limits) -> Select[tuple[int]]:
    return select(cases.c.id).where(
        cases.c.frame_on.is_(None),
        cases.c.withdrawn_at <= limits.unmatched,
        still_held(cases, _END),
    )


def _empty_withdrawn(connection: Connection, _context: Context, ids: Keys) -> Counts:
    return empty_cases(connection, ids)


def empty_cases(connection: Connection, ids: Keys) -> Counts:
    """Empty cases and what was recorded of their changes."""
    rows = connection.execute(
        select(cases.c.office_code, cases.c.case_no).where(cases.c.id.in_(ids))
    )
    keys = [f"{row.office_code}/{row.case_no}" for row in rows]
    return Counter(
        {
            cases.name: empty(connection, cases, cases.c.id.in_(ids), _END),
            audit_log.name: empty_recorded(connection, RecordKind.CASES, keys, cases, _END),
        }
    )


def _unmatched_due(limits: Limits) -> Select[tuple[int]]:
    return select(inbound.c.id).where(
        inbound.c.survey_id.is_(None),
        inbound.c.phone.is_not(None),
        inbound.c.received_at <= limits.unmatched,
        inbound.c.use != InboundUse.PENDING,
    )


def _empty_unmatched(connection: Connection, _context: Context, ids: Keys) -> Counts:
    return Counter({inbound.name: empty(connection, inbound, inbound.c.id.in_(ids), _END)})


def _requests_due(limits: Limits) -> Select[tuple[int]]:
    return select(opt_outs.c.id).where(
        func.coalesce(opt_outs.c.ended_at, opt_outs.c.started_at) <= limits.drawn,
        still_held(opt_outs, KeptUntil.REQUEST),
    )


def _empty_requests(connection: Connection, _context: Context, ids: Keys) -> Counts:
    """Empty how a person asked; that the number is not to be asked stays."""
    keys = [str(key) for key in ids]
    recorded = empty_reasons(connection, Audited.OPT_OUTS, keys)
    emptied = empty(connection, opt_outs, opt_outs.c.id.in_(ids), KeptUntil.REQUEST)
    return Counter({opt_outs.name: emptied, audit_log.name: recorded})


def _evidence(table: Table, kind: RecordKind) -> Rule:
    """Return the rule for the names and texts of records, once their year's score is out."""
    end, key = KeptUntil.SCORE, table.c[PLACES[kind].names[0]]

    def due(limits: Limits) -> Select[tuple[int]]:
        over = years_over(limits.drawn)
        return select(table.c.id).where(table.c.year.in_(over), still_held(table, end))

    def emptied(connection: Connection, _context: Context, ids: Keys) -> Counts:
        keys = connection.scalars(select(key).where(table.c.id.in_(ids))).all()
        recorded = empty_recorded(connection, kind, keys, table, end)
        count = empty(connection, table, table.c.id.in_(ids), end)
        return Counter({table.name: count, audit_log.name: recorded})

    return Rule(due, emptied)


_END = KeptUntil.SURVEY
RULES: Sequence[Rule] = (
    Rule(_surveys_due, empty_surveys),
    Rule(_hashes_due, _empty_hashes),
    Rule(_undrawn_due, _empty_undrawn),
    Rule(_withdrawn_due, _empty_withdrawn),
    Rule(_unmatched_due, _empty_unmatched),
    Rule(_requests_due, _empty_requests),
    _evidence(supervision_records, RecordKind.SUPERVISION),
    _evidence(hotline_records, RecordKind.HOTLINE),
    _evidence(filings, RecordKind.FILINGS),
)


def empty_sign_ins(connection: Connection, limits: Limits) -> Counts:
    """Delete failed sign-ins, and empty where old sessions were opened from."""
    over = web_sessions.c.expires_at <= limits.drawn
    return Counter(
        {
            web_sessions.name: empty(connection, web_sessions, over, KeptUntil.SIGN_IN),
            sign_in_failures.name: connection.execute(
                delete(sign_in_failures).where(sign_in_failures.c.at <= limits.drawn)
            ).rowcount,
        }
    )


def _log(
    connection: Connection, context: Context, kind: RecordKind | Audited, keys: Iterable[str]
) -> None:
    audit.append(
        connection,
        [
            audit.entry(
                at=context.now(),
                actor=context.actor,
                action=AuditAction.DELETED,
                kind=kind,
                key=key,
            )
            for key in keys
        ],
    )


def _log_once(connection: Connection, context: Context, frame: str) -> None:
    """Record that a frame's undrawn cases lost their personal data, unless it is on record."""
    lock_name(connection, "purge", frame)
    known = select(audit_log.c.id).where(
        audit_log.c.kind == PURGED_FRAMES,
        audit_log.c.key == frame,
        audit_log.c.action == AuditAction.DELETED,
    )
    if connection.scalar(known.limit(1)) is None:
        _log(connection, context, PURGED_FRAMES, [frame])
