"""A stand-in for Twilio's API, in a process of its own: what it took is the only truth.

Every message that it accepts is a line of the ledger: attempt id, sid, number. It can be told to be
slow, to misbehave in every way that the facts name, and to call back as Twilio does.

    python twilio_double.py --ledger FILE [--latency S] [--faults SHARE --seed N] [--callbacks]

prints its port, then serves until it is killed.
"""

import argparse
import asyncio
import base64
import hashlib
import hmac
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import ClientSession, FormData, web

ACCOUNT, TOKEN = "AC" + "1a" * 16, "9d2c4e8b7a6f5d3c1b0a9e8d7c6b5a4f"
SERVICE = "MG" + "2b" * 16
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages"
FAULTS = (
    "429", "500_before", "500_after", "hang_before", "hang_after", "cut_before", "cut_after",
    "no_sid", "html_before", "html_after", "reset_before",
)  # fmt: skip
"""`before`: nothing was taken; `after`: it was, and the answer does not say so."""
HANGS = 3.0
"""Seconds; longer than the time-out that tests configure."""


@dataclass
class Twilio:
    ledger: Path
    latency: float = 0.0
    faults: float = 0.0
    callbacks: bool = False
    chance: random.Random = field(default_factory=random.Random)
    taken: dict[str, dict[str, Any]] = field(default_factory=dict)
    by_number: dict[str, list[str]] = field(default_factory=dict)
    locked_out: int = 0
    """So many requests to come are answered 401, as after a changed token."""
    asked: dict[str, int] = field(default_factory=dict)
    """How often which fault was met."""

    async def create(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        if self.locked_out > 0:
            self.locked_out -= 1
            self._count("401")
            return _error(401, 20003)
        if not _authorised(request):
            return _error(401, 20003)
        fault = self.chance.choice(FAULTS) if self.chance.random() < self.faults else ""
        if fault:
            self._count(fault)
        if self.latency:
            await asyncio.sleep(self.latency)
        if not fault:
            return web.json_response(await self._take(form), status=201)
        return await self._misbehave(request, form, fault)

    def _count(self, fault: str) -> None:
        self.asked[fault] = self.asked.get(fault, 0) + 1

    async def _misbehave(self, request: web.Request, form: Any, fault: str) -> web.StreamResponse:
        what, _, when = fault.partition("_")
        if when in ("after", "sid"):
            made = await self._take(form)
        if what == "429":
            return web.Response(status=429, headers={"Retry-After": "1"})
        if what == "500":
            return web.Response(status=500, text="<h1>Internal Server Error</h1>")
        if what == "hang":
            await asyncio.sleep(HANGS)
        if what in ("hang", "cut", "reset"):
            if request.transport is not None:  # nothing is left to cut where nobody waited
                request.transport.abort() if what == "reset" else request.transport.close()
            return web.Response()
        if what == "no":
            return web.json_response({**made, "sid": None}, status=201)
        return web.Response(status=200, text="<html>Please log in</html>", content_type="text/html")

    async def _take(self, form: Any) -> dict[str, Any]:
        callback = str(form.get("StatusCallback", ""))
        attempt = parse_qs(urlsplit(callback).query).get("attempt", [""])[0]
        sid = "SM" + hashlib.md5(f"{attempt}{len(self.taken)}".encode()).hexdigest()
        to, body = str(form["To"]), str(form["Body"])
        made = {
            "sid": sid, "status": "queued", "to": to, "body": body, "error_code": None,
            "date_created": format_datetime(datetime.now(UTC)),
        }  # fmt: skip
        with self.ledger.open("a", encoding="utf-8") as file:
            file.write(f"{attempt} {sid} {to}\n")
        self.taken[sid] = made
        self.by_number.setdefault(to, []).append(sid)
        if self.callbacks and callback:
            asyncio.get_running_loop().create_task(self._call_back(made, callback))
        return made

    async def _call_back(self, made: dict[str, Any], callback: str) -> None:
        """Say what became of it, in no order, some of it twice."""
        words = ["sent", "delivered", "delivered"]
        self.chance.shuffle(words)
        async with ClientSession() as session:
            for status in words:
                await _post(session, callback, MessageSid=made["sid"], MessageStatus=status)

    async def listing(self, request: web.Request) -> web.Response:
        if not _authorised(request):
            return _error(401, 20003)
        sids = self.by_number.get(request.query.get("To", ""), [])
        page = [self.taken[sid] for sid in reversed(sids)]
        return web.json_response({"messages": page, "page": 0, "next_page_uri": None})

    async def one(self, request: web.Request) -> web.Response:
        made = self.taken.get(request.match_info["sid"])
        return web.json_response(made) if made else _error(404, 20404)

    async def account(self, request: web.Request) -> web.Response:
        if not _authorised(request):
            return _error(401, 20003)
        return web.json_response({"sid": ACCOUNT, "status": "active"})

    async def service(self, request: web.Request) -> web.Response:
        known = request.match_info["sid"] == SERVICE
        return web.json_response({"sid": SERVICE}) if known else _error(404, 20404)

    async def citizen(self, request: web.Request) -> web.Response:
        """Let a citizen write: `POST /citizen` with `url` (our webhook), `From`, `Body`."""
        form = await request.post()
        sid = "SM" + hashlib.md5(f"{form['From']!s}{form['Body']!s}".encode()).hexdigest()
        async with ClientSession() as session:
            status, text = await _post(
                session, str(form["url"]), MessageSid=sid, From=str(form["From"]),
                Body=str(form["Body"]),
            )  # fmt: skip
        return web.json_response({"status": status, "text": text})

    async def told(self, request: web.Request) -> web.Response:
        """Change its ways in mid-run: `POST /told` with `locked_out`, `faults` or `latency`."""
        form = await request.post()
        self.locked_out = int(str(form.get("locked_out", self.locked_out)))
        self.faults = float(str(form.get("faults", self.faults)))
        self.latency = float(str(form.get("latency", self.latency)))
        return web.json_response(self.asked)


async def _post(session: ClientSession, url: str, **form: str) -> tuple[int, str]:
    """POST as Twilio does: signed with HMAC-SHA1 over the address and the sorted form."""
    form = {"AccountSid": ACCOUNT, **form}
    said = url + "".join(name + form[name] for name in sorted(form))
    digest = hmac.new(TOKEN.encode(), said.encode(), hashlib.sha1).digest()
    headers = {"X-Twilio-Signature": base64.b64encode(digest).decode()}
    async with session.post(url, data=FormData(form), headers=headers) as answer:
        return answer.status, await answer.text()


def _authorised(request: web.Request) -> bool:
    right = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    return request.headers.get("Authorization") == f"Basic {right}"


def _error(status: int, code: int) -> web.Response:
    return web.json_response({"code": code, "message": "no", "status": status}, status=status)


def application(twilio: Twilio) -> web.Application:
    app = web.Application()
    app.router.add_post(f"{MESSAGES}.json", twilio.create)
    app.router.add_get(f"{MESSAGES}.json", twilio.listing)
    app.router.add_get(f"{MESSAGES}/{{sid}}.json", twilio.one)
    app.router.add_get(f"/2010-04-01/Accounts/{ACCOUNT}.json", twilio.account)
    app.router.add_get("/v1/Services/{sid}", twilio.service)
    app.router.add_post("/citizen", twilio.citizen)
    app.router.add_post("/told", twilio.told)
    return app


async def serve(twilio: Twilio) -> None:
    runner = web.AppRunner(application(twilio), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--ledger", type=Path, required=True)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--faults", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--callbacks", action="store_true")
    given = parser.parse_args()
    twilio = Twilio(given.ledger, given.latency, given.faults, given.callbacks)
    twilio.chance = random.Random(given.seed)
    asyncio.run(serve(twilio))


if __name__ == "__main__":
    main()
