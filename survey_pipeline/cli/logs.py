"""What `run`, `serve` and `worker` write on stderr: one line a record, its facts as key=value."""

import json
import logging
import re
from collections.abc import Iterator

from survey_pipeline.cli.terminal import one_line, visible

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What every record has; the rest are the facts that the call gave."""
_PLAIN = re.compile(r"[^\s\"=\\]+")
_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])((?:\+?86|0086)?1[3-9][0-9])[0-9]{4}([0-9]{4})(?![0-9A-Za-z])"
)
"""A mobile number anywhere in a line: an error of a library may quote it."""


class LogFacts(logging.Formatter):
    """Time, level, name and message, then the facts; no number of a citizen in full."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """Return the record's line."""
        record.message = one_line(record.message)
        return " ".join([super().formatMessage(record), *_facts(record)])

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with the traceback below it if the record has one."""
        return _NUMBER.sub(r"\1****\2", visible(super().format(record)))


def _facts(record: logging.LogRecord) -> Iterator[str]:
    for key, value in vars(record).items():
        if key not in _OWN:
            text = str(value)
            quoted = json.dumps(text, ensure_ascii=False)
            yield f"{key}={text if _PLAIN.fullmatch(text) else quoted}"


def log_to_stderr() -> None:
    """Write what the program notes on stderr, from INFO on."""
    handler = logging.StreamHandler()
    handler.setFormatter(LogFacts())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for chatty in ("apscheduler", "twilio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)  # their INFO holds numbers and noise
