"""Ballots that come in while the review closes: counted or refused, never lost and never late."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from threading import Event
from typing import Any

import pytest

from survey_pipeline.errors import UnknownRecord
from survey_pipeline.stages.review import cast, close_review, open_review, tallies
from survey_pipeline.testing import reopened

pytestmark = pytest.mark.usefixtures("database")

YEAR = 2023
ANSWERS = ("satisfied", "neutral", "dissatisfied")


def vote_until_closed(city: Any, token: Any, voting: Any) -> Any:
    """Change one's mind until the box is shut; return the last answer that was taken."""
    context = reopened(city.context.home, city.context.now())
    last = None
    for answer in cycle(ANSWERS):
        try:
            cast(context, token, {"AG-1": answer})
        except UnknownRecord:
            context.engine.dispose()
            return last
        last = answer
        voting.set()
    raise AssertionError("a cycle has no end")


def test_every_ballot_that_was_taken_is_counted_and_none_comes_after(city: Any) -> None:
    tokens = city.open().tokens()
    voting = [Event() for _ in tokens]
    with ThreadPoolExecutor(len(tokens)) as people:
        votes = [
            people.submit(vote_until_closed, city, token, event)
            for token, event in zip(tokens.values(), voting, strict=True)
        ]
        for event in voting:
            assert event.wait(60)
        close_review(city.context, YEAR)
        last = Counter(one.result(60) for one in votes)
    counted = vars(tallies(city.context, YEAR)["AG-1"])
    assert {answer: count for answer, count in counted.items() if count} == dict(last)


def test_two_who_open_at_once_make_one_key(city: Any) -> None:
    contexts = [reopened(city.prepare().context.home, city.context.now()) for _ in range(4)]
    with ThreadPoolExecutor(len(contexts)) as people:
        done = list(people.map(lambda one: open_review(one, YEAR), contexts))
    assert sorted(one.done_before for one in done) == [False, True, True, True]
    assert city.tokens() == city.tokens(contexts[-1])
    for context in contexts:
        context.engine.dispose()
