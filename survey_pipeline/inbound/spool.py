"""The spool: what a webhook brought while the database was busy or away, in files.

A provider waits for an answer for less than a second to fifteen, while a large import may hold the
database's one writer for longer (SQLite). So what cannot be stored at once is written to a file of
the workspace, encrypted line by line and synced, before it is acknowledged; the next round
stores it. A line that is stored twice does no harm: rows have natural keys.
"""

import base64
import errno
import fcntl
import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from survey_pipeline.context import Context
from survey_pipeline.errors import KeyFileError
from survey_pipeline.gateways.port import InboundEvent, ReceiptEvent
from survey_pipeline.inbound.mailbox import Events, store_events
from survey_pipeline.store.crypto import Keys
from survey_pipeline.store.engine import writing
from survey_pipeline.store.files import OWNER_ONLY, same_file, sync
from survey_pipeline.vocabulary import ReceiptState, RefusalReason

log = logging.getLogger(__name__)

NAME = "webhooks.spool"
PROBE = 64 << 10
"""Bytes that are written to see whether there is room."""
MOST_BYTES = 256 << 20
"""All that is kept: some 300,000 webhooks. Providers are told to come again with more."""


def put(context: Context, gateway: str, events: Events) -> None:
    """Keep events until they can be stored; they are on the disk when this returns.

    Raises:
        OSError: they could not be written.
    """
    line = _line(context.keys, gateway, events, context.now())
    with _open_for_append(context.home / NAME) as descriptor:
        before = os.fstat(descriptor).st_size
        try:
            if waiting(context.home) + len(line) > MOST_BYTES:
                raise OSError(errno.EDQUOT, "the spool is full")
            if os.write(descriptor, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, before)
            raise
        if not before:
            sync(context.home)


def waiting(home: Path) -> int:
    """Return how many bytes of webhooks wait to be stored."""
    sizes = 0
    for path in home.glob(f"{NAME}*"):
        with suppress(FileNotFoundError):  # stored meanwhile
            sizes += path.stat().st_size
    return sizes


def oldest_kept(home: Path) -> datetime | None:
    """Return when the spool's oldest file was last written; None if nothing waits."""
    written = []
    for path in home.glob(f"{NAME}*"):
        with suppress(FileNotFoundError):  # stored meanwhile
            written.append(path.stat().st_mtime)
    return datetime.fromtimestamp(min(written), UTC) if written else None


def has_room(home: Path) -> bool:
    """Return whether something can be written into the workspace now."""
    try:
        with TemporaryFile(dir=home) as probe:
            probe.write(bytes(PROBE))
            probe.flush()
            os.fsync(probe.fileno())
    except OSError:
        return False
    return waiting(home) < MOST_BYTES


def drain(context: Context) -> int:
    """Store what was kept; return how many events were new.

    Raises:
        DatabaseFault: the database still cannot be written; everything stays where it is.
    """
    new = 0
    _set_aside(context.home / NAME)
    for path in sorted(context.home.glob(f"{NAME}.*")):
        try:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX)  # wait for a process that still writes into it
                new += sum(_store(context, line.rstrip(b"\n")) for line in file)
            path.unlink()
        except FileNotFoundError:
            continue  # another process had the same thought
    return new


@contextmanager
def _open_for_append(path: Path) -> Iterator[int]:
    """Open the file that is the spool at the moment in which it is locked."""
    while True:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, OWNER_ONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if same_file(path, descriptor):  # it may have been set aside meanwhile
                yield descriptor
                return
        finally:
            os.close(descriptor)


def _set_aside(path: Path) -> None:
    """Give the spool another name, so that what comes now goes into a new one."""
    try:
        path.rename(path.with_name(f"{NAME}.{os.getpid()}-{os.urandom(4).hex()}"))
    except FileNotFoundError:
        return  # nothing was kept: nearly always


def _line(keys: Keys, gateway: str, events: Events, now: datetime) -> bytes:
    kind = "receipt" if isinstance(events[0], ReceiptEvent) else "inbound"
    document = {
        "gateway": gateway,
        "kind": kind,
        "at": now.isoformat(),
        "events": [asdict(event) for event in events],
    }
    text = json.dumps(document, ensure_ascii=False, default=str)
    # the first line end closes what a crash may have cut off before
    return b"\n" + base64.b64encode(keys.encrypt_for_spool(text)) + b"\n"


def _store(context: Context, line: bytes) -> int:
    document = _document(context.keys, line)
    if document is None:
        return 0
    at, gateway = datetime.fromisoformat(document["at"]), document["gateway"]
    read: Callable[[dict[str, Any]], Any] = _receipt if document["kind"] == "receipt" else _text
    events = [read(event) for event in document["events"]]
    with writing(context.engine) as connection:
        return store_events(connection, context.keys, gateway, events, at)


def _document(keys: Keys, line: bytes) -> dict[str, Any] | None:
    """Read a line; nothing where a crash cut it off, so that it was never acknowledged."""
    try:
        stored = base64.b64decode(line, validate=True)
        read: dict[str, Any] = json.loads(keys.decrypt_from_spool(stored))
    except (ValueError, KeyFileError):
        if line.strip():
            log.warning("a line of the spool is cut off", extra={"action": "spool_line_cut"})
        return None
    return read


def _receipt(event: dict[str, Any]) -> ReceiptEvent:
    reason = RefusalReason(event["reason"]) if event["reason"] else None
    return ReceiptEvent(**{**event, "state": ReceiptState(event["state"]), "reason": reason})


def _text(event: dict[str, Any]) -> InboundEvent:
    return InboundEvent(**{**event, "received_at": datetime.fromisoformat(event["received_at"])})
