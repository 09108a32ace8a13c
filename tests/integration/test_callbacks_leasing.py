"""Who gets which call, for how long, and who else does not (specification, section 7)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from survey_pipeline.errors import CallHeld, CannotProceed, UnknownRecord, UsageError
from survey_pipeline.stages.callbacks import (
    CallResult,
    list_calls,
    log_result,
    next_call,
    queue_calls,
    release,
    renew_lease,
)
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import audit_log, calls
from survey_pipeline.survey.closing import close_surveys
from survey_pipeline.survey.opt_outs import opt_out
from survey_pipeline.survey.rating import GivenAnswer, record_answer
from survey_pipeline.testing import (
    NOON,
    SetContext,
    add_inbound,
    add_offices,
    add_survey,
    add_text,
    reopened,
    workspace,
)
from survey_pipeline.vocabulary import (
    AnswerRole,
    AuditAction,
    CallOutcome,
    CallReason,
    CallState,
    InboundUse,
    MessageState,
    Mode,
    Rating,
    SurveyEnd,
)

pytestmark = pytest.mark.usefixtures("database")

MORNING = NOON - timedelta(hours=2)
"""Thursday 4 May 2023, 10:00 in Shanghai."""
LANDLINES = [f"+865778888666{number}" for number in range(9)]


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    made = workspace(tmp_path, at=MORNING)
    add_offices(made, "agency")
    return made


def queue_landlines(context: SetContext, count: int = 1, **values: Any) -> None:
    for number in range(count):
        add_survey(context, "AG-1", f"L-{number}", LANDLINES[number], **values)
    queue_calls(context)


def taken(context: SetContext, by: str) -> str | None:
    """The case number of the call that `next` gives."""
    call = next_call(context, by).call
    return call.case_no if call else None


def call_id(context: SetContext, by: str) -> int:
    call = next_call(context, by).call
    assert call is not None
    return call.id


def row_of(context: SetContext, call: int) -> Any:
    with reading(context.engine) as connection:
        return connection.execute(select(calls).where(calls.c.id == call)).one()


def by_sms(context: SetContext, survey: int, rating: Rating = Rating.SATISFIED) -> None:
    answer = GivenAnswer(AnswerRole.RATING, Mode.SMS, rating, context.now())
    with writing(context.engine) as connection:
        record_answer(connection, survey, answer, context.now())


def test_next_gives_the_same_call_again_to_who_holds_one(context: SetContext) -> None:
    queue_landlines(context, 3)
    first = taken(context, "Li")
    context.clock.advance(timedelta(minutes=14))
    assert taken(context, "Li") == first
    assert taken(context, " Li ") == first


def test_asking_again_renews_the_lease(context: SetContext) -> None:
    queue_landlines(context)
    taken(context, "Li")
    context.clock.advance(timedelta(minutes=14))
    card = next_call(context, "Li").call
    assert card is not None
    assert card.lease_until == context.now() + timedelta(minutes=15)


def test_two_people_never_hold_one_call(context: SetContext) -> None:
    queue_landlines(context, 3)
    people = ["Li", "Wang", "Chen"]
    assert len({taken(context, name) for name in people}) == 3
    assert taken(context, "Zhao") is None


def test_who_asks_on_two_hosts_at_once_holds_one_call(context: SetContext) -> None:
    rounds = 12
    for number in range(2 * rounds):
        add_survey(context, "AG-1", f"L-{number}", f"+86577888867{number:02}")
    queue_calls(context)
    hosts = [reopened(context.home, MORNING) for _ in range(2)]
    together = Barrier(len(hosts))

    def ask(host: SetContext, by: str) -> int:
        together.wait()
        return call_id(host, by)

    with ThreadPoolExecutor(len(hosts)) as pool:
        for number in range(rounds):
            name = f"Caller {number}"
            assert len(set(pool.map(ask, hosts, [name] * len(hosts)))) == 1, name
    for host in hosts:
        host.engine.dispose()


def test_a_lease_that_ran_out_gives_the_call_back(context: SetContext) -> None:
    queue_landlines(context)
    mine = taken(context, "Li")
    context.clock.advance(timedelta(minutes=15, seconds=-1))
    assert taken(context, "Wang") is None
    context.clock.advance(timedelta(seconds=1))
    assert taken(context, "Wang") == mine
    assert taken(context, "Li") is None


def test_who_had_a_call_gets_it_first_after_a_pause(context: SetContext) -> None:
    queue_landlines(context, 4)
    taken(context, "Wang")
    mine = taken(context, "Li")
    context.clock.advance(timedelta(hours=1))
    assert taken(context, "Li") == mine


def test_an_open_page_keeps_its_call(context: SetContext) -> None:
    queue_landlines(context)
    call = call_id(context, "Li")
    for _ in range(6):
        context.clock.advance(timedelta(minutes=10))
        assert renew_lease(context, call, "Li").lease_until > context.now()
        assert taken(context, "Wang") is None


def test_a_page_that_slept_keeps_its_call_only_if_nobody_took_it(context: SetContext) -> None:
    queue_landlines(context)
    call = call_id(context, "Li")
    context.clock.advance(timedelta(hours=1))
    renew_lease(context, call, "Li")
    context.clock.advance(timedelta(minutes=20))
    assert call_id(context, "Wang") == call
    with pytest.raises(CallHeld, match="held by Wang"):
        renew_lease(context, call, "Li")


def test_a_page_that_slept_gives_no_second_call(context: SetContext) -> None:
    queue_landlines(context, 2)
    first = call_id(context, "Li")
    context.clock.advance(timedelta(hours=1))
    assert call_id(context, "Wang") == first
    second = call_id(context, "Li")
    context.clock.advance(timedelta(hours=1))
    with writing(context.engine) as connection:  # as if it had come back to Li
        connection.execute(calls.update().where(calls.c.id == first).values(lease_by="Li"))
        connection.execute(
            calls.update()
            .where(calls.c.id == second)
            .values(lease_until=context.now() + timedelta(minutes=5))
        )
    with pytest.raises(CallHeld, match=f"you hold call {second}"):
        renew_lease(context, first, "Li")
    assert renew_lease(context, second, "Li").lease_until > context.now()


def test_the_page_hears_of_a_text_that_came_while_the_call_was_held(context: SetContext) -> None:
    survey = add_survey(context, "AG-1")
    add_text(context, survey, state=MessageState.UNDELIVERED)
    queue_calls(context)
    call = call_id(context, "Li")
    assert renew_lease(context, call, "Li").meanwhile is None
    by_sms(context, survey)
    told = renew_lease(context, call, "Li").meanwhile
    assert told is not None
    assert "An SMS answer arrived" in str(told)
    card = next_call(context, "Li").call
    assert card is not None
    assert card.meanwhile == told


def test_a_call_put_back_keeps_its_place_and_is_anybodys(context: SetContext) -> None:
    queue_landlines(context, 2)
    call = call_id(context, "Li")
    release(context, call, "Li")
    assert row_of(context, call).lease_by is None
    assert call_id(context, "Wang") == call
    with pytest.raises(CallHeld, match="held by Wang"):
        release(context, call, "Li")


@pytest.mark.parametrize("act", [renew_lease, release])
def test_a_call_that_is_not_in_your_hands_cannot_be_kept_or_put_back(
    context: SetContext, act: Any
) -> None:
    queue_landlines(context)
    call = list_calls(context)[0].id
    with pytest.raises(CallHeld, match="nobody's hands"):
        act(context, call, "Li")
    with pytest.raises(UnknownRecord):
        act(context, call + 1, "Li")


def test_a_call_that_ended_cannot_be_renewed(context: SetContext) -> None:
    queue_landlines(context)
    call = call_id(context, "Li")
    log_result(context, call, "Li", CallResult(CallOutcome.REFUSED))
    with pytest.raises(CannotProceed, match="has ended"):
        renew_lease(context, call, "Li")


def test_somebody_without_a_name_gets_no_call(context: SetContext) -> None:
    queue_landlines(context)
    with pytest.raises(UsageError, match="--by"):
        next_call(context, "  ")


def test_the_order_is_appointments_then_retries_then_reason_and_age(context: SetContext) -> None:
    queue_landlines(context, 8)
    context.clock.advance(timedelta(minutes=1))
    undelivered = add_survey(context, "AG-1", "U-0", "+8613812345678")
    add_text(context, undelivered, state=MessageState.UNDELIVERED)
    queue_calls(context)
    fresh = {f"L-{number}" for number in range(8)}
    retried, late_appointment, early_appointment = (taken(context, name) for name in "ABC")
    for name, result in [
        ("A", CallResult(CallOutcome.BUSY)),
        ("B", again(context, hours=5)),
        ("C", again(context, hours=4, minutes=30)),
    ]:
        log_result(context, call_id(context, name), name, result)
    context.clock.advance(timedelta(hours=5, minutes=1))
    order = [taken(context, f"P-{number}") for number in range(9)]
    assert order[:3] == [early_appointment, late_appointment, retried]
    assert set(order[3:8]) == fresh - set(order[:3])
    assert order[8] == "U-0"


def again(context: SetContext, **after: int) -> CallResult:
    return CallResult(CallOutcome.AGAIN, again_at=context.now() + timedelta(**after))


def test_calls_of_one_reason_and_age_come_the_same_way_every_time(tmp_path: Path) -> None:
    orders = []
    for run in ("one", "two"):
        (tmp_path / run).mkdir()
        context = workspace(tmp_path / run, at=MORNING)
        add_offices(context, "agency")
        queue_landlines(context, 6)
        orders.append([taken(context, f"P-{number}") for number in range(6)])
    assert orders[0] == orders[1]


def test_an_appointment_is_not_handed_out_before_its_time(context: SetContext) -> None:
    queue_landlines(context)
    log_result(context, call_id(context, "Li"), "Li", again(context, hours=5))
    context.clock.advance(timedelta(hours=5, seconds=-1))
    found = next_call(context, "Li")
    assert found.call is None
    assert "2023-05-04 15:00" in str(found.why_none)
    context.clock.advance(timedelta(seconds=1))
    card = next_call(context, "Wang").call
    assert card is not None
    assert card.appointment == context.now()


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        (NOON, "2023-05-04 14:00"),
        (NOON + timedelta(hours=5, minutes=30), "2023-05-05 09:00"),
        (NOON + timedelta(days=3), "2023-05-08 09:00"),  # a Sunday; the Saturday is worked
    ],
)
def test_no_call_is_handed_out_outside_calling_hours(
    context: SetContext, moment: Any, opens: str
) -> None:
    queue_landlines(context)
    context.clock.at = moment
    found = next_call(context, "Li")
    assert found.call is None
    assert opens in str(found.why_none)


def test_a_call_in_hand_is_still_shown_after_hours(context: SetContext) -> None:
    queue_landlines(context, 2)
    context.clock.at = NOON - timedelta(minutes=5)
    mine = taken(context, "Li")
    context.clock.at = NOON + timedelta(minutes=5)
    assert taken(context, "Li") == mine
    context.clock.at = NOON + timedelta(minutes=30)
    assert taken(context, "Li") is None


def test_nothing_is_handed_out_after_the_surveys_last_moment(context: SetContext) -> None:
    queue_landlines(context, closes_at=MORNING + timedelta(hours=1))
    context.clock.advance(timedelta(hours=1))
    found = next_call(context, "Li")
    assert found.call is None
    assert str(found.why_none) == "No call waits."


def test_who_opted_out_is_not_handed_out_not_even_to_who_held_the_call(context: SetContext) -> None:
    queue_landlines(context)
    taken(context, "Li")
    with writing(context.engine) as connection:
        opt_out(connection, context.keys.phone_hash(LANDLINES[0]), "simulated", None, context.now())
    assert taken(context, "Li") is None
    assert taken(context, "Wang") is None


def test_a_closed_survey_takes_its_call_along(context: SetContext) -> None:
    add_survey(context, "AG-1", phone=LANDLINES[0])
    queue_calls(context)
    with writing(context.engine) as connection:
        close_surveys(connection, [1], SurveyEnd.WITHDRAWN, context.now())
    assert taken(context, "Li") is None
    assert [(one.state, one.why) for one in list_calls(context, state=None)] == [
        (CallState.CLOSED, "withdrawn")
    ]


def held_while_a_text_came(context: SetContext, **text: Any) -> int:
    """A call to somebody whose text failed, held by Li while they write after all; its id."""
    survey = add_survey(context, "AG-1")
    add_text(context, survey, state=MessageState.UNDELIVERED)
    queue_calls(context)
    call = call_id(context, "Li")
    context.clock.advance(timedelta(minutes=1))
    if text:
        add_inbound(context, survey, "hm?", **text)
    else:
        by_sms(context, survey)
    return call


@pytest.mark.parametrize("text", [{}, {"use": InboundUse.READER}])
def test_who_wrote_while_the_call_was_held_is_not_given_to_the_next_caller(
    context: SetContext, text: dict[str, Any]
) -> None:
    call = held_while_a_text_came(context, **text)
    context.clock.advance(timedelta(hours=5))
    found = next_call(context, "Wang")
    assert found.call is None
    assert str(found.why_none) == "No call waits."
    assert list_calls(context, due=True) == []
    assert queue_calls(context).not_needed == 1
    assert (row_of(context, call).state, row_of(context, call).why) == ("closed", "sms_reply")


def test_an_answered_call_put_back_is_not_handed_out_again(context: SetContext) -> None:
    call = held_while_a_text_came(context)
    release(context, call, "Li")
    assert taken(context, "Li") is None
    assert taken(context, "Wang") is None


def test_the_queue_leaves_a_held_call_in_its_callers_hands(context: SetContext) -> None:
    call = held_while_a_text_came(context)
    assert queue_calls(context).not_needed == 0
    assert row_of(context, call).lease_by == "Li"
    assert call_id(context, "Li") == call


def looks(context: SetContext) -> list[tuple[str, str]]:
    with reading(context.engine) as connection:
        rows = connection.execute(
            select(audit_log.c.actor, audit_log.c.key)
            .where(audit_log.c.action == AuditAction.LOOKED)
            .order_by(audit_log.c.id)
        )
        return [(row.actor, row.key) for row in rows]


def test_a_lease_begins_now_whatever_zone_the_clock_speaks(context: SetContext) -> None:
    queue_landlines(context)
    context.clock.at = MORNING.astimezone(ZoneInfo("Asia/Shanghai"))
    call = next_call(context, "li").call
    assert call is not None
    assert (call.leased_at, call.lease_until - call.leased_at) == (MORNING, timedelta(minutes=15))


def test_a_look_at_the_number_is_logged_once_a_lease(context: SetContext) -> None:
    queue_landlines(context)
    for _ in range(3):
        taken(context, "Li")
        context.clock.advance(timedelta(minutes=5))
    assert looks(context) == [("Li", "AG-1/L-0")]
    context.clock.advance(timedelta(minutes=15))
    taken(context, "Li")
    context.clock.advance(timedelta(minutes=15))
    taken(context, "Wang")
    assert [name for name, _ in looks(context)] == ["Li", "Li", "Wang"]


def test_the_card_alone_shows_the_number_in_full(context: SetContext) -> None:
    queue_landlines(context)
    card = next_call(context, "Li").call
    assert card is not None
    assert card.phone == LANDLINES[0]
    listed = repr([one.to_json() for one in list_calls(context, state=None)])
    assert LANDLINES[0].removeprefix("+86") not in listed
    assert looks(context) == [("Li", "AG-1/L-0")]


def test_the_card_says_all_that_the_caller_needs(context: SetContext) -> None:
    survey = add_survey(context, "AG-1", "K-7")
    add_text(context, survey, state=MessageState.DELIVERED)
    add_inbound(context, survey, "???", use=InboundUse.CANNOT_TELL)
    queue_calls(context)
    call = call_id(context, "Li")
    log_result(context, call, "Li", CallResult(CallOutcome.BUSY, note="engaged twice"))
    context.clock.advance(timedelta(minutes=30))
    card = next_call(context, "Wang").call
    assert card is not None
    assert (card.office_code, card.office, card.case_no) == ("AG-1", "Office 1", "K-7")
    assert (card.item, card.served_on) == ("Licence", MORNING.date())
    assert (card.reason, card.attempt, card.attempts_left) == (CallReason.UNCLEAR, 2, 2)
    assert (card.text, card.text_state) == ("How was it? 1 good 2 fair 3 bad", "delivered")
    assert [reply.text for reply in card.replies] == ["???"]
    assert [(one.number, one.by, one.outcome, one.note) for one in card.history] == [
        (1, "Li", "busy", "engaged twice")
    ]
    assert card.lease_until == context.now() + timedelta(minutes=15)
    assert card.script == (
        "您好，这里是市评议办。感谢您回复短信，但我们没能明确您的意思。"
        "2023年5月4日，Office 1为您办理了“Licence”。您对这次服务感到满意、一般，还是不满意？"
    ), "as it is read aloud"


def test_a_card_whose_case_was_deleted_is_still_a_card(context: SetContext) -> None:
    queue_landlines(context)
    with writing(context.engine) as connection:
        connection.exec_driver_sql("UPDATE surveys SET case_id = NULL")
    card = next_call(context, "Li").call
    assert card is not None
    assert (card.item, card.served_on, card.citizen_name) == (None, None, None)
    assert card.to_json("en")["script"]


def test_the_list_names_who_holds_what(context: SetContext) -> None:
    queue_landlines(context, 2)
    mine = call_id(context, "Li")
    assert [one.id for one in list_calls(context, held_by="Li")] == [mine]
    assert [one.held_by for one in list_calls(context, due=True)] == [None]
    context.clock.advance(timedelta(minutes=15))
    assert list_calls(context, held_by="Li") == []
    assert len(list_calls(context, due=True)) == 2


def test_the_list_can_be_narrowed(context: SetContext) -> None:
    queue_landlines(context, 3)
    assert len(list_calls(context, limit=2)) == 2
    assert list_calls(context, reason=CallReason.NO_REPLY) == []
    assert list_calls(context, state=CallState.DONE) == []
    with writing(context.engine) as connection:
        connection.execute(update(calls).values(due_at=context.now() + timedelta(days=1)))
    assert list_calls(context, due=True) == []
