"""The people at the desks: callers, the reader of unclear texts, and others who call for us."""

import csv
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from survey_pipeline.context import Context
from survey_pipeline.gateways.simulated import phrases
from survey_pipeline.gateways.simulated.chance import Dice
from survey_pipeline.gateways.simulated.citizens import opinion, quality_of
from survey_pipeline.simulation.call_outcomes import take_call
from survey_pipeline.stages.callbacks import log_result, next_call
from survey_pipeline.stages.export.handover import export_handover
from survey_pipeline.stages.export.other_callers import categories_handed_over
from survey_pipeline.stages.replies import code_reply, list_replies
from survey_pipeline.vocabulary import Rating, ReaderDecision

CALLERS = ("陈", "林", "叶", "郑")
READER = "王"
NEVER_TOLD = 150
"""Of a thousand unclear texts: those that the reader does not get to in time."""
_DECISIONS = dict(phrases.UNCLEAR)
_BESIDE_OPT_OUT = {
    text: ReaderDecision(rating.value)
    for rating, texts in phrases.OPTED_OUT_RATED.items()
    for text in texts
}
OTHERS_REACH = 450
"""Of a thousand cases handed over: those in which the others reach the citizen."""


def work_the_phones(context: Context, seed: str, most: int) -> int:
    """Have the callers take calls in turn until none is due; return how many."""
    made, idle = 0, 0
    while made < most and idle < len(CALLERS):
        caller = CALLERS[(made + idle) % len(CALLERS)]
        card = next_call(context.acting(caller), caller).call
        if card is None:
            idle += 1
            continue
        log_result(context, card.id, caller, take_call(seed, card, context.now()))
        made, idle = made + 1, 0
    return made


def read_unclear(context: Context, seed: str) -> int:
    """Have the reader decide what waits; return how many texts."""
    decided = 0
    for reply in list_replies(context, unclear=True):
        text = reply.text or ""
        if Dice(seed, "reader", text, str(reply.received_at)).happens("misses", NEVER_TOLD):
            continue
        known = _BESIDE_OPT_OUT | _DECISIONS
        code_reply(context, reply.id, known.get(text, ReaderDecision.CANNOT_TELL), READER)
        decided += 1
    return decided


class OtherCallers:
    """Call the cases that are handed over, and deliver a month's results.

    By the shipped standard these are the health commission.
    """

    def __init__(self, context: Context, seed: str, folder: Path) -> None:
        self._context = context
        self._seed = seed
        self._folder = folder
        self._called: set[tuple[str, str]] = set()
        self._counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)

    def take_over(self, day: date) -> None:
        """Read the day's handover lists, and call each new case on them."""
        for category in categories_handed_over(self._context, day):
            path = self._folder / f"handover-{category}-{day}.csv"
            export_handover(self._context, category, day, path)
            self._call_listed(path)

    def _call_listed(self, path: Path) -> None:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                key = (row["office_code"], row["case_no"])
                if key not in self._called:
                    self._called.add(key)
                    self._call(row)

    def _call(self, row: dict[str, str]) -> None:
        count = self._counts[row["office_code"], row["month"]]
        count["sampled"] += 1
        dice = Dice(self._seed, "health", row["phone"])
        if dice.happens("reached", OTHERS_REACH):
            quality = quality_of(self._seed, row["office"])
            count[opinion(self._seed, row["phone"], quality)] += 1

    def results(self, month: str) -> list[Sequence[object]]:
        """Return what they deliver for a month: office, sampled, and the answers."""
        return [
            (office, count["sampled"], *(count[rating] for rating in Rating))
            for (office, of_month), count in sorted(self._counts.items())
            if of_month == month
        ]
