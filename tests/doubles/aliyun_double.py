"""A stand-in for Aliyun's SMS API, in the test's own event loop: what it took is the only truth.

It recomputes the signature of every request by a few lines of its own, and refuses a wrong one, a
date that is too far off and a nonce that it has seen, as the vendor's page says the real one does.
It can be told what to do next instead of what it would do (`TRICKS`, or a code).
"""

import asyncio
import hashlib
import hmac
import json
import re
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, quote
from zoneinfo import ZoneInfo

from aiohttp import web

KEY_ID, SECRET = "LTAI5tExampleKeyId", "yo7dRk2mExampleSecretOfTheKey0"
SIGN = "市评议办"
LOCAL = ZoneInfo("Asia/Shanghai")
TRICKS = (
    "500_before", "500_after", "hang_before", "hang_after", "cut_before", "cut_after", "html_after",
    "no_biz_id", "429", "empty_after", "list_after",
)  # fmt: skip
"""`before`: nothing was taken; `after`: it was, and the answer does not say so."""


class Refusal(Exception):
    """A code, with the status that it comes with: business codes come with 200."""

    def __init__(self, code: str, status: int = 200) -> None:
        super().__init__(code)
        self.code, self.status = code, status


class Aliyun:
    """The platform, with one account, one signature and some templates.

    Args:
        now: the moment that its clock shows.
        templates: approved contents by code.
    """

    def __init__(self, now: Callable[[], datetime], templates: dict[str, str]) -> None:
        self.now, self.templates = now, templates
        self.approval = {"SignStatus": 1, "TemplateStatus": "1"}
        self.ledger: list[dict[str, Any]] = []
        """Every text it took, in order."""
        self.asked: list[str] = []
        """The operations that it was asked for, refused ones too."""
        self.next: deque[str | tuple[int, str]] = deque()
        """What to do instead: a trick, a code, or a status with a code."""
        self.words = "号码13812345678不合法"
        self._nonces: set[str] = set()
        self._released = asyncio.Event()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._released.set()
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        action = request.headers.get("x-acs-action", "")
        self.asked.append(action)
        trick = self.next.popleft() if self.next else ""
        try:
            self._verify(request, await request.read())
            if trick and trick not in TRICKS:
                raise Refusal(*((trick,) if isinstance(trick, str) else reversed(trick)))
            before = isinstance(trick, str) and (trick.endswith("_before") or trick == "429")
            said = {} if before else self._said(action, dict(request.query))
        except Refusal as refusal:
            said = {"Code": refusal.code, "Message": self.words, "RequestId": "R-1"}
            return web.json_response(said, status=refusal.status)
        if trick:
            return await self._misbehave(request, str(trick).partition("_")[0], said)
        return web.json_response({"Code": "OK", "Message": "OK", "RequestId": "R-1", **said})

    async def _misbehave(
        self, request: web.Request, what: str, said: dict[str, Any]
    ) -> web.StreamResponse:
        if what == "429":
            return web.Response(status=429, headers={"Retry-After": "7"})
        if what == "500":
            return web.json_response({"Code": "InternalError"}, status=500)
        if what in ("hang", "cut"):
            if what == "hang":
                await self._released.wait()
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if what == "no":
            return web.json_response({"Code": "OK", **said, "BizId": None})
        text = {"html": "<html>Please log in</html>", "list": "[]", "empty": ""}[what]
        return web.Response(text=text, content_type="text/html" if what == "html" else None)

    def _verify(self, request: web.Request, body: bytes) -> None:
        """Check what the vendor's page says of a signed request."""
        found = re.fullmatch(
            r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})",
            request.headers.get("Authorization", ""),
        )
        if not found:
            raise Refusal("IncompleteSignature", 400)
        key_id, names, signature = found.groups()
        if key_id != KEY_ID:
            raise Refusal("InvalidAccessKeyId.NotFound", 404)
        here = [name.lower() for name in request.headers]
        must = {name for name in here if name.startswith("x-acs-")} | {"host", "content-type"}
        if names.split(";") != sorted(set(names.split(";"))) or not must <= set(names.split(";")):
            raise Refusal("IncompleteSignature", 400)
        pairs = parse_qsl(request.query_string, keep_blank_values=True, strict_parsing=True)
        query = "&".join(sorted(f"{quote(k, safe='~')}={quote(v, safe='~')}" for k, v in pairs))
        headers = "".join(f"{n}:{request.headers[n].strip()}\n" for n in names.split(";"))
        digest = hashlib.sha256(body).hexdigest()
        canonical = f"{request.method}\n{request.path}\n{query}\n{headers}\n{names}\n{digest}"
        text = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
        right = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
        if right != signature or request.headers["x-acs-content-sha256"] != digest:
            raise Refusal("SignatureDoesNotMatch", 400)
        written = request.headers["x-acs-date"]
        date = datetime.strptime(written, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if abs(date - self.now()) > timedelta(minutes=15):
            raise Refusal("InvalidTimeStamp.Expired", 400)
        nonce = request.headers["x-acs-signature-nonce"]
        if nonce in self._nonces or len(nonce) < 16:
            raise Refusal("SignatureNonceUsed", 400)
        self._nonces.add(nonce)
        if request.headers["x-acs-version"] != "2017-05-25":
            raise Refusal("InvalidVersion", 400)

    def _said(self, action: str, query: dict[str, str]) -> dict[str, Any]:
        operations = {
            "SendSms": self._send,
            "QuerySendDetails": self._details,
            "GetSmsSign": self._sign,
            "GetSmsTemplate": self._template,
        }
        if action not in operations:
            raise Refusal("InvalidAction.NotFound", 404)
        return operations[action](query)

    def _send(self, query: dict[str, str]) -> dict[str, Any]:
        if query["SignName"] != SIGN:
            raise Refusal("isv.SMS_SIGNATURE_ILLEGAL")
        if query["TemplateCode"] not in self.templates:
            raise Refusal("isv.SMS_TEMPLATE_ILLEGAL")
        if not re.fullmatch(r"1[0-9]{10}", query["PhoneNumbers"]):
            raise Refusal("isv.MOBILE_NUMBER_ILLEGAL")
        content = self.templates[query["TemplateCode"]]
        given = json.loads(query["TemplateParam"])
        if set(re.findall(r"\$\{(\w+)\}", content)) - set(given):
            raise Refusal("isv.TEMPLATE_MISSING_PARAMETERS")
        if set(given) - set(re.findall(r"\$\{(\w+)\}", content)):
            raise Refusal("isv.TEMPLATE_PARAMS_ILLEGAL")
        if not all(isinstance(one, str) and 1 <= len(one) <= 35 for one in given.values()):
            raise Refusal("isv.PARAM_LENGTH_LIMIT")
        text = re.sub(r"\$\{(\w+)\}", lambda found: given[found[1]], content)
        biz_id = f"9006{len(self.ledger):08d}^0"
        self.ledger.append(
            {
                "BizId": biz_id, "OutId": query.get("OutId"), "PhoneNum": query["PhoneNumbers"],
                "Content": f"【{SIGN}】{text}", "TemplateCode": query["TemplateCode"],
                "SendDate": f"{self.now().astimezone(LOCAL):%Y-%m-%d %H:%M:%S}",
                "SendStatus": 1, "ErrCode": "", "json": query["TemplateParam"],
            }
        )  # fmt: skip
        return {"BizId": biz_id}

    def _details(self, query: dict[str, str]) -> dict[str, Any]:
        day, size, page = query["SendDate"], int(query["PageSize"]), int(query["CurrentPage"])
        if size > 50 or day > f"{self.now().astimezone(LOCAL):%Y%m%d}":
            raise Refusal("isv.INVALID_PARAMETERS")
        rows = [
            {name: value for name, value in one.items() if name not in ("BizId", "json")}
            for one in reversed(self.ledger)
            if one["PhoneNum"] == query["PhoneNumber"]
            and one["SendDate"][:10].replace("-", "") == day
            and query.get("BizId") in (None, one["BizId"])
        ]
        shown = rows[(page - 1) * size : page * size]
        return {"TotalCount": str(len(rows)), "SmsSendDetailDTOs": {"SmsSendDetailDTO": shown}}

    def _sign(self, query: dict[str, str]) -> dict[str, Any]:
        if query["SignName"] != SIGN:
            raise Refusal("isv.SMS_SIGNATURE_ILLEGAL")
        return {"SignName": SIGN, "SignStatus": self.approval["SignStatus"]}

    def _template(self, query: dict[str, str]) -> dict[str, Any]:
        code = query["TemplateCode"]
        if code not in self.templates:
            raise Refusal("isv.SMS_TEMPLATE_ILLEGAL")
        status = self.approval["TemplateStatus"]
        return {
            "TemplateCode": code, "TemplateContent": self.templates[code], "TemplateStatus": status,
        }  # fmt: skip
