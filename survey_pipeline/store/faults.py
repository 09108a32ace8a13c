"""The one border at which a database's own errors become `DatabaseFault`, in words with a remedy.

What SQLite and psycopg raise is told apart by their codes (SQLite, "Result and Error Codes";
PostgreSQL, "Error Codes"). An error that is no fault of the database's surroundings, such as a
violated constraint, stays what it is: a bug of ours.
"""

import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from survey_pipeline.errors import DatabaseFault, SurveyPipelineError, UsageError
from survey_pipeline.i18n import N_, Message


class KnownFault(NamedTuple):
    """What happened, and what to do about it."""

    problem: str
    remedy: str


UNREACHABLE = KnownFault(
    N_("the database cannot be reached ({problem})"),
    N_(
        "See that it runs, and that database.url in config/pipeline.toml, user and password are "
        "right; then try again"
    ),
)
NOT_OPENED = KnownFault(
    N_("the database {file} cannot be opened"),
    N_(
        "See that its folder exists and may be written, and that database.url in "
        "config/pipeline.toml is right"
    ),
)
GONE = KnownFault(
    N_("the database {file} is not there"),
    N_("Put back the last backup; in a new workspace run: survey-pipeline init"),
)
DAMAGED = KnownFault(
    N_("the database {file} is damaged ({problem})"),
    N_("Stop the program, keep a copy of the file, and put back the last backup"),
)
BUSY = KnownFault(
    N_("the database is held by another program or a long piece of work"),
    N_("Try again; if it stays so, see which program holds it"),
)
READ_ONLY = KnownFault(
    N_("the database cannot be written ({problem})"),
    N_("See that the file, its folder and its disk, or the database user's rights, allow it"),
)
FULL = KnownFault(
    N_("the database's disk is full"),
    N_("Make room, then try again; what was stored before is kept"),
)
DISK = KnownFault(
    N_("the database's disk does not answer ({problem})"),
    N_("See that the disk is there and sound, then try again"),
)
EMPTIED = KnownFault(
    N_("the database lacks a table ({problem}): it was emptied or replaced"),
    N_("Put back the last backup, or run: survey-pipeline db upgrade"),
)
CROWDED = KnownFault(
    N_("every connection to the database is in use"),
    N_("Try again in a moment; if it stays so, allow it more connections"),
)
INTERRUPTED = KnownFault(
    N_("the database broke the work off ({problem})"),
    N_("Try again: nothing was half stored"),
)
TOO_LARGE = N_("a number is too large: no record has it, and none can be stored with it")
NO_TEXT = N_("a text holds bytes that are no UTF-8, and cannot be stored or looked for")
HOLDS_NUL = N_("a text holds a NUL character, which cannot be stored")

LEAST_ROOM = 64 << 10
"""Bytes that SQLite needs to open a database: the index of its log."""

_SQLITE: Mapping[str, KnownFault] = {
    "SQLITE_CANTOPEN": NOT_OPENED,
    "SQLITE_NOTADB": DAMAGED,
    "SQLITE_CORRUPT": DAMAGED,
    "SQLITE_BUSY": BUSY,
    "SQLITE_LOCKED": BUSY,
    "SQLITE_READONLY": READ_ONLY,
    "SQLITE_PERM": READ_ONLY,
    "SQLITE_AUTH": READ_ONLY,
    "SQLITE_FULL": FULL,
    "SQLITE_IOERR": DISK,
    "SQLITE_NOLFS": DISK,
    "SQLITE_PROTOCOL": BUSY,
    "SQLITE_INTERRUPT": INTERRUPTED,
}
"""By the primary code; `SQLITE_IOERR_WRITE` and its like begin with it."""

_POSTGRESQL: Mapping[str, KnownFault] = {
    "08": UNREACHABLE,
    "28": UNREACHABLE,
    "3D": UNREACHABLE,
    "25006": READ_ONLY,
    "42501": READ_ONLY,
    "42P01": EMPTIED,
    "53100": FULL,
    "53300": CROWDED,
    "53": INTERRUPTED,
    "55P03": BUSY,
    "57P": UNREACHABLE,
    "57014": INTERRUPTED,
    "40": INTERRUPTED,
    "58": DISK,
    "XX001": DAMAGED,
    "XX002": DAMAGED,
}
"""By SQLSTATE or its beginning; the longest that fits counts."""


def translate_faults(engine: Engine) -> None:
    """Raise our own errors where this engine's database fails for a reason outside of it."""

    def translated(context: ExceptionContext) -> SurveyPipelineError | None:
        if context.is_pre_ping:
            return None  # the pool looks whether a connection lives, and opens another one
        return fault_of(context.original_exception, engine.url.database or "")

    event.listen(engine, "handle_error", translated, retval=True)


@contextmanager
def border(engine: Engine) -> Iterator[None]:
    """Translate what a driver raises where its cursor is used directly, past SQLAlchemy."""
    try:
        yield
    except Exception as error:
        if fault := fault_of(error, engine.url.database or ""):
            raise fault from error
        raise


def fault_of(error: BaseException, file: str = "") -> SurveyPipelineError | None:
    """Return a driver's error in our words, or nothing where it is another kind of error."""
    if text := _unstorable(error):
        return UsageError(text)
    known = _sqlite_fault(error) if isinstance(error, sqlite3.Error) else _postgresql_fault(error)
    if known is DISK and is_full(Path(file).parent):  # opening needs room too
        known = FULL
    if known is NOT_OPENED and _is_missing(Path(file)):
        known = GONE
    if known is None:
        return None
    problem = str(error).strip().partition("\n")[0] or Message(N_("no reason given"))
    return said(known, file=file, problem=problem)


def _is_missing(file: Path) -> bool:
    return file.parent.is_dir() and not file.exists()


def is_full(folder: Path) -> bool:
    """Return whether a folder's disk has too little room to open a database in it."""
    try:
        return shutil.disk_usage(folder).free < LEAST_ROOM
    except OSError:
        return False


def said(fault: KnownFault, **values: object) -> DatabaseFault:
    """Return the error that says a fault, with its remedy."""
    return DatabaseFault(fault.problem, **values).at_terminal(fault.remedy)


def _unstorable(error: BaseException) -> str | None:
    """Return what is wrong with a value that the driver refused; None for every other error."""
    if isinstance(error, OverflowError) and "SQLite" in str(error):
        return TOO_LARGE
    if getattr(error, "sqlstate", None) == "22003":
        return TOO_LARGE
    if type(error).__module__.startswith("psycopg") and "NUL (0x00)" in str(error):
        return HOLDS_NUL
    if isinstance(error, UnicodeEncodeError):  # half a character, as bytes that are no UTF-8 leave
        return NO_TEXT
    return None


def _sqlite_fault(error: sqlite3.Error) -> KnownFault | None:
    if str(error).startswith("no such table"):
        return EMPTIED
    code = getattr(error, "sqlite_errorname", "")
    return _SQLITE.get("_".join(code.split("_")[:2]))


def _postgresql_fault(error: BaseException) -> KnownFault | None:
    """Told by the classes' names, so that psycopg is needed on PostgreSQL alone."""
    if not type(error).__module__.startswith("psycopg"):
        return None
    state = getattr(error, "sqlstate", None)
    if state is None:  # the connection failed, or broke
        lost = {"OperationalError", "InterfaceError"} & {
            kind.__name__ for kind in type(error).mro()
        }
        return UNREACHABLE if lost else None
    return next((_POSTGRESQL[state[:n]] for n in (5, 3, 2) if state[:n] in _POSTGRESQL), None)
