"""The power is cut: what a provider was handed, or told that we have, is on the disk.

A city that sends and receives is traced; from its system calls the disk is rebuilt as a cut at many
moments would leave it, and the city goes on from there. What the world outside knows is the ledger.
"""

import importlib.util
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import select

from survey_pipeline.app import open_app
from survey_pipeline.gateways.port import OutgoingMessage, SentAnswer, SentState
from survey_pipeline.inbound.spool import drain
from survey_pipeline.stages.dispatch import dispatch
from survey_pipeline.stages.sampling import draw_day
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import inbound
from survey_pipeline.testing import NOON, FakeGateway, add_cases, add_offices, reopened, workspace

ROOT = Path(__file__).parents[2]
TEMPLATES, DOUBLES = ROOT / "templates", ROOT / "tests" / "doubles"
TEXTS, CUTS = 150, 30
Cut = tuple[dict[Path, bytes], list[list[str]]]
"""The files that are left, and the lines of the ledger so far."""
Choose = Callable[[Sequence[Any], str], set[int]]


def power_cut() -> ModuleType:
    spec = importlib.util.spec_from_file_location("power_cut", DOUBLES / "power_cut.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["power_cut"] = module  # its dataclasses look there
    spec.loader.exec_module(module)
    return module


class Carrier(FakeGateway):
    """The carrier after the cut: it knows what it took before."""

    def __init__(self, taken: Sequence[list[str]]) -> None:
        super().__init__()
        self.attempts = {line[1] for line in taken}

    async def find_sent(
        self, message: OutgoingMessage, since: Any, provider_id: str | None = None
    ) -> SentAnswer:
        if message.attempt_id in self.attempts:
            return SentAnswer(SentState.FOUND, f"p-{message.attempt_id}")
        return await super().find_sent(message, since, provider_id)


@pytest.fixture(scope="module")
def cuts(need: Callable[[str], None]) -> Callable[..., Iterator[Cut]]:
    """A function that runs a program, and gives what cuts would leave of a folder it works in.

    The ledger beside the folder is the program's word to the world outside: a cut keeps all of it.
    """
    need("strace")
    power = power_cut()

    def run(home: Path, program: Sequence[str], choose: Choose) -> Iterator[Cut]:
        ledger, trace = home.with_suffix(".ledger"), home.with_suffix(".trace")
        disk = power.Disk(home)
        strace = ["strace", "-f", "--seccomp-bpf", "-xx", "-y", "-s", "1000000", "-o", str(trace)]
        command = [*strace, "-e", f"trace={power.CALLS}", sys.executable, *program]
        subprocess.run(command, check=True)
        events = power.read_trace(trace, (home, ledger))
        moments, chance, known = choose(events, str(ledger)), random.Random(11), b""
        for number, event in enumerate(events):
            if event.path == str(ledger):
                known += event.data
            else:
                disk.apply(number, event)
            if number in moments:
                left = disk.cut(chance if choose is some and chance.random() < 0.5 else None)
                found = {Path(name).relative_to(home): data for name, data in left.items()}
                yield found, [line.split() for line in known.decode().splitlines()]

    return run


def city(home: Path) -> None:
    context = workspace(home, at=NOON, sampling={"rate": "1", "maximum": TEXTS})
    shutil.copytree(TEMPLATES, home / "templates")
    add_offices(context, "agency")
    add_cases(context, [("AG-1", f"K-{n}", f"+86138{n:08d}") for n in range(TEXTS)])
    draw_day(context, context.today())
    context.engine.dispose()


def working(home: Path, synchronous: str) -> list[str]:
    script, ledger = str(DOUBLES / "traced_city.py"), str(home.with_suffix(".ledger"))
    return [script, str(home), ledger, NOON.isoformat(), synchronous]


def some(events: Sequence[Any], _ledger: str) -> set[int]:
    return set(random.Random(7).sample(range(len(events)), CUTS))


def each_word(events: Sequence[Any], ledger: str) -> set[int]:
    """The moments right after the program has told something."""
    return {number for number, event in enumerate(events) if event.data and event.path == ledger}


def faults(home: Path, left: dict[Path, bytes], known: Sequence[Sequence[str]]) -> list[str]:
    """Start the city again from what a cut left; return what is lost, and what went out twice."""
    for name, data in left.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(data)
    taken = [list(line) for line in known if line[0] == "text"]
    carrier = Carrier(taken)
    context = reopened(home, NOON + timedelta(minutes=40))
    drain(context)
    for _ in range(3):  # leases have run out, and the provider is asked
        dispatch(context, {"simulated": carrier}, ignore_hours=True)
        context.clock.at += timedelta(minutes=40)
    texted = Counter([line[2] for line in taken] + [one.to for one in carrier.ledger])
    with reading(context.engine) as connection:
        stored = Counter(connection.scalars(select(inbound.c.provider_id)))
    context.engine.dispose()
    told = {line[1] for line in known if line[0] == "told"}
    return [
        *(f"{number} got {count} texts" for number, count in texted.items() if count > 1),
        *(f"text {number} is lost" for number in range(TEXTS - len(texted))),
        *(f"{name} is lost" for name in sorted(told - stored.keys())),
        *(f"{name} counts twice" for name, count in stored.items() if count > 1),
    ]


def test_nothing_is_sent_twice_and_nothing_acknowledged_is_lost(
    cuts: Callable[..., Iterator[Cut]], tmp_path: Path
) -> None:
    city(tmp_path / "city")
    told = 0
    for left, known in cuts(tmp_path / "city", working(tmp_path / "city", "FULL"), some):
        with TemporaryDirectory(dir=tmp_path) as home:
            assert faults(Path(home), left, known) == []
        told = sum(1 for line in known if line[0] == "told")
    assert told > 20, "texts were coming in at the last cut"


def test_a_database_that_does_not_wait_for_the_disk_would_be_found_out(
    cuts: Callable[..., Iterator[Cut]], tmp_path: Path
) -> None:
    """The promise is SQLite's `synchronous = FULL`; this shows that the test above can fail."""
    city(tmp_path / "city")
    found = []
    for left, known in cuts(tmp_path / "city", working(tmp_path / "city", "NORMAL"), some):
        with TemporaryDirectory(dir=tmp_path) as home:
            found += faults(Path(home), left, known)
    assert any("texts" in fault for fault in found)
    assert any("in-" in fault for fault in found)


FILES = """
import os, sys
from pathlib import Path
from survey_pipeline.gateways.port import InboundEvent
from survey_pipeline.stages.export.destination import replaced
from survey_pipeline.store.ballot_key import destroy_key, make_key
from survey_pipeline.store.crypto import derived_keys, write_key_file
from survey_pipeline.inbound.spool import put
from survey_pipeline.testing import NOON, reopened

home = Path(sys.argv[1])
ledger = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
done = lambda name: os.write(ledger, f"{name}\\n".encode())
write_key_file(home / "survey.key", derived_keys("x"))
done("survey.key")
put(reopened(home, NOON), "kannel", [InboundEvent("in-1", "+8613912345678", "1", NOON)])
done("webhooks.spool")
with replaced(home / "scores.csv") as temporary:
    temporary.write_text("a,b")
done("scores.csv")
make_key(home, 2023)
done("review-2023.key")
destroy_key(home, 2023)
done("no")
"""


def test_a_file_is_on_the_disk_when_it_is_said_to_be_there(
    cuts: Callable[..., Iterator[Cut]], tmp_path: Path
) -> None:
    """Keys, the spool, what is exported: contents and name; and a key that is destroyed is gone."""
    home = tmp_path / "files"
    home.mkdir()
    program = ["-c", FILES, str(home), str(home.with_suffix(".ledger"))]
    found = [(known[-1][0], left) for left, known in cuts(home, program, each_word)]
    assert len(found) == 5
    for name, left in found[:4]:
        assert left[Path(name)], name
    assert Path("review-2023.key") not in found[4][1]


MAKING = """
import os, sys
from pathlib import Path
from survey_pipeline.workspace import create_workspace

create_workspace(Path(sys.argv[1]))
os.write(os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT), b"made\\n")
"""


def test_a_workspace_is_on_the_disk_when_it_is_made(
    cuts: Callable[..., Iterator[Cut]], tmp_path: Path
) -> None:
    home, again = tmp_path / "city", tmp_path / "again"
    home.mkdir()
    program = ["-c", MAKING, str(home), str(home.with_suffix(".ledger"))]
    [(left, _)] = cuts(home, program, each_word)
    made = {path.relative_to(home): path.read_bytes() for path in home.rglob("*") if path.is_file()}
    assert {name for name in made if left.get(name) != made[name]} == set()
    for name, data in left.items():
        (again / name).parent.mkdir(parents=True, exist_ok=True)
        (again / name).write_bytes(data)
        (again / name).chmod(0o600)
    app = open_app(again)
    app.close()
