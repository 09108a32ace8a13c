"""What a check listens to and forbids: logs with secrets, and any network but loopback."""

import ipaddress
import logging
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import quote, quote_plus


class OffLoopback(OSError):
    """Something tried to leave the machine."""


@contextmanager
def loopback_only() -> Iterator[None]:
    """Let no connection and no look-up of this process leave the machine meanwhile.

    Python's own sockets are watched, through which asyncio and every HTTP library of Python go. An
    audit hook (PEP 578) would see C libraries too, but stays for the life of the process: it slows
    every later call down, and two threads that start at once may then fail to install a tracer.
    """
    with ExitStack() as watched:
        for name in ("connect", "connect_ex", "sendto"):
            watched.enter_context(_replaced(socket.socket, name, _checked_address))
        watched.enter_context(_replaced(socket, "getaddrinfo", _checked_host))
        yield


@contextmanager
def _replaced(
    owner: Any, name: str, checked: Callable[[Callable[..., Any]], Any]
) -> Iterator[None]:
    original = getattr(owner, name)
    setattr(owner, name, checked(original))
    try:
        yield
    finally:
        setattr(owner, name, original)


def _checked_address(method: Callable[..., Any]) -> Callable[..., Any]:
    def checked(self: socket.socket, *args: Any) -> Any:
        if isinstance(args[-1], tuple):  # the path of a Unix socket is none
            _must_be_loopback(args[-1][0])
        return method(self, *args)

    return checked


def _checked_host(look_up: Callable[..., Any]) -> Callable[..., Any]:
    def checked(host: str | bytes | None, *args: Any, **options: Any) -> Any:
        if host is not None:
            _must_be_loopback(host)
        return look_up(host, *args, **options)

    return checked


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
