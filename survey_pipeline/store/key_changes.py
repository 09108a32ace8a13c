"""Which data key the database is under, and the mark that keeps processes away while it changes.

The data key is changed at rest: no other process reads or writes meanwhile. Equal values have equal
ciphertexts, and are compared where an import looks whether a record has changed, or are copied from
one table to another. Between half a table under the one key and half under the other, each of those
places would need both ciphertexts, and a place that was forgotten would survey a citizen twice or
leave a reply unmatched without any error. At rest there is no such place: every transaction sees
the database under one key, its own.

Three rules make that certain, on any number of hosts:

1. Each transaction of an engine that is guarded looks at the latest change first, and is refused if
   that is not finished, or was to another key than the engine's. It is refused as if the database
   were away, so webhooks go into the spool, results of sending wait, and workers try again.
2. The mark is set when no other transaction is under way: on SQLite its writer is alone, and
   readers keep the view that they have; on PostgreSQL the look takes a lock of the table, and the
   mark the one lock that waits for all of those. So a transaction that began before has ended or
   reads the old state, and one that begins after sees the mark.
3. The mark goes only after one pass over all values that found none under the old key; between
   mark and end only that pass writes, and each of its batches holds the mark's row.

A process keeps the keys that it read when it was started. It is refused after the change as well,
until it is started with the new key file: what it has encrypted by then is never written.
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine, event, select, text, update

from survey_pipeline.errors import DataKeyChanged, KeyFileError
from survey_pipeline.i18n import N_
from survey_pipeline.store.crypto import Keys
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import cases, draws, key_changes

BEING_CHANGED = N_("the data key is being changed, and nothing else works meanwhile")
WAS_CHANGED = N_("the data key was changed while this program ran")
_GO_ON = N_("Wait for it. If it was broken off, run: survey-pipeline privacy rotate-key")
_START_ANEW = N_("Start it anew with the new key file")
_LOCK_WAIT = "SET LOCAL lock_timeout = '10s'"
_LOCK = "LOCK TABLE key_changes IN ACCESS EXCLUSIVE MODE"


class Change(NamedTuple):
    """The latest change of the data key; keys by their fingerprints."""

    id: int
    old_key: str
    new_key: str
    begun_at: datetime
    finished_at: datetime | None


def latest_change(connection: Connection) -> Change | None:
    """Return the latest change; None where the data key is still the first one."""
    columns = (key_changes.c[name] for name in Change._fields)
    row = connection.execute(select(*columns).order_by(key_changes.c.id.desc()).limit(1)).first()
    return None if row is None else Change(*row)


def keys_in_force(engine: Engine, keys: Keys) -> Keys:
    """Return the keys under which the database is; of two data keys the one that it names.

    Raises:
        DataKeyChanged: the data key is being changed.
        KeyFileError: the key file does not hold the data key that the database is under.
    """
    with reading(engine) as connection:
        change = latest_change(connection)
    if change is None:
        return keys.alone
    if change.finished_at is None:
        raise _being_changed()
    return held_as(keys, change.new_key)


def held_as(keys: Keys, fingerprint: str) -> Keys:
    """Return the keys with the data key of a fingerprint, of those that are held.

    Raises:
        KeyFileError: it is not held.
    """
    for held in (keys.alone, keys.following):
        if held is not None and held.fingerprint == fingerprint:
            return held
    raise KeyFileError(
        "the data key of the database was changed, and the key file here does not have it. Copy "
        "the key file here from the host where privacy rotate-key ran"
    )


def check_keys(engine: Engine, keys: Keys) -> None:
    """Make sure that the keys are the database's own: a draw by another's cannot be repeated.

    Raises:
        KeyFileError: they open nothing that it holds.
    """
    with reading(engine) as connection:
        sealed = connection.scalar(select(draws.c.seed).limit(1))
        if sealed is None:
            latest = select(cases.c.phone).order_by(cases.c.id.desc()).limit(1)
            sealed = connection.scalar(latest)
    if sealed is not None:
        keys.decrypt(sealed)


def guard(engine: Engine, keys: Keys, when_changed: Callable[[], None] | None = None) -> None:
    """Refuse every transaction of an engine from now on that is not of the database's data key.

    Args:
        engine: of a database that has this program's tables.
        keys: those in force, with which the process works.
        when_changed: is told, maybe more than once and on any thread, that the data key is another
            one by now.
    """
    own = keys.fingerprint

    def look(connection: Connection) -> None:
        row = connection.exec_driver_sql(_LOOK).first()
        if row is None or (row.done and row.new_key == own):
            return
        if not row.done:
            raise _being_changed()
        if when_changed is not None:
            when_changed()
        raise was_changed()

    event.listen(engine, "begin", look)


_LOOK = """
SELECT new_key, finished_at IS NOT NULL AS done
FROM key_changes ORDER BY id DESC LIMIT 1
"""


def begin_change(engine: Engine, old: Keys, new: Keys, by: str, now: datetime) -> Change:
    """Set the mark when no other transaction is under way; return the change, begun by now.

    Raises:
        DatabaseFault: another transaction has been under way for too long.
    """
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(_LOCK_WAIT))
            connection.execute(text(_LOCK))
        begun = latest_change(connection)
        if begun is not None and begun.finished_at is None:
            return begun  # another host was faster
        values = {"old_key": old.fingerprint, "new_key": new.fingerprint}
        statement = key_changes.insert().values(begun_at=now, begun_by=by, **values)
        columns = (key_changes.c[name] for name in Change._fields)
        return Change(*connection.execute(statement.returning(*columns)).one())


def hold_change(connection: Connection, change: Change) -> bool:
    """Hold the mark until this transaction ends; return whether it still stands."""
    query = select(key_changes.c.id).where(
        key_changes.c.id == change.id, key_changes.c.finished_at.is_(None)
    )
    return connection.execute(query.with_for_update()).first() is not None


def finish_change(connection: Connection, change: Change, now: datetime) -> None:
    """Take the mark away: from now on the database is under the new key."""
    connection.execute(
        update(key_changes).where(key_changes.c.id == change.id).values(finished_at=now)
    )


def was_changed() -> DataKeyChanged:
    """Return the error of a process whose data key is not the database's any more."""
    return DataKeyChanged(WAS_CHANGED).at_terminal(_START_ANEW)


def _being_changed() -> DataKeyChanged:
    return DataKeyChanged(BEING_CHANGED).at_terminal(_GO_ON)
