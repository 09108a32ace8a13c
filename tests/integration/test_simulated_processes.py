"""Several processes share one simulated carrier, and one that is killed harms nobody."""

import asyncio
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from survey_pipeline.calendar import SetClock
from survey_pipeline.gateways.port import GatewayEnvironment, OutgoingMessage, SentState
from survey_pipeline.gateways.simulated import SimulatedGateway
from survey_pipeline.settings import Gateway

SENDER = """
import asyncio, itertools, sys
from pathlib import Path
from survey_pipeline.calendar import SystemClock
from survey_pipeline.gateways.port import GatewayEnvironment, OutgoingMessage
from survey_pipeline.gateways.simulated import SimulatedGateway
from survey_pipeline.settings import Gateway

home, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])

async def main():
    settings = Gateway(kind="simulated", manners="polite")
    gateway = SimulatedGateway(settings, GatewayEnvironment(home, {}, SystemClock()))
    async with gateway:
        for number in itertools.count() if count == 0 else range(count):
            text = OutgoingMessage(f"{name}-{number}", f"+86138{number:08d}", "")
            result = await gateway.send(text)
            print(text.attempt_id, result.provider_id, flush=True)

asyncio.run(main())
"""


def sender(home: Path, name: str, count: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", SENDER, str(home), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_what_every_process_was_promised_is_in_the_one_ledger(tmp_path: Path) -> None:
    senders = [sender(tmp_path, name, 1500) for name in ("a", "b", "c")]
    victim = sender(tmp_path, "victim", 0)
    time.sleep(1)
    victim.send_signal(signal.SIGKILL)
    promised: dict[str, str] = {}
    for process in (*senders, victim):
        told, _ = process.communicate()
        promised |= dict(line.split() for line in told.splitlines() if len(line.split()) == 2)
    assert [process.returncode for process in senders] == [0, 0, 0]
    clock = SetClock(datetime.now(UTC) + timedelta(minutes=1))
    environment = GatewayEnvironment(tmp_path, {}, clock)
    gateway = SimulatedGateway(Gateway(kind="simulated", manners="polite"), environment)
    receipts = [
        event
        for request in gateway.poll_receipts(None, clock.at)
        for event in gateway.read_receipt(request)
    ]
    had = {event.attempt_id: event.provider_id for event in receipts}
    assert len(had) == len(receipts)
    assert {attempt: had.get(attempt) for attempt in promised} == promised
    assert len(promised) >= 4500
    for attempt in ("a-0", "c-1499"):
        asked = gateway.find_sent(OutgoingMessage(attempt, "+86138", ""), clock.at)
        assert asyncio.run(asked).state is SentState.FOUND
