"""Puts the configuration on record: the hashes of its files at each start, and at each change.

The files are those under `config/` and `templates/`; `settings` is the hash of what is in force,
the environment included and secrets left out. Contents are never recorded.
"""

import hashlib
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import select

from survey_pipeline import __version__
from survey_pipeline.context import Context
from survey_pipeline.errors import DatabaseFault
from survey_pipeline.store import audit
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import audit_log
from survey_pipeline.vocabulary import AuditAction, Audited

log = logging.getLogger(__name__)

FOLDERS = ("config", "templates")
_SECRET: Mapping[str, Any] = {"privacy": {"key"}, "sampling": {"seed"}, "database": {"url"}}


class ConfigurationLog:
    """What one process has put on record of its configuration."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._service = ""
        self._known: dict[str, str] = {}
        self._lock = Lock()
        """In `run` the scheduler and the web look, each in a thread of its own."""

    def begin(self, service: str) -> None:
        """Record that a service starts, and with which configuration.

        A database that takes no writes now keeps no service from starting: the next `look` does it.

        Args:
            service: the command: `run`, `worker`, `serve` or `day`.
        """
        self._service = service
        try:
            self.look()
        except DatabaseFault as fault:
            log.warning("the start is not on record: %s", fault, extra={"action": "start_unnoted"})

    def look(self) -> None:
        """Record what has changed since this process looked last, if anything has.

        Raises:
            DatabaseFault: it cannot be written; the next look tries again.
        """
        with self._lock:
            now = hashes(self._context)
            if not self._service or now == self._known:
                return
            if self._known:
                self._note(AuditAction.UPDATED, self._known, now)
            else:
                self._note(AuditAction.STARTED, self._last() or None, now)
            self._known = now

    def _note(
        self, action: AuditAction, before: Mapping[str, str] | None, after: Mapping[str, str]
    ) -> None:
        noted = audit.entry(
            at=self._context.now(),
            actor=self._context.actor,
            action=action,
            kind=Audited.CONFIGURATION,
            key=self._service,
            before=before,
            after=after,
        )
        with writing(self._context.engine) as connection:
            audit.append(connection, [noted])

    def _last(self) -> Mapping[str, str]:
        """Return what was recorded last, by whichever process."""
        query = select(audit_log.c.after).where(audit_log.c.kind == Audited.CONFIGURATION)
        with reading(self._context.engine) as connection:
            return connection.scalar(query.order_by(audit_log.c.id.desc()).limit(1)) or {}


def hashes(context: Context) -> dict[str, str]:
    """Return SHA-256, in hex, of each file and of the settings in force; the program's version."""
    settings = context.settings.model_dump_json(exclude=dict(_SECRET))
    found = {path.relative_to(context.home).as_posix(): _sha256(path) for path in _files(context)}
    return {
        **found,
        "settings": hashlib.sha256(settings.encode()).hexdigest(),
        "program": __version__,
    }


def _files(context: Context) -> Iterator[Path]:
    for folder in FOLDERS:
        yield from (path for path in sorted((context.home / folder).rglob("*")) if path.is_file())


def _sha256(path: Path) -> str:
    """Return a file's hash; nothing where it is gone or may not be read, which is a change too."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
