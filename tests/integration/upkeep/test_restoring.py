"""A backup that is put back texts no citizen again whom the lost database texted."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from survey_pipeline.gateways.port import OutgoingMessage, SentAnswer, SentState
from survey_pipeline.reports.alerts import PUT_BACK, alerts
from survey_pipeline.stages.callbacks import queue_calls
from survey_pipeline.stages.dispatch import dispatch
from survey_pipeline.stages.dispatch.composer import make_composer
from survey_pipeline.stages.dispatch.composing import compose
from survey_pipeline.stages.dispatch.outbox import Outbox
from survey_pipeline.stages.dispatch.shares import EVERYTHING
from survey_pipeline.stages.sampling import draw_day
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import calls, messages, review_representatives, reviews
from survey_pipeline.survey.pausing import resume_sending, sending_pause
from survey_pipeline.testing import FakeGateway, SetContext, add_cases, add_representatives
from survey_pipeline.upkeep.backing_up import make_backup
from survey_pipeline.upkeep.restoring import restore
from survey_pipeline.vocabulary import MessageState

City = Callable[..., SetContext]
Count = Callable[[SetContext, Any], int]
CASES = 4


def never_sent(_context: SetContext) -> None:
    """The copy was made before the day was drawn."""


def drawn(context: SetContext) -> None:
    draw_day(context, context.today())


def written(context: SetContext) -> None:
    drawn(context)
    compose(context, make_composer(context))


def in_flight(context: SetContext) -> None:
    written(context)
    Outbox(context, "simulated", "worker", None).claim(EVERYTHING, CASES)


class Provider(FakeGateway):
    """A carrier that is asked by number, as Twilio is, or knows attempts alone."""

    def __init__(self, *, by_number: bool = False, can_tell: bool = True) -> None:
        super().__init__(can_tell=can_tell)
        self._by_number = by_number

    async def find_sent(
        self, message: OutgoingMessage, since: Any, provider_id: str | None = None
    ) -> SentAnswer:
        sent = [text.attempt_id for text in self.ledger if text.to == message.to]
        if self._by_number and sent:
            return SentAnswer(SentState.FOUND, f"p-{sent[-1]}")
        return await super().find_sent(message, since, provider_id)


@pytest.fixture
def put_back(city: City, tmp_path: Path) -> Callable[..., SetContext]:
    """A function that loses a workspace two hours after its backup, and puts that into another."""

    def lose(context: SetContext, **sections: Any) -> SetContext:
        elsewhere = city("elsewhere", filled=False, **sections)
        elsewhere.clock.at = context.now() + timedelta(hours=2)
        context.engine.dispose()
        restore(elsewhere, tmp_path / "one.backup", until=elsewhere.today())
        return elsewhere

    return lose


def live_on(context: SetContext, carrier: FakeGateway) -> None:
    """Resume sending by hand, and let rounds go by, in sending hours or not, for a day."""
    resume_sending(context)
    draw_day(context, context.today())
    for _ in range(3):
        dispatch(context, {"simulated": carrier}, ignore_hours=True)
        queue_calls(context)
        context.clock.advance(timedelta(hours=12))


@pytest.mark.parametrize(
    ("copied_when", "policy"),
    [(never_sent, "resend"), (drawn, "phone"), (written, "resend"), (in_flight, "phone")],
)
def test_nobody_is_texted_again_whom_the_lost_database_texted(
    city: City,
    bring_in: Callable[[SetContext], None],
    put_back: Callable[..., SetContext],
    count: Count,
    tmp_path: Path,
    copied_when: Callable[[SetContext], None],
    policy: str,
) -> None:
    sections = {"sending": {"unknown_policy": policy}}
    context = city("city", filled=copied_when is not never_sent, **sections)
    copied_when(context)
    make_backup(context, tmp_path / "one.backup")
    carrier = Provider(can_tell=policy == "phone")
    if copied_when is never_sent:
        bring_in(context)
        drawn(context)
    context.clock.advance(timedelta(minutes=5))  # the lease of a claim is over
    dispatch(context, {"simulated": carrier})
    context.clock.advance(timedelta(minutes=40))
    dispatch(context, {"simulated": carrier})  # what was in flight is shown never to have arrived
    sent = Counter(text.to for text in carrier.ledger)
    assert len(sent) == CASES

    restored = put_back(context, **sections)
    if copied_when is never_sent:
        bring_in(restored)
    live_on(restored, carrier)
    assert Counter(text.to for text in carrier.ledger) == sent
    assert count(restored, calls.c.id) == CASES, "they are called instead"


def test_a_text_that_the_provider_finds_needs_no_call(
    context: SetContext, put_back: City, count: Count, tmp_path: Path
) -> None:
    written(context)
    make_backup(context, tmp_path / "one.backup")
    carrier = Provider(by_number=True)
    dispatch(context, {"simulated": carrier})
    restored = put_back(context)
    resume_sending(restored)
    dispatch(restored, {"simulated": carrier})
    queue_calls(restored)
    with reading(restored.engine) as connection:
        states = set(connection.scalars(select(messages.c.state)))
    assert states == {MessageState.ACCEPTED}
    assert count(restored, calls.c.id) == 0


def test_services_after_the_loss_are_texted_as_ever(
    context: SetContext, put_back: City, tmp_path: Path
) -> None:
    make_backup(context, tmp_path / "one.backup")
    restored, carrier = put_back(context), Provider()
    restored.clock.advance(timedelta(days=1))
    add_cases(restored, [("AG-1", "N-1", "+8613712345678")])
    resume_sending(restored)
    draw_day(restored, restored.today())
    dispatch(restored, {"simulated": carrier}, ignore_hours=True)
    assert [text.to for text in carrier.ledger] == ["+8613712345678"]


def test_a_backup_of_a_database_that_was_not_used_since_doubts_nothing(
    context: SetContext, city: City, tmp_path: Path
) -> None:
    written(context)
    make_backup(context, tmp_path / "one.backup")
    elsewhere = city("elsewhere", filled=False)
    found = restore(elsewhere, tmp_path / "one.backup", until=None)
    assert (found.doubted, found.until) == (0, None)
    carrier = Provider()
    dispatch(elsewhere, {"simulated": carrier})
    assert carrier.ledger == [], "sending is paused all the same"
    resume_sending(elsewhere)
    dispatch(elsewhere, {"simulated": carrier})
    assert len(carrier.ledger) == CASES


def test_no_representative_is_invited_again(
    context: SetContext, put_back: City, count: Count, tmp_path: Path
) -> None:
    add_representatives(context, 2023, "R-1")
    with writing(context.engine) as connection:
        connection.execute(reviews.insert().values(year=2023, drawn_at=context.now()))
        row = {"year": 2023, "rep_no": "R-1", "rank_hash": "0"}
        connection.execute(review_representatives.insert().values(**row))
    make_backup(context, tmp_path / "one.backup")
    restored = put_back(context)
    assert count(restored, review_representatives.c.invited_at) == 1


def test_the_page_says_what_to_do_until_sending_goes_on(
    context: SetContext, put_back: City, tmp_path: Path
) -> None:
    make_backup(context, tmp_path / "one.backup")
    restored = put_back(context)
    assert PUT_BACK in [alert.text for alert in alerts(restored)]
    assert sending_pause(restored) is not None
    resume_sending(restored)
    assert PUT_BACK not in [alert.text for alert in alerts(restored)]
