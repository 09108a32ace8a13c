"""What a check listens to and forbids: logs with secrets, and any network but loopback."""

import ipaddress
import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, quote_plus

_guarded = 0
_installed = False


class OffLoopback(OSError):
    """Something tried to leave the machine."""


@contextmanager
def loopback_only() -> Iterator[None]:
    """Let no connection and no look-up leave the machine meanwhile.

    Python's own audit events are listened to (PEP 578): no library gets around them.
    """
    global _guarded, _installed  # noqa: PLW0603 - an audit hook can never be taken away again
    if not _installed:
        sys.addaudithook(_audit)
        _installed = True
    _guarded += 1
    try:
        yield
    finally:
        _guarded -= 1


def _audit(event: str, args: tuple[Any, ...]) -> None:
    if not _guarded:
        return
    if event in ("socket.connect", "socket.sendto") and isinstance(args[1], tuple):
        _must_be_loopback(args[1][0])
    elif event == "socket.getaddrinfo" and args[0] is not None:
        _must_be_loopback(args[0])


def _must_be_loopback(host: str | bytes) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    try:
        local = name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        local = False
    if not local:
        raise OffLoopback(f"a connection to {name} was tried; checks may use loopback only")


class Listener(logging.Handler):
    """Hears every logger, whatever its level."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what a log file would hold, the values of `extra` and exceptions included."""
        text = [record.getMessage(), *(repr(value) for value in vars(record).values())]
        if record.exc_info:
            text.append(logging.Formatter().formatException(record.exc_info))
        self.lines.append(" ".join(text))


@contextmanager
def listening() -> Iterator[list[str]]:
    """Hear everything that is logged meanwhile, at every level."""
    root, listener = logging.getLogger(), Listener()
    loggers = [root, *_loggers()]
    before = [(logger, logger.level, logger.disabled) for logger in loggers]
    handlers = root.handlers[:]
    root.handlers[:] = [listener]  # nobody else needs to see the noise
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
        logger.disabled = False
    try:
        yield listener.lines
    finally:
        root.handlers[:] = handlers
        for logger, level, disabled in before:
            logger.setLevel(level)
            logger.disabled = disabled


def _loggers() -> list[logging.Logger]:
    names = list(logging.root.manager.loggerDict)
    return [one for name in names if isinstance(one := logging.getLogger(name), logging.Logger)]


def forms(values: Iterable[str]) -> list[str]:
    """Return each value as it might be written into an address or a log."""
    found = []
    for value in filter(None, values):
        national = value.removeprefix("+86") if value.startswith("+86") else value
        spelled = value.encode("unicode_escape").decode()
        found += [value, national, quote(value), quote_plus(value), spelled]
    return sorted(set(found), key=len, reverse=True)
