"""A gateway of a made-up provider that speaks JSON over HTTP, and posts JSON to us."""

import hmac
import json
from contextlib import suppress
from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit

from survey_pipeline.errors import WebhookRefused, WebhookUnreadable
from survey_pipeline.gateways.http import Http, NoAnswer, NotReached, retry_at
from survey_pipeline.gateways.own_keys import Address, OwnKeys, read_own_keys, secret
from survey_pipeline.gateways.port import (
    InboundEvent,
    ReceiptEvent,
    SentAnswer,
    SentState,
    accepted,
    not_sent,
    refused,
    throttled,
    unknown,
)
from survey_pipeline.settings import Wait
from survey_pipeline.vocabulary import ReceiptState, RefusalReason

REASONS = {"number": RefusalReason.BAD_NUMBER, "stopped": RefusalReason.OPTED_OUT}


class ExampleKeys(OwnKeys):
    """Its own keys in `[[gateway]]`; whatever is not listed here is an error."""

    url: Address
    token_env: str
    public_url: Address
    timeout: Wait = timedelta(seconds=15)


class ExampleGateway:
    """The four methods of the port, and nothing else."""

    def __init__(self, settings, environment):
        keys = read_own_keys(ExampleKeys, settings)
        self.label, self.public_url, self._url = settings.label, keys.public_url, keys.url
        self._token = secret(settings, environment, "token", keys.token_env, "")
        self._clock = environment.clock
        self._http = Http(keys.timeout, settings.concurrency)

    async def __aenter__(self):
        await self._http.__aenter__()
        return self

    async def __aexit__(self, *error):
        await self._http.__aexit__(*error)

    async def send(self, message):
        hook = f"{self.public_url}/hooks/{self.label}/receipt?attempt={quote(message.attempt_id)}"
        body = {"to": message.to, "text": message.text, "receipt": hook}
        try:
            answer = await self._http.request(
                "POST", self._url, data=json.dumps(body).encode(), headers={"token": self._token}
            )
            said = json.loads(answer.text)
        except NotReached as error:
            return not_sent(str(error))
        except (NoAnswer, ValueError) as error:  # nobody knows: never send again on a guess
            return unknown(type(error).__name__)
        if answer.status == 429:
            until = retry_at(answer.headers, self._clock.now(), timedelta(seconds=30))
            return throttled(until, "429")
        if answer.status == 401:
            return refused(RefusalReason.CONFIGURATION, "401")
        if answer.status == 422:
            return refused(REASONS.get(said.get("why"), RefusalReason.OTHER), "422")
        if answer.status == 200 and isinstance(said, dict) and said.get("id"):
            return accepted(said["id"])
        return unknown(f"HTTP {answer.status}")

    async def find_sent(self, message, since, provider_id=None):
        return SentAnswer(SentState.CANNOT_TELL)

    def read_receipt(self, request):
        said = self._read(request, "id", "state")
        attempts = parse_qs(urlsplit(request.target).query).get("attempt", [None])
        return [ReceiptEvent(said["id"], ReceiptState(said["state"]), attempts[0])]

    def read_inbound(self, request):
        said = self._read(request, "id", "from", "text")
        return [InboundEvent(said["id"], said["from"], said["text"], self._clock.now())]

    def _read(self, request, *needed):
        given = request.headers.get("token", "").encode()
        if not hmac.compare_digest(given, self._token.encode()):
            raise WebhookRefused("the request is not the provider's")
        with suppress(ValueError, TypeError, KeyError):
            said = json.loads(request.body)
            if all(isinstance(said[name], str) for name in needed):
                return said
        raise WebhookUnreadable("the request cannot be read")
