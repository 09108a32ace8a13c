"""What every step of a review shares: its row, under a lock, and its entry in the audit log."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, select, update

from survey_pipeline.context import Context
from survey_pipeline.store import audit
from survey_pipeline.store.insert import insert_absent
from survey_pipeline.store.tables import reviews
from survey_pipeline.vocabulary import AuditAction, Audited


def locked(connection: Connection, year: int) -> Row[Any]:
    """Return the row of a year's review, made if need be; no other step runs until the commit."""
    insert_absent(connection, reviews, [{"year": year}])
    return connection.execute(select(reviews).where(reviews.c.year == year).with_for_update()).one()


def found(connection: Connection, year: int) -> Row[Any] | None:
    """Return the row of a year's review, if there is one."""
    return connection.execute(select(reviews).where(reviews.c.year == year)).one_or_none()


def note(connection: Connection, year: int, **values: Any) -> None:
    """Write into the row of a year's review."""
    connection.execute(update(reviews).where(reviews.c.year == year).values(**values))


def log(
    connection: Connection,
    context: Context,
    year: int,
    step: str,
    after: Mapping[str, Any] | None = None,
    action: AuditAction = AuditAction.DECIDED,
) -> None:
    """Write a step into the audit log; its key is `2023/select` and the like."""
    entry = audit.entry(
        at=context.now(),
        actor=context.actor,
        action=action,
        kind=Audited.REVIEW,
        key=f"{year}/{step}",
        after=after,
    )
    audit.append(connection, [entry])
