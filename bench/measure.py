"""Runs pieces of work as child processes: how long they took and how much memory they held."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[1]
COMMAND = Path(sys.executable).with_name("survey-pipeline")
BYTECODE = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": ""}
"""Children load compiled modules, as an installed program does, whatever this shell says."""
TIMES = 3
"""How often each side of a pair is measured; the median counts."""


@dataclass(frozen=True)
class Run:
    """One child process."""

    seconds: float
    """Wall time of the whole process or, if it said so, of the part that it timed itself."""
    peak_mb: float
    """Peak resident memory, in units of 10^6 bytes."""


@dataclass(frozen=True)
class Pair:
    """Both sides of a figure, median of several runs taken in turn."""

    ours: Run
    plain: Run
    noise: float
    """Slowest over fastest run, of the side that varied more."""

    @property
    def speed(self) -> float:
        """How fast we are, plain code being 1."""
        return self.plain.seconds / self.ours.seconds

    @property
    def time(self) -> float:
        """How long we take, plain code being 1."""
        return self.ours.seconds / self.plain.seconds


def child(*words: object, env: dict[str, str] | None = None) -> Run:
    """Run `bench.child` with these words; its timing, if it prints one, is what counts.

    Raises:
        SystemExit: the child failed; its own words are on stderr.
    """
    return _run([sys.executable, "-m", "bench.child", *map(str, words)], env)


def command(*words: object, env: dict[str, str] | None = None) -> Run:
    """Run the product's own command, timed as a whole."""
    return _run([str(COMMAND), *map(str, words)], env)


def _run(words: Sequence[str], env: dict[str, str] | None) -> Run:
    begun = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own programs, words of our own making
        words, cwd=ROOT, stdout=subprocess.PIPE, env={**os.environ, **BYTECODE, **(env or {})}
    )
    assert process.stdout is not None  # noqa: S101 - PIPE was asked for; for the type checker
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    seconds = time.perf_counter() - begun
    if process.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {process.returncode}")
    return Run(_timing(said).get("seconds", seconds), used.ru_maxrss * 1024 / 1e6)


def _timing(said: bytes) -> dict[str, Any]:
    try:
        document = json.loads(said)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def pair(
    name: str, ours: Callable[[], Run], plain: Callable[[], Run], tell: Callable[[str], None]
) -> Pair:
    """Measure both sides in turn, so that what else the machine does meets both."""
    mine: list[Run] = []
    others: list[Run] = []
    for number in range(1, TIMES + 1):
        for side, runs, measured in (("plain", others, plain), ("ours", mine, ours)):
            runs.append(measured())
            tell(f"{name}, {side}, {number} of {TIMES}: {runs[-1].seconds:.2f} s")
    spread = max(
        max(run.seconds for run in runs) / min(run.seconds for run in runs)
        for runs in (mine, others)
    )
    return Pair(_median(mine), _median(others), spread)


def _median(runs: Sequence[Run]) -> Run:
    return Run(median(run.seconds for run in runs), max(run.peak_mb for run in runs))
