"""Twilio Programmable Messaging, through its own package.

Twilio has no idempotency key: a lost answer is *unknown*. What happened is told by the status
callback, whose address carries our attempt id and is part of what Twilio signs, or by the list of
messages. Sources: Twilio's API reference (Message resource), its pages on webhook security and on
status callbacks, and its error dictionary (`twilio_errors.toml`).
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Annotated, Any, Self
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from pydantic import Field, model_validator
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from survey_pipeline.errors import WebhookRefused, WebhookUnreadable
from survey_pipeline.gateways.error_table import ErrorClass, read_error_table
from survey_pipeline.gateways.findings import out_of_reach, right, wrong
from survey_pipeline.gateways.http import (
    TIMEOUT,
    Http,
    NoAnswer,
    NotReached,
    basic_auth,
    retry_at,
)
from survey_pipeline.gateways.own_keys import Address, OwnKeys, read_own_keys, secret
from survey_pipeline.gateways.port import (
    Acknowledgement,
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
from survey_pipeline.gateways.problems import UNREADABLE
from survey_pipeline.i18n import N_
from survey_pipeline.settings import Gateway as GatewaySettings
from survey_pipeline.settings import Wait
from survey_pipeline.vocabulary import ReceiptState, RefusalReason

log = logging.getLogger(__name__)

API = "https://api.twilio.com"
ERRORS = read_error_table("twilio_errors.toml")
THROTTLED_FOR = timedelta(seconds=1)
"""The wait after a 429 without `Retry-After`."""
LISTED = 100
"""Messages to one number that are looked through for a lost one."""
CLOCKS_DIFFER = timedelta(minutes=5)
"""How far Twilio's clock may be from ours."""

STATES: Mapping[str, ReceiptState | None] = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending", "sent"), ReceiptState.ACCEPTED),
    **dict.fromkeys(("delivered", "read"), ReceiptState.DELIVERED),
    **dict.fromkeys(
        ("undelivered", "failed", "canceled", "partially_delivered"), ReceiptState.UNDELIVERED
    ),
    **dict.fromkeys(("receiving", "received")),
}
"""By Twilio's status; nothing for those of texts that came in."""


class TwilioKeys(OwnKeys):
    """The keys of a `[[gateway]]` of kind `twilio`."""

    account_sid: Annotated[str, Field(pattern=r"^AC[0-9A-Za-z]+$")]
    auth_token_env: str = ""
    auth_token_file: str = ""
    messaging_service_sid: Annotated[str, Field(pattern=r"^(MG[0-9A-Za-z]+)?$")] = ""
    from_number: Annotated[str, Field(pattern=r"^(\+?[0-9]+)?$")] = ""
    public_url: Address | None = None
    api_base: Address = API
    timeout: Wait = TIMEOUT

    @model_validator(mode="after")
    def _one_sender(self) -> "TwilioKeys":
        if bool(self.messaging_service_sid) == bool(self.from_number):
            raise ValueError(N_("name either messaging_service_sid or from_number"))
        return self


class TwilioGateway:
    """Twilio as a gateway.

    Raises:
        ConfigurationError: a key of its own is unknown, missing or wrong, or the token is missing.
    """

    acknowledgement = Acknowledgement("<Response/>", "text/xml")

    def __init__(self, settings: GatewaySettings, environment: GatewayEnvironment) -> None:
        keys = read_own_keys(TwilioKeys, settings)
        token = secret(
            settings, environment, "auth_token", keys.auth_token_env, keys.auth_token_file
        )
        self.label = settings.label
        self.public_url = keys.public_url or ""
        self._keys, self._clock = keys, environment.clock
        self._validator = RequestValidator(token)
        self._http = _TwilioHttp(Http(keys.timeout, settings.concurrency), keys.api_base)
        self._client = Client(
            keys.account_sid,
            token,
            http_client=self._http,
            environment={"TWILIO_EDGE": ""},  # an edge or region would corrupt `api_base`
        )

    async def __aenter__(self) -> Self:
        """Open the pool of connections."""
        await self._http.pool.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        await self._http.pool.__aexit__(kind, error, trace)

    async def send(self, message: OutgoingMessage) -> SendResult:
        """POST one message, once."""
        sender: dict[str, Any] = {"from_": self._keys.from_number}
        if self._keys.messaging_service_sid:
            sender = {"messaging_service_sid": self._keys.messaging_service_sid}
        if self.public_url:
            sender["status_callback"] = self._callback(message.attempt_id)
        try:
            made = await self._client.messages.create_async(
                to=message.to, body=message.text, **sender
            )
        except NotReached as error:
            return not_sent(str(error))
        except NoAnswer as error:
            return unknown(str(error))
        except (TwilioRestException, TwilioServiceException) as error:
            return self._refused(error)
        except _Throttled as error:
            now = self._clock.now()
            return throttled(retry_at(error.headers, now, THROTTLED_FOR), "HTTP 429")
        except (TwilioException, ValueError, TypeError, AttributeError, KeyError):
            return unknown(UNREADABLE)
        return _made(made)

    def _callback(self, attempt_id: str) -> str:
        return f"{self.public_url}/hooks/{self.label}/receipt?{urlencode({'attempt': attempt_id})}"

    def _refused(self, error: TwilioRestException | TwilioServiceException) -> SendResult:
        """Translate an error answer: a 5xx says nothing about what happened, a 4xx does."""
        status, found = error.status, ERRORS.get(str(error.code))
        if status >= 500 or status < 400 or status == 408:
            return unknown(f"HTTP {status}")
        if found is not None:
            _alarm(found, self.label)
            return found.answer(self._clock.now())
        if status in (401, 403, 404, 407):
            return refused(RefusalReason.CONFIGURATION, f"HTTP {status}")
        _alarm(ErrorClass(str(error.code), "not in our table", alarm=True), self.label)
        return refused(RefusalReason.OTHER, str(error.code))

    async def find_sent(
        self, message: OutgoingMessage, since: datetime, provider_id: str | None = None
    ) -> SentAnswer:
        """Fetch the message by its sid, or look for its text among those to its number."""
        try:
            if provider_id:
                return _found(await self._client.messages(provider_id).fetch_async())
            listed = await self._client.messages.list_async(
                to=message.to, limit=LISTED, page_size=LISTED
            )
        except (NotReached, NoAnswer, _Throttled, TwilioException, ValueError, TypeError) as error:
            missing = getattr(error, "status", None) == 404 and provider_id is not None
            return SentAnswer(SentState.ABSENT if missing else SentState.NO_ANSWER)
        return _among(listed, message, since - CLOCKS_DIFFER)

    def read_receipt(self, request: WebhookRequest) -> Sequence[ReceiptEvent]:
        """Read a status callback.

        Raises:
            WebhookRefused: it is not signed by Twilio for this account.
            WebhookUnreadable: it is, and a field is missing.
        """
        form = self._verified(request, "MessageSid", "MessageStatus")
        state = STATES.get(form["MessageStatus"].lower(), ReceiptState.ACCEPTED)
        if state is None:
            return ()
        attempts = parse_qs(urlsplit(request.target).query).get("attempt", [None])
        code = form.get("ErrorCode") or None
        known = ERRORS.get(code) if code else None
        if code:
            _alarm(known or ErrorClass(code, "not in our table", alarm=True), self.label)
        return [
            ReceiptEvent(
                form["MessageSid"],
                state,
                attempts[0],
                known.error if known else code,
                known.reason if known else None,
            )
        ]

    def read_inbound(self, request: WebhookRequest) -> Sequence[InboundEvent]:
        """Read a text from a citizen; it has no time of its own.

        Raises:
            WebhookRefused: it is not signed by Twilio for this account.
            WebhookUnreadable: it is, and a field is missing.
        """
        form = self._verified(request, "MessageSid", "From", "Body")
        stop = form.get("OptOutType", "").upper() == "STOP"
        sid, sender, text = form["MessageSid"], form["From"], form["Body"]
        return [InboundEvent(sid, sender, text, self._clock.now(), opted_out=stop)]

    def _verified(self, request: WebhookRequest, *needed: str) -> "_Form":
        """Return the form of a request that Twilio has signed and that has what is needed.

        Raises:
            WebhookRefused: it is not signed by Twilio for this account.
            WebhookUnreadable: it is, and a field is missing.
        """
        form = self._signed(request)
        if form is None or form.get("AccountSid") != self._keys.account_sid:
            raise WebhookRefused("the request is not signed by Twilio for this account")
        if not all(name in form for name in needed):
            raise WebhookUnreadable("the request lacks a field that Twilio documents")
        return form

    def _signed(self, request: WebhookRequest) -> "_Form | None":
        """Return the form of a request if Twilio has signed it.

        What a stranger's bytes can raise is logged by its type and is no signature; any other
        error is a fault of ours, and no reason to call the request a forgery.
        """
        try:
            # Blanks are signed too, and nothing is trimmed.
            pairs = parse_qsl(request.body.decode("utf-8"), keep_blank_values=True, errors="strict")
            form = _Form(pairs)
            signature = request.headers.get("x-twilio-signature", "")
            url = self.public_url + request.target
            return form if self._validator.validate(url, form, signature) else None
        except (ValueError, TypeError) as error:  # no UTF-8, or a signature that is not ASCII
            log.info(
                "webhook not read",
                extra={"action": "webhook_unreadable", "error": type(error).__name__},
            )
            return None

    async def check(self) -> Sequence[Finding]:
        """Fetch the account and the sender."""
        try:
            account = await self._client.api.v2010.accounts(self._keys.account_sid).fetch_async()
            found = [_account(account.status)]
            return [*found, await self._sender()]
        except (NotReached, NoAnswer) as error:
            return [out_of_reach(self._keys.api_base, "api_base", error)]
        except (TwilioException, _Throttled, ValueError, TypeError) as error:
            return [_rejected(getattr(error, "status", None))]

    async def _sender(self) -> Finding:
        if self._keys.messaging_service_sid:
            sid = self._keys.messaging_service_sid
            try:
                await self._client.messaging.v1.services(sid).fetch_async()
            except (TwilioException, _Throttled, NotReached, NoAnswer, ValueError):
                return _no_sender("messaging_service_sid", sid)
            return right(N_("the Messaging Service exists"))
        number = self._keys.from_number
        owned = await self._client.incoming_phone_numbers.list_async(phone_number=number, limit=1)
        if not owned:
            return _no_sender("from_number", number)
        return right(N_("the sender's number is this account's"))


class _Throttled(Exception):
    """A 429, with the headers that the package's own exceptions drop."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.headers = headers
        super().__init__("429")


class _TwilioHttp(AsyncHttpClient):
    """The package's border to the network: ours has timeouts, logs nothing, repeats nothing."""

    def __init__(self, pool: Http, api_base: str) -> None:
        super().__init__(log, is_async=True)
        self.pool = pool
        self._base = api_base

    async def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        **_: object,
    ) -> Response:
        """Make one request of the package's."""
        if self._base != API:
            parts = urlsplit(url)
            url = f"{self._base}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        if params:
            url += ("&" if "?" in url else "?") + urlencode(params)
        credentials = basic_auth(*auth) if auth else {}
        answer = await self.pool.request(
            method, url, data=data, headers={**(headers or {}), **credentials}
        )
        if answer.status == 429:
            raise _Throttled(answer.headers)
        return Response(answer.status, answer.text, answer.headers)


class _Form(dict[str, str]):
    """A form's last value of each name; all of them for the signature."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        super().__init__(pairs)
        self._pairs = pairs

    def getlist(self, name: str) -> list[str]:
        """Return every value of a name, as the package's validator asks for them."""
        return [value for key, value in self._pairs if key == name]


def _alarm(found: ErrorClass, label: str) -> None:
    if found.alarm:
        log.error("twilio: %s", found.error, extra={"action": "gateway_alarm", "gateway": label})


def _made(made: Any) -> SendResult:
    """Translate a message that was created."""
    if not isinstance(made.sid, str) or not made.sid:
        return unknown("2xx without a sid")
    if STATES.get(str(made.status)) is ReceiptState.UNDELIVERED:
        known = ERRORS.get(str(made.error_code))
        reason = (known.reason if known else None) or RefusalReason.OTHER
        return refused(reason, known.error if known else str(made.error_code))
    return accepted(made.sid)


def _among(listed: Sequence[Any], message: OutgoingMessage, since: datetime) -> SentAnswer:
    """Look for a text among the latest to its number; a full list may not reach far enough."""
    recent = [sent for sent in listed if _created(sent) >= since]
    for sent in recent:
        if (sent.body or "").strip() == message.text.strip():
            return _found(sent)
    cut_off = len(recent) == len(listed) >= LISTED
    return SentAnswer(SentState.CANNOT_TELL if cut_off else SentState.ABSENT)


def _created(sent: Any) -> datetime:
    created = sent.date_created
    return created if isinstance(created, datetime) else datetime.max.replace(tzinfo=UTC)


def _found(sent: Any) -> SentAnswer:
    state = STATES.get(str(sent.status), ReceiptState.ACCEPTED)
    known = ERRORS.get(str(sent.error_code))
    failed = state is ReceiptState.UNDELIVERED
    return SentAnswer(SentState.FOUND, sent.sid, state, known.reason if known and failed else None)


def _account(status: str | None) -> Finding:
    if status == "active":
        return right(N_("the credentials are right"))
    return wrong(N_("the account is {status}"), N_("settle it in Twilio's console"), status=status)


def _rejected(status: int | None) -> Finding:
    return wrong(
        N_("Twilio refuses the credentials (HTTP {status})"),
        N_("set account_sid and the auth token as Twilio's console shows them"),
        status=status,
    )


def _no_sender(key: str, value: str) -> Finding:
    return wrong(
        N_("Twilio does not know {key} {value}"),
        N_("copy {key} from Twilio's console"),
        key=key,
        value=value,
    )
