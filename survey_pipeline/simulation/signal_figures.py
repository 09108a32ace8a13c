"""`scripts/signals`: how often the signals name cheating offices, and how often honest ones."""

import argparse
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from pathlib import Path

from survey_pipeline.app import open_app
from survey_pipeline.calendar import SetClock, last_day
from survey_pipeline.context import Context
from survey_pipeline.simulation.cheating import Cheat
from survey_pipeline.simulation.signal_trial import TrialMonth, try_month
from survey_pipeline.store.crypto import derived_keys
from survey_pipeline.vocabulary import SignalKind
from survey_pipeline.workspace import create_workspace

MONTH = "2023-05"
SEEDS, QUICK = 100, 3
DAYS_AFTER = timedelta(days=30)
"""So long after the month it is looked at: every survey has ended."""


@dataclass
class Figures:
    """Counts over many seeds."""

    planted: Counter[Cheat] = field(default_factory=Counter)
    found: Counter[Cheat] = field(default_factory=Counter)
    by: Counter[tuple[Cheat, SignalKind]] = field(default_factory=Counter)
    """Of the planted, those that this signal names."""
    honest: int = 0
    """Honest office-months."""
    accused: int = 0
    """Of these, those that are named."""
    accused_by: Counter[SignalKind] = field(default_factory=Counter)

    def add(self, trial: TrialMonth) -> None:
        """Count one city's month."""
        named = trial.named
        self.planted.update(trial.cheats.values())
        self.found.update(cheat for code, cheat in trial.cheats.items() if code in named)
        self.honest += trial.honest
        self.accused += len(named - trial.cheats.keys())
        for signal in trial.found:
            if signal.judged.named and signal.office_code in trial.cheats:
                self.by[trial.cheats[signal.office_code], signal.kind] += 1
            elif signal.judged.named:
                self.accused_by[signal.kind] += 1


def measure(seeds: Sequence[str], folder: Path, tell: bool = False) -> Figures:
    """Try a city with each seed; return the counts.

    Args:
        seeds: one city each.
        folder: empty; a workspace is made in it.
        tell: whether to print how far it is.
    """
    create_workspace(folder, derived_keys("signals"), {})
    figures = Figures()
    app = open_app(folder, actor="trial", environ={})
    try:
        context = _after_the_month(app.context)
        for number, seed in enumerate(seeds, 1):
            figures.add(try_month(context, seed, MONTH))
            if tell:
                print(f"{number} of {len(seeds)}", flush=True)
    finally:
        app.close()
    return figures


def _after_the_month(context: Context) -> Context:
    at = context.calendar.at(last_day(MONTH) + DAYS_AFTER, time(12))
    return replace(context, clock=SetClock(at))


def table(figures: Figures) -> str:
    """Return the figures in Markdown."""
    lines = ["| cheat | found, of seeds | by |", "|---|---|---|"]
    for cheat in Cheat:
        by = [f"{kind} {figures.by[cheat, kind]}" for kind in SignalKind if figures.by[cheat, kind]]
        lines.append(
            f"| {cheat} | {figures.found[cheat]} of {figures.planted[cheat]} | {', '.join(by)} |"
        )
    share = 100 * figures.accused / figures.honest if figures.honest else 0
    by = [f"{kind} {count}" for kind, count in figures.accused_by.items()]
    lines.append(
        f"| none | {figures.accused} of {figures.honest} office-months named ({share:.2f} of 100) "
        f"| {', '.join(by)} |"
    )
    return "\n".join(lines)


def main(words: Sequence[str] | None = None) -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="scripts/signals", description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS, help=f"cities (default {SEEDS})")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} cities alone")
    given = parser.parse_args(words)
    count = QUICK if given.quick else given.seeds
    with tempfile.TemporaryDirectory(prefix="signals-") as folder:
        seeds = [f"signals-{number}" for number in range(count)]
        print(table(measure(seeds, Path(folder), tell=True)))


if __name__ == "__main__":
    main()
