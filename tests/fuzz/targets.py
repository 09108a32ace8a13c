"""What is fuzzed: how an input is given to the program, and what must hold afterwards.

A target raises whatever must not happen: an exception that is no refusal, a 500, something stored
from a refused input.
"""

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from hypothesis import strategies as st

from survey_pipeline.errors import CannotProceed, UsageError, WebhookRefused, WebhookUnreadable
from survey_pipeline.gateways.port import WebhookRequest
from survey_pipeline.stages.intake.importing import import_file
from survey_pipeline.stages.replies import read_inbound, read_reply
from survey_pipeline.testing.asgi_client import FORM
from survey_pipeline.vocabulary import RecordKind, ReplyClass
from tests.fuzz import inputs
from tests.fuzz.world import ACCOUNT, PUBLIC, SECRET, FuzzWorld

REFUSED = frozenset({400, 403, 404, 409, 413, 422})
RECEIPT, INBOUND = "receipt", "inbound"
CALLS = st.sampled_from((RECEIPT, INBOUND))


@dataclass(frozen=True)
class FuzzTarget:
    """A border of the program."""

    strategy: st.SearchStrategy[Any]
    give: Callable[[FuzzWorld, Any], None]
    """Gives one input to the program, and checks what holds afterwards."""
    settle: Callable[[FuzzWorld], None] = lambda _: None
    """Is called now and then: what was taken in must be workable."""


def import_one(world: FuzzWorld, given: tuple[RecordKind, bytes]) -> None:
    """Import a file: it is refused as a whole and stores nothing, or its rows are accounted for."""
    kind, data = given
    world.file.write_bytes(data)
    before, stored = world.version(), world.count("cases")
    try:
        summary = import_file(world.context, kind, world.file)
    except (CannotProceed, UsageError):
        assert world.version() == before, "a refused file stored something"
        return
    if kind is RecordKind.CASES:
        assert world.count("cases") - stored == summary.accepted
    assert (summary.refused > 0) == (summary.rejected_file is not None)


def read_one(_: FuzzWorld, text: str) -> None:
    """Read a reply, twice: it has a class of the list, and the same one again."""
    reading = read_reply(text)
    assert reading.reply_class in list(ReplyClass)
    assert reading == read_reply(text)


@contextmanager
def kinds_of_errors() -> Iterator[list[str]]:
    """Yield a list of the kinds of errors that webhooks log meanwhile."""
    kinds: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= logging.ERROR:
                kinds.append(vars(record).get("error", record.msg))

    listener, log = Listener(), logging.getLogger("survey_pipeline.web.hooks")
    log.addHandler(listener)
    yield kinds
    log.removeHandler(listener)


def call_webhook(
    world: FuzzWorld, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> None:
    """Call a webhook: it is refused and nothing is stored, or answered 200.

    A request that is the provider's and cannot be understood is answered 500, so that it comes
    again; any other error of the reader is a fault.
    """
    before = world.version()
    with kinds_of_errors() as kinds:
        answer = world.web.ask("POST" if body else "GET", target, body, headers)
    assert answer.status in REFUSED | {200, 500}, f"answered {answer.status}"
    assert answer.status != 500 or kinds == [WebhookUnreadable.__name__], f"answered 500: {kinds}"
    if answer.status != 200:
        assert world.version() == before, "a refused webhook stored something"


def call_kannel(world: FuzzWorld, given: tuple[str, str]) -> None:
    """Call as Kannel does, with the token in the query."""
    call, query = given
    call_webhook(world, f"/hooks/kannel/{call}?{query}")


def call_twilio(world: FuzzWorld, given: tuple[str, bool, Any]) -> None:
    """Post a form as Twilio does, signed by it or by somebody else."""
    call, signed, form = given
    path = f"/hooks/twilio/{call}"
    body = urlencode(form, errors="surrogatepass").encode()
    fields = "".join(name + value for name, value in sorted(form))
    said = (PUBLIC + path + fields).encode("utf-8", "surrogatepass")
    digest = hmac.new(SECRET.encode() if signed else b"x", said, hashlib.sha1).digest()
    signature = base64.b64encode(digest).decode()
    call_webhook(world, path, body, {"content-type": FORM, "x-twilio-signature": signature})


def call_aliyun(world: FuzzWorld, given: tuple[str, bytes]) -> None:
    """Push rows as Aliyun does, with the token in the query."""
    call, body = given
    call_webhook(world, f"/hooks/aliyun/{call}?token={SECRET}", body)


def read_simulated(world: FuzzWorld, given: tuple[str, bytes]) -> None:
    """Read a request of the simulated carrier, which is polled and has no address."""
    call, body = given
    gateway = world.app.gateways["simulated"]
    request = WebhookRequest(f"/hooks/simulated/{call}", body)
    try:
        gateway.read_receipt(request) if call == RECEIPT else gateway.read_inbound(request)
    except WebhookRefused:
        return


def read_everything(world: FuzzWorld) -> None:
    """Read every text that the webhooks stored, as the day does."""
    read_inbound(world.context)
    waiting = world.count("inbound WHERE use = 'pending'")
    assert waiting == 0, "a text that was stored cannot be read"


def report_cases(world: FuzzWorld, body: bytes) -> None:
    """Report cases over the API: refused as a whole, or each row answered and accounted for."""
    before, stored = world.version(), world.count("cases")
    headers = {"authorization": f"Bearer {world.key}", "content-type": "application/json"}
    answer = world.web.ask("POST", "/api/v1/cases", body, headers)
    assert answer.status in REFUSED | {200}, f"answered {answer.status}"
    said = json.loads(answer.content)
    if answer.status != 200:
        assert isinstance(said["detail"], str)
        assert world.version() == before, "a refused body stored something"
        return
    assert world.count("cases") - stored == said["accepted"]
    outcomes = sum(said[name] for name in ("accepted", "updated", "unchanged", "refused"))
    assert outcomes == len(said["rows"])


CASE = {
    name: inputs.PLAUSIBLE[name]
    for name in ("office_code", "case_no", "served_on", "phone", "item")
}
KANNEL_CALL = {
    "token": SECRET, "attempt": "a1", "status": "1", "id": "k1", "from": "+8613857710001",
    "text": "满意", "charset": "UTF-8",
}  # fmt: skip
TWILIO_CALL = {
    "AccountSid": ACCOUNT, "MessageSid": "SM1", "MessageStatus": "delivered", "ErrorCode": "30003",
    "From": "+8613857710001", "Body": "满意", "OptOutType": "STOP",
}  # fmt: skip
ALIYUN_ROW = {
    "phone_number": "13857710001", "content": "满意", "sequence_id": "1", "biz_id": "b1",
    "send_time": "2023-05-04 12:00:00", "err_code": "DELIVERED", "success": True, "out_id": "a1",
}  # fmt: skip
SIMULATED_ROW = {
    "id": "s1", "attempt": "a1", "state": "delivered", "from": "+8613857710001", "text": "满意",
    "at": "2023-05-04T12:00:00+08:00",
}  # fmt: skip
SIMULATED = CALLS.flatmap(
    lambda call: st.tuples(
        st.just(call),
        inputs.json_documents(SIMULATED_ROW, lambda rows: {"receipts": rows, "inbound": rows}),
    )
)
TARGETS = {
    "csv files": FuzzTarget(inputs.csv_files(), import_one),
    "xlsx files": FuzzTarget(inputs.xlsx_files(), import_one),
    "replies": FuzzTarget(inputs.replies, read_one),
    "twilio webhooks": FuzzTarget(
        st.tuples(CALLS, st.sampled_from((True, True, True, False)), inputs.pairs(TWILIO_CALL)),
        call_twilio,
        read_everything,
    ),
    "kannel webhooks": FuzzTarget(
        st.tuples(CALLS, inputs.queries(KANNEL_CALL)), call_kannel, read_everything
    ),
    "aliyun webhooks": FuzzTarget(
        st.tuples(CALLS, inputs.json_documents(ALIYUN_ROW, lambda rows: rows)),
        call_aliyun,
        read_everything,
    ),
    "simulated carrier": FuzzTarget(SIMULATED, read_simulated),
    "api json": FuzzTarget(
        inputs.json_documents(CASE, lambda rows: {"rows": rows, "reported_on": "2023-05-04"}),
        report_cases,
    ),
}
