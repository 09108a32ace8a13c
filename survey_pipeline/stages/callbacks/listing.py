"""The phone queue as a list, with numbers masked."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from survey_pipeline.context import Context
from survey_pipeline.phones import masked
from survey_pipeline.stages.callbacks.obsolete import obsolete
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import calls, offices, surveys
from survey_pipeline.survey.leases import held_by, is_held, unheld
from survey_pipeline.vocabulary import CallReason, CallState


@dataclass(frozen=True)
class ListedCall:
    """One call of the queue."""

    id: int
    office_code: str
    office: str
    case_no: str
    phone: str
    """Masked."""
    reason: str
    state: str
    queued_at: datetime
    due_at: datetime
    last_at: datetime
    appointment: datetime | None
    attempts: int
    held_by: str | None
    """Who holds it now."""
    lease_until: datetime | None
    why: str | None
    """What ended it."""

    def to_json(self) -> dict[str, Any]:
        """Return the call as `callbacks list --json` prints it."""
        return asdict(self)


def list_calls(
    context: Context,
    *,
    state: CallState | None = CallState.OPEN,
    reason: CallReason | None = None,
    held_by: str | None = None,
    due: bool = False,
    limit: int | None = None,
) -> Sequence[ListedCall]:
    """List calls by due time.

    Args:
        context: the workspace.
        state: only those in that state; None for every call ever queued.
        reason: only those with that reason.
        held_by: only those that this caller holds.
        due: only those that could be made now and are not held.
        limit: at most so many.
    """
    now = context.now()
    where = list(_conditions(now, state, reason, held_by, due=due))
    query = (
        select(
            calls,
            surveys.c.office_code,
            surveys.c.case_no,
            surveys.c.phone,
            offices.c.name.label("office"),
        )
        .join(surveys, surveys.c.id == calls.c.survey_id)
        .outerjoin(offices, offices.c.office_code == surveys.c.office_code)
        .where(*where)
        .order_by(calls.c.due_at, calls.c.priority, calls.c.id)
        .limit(limit)
    )
    with reading(context.engine) as connection:
        return [_listed(context, row, now) for row in connection.execute(query)]


def _conditions(
    now: datetime,
    state: CallState | None,
    reason: CallReason | None,
    caller: str | None,
    *,
    due: bool,
) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if state is not None:
        found.append(calls.c.state == state)
    if reason is not None:
        found.append(calls.c.reason == reason)
    if caller is not None:
        found.append(held_by(caller, now))
    if due:
        found += [calls.c.due_at <= now, calls.c.last_at > now, unheld(now), ~obsolete()]
    return found


def _listed(context: Context, row: Any, now: datetime) -> ListedCall:
    held = row.state == CallState.OPEN and is_held(row, now)
    return ListedCall(
        id=row.id,
        office_code=row.office_code,
        office=row.office or row.office_code,
        case_no=row.case_no,
        phone=masked(context.keys.decrypt(row.phone)) if row.phone else "",
        reason=row.reason,
        state=row.state,
        queued_at=row.queued_at,
        due_at=row.due_at,
        last_at=row.last_at,
        appointment=row.appointment_from,
        attempts=row.attempts,
        held_by=row.lease_by if held else None,
        lease_until=row.lease_until if held else None,
        why=row.why,
    )
