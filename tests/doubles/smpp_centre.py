"""A carrier's SMS centre that speaks SMPP 3.4 (SMPP Developers Forum, 1999), in a thread.

One ESME binds as transceiver. Texts that it submits are kept; each gets the end that the test has
set for its number, as a receipt of the common form (appendix B). `say` lets a citizen text back.
"""

import asyncio
import itertools
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

BIND_TRANSCEIVER, SUBMIT_SM, DELIVER_SM = 0x09, 0x04, 0x05
UNBIND, ENQUIRE_LINK, RESPONSE = 0x06, 0x15, 0x80000000
OK, NO_SUCH_NUMBER = 0x00, 0x0B  # ESME_ROK, ESME_RINVDSTADR
GSM_7, UCS_2 = 0x00, 0x08
RECEIPT, HAS_HEADER = 0x04, 0x40
"""Bits of `esm_class`."""
REJECTED = "rejected"
"""An end that is an answer to the submission, not a receipt."""


@dataclass(frozen=True)
class Submitted:
    """One segment."""

    to: str
    sender: str
    coding: int
    header: bytes
    body: bytes
    wants_receipt: bool


@dataclass
class Centre:
    """What happens at the SMS centre.

    Attributes:
        ends: by number, `REJECTED` or a receipt's `stat`; `DELIVRD` for the others.
    """

    ends: Mapping[str, str] = field(default_factory=dict)
    submitted: list[Submitted] = field(default_factory=list)
    port: int = 0
    _writer: asyncio.StreamWriter | None = None
    _loop: asyncio.AbstractEventLoop | None = None
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk to one ESME until it goes."""
        try:
            while True:
                length, command, _, number = struct.unpack(">IIII", await reader.readexactly(16))
                body = await reader.readexactly(length - 16)
                self._take(writer, command, number, body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _take(self, writer: asyncio.StreamWriter, command: int, number: int, body: bytes) -> None:
        if command == BIND_TRANSCEIVER:
            self._writer = writer
            _write(writer, command | RESPONSE, number, b"centre\0")
        elif command == SUBMIT_SM:
            self._submit(writer, number, body)
        elif command in (ENQUIRE_LINK, UNBIND):
            _write(writer, command | RESPONSE, number)

    def _submit(self, writer: asyncio.StreamWriter, number: int, body: bytes) -> None:
        one = _read(body)
        end = self.ends.get(one.to, "DELIVRD")
        if end == REJECTED:
            _write(writer, SUBMIT_SM | RESPONSE, number, b"\0", NO_SUCH_NUMBER)
            return
        self.submitted.append(one)
        name = str(1000 + len(self.submitted))
        _write(writer, SUBMIT_SM | RESPONSE, number, name.encode() + b"\0")
        if one.wants_receipt:
            words = f"id:{name} sub:001 dlvrd:001 submit date:2305041200 done date:2305041201 "
            receipt = f"{words}stat:{end} err:000 text:".encode()
            self._deliver(one.to, one.sender, GSM_7, RECEIPT, receipt)

    def _deliver(self, sender: str, to: str, coding: int, esm_class: int, body: bytes) -> None:
        assert self._writer is not None
        head = b"\0" + b"\1\1" + sender.encode() + b"\0" + b"\0\1" + to.encode() + b"\0"
        settings = bytes([esm_class, 0, 0]) + b"\0\0" + bytes([0, 0, coding, 0, len(body)])
        _write(self._writer, DELIVER_SM, next(self._numbers), head + settings + body)

    def say(self, sender: str, to: str, text: str) -> None:
        """Let a citizen text back, in UCS-2, cut into segments of 67 units.

        Args:
            sender: national digits with the country code, without a plus.
            to: the service's number.
            text: what they say.
        """
        octets = text.encode("utf-16-be")
        cut = [octets[at : at + 134] for at in range(0, len(octets), 134)]
        for place, part in enumerate(cut, 1):
            header = bytes([5, 0, 3, 7, len(cut), place]) if len(cut) > 1 else b""
            esm_class = HAS_HEADER if header else 0
            assert self._loop is not None
            self._loop.call_soon_threadsafe(
                self._deliver, sender, to, UCS_2, esm_class, header + part
            )

    def text_to(self, number: str) -> str:
        """Return what a number has got, its UCS-2 segments joined."""
        parts = [one for one in self.submitted if one.to == number and one.coding == UCS_2]
        return b"".join(one.body for one in parts).decode("utf-16-be")


def _write(
    writer: asyncio.StreamWriter, command: int, number: int, body: bytes = b"", status: int = OK
) -> None:
    writer.write(struct.pack(">IIII", 16 + len(body), command, status, number) + body)


def _read(body: bytes) -> Submitted:
    """Read a submit_sm (section 4.4.1), without its optional parameters."""
    _, rest = body.split(b"\0", 1)
    sender, rest = rest[2:].split(b"\0", 1)
    to, rest = rest[2:].split(b"\0", 1)
    esm_class = rest[0]
    _, _, rest = rest[3:].split(b"\0", 2)
    receipt, _, coding, _, length = rest[:5]
    said = rest[5 : 5 + length]
    cut = 1 + said[0] if esm_class & HAS_HEADER else 0
    return Submitted(
        to.decode(), sender.decode(), coding, said[:cut], said[cut:], bool(receipt & 1)
    )


@contextmanager
def smpp_centre(ends: Mapping[str, str] | None = None) -> Iterator[Centre]:
    """Run an SMS centre on a free loopback port."""
    centre, listening = Centre(ends or {}), threading.Event()
    stop = asyncio.Event()

    async def serve() -> None:
        server = await asyncio.start_server(centre.serve, "127.0.0.1", 0)
        centre._loop = asyncio.get_running_loop()
        centre.port = server.sockets[0].getsockname()[1]
        listening.set()
        await stop.wait()
        server.close()
        if centre._writer is not None:
            centre._writer.close()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    listening.wait()
    try:
        yield centre
    finally:
        assert centre._loop is not None
        centre._loop.call_soon_threadsafe(stop.set)
        thread.join()
