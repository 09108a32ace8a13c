"""What is left on a disk after a power cut, by the trace of the system calls that led to it.

    strace -f -xx -y -s 1000000 -e trace=CALLS -o TRACE program

A write is on the disk after a sync of its file that began later, a name after a sync of its folder.
Whatever was not synced may be lost, or not: a cut keeps none of it, or each piece by chance.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CALLS = (
    "openat,write,pwrite64,ftruncate,fsync,fdatasync,"
    "rename,renameat,renameat2,unlink,unlinkat,mkdir"
)
_LINE = re.compile(r"(?P<pid>\d+) +(?P<rest>.*)")
_FD = re.compile(r"(\d+)<(?P<path>[^>]*)>")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


@dataclass
class Event:
    """One call that matters, in the order of the trace."""

    what: str
    path: str
    data: bytes = b""
    offset: int = -1
    to: str = ""
    since: int = 0
    """Of a sync: the number of the event at which it began."""


def read_trace(trace: Path, inside: tuple[Path, ...]) -> list[Event]:
    """Return the calls on files in these folders (or on these files)."""
    wanted = tuple(str(one) for one in inside)
    events: list[Event] = []
    begun: dict[str, tuple[str, int]] = {}
    for line in trace.read_text(encoding="ascii").splitlines():
        parts = _LINE.fullmatch(line)
        if parts is None:
            continue
        pid, rest = parts["pid"], parts["rest"]
        if rest.endswith("<unfinished ...>"):
            begun[pid] = (rest, len(events))
            if rest.startswith(("write", "pwrite64")):  # it may have happened from here on
                events += _events(rest, len(events))
            continue
        since = len(events)
        if rest.startswith("<..."):
            rest, since = _resumed(rest, *begun.pop(pid, ("", since)))
            if rest.startswith(("write", "pwrite64")):
                continue
        if not re.search(r"= (\d+)", rest.rpartition(")")[2]):
            continue  # it failed
        events += _events(rest, since)
    return [one for one in events if one.path.startswith(wanted)]


def _resumed(rest: str, call: str, since: int) -> tuple[str, int]:
    return call.removesuffix("<unfinished ...>") + rest.partition("resumed>")[2], since


def _events(rest: str, since: int) -> Iterator[Event]:
    call, _, arguments = rest.partition("(")
    texts = [bytes.fromhex(one.replace("\\x", "")) for one in _TEXT.findall(arguments)]
    opened = _FD.search(arguments)
    path = _plain(opened["path"]) if opened else ""
    if call == "openat" and "O_CREAT" in arguments:
        yield Event("create", texts[0].decode())
        if "O_TRUNC" in arguments:
            yield Event("truncate", texts[0].decode(), offset=0)
    elif call == "write":
        yield Event("write", path, texts[0])
    elif call == "pwrite64":
        offset = re.search(r", (\d+), (\d+)\s*(\)|$|<)", arguments)
        assert offset is not None, rest[-80:]
        yield Event("write", path, texts[0], int(offset[2]))
    elif call == "ftruncate":
        yield Event("truncate", path, offset=int(re.findall(r", (\d+)", arguments)[0]))
    elif call in ("fsync", "fdatasync"):
        yield Event("sync", path, since=since)
    elif call.startswith("rename"):
        yield Event("rename", texts[0].decode(), to=texts[-1].decode())
    elif call.startswith("unlink"):
        yield Event("unlink", texts[0].decode())


def _plain(path: str) -> str:
    if path.startswith("\\x"):
        return bytes.fromhex(path.replace("\\x", "")).decode()
    return path


@dataclass
class _File:
    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, Event]] = field(default_factory=list)
    size: int = 0


class Disk:
    """The files below a folder as they would be found after a cut."""

    def __init__(self, folder: Path) -> None:
        """Begin with what lies there now, all of it on the disk."""
        self._files: dict[int, _File] = {}
        self._names: dict[str, int] = {}
        """As the running program sees them."""
        self._kept: dict[str, int] = {}
        """As they are on the disk."""
        for path in folder.rglob("*"):
            if path.is_file():
                data = bytearray(path.read_bytes())
                self._files[len(self._files)] = _File(data, size=len(data))
                self._names[str(path)] = len(self._files) - 1
        self._kept = dict(self._names)

    def apply(self, number: int, event: Event) -> None:
        """Let one call happen."""
        if event.what == "create":
            self._create(event.path)
        elif event.what in ("write", "truncate"):
            self._change(number, event)
        elif event.what == "sync":
            self._sync(event)
        elif event.what == "rename" and event.path in self._names:
            self._names[event.to] = self._names.pop(event.path)
        elif event.what == "unlink":
            self._names.pop(event.path, None)

    def _create(self, path: str) -> None:
        if path not in self._names:
            self._names[path] = len(self._files)
            self._files[len(self._files)] = _File()

    def _change(self, number: int, event: Event) -> None:
        if event.path not in self._names:
            return  # it has no name any more, so that nobody finds it
        file = self._files[self._names[event.path]]
        if event.what == "truncate":
            file.size = event.offset
        else:
            offset = file.size if event.offset < 0 else event.offset
            event = Event("write", event.path, event.data, offset)
            file.size = max(file.size, offset + len(event.data))
        file.pending.append((number, event))

    def _sync(self, event: Event) -> None:
        if event.path in self._names:
            file = self._files[self._names[event.path]]
            for number, change in file.pending:
                if number < event.since:
                    _write(file.durable, change)
            file.pending = [one for one in file.pending if one[0] >= event.since]
            return
        folder = event.path.rstrip("/")  # its own entries, and not those of folders in it
        self._kept = {name: key for name, key in self._kept.items() if not _lies_in(folder, name)}
        self._kept |= {name: key for name, key in self._names.items() if _lies_in(folder, name)}

    def cut(self, chance: random.Random | None) -> dict[str, bytes]:
        """Return the files by path; with a chance, pieces that were not synced may be there."""
        found = {}
        names = self._names if chance and chance.random() < 0.5 else self._kept
        for name, key in names.items():
            data = bytearray(self._files[key].durable)
            for _, change in self._files[key].pending:
                if chance and chance.random() < 0.5:
                    _write(data, change)
            found[name] = bytes(data)
        return found


def _lies_in(folder: str, name: str) -> bool:
    return name.rpartition("/")[0] == folder


def _write(data: bytearray, change: Event) -> None:
    if change.what == "truncate":
        del data[change.offset :]
        data.extend(bytes(change.offset - len(data)))
        return
    data.extend(bytes(max(0, change.offset - len(data))))
    data[change.offset : change.offset + len(change.data)] = change.data
