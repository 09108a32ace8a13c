"""A standard's local decisions as they stood at an earlier time, by the audit log."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from survey_pipeline.context import Context
from survey_pipeline.standard.adopting import adopted, from_json, undotted
from survey_pipeline.standard.entry import Adoption
from survey_pipeline.standard.load import InForce
from survey_pipeline.standard.whereabouts import Key
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import audit_log
from survey_pipeline.vocabulary import Audited


def as_published(context: Context, current: InForce, published_at: datetime | None) -> InForce:
    """Return a standard with the adoptions that a score's readers were shown.

    Args:
        context: the workspace.
        current: the standard as its file is now.
        published_at: when the score was published; None: it was not, and says what holds now.
    """
    if published_at is None:
        return current
    with reading(context.engine) as connection:
        return _back(connection, current, lambda done: done.at <= published_at)


def as_scored(context: Context, current: InForce, file_hash: str) -> InForce:
    """Return a standard as its file was when it had a hash, if only adoptions have changed since.

    Returns:
        The current one if something else has changed, or nothing.
    """
    if current.file_hash == file_hash:
        return current
    with reading(context.engine) as connection:
        found = _back(connection, current, lambda done: done.after["sha256"] == file_hash)
    return found if found.file_hash == file_hash else current


def _back(
    connection: Connection, current: InForce, far_enough: Callable[[Row[Any]], bool]
) -> InForce:
    """Undo adoptions, the latest first, until one is met that held already."""
    undone: dict[Key, Adoption | None] = {}
    file_hash = current.file_hash
    for done in _log(connection, current.standard.id):
        if done.after["sha256"] != file_hash:
            continue  # another line of changes, made by hand since
        if far_enough(done):
            break
        file_hash = done.before["sha256"]
        for name, kept in done.before["decisions"].items():
            undone[undotted(name)] = from_json(kept)
    if not undone:
        return current
    return replace(current, standard=adopted(current.standard, undone), file_hash=file_hash)


def _log(connection: Connection, standard_id: str) -> Iterator[Row[Any]]:
    """Yield what the audit log holds of a standard's file, the latest first."""
    query = (
        audit_log.select()
        .where(audit_log.c.kind == Audited.STANDARDS, audit_log.c.key == standard_id)
        .order_by(audit_log.c.id.desc())
    )
    return iter(connection.execute(query).all())
