"""`scripts/fuzz`: sends made-up inputs to every border, and counts them.

Ends with 1 if an input did what no input may do; the smallest such input is shown.
"""

import argparse
import json
import logging
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import hypothesis
from hypothesis import HealthCheck, Phase

from tests.fuzz.targets import TARGETS, FuzzTarget
from tests.fuzz.world import FuzzWorld, fuzz_world

AT_ONCE = 500
"""Inputs between two looks at the clock."""
WARM_UP = 20
"""Inputs, counted too, after which the modules are loaded and memory is measured."""
LONGEST_FAULT = 1_500
"""Characters."""
ALLOWED_MIB = 300
"""How much more memory inputs of a target may use than the program did before."""


@dataclass
class FuzzResult:
    """What became of the inputs of one target."""

    target: str
    inputs: int = 0
    seconds: float = 0
    memory_mib: int = 0
    """By how much the peak of this process grew."""
    fault: str = ""
    """The first thing that must not happen, with the smallest input that does it."""


def fuzz(name: str, count: int, seconds: float, seed: int) -> FuzzResult:
    """Give a target so many inputs, or as many as the time allows.

    Args:
        name: of the target.
        count: inputs at most.
        seconds: at most, looked at every `AT_ONCE` inputs.
        seed: makes the same inputs again.
    """
    result, began, before = FuzzResult(name), time.monotonic(), 0
    with fuzz_world() as world:
        while result.inputs < count and time.monotonic() - began < seconds:
            at_once = min(AT_ONCE if before else WARM_UP, count - result.inputs)
            try:
                _give(world, TARGETS[name], at_once, seed, result)
                TARGETS[name].settle(world)
            except Exception as error:
                result.fault = _told(error)
                break
            seed, before = seed + 1, before or _peak_mib()
    result.seconds = round(time.monotonic() - began, 1)
    result.memory_mib = _peak_mib() - (before or _peak_mib())
    if result.memory_mib > ALLOWED_MIB and not result.fault:
        result.fault = f"memory grew by more than {ALLOWED_MIB} MiB"
    return result


def _give(world: FuzzWorld, target: FuzzTarget, count: int, seed: int, result: FuzzResult) -> None:
    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(target.strategy)
    def give(made: object) -> None:
        result.inputs += 1
        target.give(world, made)

    give()


def _told(error: BaseException) -> str:
    """Return an exception, where it was raised, and the input that Hypothesis noted beside it."""
    frames = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    notes = "\n".join(getattr(error, "__notes__", ()))
    return f"{type(error).__name__}: {error}\n{' < '.join(reversed(frames[-6:]))}\n{notes}"[
        :LONGEST_FAULT
    ]


def _peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _table(results: list[FuzzResult]) -> Iterator[str]:
    yield f"{'target':20} {'inputs':>9} {'seconds':>8} {'+ MiB':>6}  faults"
    for result in results:
        fault = "FAULT" if result.fault else "none"
        yield (
            f"{result.target:20} {result.inputs:>9,} {result.seconds:>8} "
            f"{result.memory_mib:>6}  {fault}"
        )
    yield f"{'all':20} {sum(result.inputs for result in results):>9,}"
    yield from (f"\n{result.target}\n{result.fault}" for result in results if result.fault)


def main() -> int:
    """Fuzz the targets that were asked for."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="TARGET", help=f"of: {', '.join(TARGETS)}")
    parser.add_argument("--inputs", type=int, default=2_000, help="for each target (2000)")
    parser.add_argument("--minutes", type=float, default=60, help="for all targets together (60)")
    parser.add_argument("--seed", type=int, default=1, help="of the first inputs (1)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    given = parser.parse_args()
    if unknown := set(given.names) - set(TARGETS):
        parser.error(f"there is no target {min(unknown)}")
    logging.getLogger().addHandler(logging.NullHandler())  # and so none on stderr
    names = given.names or list(TARGETS)
    results = []
    for name in names:
        print(f"{name} ...", file=sys.stderr, flush=True)
        results.append(fuzz(name, given.inputs, 60 * given.minutes / len(names), given.seed))
    if given.json:
        print(json.dumps({"targets": [asdict(result) for result in results]}, ensure_ascii=False))
    else:
        print("\n".join(_table(results)))
    return int(any(result.fault for result in results))


if __name__ == "__main__":
    sys.exit(main())
