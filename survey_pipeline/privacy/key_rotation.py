"""`privacy rotate-key`: another data key for everything that is encrypted.

It goes from step to step, and each can be told from what the key file and the database hold. So it
may be killed at any moment; called again, it goes on where it stopped.

1. The key file holds the old data key. A new one is made and written beside it: it is on the disk
   before anything is under it.
2. The mark is set (`store.key_changes`, which says why the database is at rest meanwhile).
3. Every value is encrypted under the new key (`privacy.resealing`).
4. The mark is taken away, in the transaction that puts the change on record.
5. The key file holds the new data key alone. The old one is kept in a file of its own: backups from
   before open with it, and with nothing else.

Where the keys come from `SURVEY_PRIVACY__KEY`, which no program can change, steps 1 and 5 write the
new text into a file, and a person puts it into the variable.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection

from survey_pipeline.context import Context
from survey_pipeline.inbound.spool import drain
from survey_pipeline.privacy.resealing import Progress, Resealed, reseal
from survey_pipeline.store import audit, migrate
from survey_pipeline.store.crypto import Keys, new_keys, read_key_file, replace_key_file
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.key_changes import (
    Change,
    begin_change,
    check_keys,
    finish_change,
    held_as,
    hold_change,
    latest_change,
)
from survey_pipeline.store.sealed import unlock
from survey_pipeline.store.traces import empty_log
from survey_pipeline.vocabulary import AuditAction, Audited

NEXT_TEXT = ".next"
"""What the name of the file with the variable's next text ends with."""


@dataclass(frozen=True)
class Rotation:
    """What a call did, and what a person has to do now."""

    done: bool
    """False where the text of `key_file` has to be put into the variable first."""
    key_file: Path
    """The key file; or the file with the variable's next text."""
    in_variable: bool
    """Whether the keys come from the variable."""
    resealed: Resealed | None = None
    """None where the change was finished before, and the key file alone was left to be written."""
    old_key_file: Path | None = None
    """Where the old keys are kept, for backups from before."""
    traces_gone: bool = True


def rotate_key(context: Context, progress: Progress | None = None) -> Rotation:
    """Change the data key, or go on with a change that was broken off.

    Args:
        context: the workspace, opened without a look at its schema, so that its engine is not
            guarded; its keys are those of the key file as it stands.
        progress: is told how many rows of how many were looked at.

    Raises:
        DatabaseFault: the database cannot be reached or written, or does not come to rest.
        KeyFileError: the key file does not hold the key that the database is under.
        OSError: the key file cannot be written.
        SchemaError: the database is not of this program's revision.
    """
    migrate.check(context.engine)
    holder = _Holder(context)
    with reading(context.engine) as connection:
        change = latest_change(connection)
    if change is not None and change.finished_at is None:
        return _change(context, holder, change, progress)
    held = context.keys if change is None else held_as(context.keys, change.new_key)
    check_keys(context.engine, held)
    if held == context.keys.following:
        return holder.drop_old(held, None)
    following = holder.next_keys()
    if following is None:
        return Rotation(done=False, key_file=holder.file, in_variable=True)
    drain(context)  # an earlier version spooled under the data key
    change = begin_change(context.engine, held, following, context.actor, context.now())
    return _change(context, holder, change, progress)


def _change(
    context: Context, holder: "_Holder", change: Change, progress: Progress | None
) -> Rotation:
    keys = holder.read()
    old, new = held_as(keys, change.old_key), held_as(keys, change.new_key)
    resealed = reseal(context.engine, change, old, new, progress)
    unlock(context.engine, new)  # the entry of the journal is under the new key too
    with writing(context.engine) as connection:
        if hold_change(connection, change):
            finish_change(connection, change, context.now())
            _put_on_record(connection, context, change)
    return holder.drop_old(new, resealed, traces_gone=empty_log(context.engine))


def _put_on_record(connection: Connection, context: Context, change: Change) -> None:
    entry = audit.entry(
        at=context.now(),
        actor=context.actor,
        action=AuditAction.UPDATED,
        kind=Audited.DATA_KEYS,
        key=str(change.id),
        before={"fingerprint": change.old_key},
        after={"fingerprint": change.new_key},
    )
    audit.append(connection, [entry])


class _Holder:
    """Where the keys are held: the key file, or the variable and a file with its next text."""

    def __init__(self, context: Context) -> None:
        self._context, privacy = context, context.settings.privacy
        self.in_variable = bool(privacy.key)
        own = context.home / privacy.key_file
        self.file = own.with_name(own.name + NEXT_TEXT) if self.in_variable else own

    def read(self) -> Keys:
        """Return the keys that are held now."""
        return self._context.keys if self.in_variable else read_key_file(self.file)

    def next_keys(self) -> Keys | None:
        """Return the keys with the next data key, which is on the disk by then.

        None where it is on the disk, and not in the variable yet.
        """
        with _alone(self._context.home):
            keys = self.read()
            if keys.following is None and not self._is_written(keys):
                both = replace(keys, data_next=new_keys().data)
                replace_key_file(self.file, both)
            return self.read().following

    def _is_written(self, keys: Keys) -> bool:
        """Return whether the variable's next text is written already."""
        if not self.in_variable or not self.file.exists():
            return False
        written = read_key_file(self.file)
        return written.alone == keys and written.following is not None

    def drop_old(
        self, new: Keys, resealed: Resealed | None, *, traces_gone: bool = True
    ) -> Rotation:
        """Leave the new data key alone in the key file, and keep the old one beside it."""
        with _alone(self._context.home):
            keys = self.read()
            old_file = None if self.in_variable else self._old_file(keys)
            if keys.following == new:
                if old_file:
                    replace_key_file(old_file, keys.alone)
                replace_key_file(self.file, new)
        return Rotation(
            done=True,
            key_file=self.file,
            in_variable=self.in_variable,
            resealed=resealed,
            old_key_file=old_file,
            traces_gone=traces_gone,
        )

    def _old_file(self, keys: Keys) -> Path:
        return self.file.with_name(f"{self.file.name}.old-{keys.fingerprint[:6]}")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let no other process of this host write the key file meanwhile."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
