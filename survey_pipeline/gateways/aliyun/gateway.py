"""The gateway itself.

Aliyun sends approved templates only, filled with our variables, and has no idempotency key: a lost
answer is *unknown* until a receipt brings our attempt id back (`OutId`), or the list of what went
to the number is asked. Sources: Alibaba Cloud's pages on SendSms, QuerySendDetails, GetSmsSign and
GetSmsTemplate (version 2017-05-25), and on its limits per number.
"""

import json
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from types import TracebackType
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from survey_pipeline.gateways import problems
from survey_pipeline.gateways.acs3 import (
    AccessKey,
    Operation,
    authorization,
    canonical_query,
    common_headers,
)
from survey_pipeline.gateways.aliyun import findings
from survey_pipeline.gateways.aliyun.codes import OK, code_of, meaning, not_listed, sound_alarm
from survey_pipeline.gateways.aliyun.pushes import LOCAL, Pushes
from survey_pipeline.gateways.aliyun.texts import names_of_texts, parameters, wording
from survey_pipeline.gateways.callers import CalledKeys, Callers
from survey_pipeline.gateways.findings import out_of_reach
from survey_pipeline.gateways.http import TIMEOUT, Http, HttpAnswer, NoAnswer, NotReached, retry_at
from survey_pipeline.gateways.own_keys import Address, read_own_keys, secret
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
from survey_pipeline.settings import Gateway as GatewaySettings
from survey_pipeline.settings import Wait
from survey_pipeline.vocabulary import ReceiptState, RefusalReason

VERSION = "2017-05-25"
ENDPOINT = "https://dysmsapi.aliyuncs.com"
PER_NUMBER = "isv.BUSINESS_LIMIT_CONTROL"
SHORTER: Mapping[str, timedelta] = {"分钟": timedelta(minutes=1), "小时": timedelta(hours=1)}
"""What its words say of a limit per number that is not the day's, and the wait."""
BUSY = timedelta(seconds=10)
"""The wait after a 429 without `Retry-After`."""
PAGE, MOST_PAGES = 50, 20
"""Texts to one number on one day: how many it lists at once, and how often we ask."""
KEPT = timedelta(days=29)
"""How far back it can be asked; its page says 30 days."""
CLOCKS_DIFFER = timedelta(minutes=5)
ONE_DAY = timedelta(days=1)
STATES = {"1": ReceiptState.ACCEPTED, "2": ReceiptState.UNDELIVERED, "3": ReceiptState.DELIVERED}
"""By `SendStatus`."""
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


class AliyunKeys(CalledKeys):
    """The keys of a `[[gateway]]` of kind `aliyun`."""

    access_key_id_env: str = ""
    access_key_id_file: str = ""
    access_key_secret_env: str = ""
    access_key_secret_file: str = ""
    sign_name: Annotated[str, Field(min_length=1)]
    templates: Mapping[str, Annotated[str, Field(min_length=1)]]
    endpoint: Address = ENDPOINT
    timeout: Wait = TIMEOUT

    @field_validator("sign_name")
    @classmethod
    def _bare(cls, value: str) -> str:
        """Take the signature with its brackets too: people copy it from a text."""
        return value.strip("【】")


class AliyunGateway:
    """Aliyun as a gateway.

    Raises:
        ConfigurationError: a key of its own is unknown, missing or wrong, or a secret is missing.
    """

    acknowledgement = Acknowledgement('{"code":0,"msg":"成功"}', "application/json")

    def __init__(self, settings: GatewaySettings, environment: GatewayEnvironment) -> None:
        keys = read_own_keys(AliyunKeys, settings)

        def fetched(key: str) -> str:
            variable, file = getattr(keys, f"{key}_env"), getattr(keys, f"{key}_file")
            return secret(settings, environment, key, variable, file)

        self.label = settings.label
        self.public_url = keys.public_url or ""
        self._keys, self._clock = keys, environment.clock
        self._access_key = AccessKey(fetched("access_key_id"), fetched("access_key_secret"))
        self._callers = Callers.of(keys, settings, environment)
        self._pushes = Pushes(self.label, self._callers, self._clock)
        home, organisation = environment.home, environment.organisation
        self._texts = {
            name: wording(home, name, keys.sign_name, organisation) for name in names_of_texts(home)
        }
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

    async def _call(self, action: str, **values: str) -> HttpAnswer:
        """Call an operation, once; its parameters are the query of a POST without a body.

        Raises:
            NotReached: it certainly did not reach the server.
            NoAnswer: it is unknown whether the request was carried out.
        """
        query, host = canonical_query(values), urlsplit(self._keys.endpoint).netloc
        now, nonce = self._clock.now(), secrets.token_hex(16)
        headers = common_headers(Operation(action, VERSION), host, now, nonce)
        headers["accept"] = "application/json"
        headers["authorization"] = authorization(self._access_key, "POST", query, headers)
        return await self._http.request("POST", f"{self._keys.endpoint}/?{query}", headers=headers)

    async def send(self, message: OutgoingMessage) -> SendResult:
        """Send one approved template with its variables, once."""
        template = self._keys.templates.get(message.template)
        if template is None:
            return refused(RefusalReason.CONFIGURATION, f"no template for {message.template!r}")
        values = parameters(message.variables, self._texts.get(message.template))
        try:
            answer = await self._call(
                "SendSms",
                PhoneNumbers=_national(message.to),
                SignName=self._keys.sign_name,
                TemplateCode=template,
                TemplateParam=json.dumps(values, ensure_ascii=False),
                OutId=message.attempt_id,
            )
        except NotReached as error:
            return not_sent(str(error))
        except NoAnswer as error:
            return unknown(str(error))
        return self._became(answer)

    def _became(self, answer: HttpAnswer) -> SendResult:
        """Translate an answer: a 5xx says nothing about what happened, a code does."""
        status, said = answer.status, _said(answer)
        code = code_of(said.get("Code"))
        shown = f"HTTP {status} {code}".strip()
        if status // 100 not in (2, 4) or status == 408:
            return unknown(shown)
        if status == 429:
            return throttled(retry_at(answer.headers, self._clock.now(), BUSY), shown)
        if status < 300 and code in ("", OK):
            biz_id = said.get("BizId")
            if code and isinstance(biz_id, str) and biz_id:
                return accepted(biz_id)
            return unknown(problems.UNREADABLE)
        return self._refused(status, code, str(said.get("Message", "")))

    def _refused(self, status: int, code: str, words: str) -> SendResult:
        now, found = self._clock.now(), meaning(code)
        if found is not None:
            sound_alarm(found, self.label)
            shorter = [wait for word, wait in SHORTER.items() if word in words]
            until = now + shorter[0] if shorter and code == PER_NUMBER else None
            return found.answer(now, until)
        if not code and status in (401, 403, 404, 407):
            return refused(RefusalReason.CONFIGURATION, f"HTTP {status}")
        sound_alarm(not_listed(code or f"HTTP {status}"), self.label)
        return refused(RefusalReason.OTHER, code or f"HTTP {status}")

    async def find_sent(
        self, message: OutgoingMessage, since: datetime, provider_id: str | None = None
    ) -> SentAnswer:
        """Look for our attempt id in the lists of what went to the number.

        Where Aliyun has given the text an id itself, a list without it proves nothing: ask again.
        """
        now, complete = self._clock.now(), True
        if now - since > KEPT:
            return SentAnswer(SentState.CANNOT_TELL)
        try:
            for day in _days(since, now):
                listed, whole = await self._listed(day, message.to, provider_id)
                for sent in listed:
                    if sent.get("OutId") == message.attempt_id:
                        return _found(sent, provider_id)
                complete = complete and whole
        except (NotReached, NoAnswer, *UNREADABLE):
            return SentAnswer(SentState.NO_ANSWER)
        if provider_id is not None:
            return SentAnswer(SentState.NO_ANSWER)
        return SentAnswer(SentState.ABSENT if complete else SentState.CANNOT_TELL)

    async def _listed(
        self, day: date, to: str, provider_id: str | None
    ) -> tuple[list[dict[str, Any]], bool]:
        """Return what went to a number on a day, and whether that is all.

        Raises:
            NotReached, NoAnswer: it could not be asked.
            ValueError, TypeError, KeyError, AttributeError: its answer cannot be read.
        """
        asked = {"PhoneNumber": _national(to), "SendDate": f"{day:%Y%m%d}", "PageSize": str(PAGE)}
        if provider_id is not None:
            asked["BizId"] = provider_id
        listed: list[dict[str, Any]] = []
        for page in range(1, MOST_PAGES + 1):
            answer = await self._call("QuerySendDetails", **asked, CurrentPage=str(page))
            said = _said(answer)
            if answer.status != 200 or said["Code"] != OK:
                raise ValueError("no list")
            more = (said.get("SmsSendDetailDTOs") or {}).get("SmsSendDetailDTO") or []
            listed += more
            if len(listed) >= int(said["TotalCount"]):
                return listed, True
            if not more:
                break
        return listed, False

    def read_receipt(self, request: WebhookRequest) -> Sequence[ReceiptEvent]:
        """Read a push of receipts (`pushes`).

        Raises:
            WebhookRefused: it does not carry our token.
            WebhookUnreadable: it does, and cannot be read.
        """
        return self._pushes.receipts(request)

    def read_inbound(self, request: WebhookRequest) -> Sequence[InboundEvent]:
        """Read a push of citizens' texts (`pushes`).

        Raises:
            WebhookRefused: it does not carry our token.
            WebhookUnreadable: it does, and cannot be read.
        """
        return self._pushes.texts(request)

    async def check(self) -> Sequence[Finding]:
        """Ask for the signature and each template, and look at the token.

        Whether `public_url` is set and leads here is looked at by `doctor` itself.
        """
        found = [self._callers.look()]
        try:
            async for approval in self._approvals():
                if approval not in found:  # wrong credentials are said once
                    found.append(approval)
        except (NotReached, NoAnswer) as error:
            found.append(out_of_reach(self._keys.endpoint, "endpoint", error))
        return found

    async def _approvals(self) -> AsyncIterator[Finding]:
        sign = self._keys.sign_name
        answer = await self._call("GetSmsSign", SignName=sign)
        yield self._problem(answer, "GetSmsSign", "sign_name", sign) or findings.signature(
            _said(answer), sign
        )
        for name in self._texts:
            code = self._keys.templates.get(name)
            if code is None:
                yield findings.no_template(name)
                continue
            answer = await self._call("GetSmsTemplate", TemplateCode=code)
            yield self._problem(
                answer, "GetSmsTemplate", f"templates.{name}", code
            ) or findings.template(_said(answer), name, code, self._texts[name])

    def _problem(self, answer: HttpAnswer, action: str, key: str, value: str) -> Finding | None:
        """Return why an answer does not tell the state, or None if it does."""
        code = code_of(_said(answer).get("Code"))
        if answer.status == 200 and code == OK:
            return None
        if not code or answer.status >= 500:
            return out_of_reach(self._keys.endpoint, "endpoint", f"HTTP {answer.status} {code}")
        return findings.refusal(action, code, key, value)


def _national(number: str) -> str:
    """Write a number as Aliyun does: without +86, or with the country's code alone."""
    return number.removeprefix("+86").removeprefix("+")


def _said(answer: HttpAnswer) -> dict[str, Any]:
    """Return the JSON object of an answer; an empty one where it is none."""
    try:
        said = json.loads(answer.text)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _days(since: datetime, now: datetime) -> Iterator[date]:
    """Return the days on which a text may be listed: Aliyun may hold it back for a review."""
    day = (since - CLOCKS_DIFFER).astimezone(LOCAL).date()
    last = min(since.astimezone(LOCAL).date() + ONE_DAY, now.astimezone(LOCAL).date())
    yield day
    while (day := day + ONE_DAY) <= last:
        yield day


def _found(sent: Mapping[str, Any], provider_id: str | None) -> SentAnswer:
    state = STATES.get(str(sent.get("SendStatus")))
    known = meaning(code_of(sent.get("ErrCode")))
    failed = state is ReceiptState.UNDELIVERED and known is not None
    return SentAnswer(
        SentState.FOUND, provider_id, state, known.reason if known and failed else None
    )
