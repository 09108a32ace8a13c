"""Kannel, the SMS gateway that speaks SMPP, EMI, CIMD2 and more to the carriers.

We speak HTTP to its smsbox: `sendsms` takes a text, the `dlr-url` that goes with it brings the
receipts, the `get-url` of its `sms-service` brings what citizens text back. Kannel has no message
id for us and cannot be asked about one: our attempt id in the `dlr-url` is what joins a receipt to
its attempt. It signs nothing either: the token in both addresses is the signature. Sources: Kannel
1.4.5, User's Guide, "SMS gateway" (sendsms-user, sms-service, parameters, delivery reports); the
answers are those of the real smsbox (tests/integration/test_kannel_real.py).
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Annotated, Self
from urllib.parse import quote, unquote_to_bytes, urlencode

from pydantic import Field

from survey_pipeline.errors import WebhookRefused, WebhookUnreadable
from survey_pipeline.gateways.callers import CalledKeys, Callers
from survey_pipeline.gateways.error_table import ErrorClass
from survey_pipeline.gateways.findings import out_of_reach, right, wrong
from survey_pipeline.gateways.http import TIMEOUT, Http, HttpAnswer, NoAnswer, NotReached, retry_at
from survey_pipeline.gateways.kannel_tables import (
    CODECS,
    GSM_7,
    NO_ROUTE,
    REFUSALS,
    STATUSES,
)
from survey_pipeline.gateways.own_keys import Address, read_own_keys, secret
from survey_pipeline.gateways.port import (
    Finding,
    GatewayEnvironment,
    InboundEvent,
    OutgoingMessage,
    ReceiptEvent,
    SendResult,
    SentAnswer,
    SentState,
    WebhookRequest,
    accepted,
    not_sent,
    refused,
    throttled,
    unknown,
)
from survey_pipeline.i18n import N_
from survey_pipeline.settings import Gateway as GatewaySettings
from survey_pipeline.settings import Wait
from survey_pipeline.vocabulary import RefusalReason

log = logging.getLogger(__name__)

THROTTLED_FOR = timedelta(seconds=30)
"""The wait while Kannel's queue is full; it never says how long."""
EVERY_RECEIPT = "31"
"""`dlr-mask`: delivered 1, not delivered 2, queued 4, with the SMS centre 8, refused by it 16."""

NO_TOKEN = N_("the request does not have the webhook token")
INCOMPLETE = N_("the request has the webhook token, but is incomplete")
"""The one thing said of any request that is refused."""

TAKEN = ("0: Accepted", "3: Queued", "Sent.")
"""How an answer begins that says Kannel has the text; the last with `immediate-sendsms-reply`."""


class KannelKeys(CalledKeys):
    """The keys of a `[[gateway]]` of kind `kannel`."""

    sendsms_url: Address
    username: Annotated[str, Field(min_length=1)]
    password_env: str = ""
    password_file: str = ""
    from_number: Annotated[str, Field(pattern=r"^\+?[0-9]+$")]
    timeout: Wait = TIMEOUT


class KannelGateway:
    """Kannel as a gateway.

    Raises:
        ConfigurationError: a key of its own is unknown, missing or wrong, or a secret is missing.
    """

    def __init__(self, settings: GatewaySettings, environment: GatewayEnvironment) -> None:
        keys = read_own_keys(KannelKeys, settings)
        self.label = settings.label
        self.public_url = keys.public_url or ""
        self._keys, self._clock = keys, environment.clock
        self._user = {
            "username": keys.username,
            "password": secret(
                settings, environment, "password", keys.password_env, keys.password_file
            ),
        }
        self._callers = Callers.of(keys, settings, environment)
        self._http = Http(keys.timeout, settings.concurrency)

    async def __aenter__(self) -> Self:
        """Open the pool of connections."""
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        await self._http.__aexit__(kind, error, trace)

    async def send(self, message: OutgoingMessage) -> SendResult:
        """Ask `sendsms` to take one text, once."""
        asked = {
            "from": self._keys.from_number,
            "to": message.to,
            "text": message.text,
            "charset": "UTF-8",
            "coding": "0" if GSM_7.issuperset(message.text) else "2",
        }
        if self.public_url:
            asked["dlr-mask"] = EVERY_RECEIPT
            asked["dlr-url"] = self._receipts_at(message.attempt_id)
        try:
            answer = await self._ask(asked)
        except NotReached as error:
            return not_sent(str(error))
        except NoAnswer as error:
            return unknown(str(error))
        return self._outcome(answer, message.attempt_id)

    async def _ask(self, asked: Mapping[str, str]) -> HttpAnswer:
        query = urlencode({**self._user, **asked}, quote_via=quote, safe="")
        return await self._http.request("GET", f"{self._keys.sendsms_url}?{query}")

    def _receipts_at(self, attempt_id: str) -> str:
        """Return the `dlr-url`: in it `%d` is for Kannel to fill, any other `%` is doubled."""
        page = f"{self.public_url}/hooks/{quote(self.label, safe='')}/receipt"
        query = urlencode(
            {"token": self._callers.token, "attempt": attempt_id}, quote_via=quote, safe=""
        )
        return f"{page}?{query}".replace("%", "%%") + "&status=%d"

    def _outcome(self, answer: HttpAnswer, attempt_id: str) -> SendResult:
        """Translate an answer; its words are Kannel's only if they are known."""
        status, said = answer.status, answer.text
        if 200 <= status < 300 and said.startswith(TAKEN):
            return accepted(attempt_id)
        if status in (429, 503) or said.startswith("Temporal failure"):
            now = self._clock.now()
            return throttled(retry_at(answer.headers, now, THROTTLED_FOR), f"HTTP {status}")
        if status < 400 or status >= 500 or status == 408:
            return unknown(f"HTTP {status} that is not Kannel's")
        return self._refused(status, said)

    def _refused(self, status: int, said: str) -> SendResult:
        if status == 403 and said.startswith("Not routable"):
            found = NO_ROUTE
        elif status in (401, 403, 404, 405, 407):
            return refused(RefusalReason.CONFIGURATION, f"HTTP {status}")
        else:
            known = [one for words, one in REFUSALS.items() if words in said]
            found = known[0] if known else ErrorClass(str(status), "not in our table", alarm=True)
        if found.alarm:
            facts = {"action": "gateway_alarm", "gateway": self.label}
            log.error("kannel: %s", found.error, extra=facts)
        return found.answer(self._clock.now())

    async def find_sent(
        self, message: OutgoingMessage, since: datetime, provider_id: str | None = None
    ) -> SentAnswer:
        """Return that the state is unknown: Kannel has no call to look a text up."""
        return SentAnswer(SentState.CANNOT_TELL)

    def read_receipt(self, request: WebhookRequest) -> Sequence[ReceiptEvent]:
        """Read a call of a `dlr-url`.

        Raises:
            WebhookRefused: it has no valid token.
            WebhookUnreadable: it has one, and cannot be read.
        """
        query = self._verified(request, "attempt", "status")
        status, attempt = STATUSES.get(query["status"]), query["attempt"].decode()
        if status is None:
            raise WebhookUnreadable(INCOMPLETE)
        return [ReceiptEvent(attempt, status.state, attempt, status.error, status.reason)]

    def read_inbound(self, request: WebhookRequest) -> Sequence[InboundEvent]:
        """Read a call of the `get-url`: one text from a citizen, with Kannel's id of it.

        What cannot be decoded becomes U+FFFD instead of a refusal: such a text is kept, and never
        read as an answer. A text with a NUL, which no database takes, loses it in the same way.

        Raises:
            WebhookRefused: it has no valid token.
            WebhookUnreadable: it has one, and cannot be read.
        """
        query = self._verified(request, "id", "from")
        if "text" not in query:  # an empty text is one, a `get-url` without `%b` is a mistake
            raise WebhookUnreadable(INCOMPLETE)
        codec = CODECS.get(query.get("charset", b"").upper(), "utf-8")
        text = query["text"].decode(codec, "replace").replace("\0", "\ufffd")
        name, sender = query["id"].decode(), query["from"].decode()
        return [InboundEvent(name, sender, text, self._clock.now())]

    def _verified(self, request: WebhookRequest, *needed: str) -> Mapping[str, bytes]:
        """Return the query of a request that has our token and a value for each name needed.

        Raises:
            WebhookRefused: it has no valid token.
            WebhookUnreadable: it has one, and a value is missing or not UTF-8.
        """
        query = self._with_token(request)
        if query is None:
            raise WebhookRefused(NO_TOKEN)
        try:
            complete = all(query[name].decode() for name in needed)
        except (KeyError, UnicodeDecodeError):
            complete = False
        if not complete:
            raise WebhookUnreadable(INCOMPLETE)
        return query

    def _with_token(self, request: WebhookRequest) -> Mapping[str, bytes] | None:
        """Return the query of a request that has our token; what strangers' bytes raise is none."""
        try:
            query = _query(request.target)
            return query if self._callers.include(query["token"], request.peer) else None
        except (ValueError, KeyError, TypeError) as error:
            log.info(
                "webhook not read",
                extra={"action": "webhook_unreadable", "error": type(error).__name__},
            )
            return None

    async def check(self) -> Sequence[Finding]:
        """Check the credentials with a `sendsms` request without a receiver, and the token.

        Whether `public_url` is set and leads here is looked at by `doctor` itself.
        """
        return [await self._credentials(), self._callers.look()]

    async def _credentials(self) -> Finding:
        address = self._keys.sendsms_url
        try:
            answer = await self._ask({})
        except (NotReached, NoAnswer) as error:
            return out_of_reach(address, "sendsms_url", error)
        if answer.status == 400 and answer.text.startswith("Missing receiver"):
            return right(N_("the credentials are right"))
        if answer.status == 403:
            return wrong(
                N_("Kannel refuses the credentials"),
                N_(
                    "set username and password as in the group sendsms-user of kannel.conf, and "
                    "let this machine in there (user-allow-ip)"
                ),
            )
        return wrong(
            N_("{address} is not Kannel's sendsms (HTTP {status})"),
            N_("mend sendsms_url: as http://127.0.0.1:13013/cgi-bin/sendsms"),
            address=address,
            status=answer.status,
        )


def _query(target: str) -> dict[str, bytes]:
    """Return the query of a request-target, unquoted but not decoded; blanks are kept.

    Raises:
        ValueError: a name stands there twice.
    """
    parts = [part.partition("=") for part in target.partition("?")[2].split("&")]
    query = {name: unquote_to_bytes(value.replace("+", " ")) for name, _, value in parts}
    if len(query) < len(parts):
        raise ValueError("a name twice")
    return query
