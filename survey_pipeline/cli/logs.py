"""What `run`, `serve` and `worker` write on stderr: a line a record, for people or as JSON."""

import json
import logging
import re
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal

from survey_pipeline.cli.terminal import one_line, visible
from survey_pipeline.errors import SurveyPipelineError

Format = Literal["text", "json"]

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What every record has; the rest are the facts that the call gave."""
_SERVERS = frozenset({"color_message"})
"""Facts of the web server's records that repeat the message with colours."""
_PLAIN = re.compile(r"[^\s\"=\\]+")
_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])((?:\+?86|0086)?1[3-9][0-9])[0-9]{4}([0-9]{4})(?![0-9A-Za-z])"
)
"""A mobile number anywhere in a line: an error of a library may quote it."""
_QUOTE_NOTHING = (
    SurveyPipelineError, OSError, TypeError, AttributeError, NameError, ImportError,
    ArithmeticError, MemoryError,
)  # fmt: skip
"""Errors whose words are about code, files or our own wording. The words of others (a `ValueError`,
a `KeyError`, a database's) may quote the value that was wrong: a citizen's name or text."""
_HIDDEN = "(its words are not shown: they may quote a record)"


class LogFacts(logging.Formatter):
    """Time, level, name and message, then the facts; no number of a citizen in full."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """Return the record's line."""
        record.message = one_line(record.message)
        return " ".join([super().formatMessage(record), *_written_facts(record)])

    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's own name
        """Return a traceback; see `_traceback`."""
        return _traceback(ei[1]) if isinstance(ei, tuple) else ""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with the traceback below it if the record has one."""
        record.exc_text = None  # another handler may have formatted the traceback in its own way
        return _masked(visible(super().format(record)))


class LogJson(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, facts, perhaps a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {
            "at": at,
            "level": record.levelname,
            "logger": record.name,
            "message": _masked(record.getMessage()),
        }
        line |= {key: _json_value(value) for key, value in _facts(record) if key not in line}
        if record.exc_info and record.exc_info[1] is not None:
            line["traceback"] = _masked(_traceback(record.exc_info[1]))
        return json.dumps(line, ensure_ascii=True)


def _masked(text: str) -> str:
    return _NUMBER.sub(r"\1****\2", text)


def _json_value(value: object) -> object:
    """Return a fact as a number or truth value if it is one that shows no phone number."""
    text = _masked(str(value))
    plain = value is None or isinstance(value, (bool, int, float))
    return value if plain and text == str(value) else text


def _facts(record: logging.LogRecord) -> Iterator[tuple[str, object]]:
    for key, value in vars(record).items():
        if key not in _OWN and key not in _SERVERS:
            yield key, value


def _written_facts(record: logging.LogRecord) -> Iterator[str]:
    for key, value in _facts(record):
        text = str(value)
        quoted = json.dumps(text, ensure_ascii=False)
        yield f"{key}={text if _PLAIN.fullmatch(text) else quoted}"


def _traceback(error: BaseException | None) -> str:
    """Return where an error and its causes were raised, without words that may quote a value."""
    parts: list[str] = []
    known: set[int] = set()
    while error is not None and id(error) not in known:
        known.add(id(error))
        frames = "".join(traceback.format_tb(error.__traceback__))
        parts.append(f"Traceback (most recent call last):\n{frames}{_headline(error)}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n\nThe cause of the following:\n\n".join(reversed(parts))


def _headline(error: BaseException) -> str:
    kind = type(error)
    name = kind.__qualname__
    if kind.__module__ != "builtins":
        name = f"{kind.__module__}.{name}"
    words = str(error) if isinstance(error, _QUOTE_NOTHING) else _HIDDEN
    return f"{name}: {words}"


def log_to_stderr(form: Format) -> None:
    """Write what the program notes on stderr, from INFO on.

    Args:
        form: `text`, lines for people, or `json`, lines for a program that collects logs.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(LogJson() if form == "json" else LogFacts())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for chatty in ("apscheduler", "twilio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)  # their INFO holds numbers and noise
