"""What a text does, from its coming to the rating (specification, section 6)."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from survey_pipeline.errors import CannotProceed, UnknownRecord, UsageError
from survey_pipeline.gateways.port import InboundEvent
from survey_pipeline.inbound.mailbox import store_inbound
from survey_pipeline.stages.callbacks import next_call, queue_calls
from survey_pipeline.stages.dispatch import dispatch
from survey_pipeline.stages.replies import (
    ReadReplies,
    code_reply,
    list_replies,
    read_inbound,
)
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import (
    answers,
    audit_log,
    calls,
    inbound,
    messages,
    opt_outs,
    surveys,
)
from survey_pipeline.survey.closing import close_due
from survey_pipeline.testing import (
    NOON,
    FakeGateway,
    SetContext,
    add_offices,
    add_survey,
    add_text,
    workspace,
)
from survey_pipeline.vocabulary import (
    CallReason,
    MessagePurpose,
    MessageState,
    ReaderDecision,
)

pytestmark = pytest.mark.usefixtures("database")

TEMPLATES = Path(__file__).parents[2] / "templates"
MORNING = NOON - timedelta(hours=2)
PHONE = "+8613812345678"


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    made = workspace(tmp_path, at=MORNING, callbacks={"verify_satisfied": "0"})
    shutil.copytree(TEMPLATES, tmp_path / "templates")
    add_offices(made, "agency")
    return made


def asked(context: SetContext, phone: str = PHONE, **text: Any) -> int:
    """A survey whose question was delivered."""
    survey = add_survey(context, "AG-1", f"K-{phone[-4:]}", phone)
    add_text(context, survey, **text)
    return survey


def receive(context: SetContext, *texts: str, sender: str = PHONE, **values: Any) -> ReadReplies:
    """Let texts come in, one after the other, and read them."""
    with reading(context.engine) as connection:
        known = len(connection.execute(select(inbound.c.id)).all())
    events = [
        InboundEvent(f"in-{known + number}", sender, text, context.now(), **values)
        for number, text in enumerate(texts)
    ]
    with writing(context.engine) as connection:
        store_inbound(connection, context.keys, "simulated", events, context.now())
    return read_inbound(context)


def rows(context: SetContext, table: Any) -> list[Any]:
    with reading(context.engine) as connection:
        return list(connection.execute(select(table).order_by(table.c.id)))


def survey_of(context: SetContext) -> Any:
    return rows(context, surveys)[-1]


def uses(context: SetContext) -> list[str]:
    return [row.use for row in rows(context, inbound)]


def advance(context: SetContext, **by: float) -> None:
    context.clock.advance(timedelta(**by))


@pytest.mark.parametrize(
    ("text", "rating"), [("1", "satisfied"), ("一般吧", "neutral"), ("3、不满意", "dissatisfied")]
)
def test_a_clear_text_rates_the_open_survey(context: SetContext, text: str, rating: str) -> None:
    asked(context)
    assert receive(context, text) == ReadReplies(answers=1)
    survey = survey_of(context)
    assert (survey.rating, survey.rated_by, survey.replied) == (rating, "sms", True)
    assert survey.disposition == "1.1"


@pytest.mark.parametrize(
    "sender",
    [
        "13812345678",
        "8613812345678",
        "008613812345678",
        PHONE,
        "+86 138-1234-5678",
        "tel:+8613812345678",
        "(+86) 138 1234 5678",
        "８６１３８１２３４５６７８",
    ],
)
def test_a_sender_is_known_in_every_form_that_providers_write(
    context: SetContext, sender: str
) -> None:
    asked(context)
    assert receive(context, "1", sender=sender).answers == 1


def test_digits_mean_what_the_question_offered(context: SetContext) -> None:
    asked(context, digits={"1": "dissatisfied", "2": "neutral", "3": "satisfied"})
    receive(context, "1")
    assert survey_of(context).rating == "dissatisfied"


def test_the_same_delivery_twice_is_one_text(context: SetContext) -> None:
    asked(context)
    event = InboundEvent("in-7", PHONE, "1", context.now())
    for _ in range(2):
        with writing(context.engine) as connection:
            store_inbound(connection, context.keys, "simulated", [event], context.now())
        read_inbound(context)
    assert len(rows(context, inbound)) == len(rows(context, answers)) == 1


def test_a_later_clear_text_replaces_an_earlier_one_and_both_stay(context: SetContext) -> None:
    asked(context)
    receive(context, "3")
    advance(context, hours=47)
    receive(context, "1")
    assert survey_of(context).rating == "satisfied"
    assert [row.rating for row in rows(context, answers)] == ["dissatisfied", "satisfied"]


def test_after_the_reply_window_the_first_answer_stands(context: SetContext) -> None:
    asked(context)
    receive(context, "3")
    advance(context, hours=49)
    receive(context, "1")
    assert survey_of(context).rating == "dissatisfied"
    assert len(rows(context, answers)) == 2


def test_a_first_answer_after_the_window_counts_while_the_survey_is_open(
    context: SetContext,
) -> None:
    asked(context)
    advance(context, hours=60)
    receive(context, "2")
    assert survey_of(context).rating == "neutral"


def test_a_text_with_no_survey_open_is_kept_and_not_counted(context: SetContext) -> None:
    assert receive(context, "1") == ReadReplies(no_survey=1)
    asked(context)
    advance(context, days=8)
    with writing(context.engine) as connection:
        close_due(connection, context.now())
    assert receive(context, "1") == ReadReplies(no_survey=1)
    assert (uses(context), survey_of(context).rating) == (["no_survey", "no_survey"], None)


def test_a_text_that_comes_after_the_end_is_not_counted_even_before_the_closing_ran(
    context: SetContext,
) -> None:
    asked(context)
    advance(context, days=8)
    assert receive(context, "1") == ReadReplies(no_survey=1)


@pytest.mark.parametrize("state", [MessageState.QUEUED, MessageState.FAILED, MessageState.EXPIRED])
def test_nobody_answers_a_question_that_was_never_sent(
    context: SetContext, state: MessageState
) -> None:
    asked(context, state=state)
    assert receive(context, "1") == ReadReplies(no_survey=1)


def test_an_answer_to_a_text_of_which_nobody_knew_counts(context: SetContext) -> None:
    asked(context, state=MessageState.UNKNOWN)
    assert receive(context, "1") == ReadReplies(answers=1)


def test_an_unclear_text_waits_for_a_reader_and_holds_calls_back(context: SetContext) -> None:
    asked(context)
    assert receive(context, "没办成") == ReadReplies(unclear=1)
    assert (uses(context), survey_of(context).rating) == (["reader"], None)
    assert survey_of(context).disposition == "2.36"
    advance(context, hours=23)
    assert queue_calls(context).total == 0


def test_what_nobody_reads_in_time_is_called(context: SetContext) -> None:
    asked(context)
    receive(context, "没办成")
    advance(context, hours=24)
    assert queue_calls(context).queued[CallReason.UNCLEAR] == 1


def test_a_clear_text_spares_the_reader_the_unclear_one(context: SetContext) -> None:
    asked(context)
    receive(context, "没办成", "3")
    assert uses(context) == ["superseded", "answer"]


def test_a_reader_sees_the_text_and_neither_office_nor_number(context: SetContext) -> None:
    asked(context)
    receive(context, "没办成", "1")
    asked(context, "+8613900000001")
    receive(context, "说不清", sender="+8613900000001")
    (one,) = list_replies(context, unclear=True)
    shown = str(one.to_json("en"))
    assert (one.text, one.phone) == ("说不清", "139****0001")
    assert "AG-1" not in shown
    assert "Office" not in shown


@pytest.mark.parametrize("decision", list(ReaderDecision))
def test_a_readers_decision(context: SetContext, decision: ReaderDecision) -> None:
    asked(context)
    receive(context, "没办成")
    coded = code_reply(context, 1, decision, "Wang")
    survey = survey_of(context)
    rating = decision.value if decision.value in {"satisfied", "neutral", "dissatisfied"} else None
    assert (coded.rating, survey.rating) == (rating, rating)
    assert survey.denied == (decision is ReaderDecision.NOT_MY_CASE)
    called = decision is ReaderDecision.CANNOT_TELL
    assert (queue_calls(context).queued[CallReason.UNCLEAR] == 1) == called
    (noted,) = [row for row in rows(context, audit_log) if row.action == "decided"]
    assert (noted.actor, noted.kind, noted.key) == ("Wang", "inbound", "1")


def test_a_readers_rating_is_dated_when_the_citizen_wrote(context: SetContext) -> None:
    asked(context)
    receive(context, "没办成")
    advance(context, hours=5)
    code_reply(context, 1, ReaderDecision.NEUTRAL, "Wang")
    assert survey_of(context).rated_at == MORNING
    (answer,) = rows(context, answers)
    assert (answer.by, answer.mode) == ("Wang", "sms")


def test_deciding_twice_changes_nothing_and_no_colleague_is_overruled(context: SetContext) -> None:
    asked(context)
    receive(context, "没办成")
    code_reply(context, 1, ReaderDecision.NEUTRAL, "Wang")
    assert code_reply(context, 1, ReaderDecision.NEUTRAL, "Wang").repeated
    with pytest.raises(CannotProceed, match="was decided by Wang: neutral"):
        code_reply(context, 1, ReaderDecision.SATISFIED, "Li")
    assert len(rows(context, answers)) == 1


def test_what_cannot_be_decided_says_why(context: SetContext) -> None:
    with pytest.raises(UnknownRecord, match="no reply 9"):
        code_reply(context, 9, ReaderDecision.NEUTRAL, "Wang")
    receive(context, "1")
    with pytest.raises(CannotProceed, match="answers no survey"):
        code_reply(context, 1, ReaderDecision.NEUTRAL, "Wang")
    asked(context)
    receive(context, "1")
    with pytest.raises(CannotProceed, match="waits for no reader"):
        code_reply(context, 2, ReaderDecision.NEUTRAL, "Wang")
    with pytest.raises(UsageError, match="--by"):
        code_reply(context, 2, ReaderDecision.NEUTRAL, " ")


def test_a_reader_may_still_decide_what_waits_for_its_call(context: SetContext) -> None:
    asked(context)
    receive(context, "没办成")
    advance(context, hours=24)
    queue_calls(context)
    code_reply(context, 1, ReaderDecision.DISSATISFIED, "Wang")
    assert [row.state for row in rows(context, calls)] == ["closed"]


def test_an_opt_out_stops_everything_and_only_start_ends_it(context: SetContext) -> None:
    asked(context)
    assert receive(context, "TD") == ReadReplies(opted_out=1)
    (stop,) = rows(context, opt_outs)
    assert stop.ended_at is None
    assert (survey_of(context).opted_out, survey_of(context).disposition) == (True, "2.112")
    receive(context, "YES")
    assert rows(context, opt_outs)[0].ended_at is None
    assert receive(context, "START") == ReadReplies(opted_in=1)
    assert rows(context, opt_outs)[0].ended_at is not None
    advance(context, days=3)
    assert queue_calls(context).total == 0


def test_an_opt_out_is_heard_without_any_survey(context: SetContext) -> None:
    assert receive(context, "退订") == ReadReplies(opted_out=1)
    assert receive(context, "退订") == ReadReplies(opted_out=1)
    assert len(rows(context, opt_outs)) == 1


def test_a_rating_beside_an_opt_out_goes_to_the_reader_and_never_to_a_call(
    context: SetContext,
) -> None:
    asked(context)
    assert receive(context, "不满意，退订") == ReadReplies(opted_out=1)
    assert (uses(context), survey_of(context).rating) == (["reader"], None)
    advance(context, days=3)
    assert queue_calls(context).total == 0
    code_reply(context, 1, ReaderDecision.DISSATISFIED, "Wang")
    assert survey_of(context).rating == "dissatisfied"
    gateway = FakeGateway()
    dispatch(context, {"simulated": gateway}, ignore_hours=True)
    assert gateway.ledger == []
    assert queue_calls(context).total == 0


def test_a_providers_opt_out_holds_whatever_the_words_say(context: SetContext) -> None:
    asked(context)
    assert receive(context, "ok", opted_out=True) == ReadReplies(opted_out=1)
    assert len(rows(context, opt_outs)) == 1


def test_not_my_case_is_no_rating_and_nobody_calls(context: SetContext) -> None:
    asked(context)
    assert receive(context, "没办过") == ReadReplies(not_my_case=1)
    survey = survey_of(context)
    assert (survey.rating, survey.denied, survey.disposition) == (None, True, "3.90")
    assert survey.contact_data_bad
    advance(context, days=3)
    assert queue_calls(context).total == 0


def test_a_text_closes_the_call_that_waits(context: SetContext) -> None:
    asked(context, state=MessageState.UNDELIVERED)
    queue_calls(context)
    receive(context, "1")
    (call,) = rows(context, calls)
    assert (call.state, call.why) == ("closed", "sms_reply")


def test_a_text_during_a_call_is_shown_and_the_call_stays_with_its_caller(
    context: SetContext,
) -> None:
    asked(context, state=MessageState.UNDELIVERED)
    queue_calls(context)
    next_call(context, "Li")
    receive(context, "1")
    (call,) = rows(context, calls)
    assert (call.state, call.lease_by) == ("open", "Li")
    shown = next_call(context, "Li").call
    assert shown is not None
    assert "SMS answer arrived" in str(shown.meanwhile)


def follow_up(context: SetContext, survey: int) -> None:
    add_text(context, survey, purpose=MessagePurpose.REASON)


def test_the_next_free_text_after_the_follow_up_is_the_comment(context: SetContext) -> None:
    survey = asked(context)
    receive(context, "3")
    follow_up(context, survey)
    assert receive(context, "窗口的人爱理不理，跑了三趟") == ReadReplies(comments=1)
    assert uses(context) == ["answer", "comment"]
    assert survey_of(context).rating == "dissatisfied"
    assert receive(context, "还有材料也不说清楚") == ReadReplies(unclear=1)


@pytest.mark.parametrize(
    ("text", "rating"),
    [("1", "satisfied"), (" １。", "satisfied"), ("满 意！", "satisfied"), ("①", "satisfied"),
     ("“3”", "dissatisfied"), ("不满意。", "dissatisfied"), ("不 满意", "dissatisfied")],
)  # fmt: skip
def test_an_option_alone_after_the_follow_up_rates_anew(
    context: SetContext, text: str, rating: str
) -> None:
    survey = asked(context)
    receive(context, "2")
    follow_up(context, survey)
    assert receive(context, text) == ReadReplies(answers=1)
    assert survey_of(context).rating == rating


@pytest.mark.parametrize(
    "text",
    ["态度差", "不满意的是窗口太少", "挺好的就是慢", "非常不满意", "很满意，就是远", "服务很好",
     "3，态度差", "一般般", "满意？", "窗口3", "1楼没人", "👎", "没办成", "选3"],
)  # fmt: skip
def test_free_words_after_the_follow_up_are_the_comment_and_no_rating(
    context: SetContext, text: str
) -> None:
    survey = asked(context)
    receive(context, "2")
    follow_up(context, survey)
    assert receive(context, text) == ReadReplies(comments=1)
    assert (uses(context), survey_of(context).rating) == (["answer", "comment"], "neutral")
    assert list_replies(context)[-1].reply_class == "unclear"


def test_words_that_rate_before_the_follow_up_was_written_still_rate(context: SetContext) -> None:
    survey = asked(context)
    receive(context, "2")
    assert receive(context, "态度差") == ReadReplies(answers=1)
    follow_up(context, survey)
    assert survey_of(context).rating == "dissatisfied"


def test_an_opt_out_after_the_follow_up_holds(context: SetContext) -> None:
    survey = asked(context)
    receive(context, "3")
    follow_up(context, survey)
    assert receive(context, "别再发了") == ReadReplies(opted_out=1)
    assert len(rows(context, opt_outs)) == 1
    assert survey_of(context).rating == "dissatisfied"


def test_a_denial_of_what_was_rated_waits_for_a_reader(context: SetContext) -> None:
    survey = asked(context)
    receive(context, "3")
    follow_up(context, survey)
    assert receive(context, "发错人了") == ReadReplies(unclear=1)
    assert (survey_of(context).rating, survey_of(context).denied) == ("dissatisfied", False)


def test_a_comment_takes_the_call_back_that_would_ask_why(context: SetContext) -> None:
    survey = asked(context)
    receive(context, "3")
    follow_up(context, survey)
    advance(context, hours=49)
    assert queue_calls(context).queued[CallReason.DISSATISFIED] == 1
    receive(context, "排了一上午队，态度也不好")
    assert [row.state for row in rows(context, calls)] == ["closed"]


def test_an_answer_calls_off_a_question_that_waits_to_be_sent_again(context: SetContext) -> None:
    asked(context, state=MessageState.SENDING, attempt_id="a-1")
    with writing(context.engine) as connection:
        connection.exec_driver_sql(
            "INSERT INTO send_attempts (id, message_id, gateway, started_at, outcome) "
            "VALUES ('a-1', 1, 'simulated', '2023-05-04 02:00:00', 'unknown')"
        )
        connection.execute(update(messages).values(state="queued"))
    assert receive(context, "1") == ReadReplies(answers=1)
    assert [row.state for row in rows(context, messages)] == ["failed"]


def test_texts_are_listed_by_day(context: SetContext) -> None:
    receive(context, "1")
    advance(context, days=1)
    receive(context, "2")
    assert [one.text for one in list_replies(context, day=context.today())] == ["2"]
    assert len(list_replies(context)) == 2
