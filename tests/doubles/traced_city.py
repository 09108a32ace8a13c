"""A small city that sends and receives at once, to be traced: what was on the disk, and when?

    python traced_city.py HOME LEDGER AT FULL|NORMAL

The ledger is what the world outside knows: `text ATTEMPT NUMBER` when the carrier takes a text,
`told NAME` when a provider was told that we have a citizen's text. It is no file of the city's.
"""

import http.client
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from sqlalchemy import event

from survey_pipeline.context import Context
from survey_pipeline.gateways.port import InboundEvent, OutgoingMessage, SendResult, WebhookRequest
from survey_pipeline.inbound.spool import drain
from survey_pipeline.stages.dispatch import dispatch
from survey_pipeline.store.engine import writing
from survey_pipeline.testing import FakeGateway, reopened
from survey_pipeline.web import hooks
from survey_pipeline.web.serving import listen, make_server

CITIZENS, TEXTS_OF_EACH = 4, 12


class Carrier(FakeGateway):
    """Takes every text, and brings what citizens write: a body is the text's name."""

    def __init__(self, ledger: int) -> None:
        super().__init__()
        self._ledger = ledger

    async def send(self, message: OutgoingMessage) -> SendResult:
        os.write(self._ledger, f"text {message.attempt_id} {message.to}\n".encode())
        return await super().send(message)

    def read_inbound(self, request: WebhookRequest) -> Sequence[InboundEvent]:
        name = request.body.decode()
        return [InboundEvent(name, "+8613912345678", "1", datetime.fromisoformat(sys.argv[3]))]


@contextmanager
def serving(context: Context, carrier: Carrier) -> Iterator[Any]:
    web = FastAPI()
    web.state.context = context
    web.state.webhooks = hooks.Webhooks(context, {"simulated": carrier})
    web.include_router(hooks.router)
    listening = listen("127.0.0.1", 0)
    server = make_server(web)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


def write(port: int, ledger: int, citizen: int) -> None:
    """Push a citizen's texts, and note those that were acknowledged."""
    for number in range(TEXTS_OF_EACH):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("POST", "/hooks/simulated/inbound", f"in-{citizen}-{number}")
        if connection.getresponse().status == 200:
            os.write(ledger, f"told in-{citizen}-{number}\n".encode())
        connection.close()


def keep_busy(context: Context) -> None:
    """Hold the writer's lock for longer than a provider waits, so that texts go to the spool."""
    with writing(context.engine):
        time.sleep(0.6)


def main() -> None:
    home, at = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[3])
    ledger = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    context = reopened(home, at)
    event.listen(
        context.engine,
        "connect",
        lambda connection, _: connection.execute(f"PRAGMA synchronous = {sys.argv[4]}"),
    )
    carrier = Carrier(ledger)
    with serving(context, carrier) as port:
        work = [
            threading.Thread(target=write, args=(port, ledger, citizen))
            for citizen in range(CITIZENS)
        ]
        work.append(threading.Thread(target=keep_busy, args=(context,)))
        for one in work:
            one.start()
        dispatch(context, {"simulated": carrier}, ignore_hours=True)
        for one in work:
            one.join()
        drain(context)
    context.engine.dispose()


main()
