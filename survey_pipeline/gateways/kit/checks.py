"""The checks that follow from a contract."""

import asyncio
import itertools
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from survey_pipeline.calendar import SetClock
from survey_pipeline.errors import ConfigurationError, WebhookRefused
from survey_pipeline.gateways.kit.contract import (
    MESSAGE,
    NOW,
    Contract,
    Fault,
    FindCase,
    InboundCase,
    ReceiptCase,
    Reply,
    SendCase,
)
from survey_pipeline.gateways.kit.double import Double
from survey_pipeline.gateways.kit.guards import forms, listening, loopback_only
from survey_pipeline.gateways.port import Gateway, GatewayEnvironment, WebhookRequest
from survey_pipeline.gateways.registry import make_gateway
from survey_pipeline.settings import Gateway as GatewaySettings
from survey_pipeline.vocabulary import MESSAGE_MOVES, MessageState, SendOutcome

PAGE = "<!doctype html><html><body><h1>Welcome to nginx!</h1></body></html>"

NETWORK = (
    SendCase("a provider that cannot be reached", Fault.UNREACHABLE, SendOutcome.NOT_SENT),
    SendCase("a provider that hangs", Fault.HANG, SendOutcome.UNKNOWN),
    SendCase("a provider that breaks the connection", Fault.CUT, SendOutcome.UNKNOWN),
    SendCase("a provider with an inner fault", Reply(500, PAGE), SendOutcome.UNKNOWN),
    SendCase("a provider that is overrun", Reply(502, ""), SendOutcome.UNKNOWN),
    SendCase(
        "a page instead of data", Reply(200, PAGE, media_type="text/html"), SendOutcome.UNKNOWN
    ),
    SendCase("an empty answer", Reply(200, ""), SendOutcome.UNKNOWN),
)
"""What every provider on a network can do."""


@dataclass(frozen=True)
class KitCheck:
    """One promise of a gateway; `run` raises an AssertionError where it is broken."""

    name: str
    run: Callable[[], None]

    def __str__(self) -> str:
        return self.name


def checks(contract: Contract) -> list[KitCheck]:
    """Return everything that must hold of a gateway."""
    return list(_checks(contract))


def _checks(contract: Contract) -> Iterator[KitCheck]:
    network = NETWORK if contract.http else ()
    for case in (*contract.sends, *network):
        yield KitCheck(f"send: {case.name}", _bound(_send, contract, case))
    yield KitCheck("send: each outcome of the closed list", _bound(_every_outcome, contract))
    yield KitCheck("send: opened twice, one after the other", _bound(_opened_twice, contract))
    for find in contract.finds:
        yield KitCheck(f"find: {find.name}", _bound(_find, contract, find))
    heard: list[ReceiptCase | InboundCase] = [*contract.receipts, *contract.inbound]
    for hear in heard:
        kind = "receipt" if isinstance(hear, ReceiptCase) else "inbound"
        yield KitCheck(f"{kind}: {hear.name}", _bound(_hear, contract, hear))
        if hear.events is not None:
            yield KitCheck(f"{kind}: {hear.name}, spoiled", _bound(_spoiled, contract, hear))
    if contract.story:
        yield KitCheck("receipts: twice and in every order", _bound(_every_order, contract))
    yield KitCheck("settings: an unknown key", _bound(_unknown_key, contract))
    if contract.environ:
        yield KitCheck("settings: a secret that is missing", _bound(_no_secret, contract))


def _bound(check: Callable[..., None], *args: Any) -> Callable[[], None]:
    def run() -> None:
        check(*args)

    return run


def _make(
    contract: Contract, home: Path, double: str = "http://127.0.0.1:1", **more: Any
) -> Gateway:
    settings = {"kind": contract.kind, **_filled(contract.settings, double), **more}
    environment = GatewayEnvironment(home, dict(contract.environ), SetClock(NOW))
    return make_gateway(GatewaySettings.model_validate(settings), environment)


def _filled(value: Any, double: str) -> Any:
    if isinstance(value, str):
        return value.replace("{double}", double)
    if isinstance(value, Mapping):
        return {key: _filled(part, double) for key, part in value.items()}
    return value


def _send(contract: Contract, case: SendCase) -> None:
    answers = [] if case.answer is None else [case.answer]

    async def go(gateway: Gateway, double: Double) -> object:
        async with gateway:
            result = await gateway.send(case.message)
        _equal(result.outcome, case.outcome, f"what became of it ({result.error})")
        if case.provider_id is not None:
            _equal(result.provider_id, case.provider_id, "the provider's id")
        if case.reason is not None:
            _equal(result.reason, case.reason, f"our reason ({result.error})")
        _well_formed(result)
        if case.retry_after is not None:
            _equal(result.retry_at, NOW + case.retry_after, "when it may be tried again")
        for text in case.asked:
            _true(text in double.asked[0].plain, f"the request holds {text!r}")
        return result

    _play(contract, answers, go, case.message.to, case.message.text)


def _well_formed(result: Any) -> None:
    """Check what belongs to an outcome, and nothing else, is there."""
    _equal(bool(result.provider_id), result.outcome is SendOutcome.ACCEPTED, "a provider's id")
    _equal(result.reason is not None, result.outcome is SendOutcome.REFUSED, "a reason")
    _equal(result.retry_at is not None, result.outcome is SendOutcome.THROTTLED, "a time")
    if result.retry_at is not None:
        _true(result.retry_at > NOW, "a throttled text waits")


def _every_outcome(contract: Contract) -> None:
    cases = (*contract.sends, *(NETWORK if contract.http else ()))
    missing = set(SendOutcome) - {case.outcome for case in cases}
    _true(not missing, f"cases for every outcome; none for {', '.join(sorted(missing))}")


def _opened_twice(contract: Contract) -> None:
    """A dispatch opens a gateway, closes it, and opens it again."""
    case = next(send for send in contract.sends if send.outcome is SendOutcome.ACCEPTED)

    async def go(gateway: Gateway, double: Double) -> object:
        found = []
        for _ in range(2):
            async with gateway:
                found.append((await gateway.send(case.message)).outcome)
        _equal(found, [SendOutcome.ACCEPTED] * 2, "what became of both")
        return found

    answers = [] if case.answer is None else [case.answer] * 2
    _play(contract, answers, go, case.message.to, case.message.text)


def _find(contract: Contract, case: FindCase) -> None:
    async def go(gateway: Gateway, double: Double) -> object:
        async with gateway:
            found = await gateway.find_sent(case.message, NOW, case.known_as)
        expected = (case.state, case.provider_id, case.receipt)
        _equal((found.state, found.provider_id, found.receipt), expected, "what was found")
        return found

    _play(contract, case.answers, go, case.message.to, case.message.text)


def _hear(contract: Contract, case: ReceiptCase | InboundCase) -> None:
    async def go(gateway: Gateway, double: Double) -> object:
        if case.events is None:
            return _refused(gateway, case)
        for time in ("first", "second"):
            heard = list(_read(gateway, case, case.request))
            _equal(heard, list(case.events), f"what was read the {time} time")
        return [repr(event) for event in heard if isinstance(case, InboundCase)]

    _play(contract, [], go, *_personal(case))


def _personal(case: ReceiptCase | InboundCase) -> list[str]:
    if isinstance(case, ReceiptCase):
        return []
    return [
        text for event in case.events or () for text in (event.sender, event.text) if len(text) > 3
    ]


def _refused(gateway: Gateway, case: ReceiptCase | InboundCase) -> str:
    try:
        heard = _read(gateway, case, case.request)
    except WebhookRefused as error:
        return str(error)
    raise AssertionError(f"it must be refused, and was read as {heard!r}")


def _read(
    gateway: Gateway, case: ReceiptCase | InboundCase, request: WebhookRequest
) -> Sequence[Any]:
    if isinstance(case, ReceiptCase):
        return gateway.read_receipt(request)
    return gateway.read_inbound(request)


def _spoiled(contract: Contract, case: ReceiptCase | InboundCase) -> None:
    """Malformed requests are refused or read, and raise nothing else."""

    async def go(gateway: Gateway, double: Double) -> object:
        said = []
        for request in _spoil(case.request):
            try:
                _read(gateway, case, request)
            except WebhookRefused as error:
                said.append(str(error))
        if contract.signed:
            bare = replace(case.request, headers={}, target=case.request.target.partition("?")[0])
            said.append(_refused(gateway, replace(case, request=bare)))
        return said

    _play(contract, [], go, *_personal(case))


def _spoil(request: WebhookRequest) -> Iterator[WebhookRequest]:
    half = len(request.body) // 2
    for body in (b"", request.body[:half], request.body[half:], b"\xff\x00\xfe", b"null", b"[[]]"):
        yield replace(request, body=body)
        yield replace(request, body=body, headers={})
    path, _, query = request.target.partition("?")
    for target in (
        "",
        "/",
        path,
        f"{path}?",
        f"{path}?{query[: len(query) // 2]}",
        f"{path}?%ff=%",
    ):
        yield replace(request, target=target)
        yield replace(request, target=target, body=b"")


def _every_order(contract: Contract) -> None:
    async def go(gateway: Gateway, double: Double) -> object:
        events = [event for request in contract.story for event in gateway.read_receipt(request)]
        names = {(event.attempt_id, event.provider_id) for event in events}
        _equal(len(names), 1, "names of the one message in its receipts")
        for order in itertools.permutations(contract.story):
            for requests in (order, (*order, *order)):
                _equal(_end(gateway, requests), MessageState.DELIVERED, "where the receipts lead")
        return None

    _play(contract, [], go)


def _end(gateway: Gateway, requests: Sequence[WebhookRequest]) -> MessageState:
    """Follow the receipts from a text whose answer was lost, by the table of allowed moves."""
    state = MessageState.UNKNOWN
    for request in requests:
        for event in gateway.read_receipt(request):
            after = MessageState(event.state.value)
            state = after if after in MESSAGE_MOVES[state] else state
    return state


def _unknown_key(contract: Contract) -> None:
    with tempfile.TemporaryDirectory() as home:
        try:
            _make(contract, Path(home), no_such_key=1)
        except ConfigurationError as error:
            _true("no_such_key" in str(error), "the error names the key")
            return
    raise AssertionError("a key that it does not know must be refused")


def _no_secret(contract: Contract) -> None:
    with tempfile.TemporaryDirectory() as home:
        try:
            _make(replace(contract, environ={}), Path(home))
        except ConfigurationError as error:
            named = any(name in str(error) for name in contract.environ)
            _true(named, "the error names the variable")
            return
    raise AssertionError("it was made without its secrets")


def _play(
    contract: Contract,
    answers: Sequence[Reply | Fault],
    go: Callable[[Gateway, Double], Any],
    *personal: str,
) -> None:
    """Run a gateway against its double; then look through everything that was written."""

    async def scene(home: Path) -> object:
        async with Double(answers) as double:
            said = await go(_make(contract, home, double.url), double)
            double.verify()
            return said

    with tempfile.TemporaryDirectory() as home, listening() as lines, loopback_only():
        said = asyncio.run(scene(Path(home)))
    unspeakable = forms([*contract.environ.values(), *personal])
    for line in [*lines, repr(said), repr(MESSAGE)]:
        for value in unspeakable:
            _true(value not in line, f"a log, error or repr that does not hold {value!r}: {line}")


def _equal(found: object, expected: object, what: str) -> None:
    if found != expected:
        raise AssertionError(f"{what}: expected {expected!r}, found {found!r}")


def _true(holds: bool, what: str) -> None:
    if not holds:
        raise AssertionError(f"expected {what}")
