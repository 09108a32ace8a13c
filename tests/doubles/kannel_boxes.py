"""The real Kannel, started by tests: bearerbox and smsbox, and fakesmsc as a carrier.

The configuration is docs/howto/kannel.conf with ports, secrets and folders of the test's own.
Everything is on loopback, and stopped at the end.
"""

import re
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

CONF = Path(__file__).parents[2] / "docs/howto/kannel.conf"
FAKESMSC = "/usr/lib/kannel/test/fakesmsc"
LOOPBACK = "127.0.0.1"
PATIENCE = 20.0
"""Seconds after which something that a test waits for will not come any more."""

PASSWORD = "k4nne1-s3ndsms"
TOKEN = "pF4uZ8sQ2mX6vB1nK9rT3wY7"
Changes = Mapping[str, Mapping[str, object]]
"""By group of kannel.conf: what other values some keys have."""


def free_port() -> int:
    with socket.socket() as one:
        one.bind((LOOPBACK, 0))
        return int(one.getsockname()[1])


def until(holds: Callable[[], Any], what: str) -> Any:
    """Ask again and again, soon, until the answer is a true one; return it."""
    end = time.monotonic() + PATIENCE
    while not (found := holds()):
        if time.monotonic() > end:
            raise AssertionError(f"waited {PATIENCE:.0f} s in vain: {what}")
        time.sleep(0.02)
    return found


class Program:
    """A child process; what it prints is kept, line by line."""

    def __init__(self, *command: str) -> None:
        self.lines: list[str] = []
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line.decode("utf-8", "replace").rstrip("\n"))

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def wait_for(self, words: str, times: int = 1) -> None:
        def said() -> bool:
            return sum(words in line for line in list(self.lines)) >= times

        until(said, f"{words!r} in:\n" + "\n".join(self.lines[-20:]))


@dataclass
class Boxes:
    """Kannel, running."""

    sendsms_url: str
    carrier_port: int
    """Where a fakesmsc connects."""
    bearerbox: Program
    smsbox: Program
    folder: Path
    """With their log files."""

    def keys(self, webhooks: int, **own: Any) -> dict[str, object]:
        """The `[[gateway]]` of a workspace whose pages are at that port."""
        return {
            "kind": "kannel",
            "sendsms_url": self.sendsms_url,
            "username": "survey",
            "password_env": "KANNEL_PASSWORD",
            "from_number": "1069000000",
            "public_url": f"http://{LOOPBACK}:{webhooks}",
            "webhook_token_env": "KANNEL_WEBHOOK_TOKEN",
            **own,
        }

    @property
    def environ(self) -> dict[str, str]:
        return {"KANNEL_PASSWORD": PASSWORD, "KANNEL_WEBHOOK_TOKEN": TOKEN}


@contextmanager
def kannel(
    folder: Path, webhooks: int, *, smpp: int | None = None, changes: Changes | None = None
) -> Iterator[Boxes]:
    """Run Kannel as docs/howto/kannel.conf has it.

    Args:
        folder: an empty one.
        webhooks: the port where our pages are; nobody need be there yet.
        smpp: the port of an SMS centre that speaks SMPP; without it a fakesmsc may connect.
        changes: other values, and further keys.
    """
    admin, boxes, sendsms, carrier = (free_port() for _ in range(4))
    (folder / "store").mkdir(parents=True)
    ours: Changes = {
        "core": {
            "admin-port": admin,
            "admin-password": "admin",
            "smsbox-port": boxes,
            "store-location": folder / "store",
            "log-file": folder / "bearerbox.log",
        },
        "smsbox": {
            "sendsms-port": sendsms,
            "log-file": folder / "smsbox.log",
            "http-queue-delay": 1,
        },
        "sendsms-user": {"password": PASSWORD},
        "sms-service": {},
        "smsc": {"host": LOOPBACK, "port": smpp, "smsc-username": "us", "smsc-password": "p"}
        if smpp
        else {"port": carrier},
    }
    text = CONF.read_text("utf-8")
    text = text.replace("CHANGE-ME-TOKEN", TOKEN).replace(":8000/", f":{webhooks}/")
    text = _with(text if smpp else _for_a_trial(text), ours, strict=True)
    conf = folder / "kannel.conf"
    conf.write_text(_with(text, changes or {}, strict=False), "utf-8")
    status = f"http://{LOOPBACK}:{admin}/status.txt?password=admin"
    with ExitStack() as running:
        bearerbox = _started(running, "bearerbox", conf)
        until(lambda: "running" in _fetched(status), "bearerbox runs")
        smsbox = _started(running, "smsbox", conf)
        until(lambda: "on-line" in _fetched(status), "smsbox is connected")
        address = f"http://{LOOPBACK}:{sendsms}/cgi-bin/sendsms"
        until(lambda: _fetched(address), "sendsms answers")
        yield Boxes(address, carrier, bearerbox, smsbox, folder)


def _started(running: ExitStack, program: str, conf: Path) -> Program:
    started = Program(program, str(conf))
    running.callback(started.stop)
    return started


def _fetched(address: str) -> str:
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            return str(answer.read(), "utf-8")
    except urllib.error.HTTPError as error:
        return f"HTTP {error.code}"
    except OSError:
        return ""


def _for_a_trial(text: str) -> str:
    """Do what the file's last comment says: another group in place of the SMS centre's."""
    before, _, rest = text.partition("group = smsc\n")
    trial = rest.partition("in place of the group above:\n")[2]
    return before + trial.replace("# ", "")


def _with(text: str, changes: Changes, *, strict: bool) -> str:
    """Set keys in their groups; if strict, only those that the file has."""
    groups = text.split("\n\n")
    for group, values in changes.items():
        at = next(n for n, one in enumerate(groups) if f"group = {group}\n" in one + "\n")
        for key, value in values.items():
            line = re.compile(rf"^{re.escape(key)} = .*$", re.MULTILINE)
            if strict or line.search(groups[at]):
                groups[at], found = line.subn(f"{key} = {value}", groups[at])
                assert found == 1, f"kannel.conf has one {key} in its group {group}"
            else:
                groups[at] = f"{groups[at].rstrip()}\n{key} = {value}"
    return "\n\n".join(groups).rstrip() + "\n"


@dataclass
class Phones:
    """The citizens' phones behind a fakesmsc: it prints what it is given."""

    program: Program
    _got: "re.Pattern[str]" = field(
        default=re.compile(r"Got message \d+: <(\S+) (\S+) (text|data|ucs-2|udh \S+ data) (.*)>$"),
        repr=False,
    )

    def texts(self) -> list[tuple[str, str, str]]:
        """What has come in: number, encoding, text; segments are joined."""
        found: dict[object, tuple[str, str, str]] = {}
        for line in list(self.program.lines):
            if got := self._got.search(line):
                _, to, kind, said = got.groups()
                encoding = "GSM-7" if kind == "text" else "UCS-2"
                text = said if kind == "text" else unquote_to_bytes(said.replace("+", " "))
                whole = text if isinstance(text, str) else text.decode("utf-16-be")
                udh = unquote_to_bytes(kind.split(" ")[1]) if kind.startswith("udh") else b""
                key = (to, udh[3]) if udh else line
                before = found.get(key, (to, encoding, ""))[2]
                found[key] = (to, encoding, before + whole)
        return list(found.values())

    def segments(self) -> int:
        return sum("Got message" in line for line in list(self.program.lines))

    def wait_for(self, segments: int) -> Sequence[tuple[str, str, str]]:
        until(lambda: self.segments() >= segments, f"{segments} segments at the phones")
        return self.texts()


@contextmanager
def phones(boxes: Boxes, *said: str) -> Iterator[Phones]:
    """Connect a fakesmsc; one at a time.

    Args:
        boxes: Kannel.
        said: at most one text of a citizen's, as fakesmsc takes it: "FROM TO text WORDS", or
            "FROM TO ucs2 %4E%0D..." with the octets of UTF-16BE.
    """
    times = str(len(said))
    port = str(boxes.carrier_port)
    command = [FAKESMSC, "-H", LOOPBACK, "-r", port, "-i", "0.05", "-m", times]
    program = Program(*command, *(said or ["1 2 text unsaid"]))
    try:
        yield Phones(program)
    finally:
        program.stop()
