"""A purge and a `forget` that are killed (SIGKILL) at any moment are finished by the next run.

Source: specification, sections 10.1, 10.3.
"""

import random
import secrets
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from survey_pipeline.privacy.deletion_receipts import ABANDONED, read_receipts
from survey_pipeline.privacy.holding import show_citizen
from survey_pipeline.privacy.purging import due_now, purge
from survey_pipeline.privacy.requests import forget_citizen
from survey_pipeline.store.engine import open_engine
from survey_pipeline.testing import SetContext
from survey_pipeline.testing.kills import KILLED, killed_at

pytestmark = pytest.mark.usefixtures("database")

NUMBER = "+8613857710001"
RETENTION, MOMENT = timedelta(days=90), timedelta(seconds=1)


def moments(last: int) -> list[int]:
    """Draw six moments before `last`, other ones in each run; the failure's output has the seed."""
    seed = secrets.randbelow(10**6)
    print(f"seed {seed}")
    return random.Random(seed).sample(range(1, last), 6)


def killed(context: SetContext, moment: int, work: Any) -> int:
    """Do work in a process that is killed at a moment."""

    def opened() -> Engine:
        return open_engine(context.settings.database.url, context.home)

    return killed_at(moment, opened, lambda own: work(replace(context, engine=own)))


def test_a_purge_killed_at_any_moment_is_finished_by_the_next(marked: Any) -> None:
    context = marked.context
    context.clock.advance(RETENTION)
    ends = [killed(context, moment, purge) for moment in moments(13)]
    assert ends.count(KILLED) > 3
    context.clock.advance(ABANDONED + MOMENT)
    purge(context)
    assert marked.held() == set()
    assert due_now(context) == {}
    receipts = read_receipts(context, 20)
    assert len(receipts) > 1
    assert all(receipt.holds for receipt in receipts)
    total = Counter[str]()
    for receipt in receipts:
        total.update(receipt.counts)
    assert (total["cases"], total["surveys"], total["inbound"]) == (2, 1, 2)


def test_forget_killed_at_any_moment_is_finished_by_the_next(marked: Any) -> None:
    context = marked.context
    assert show_citizen(context, NUMBER, "Li").counts["messages"] == 1

    def forget(own: SetContext) -> None:
        forget_citizen(own, NUMBER, "Li", "letter")

    ends = [killed(context, moment, forget) for moment in moments(8)]
    assert KILLED in ends
    context.clock.advance(ABANDONED + MOMENT)
    forget_citizen(context, NUMBER, "Li", "letter")
    receipts = read_receipts(context, 20)
    assert all(receipt.holds for receipt in receipts)
    assert sum(receipt.counts.get("messages", 0) for receipt in receipts) == 1
    counts = show_citizen(context, NUMBER, "Li").counts
    assert (counts["cases"], counts["inbound"]) == (0, 0)
