"""A citizen is shown what is held, and has it deleted at once (specification, section 6.3)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from survey_pipeline.errors import UsageError
from survey_pipeline.privacy.deletion_receipts import read_receipts
from survey_pipeline.privacy.holding import show_citizen
from survey_pipeline.privacy.purging import purge
from survey_pipeline.privacy.requests import forget_citizen
from survey_pipeline.stages.callbacks import queue_calls
from survey_pipeline.stages.dispatch.outbox import due_now
from survey_pipeline.stages.sampling import draw_day, verify_draw
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import (
    audit_log,
    calls,
    cases,
    daily_reports,
    draws,
    inbound,
    messages,
    opt_outs,
    surveys,
)
from survey_pipeline.testing import (
    SetContext,
    add_case,
    add_inbound,
    add_offices,
    add_survey,
    add_text,
    workspace,
)
from survey_pipeline.vocabulary import AuditAction, DeletionKind, InboundUse, MessageState

pytestmark = pytest.mark.usefixtures("database")

NUMBER, OTHER = "+8613857710001", "+8613857710002"


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    """One citizen with an open survey, a waiting text and a case before its draw; and another."""
    context = workspace(tmp_path)
    add_offices(context, "agency")
    for case_no, number in (("K-1", NUMBER), ("K-2", OTHER)):
        survey = add_survey(context, "AG-1", case_no, number)
        add_text(context, survey, text=f"to {number}", state=MessageState.QUEUED)
        add_inbound(context, survey, f"words of {number}")
    later = context.today() + timedelta(days=1)
    name = context.keys.encrypt("Wang")
    add_case(context, "AG-1", "K-3", NUMBER, reported_on=later, citizen_name=name)
    return context


def all_of(context: SetContext, table: Any, **where: Any) -> list[Any]:
    with reading(context.engine) as connection:
        query = select(table).filter_by(**where).order_by(*table.primary_key)
        return list(connection.execute(query))


def test_a_citizen_is_shown_everything_and_nothing_of_others(context: SetContext) -> None:
    holding = show_citizen(context, NUMBER, "Li")
    assert {kind: count for kind, count in holding.counts.items() if count} == {
        "cases": 2, "surveys": 1, "messages": 1, "inbound": 1
    }  # fmt: skip
    text = str(holding.found)
    assert "Wang" in text
    assert f"words of {NUMBER}" in text
    assert OTHER not in text
    (entry,) = all_of(context, audit_log, kind="citizens")
    assert (entry.actor, entry.action, entry.key) == ("Li", AuditAction.LOOKED, holding.receipt)
    assert entry.after == {"counts": holding.counts, "sha256": holding.sha256}


def test_the_hash_still_finds_a_survey_whose_number_is_gone(context: SetContext) -> None:
    forget_citizen(context, NUMBER, "Li", "letter")
    found = show_citizen(context, NUMBER, "Li")
    assert (found.counts["surveys"], found.counts["cases"]) == (1, 1)
    assert "Wang" not in str(found.found)


def test_everything_of_the_citizen_goes_at_once_and_nothing_of_others(context: SetContext) -> None:
    done = forget_citizen(context, NUMBER, "Li", "letter of 13857710001")
    assert done.receipt is not None
    assert done.receipt.counts == {
        "ended_surveys": 1, "surveys": 1, "cases": 2, "messages": 1, "inbound": 1
    }  # fmt: skip
    assert read_receipts(context, 9) == [done.receipt]
    assert (done.receipt.kind, done.receipt.by) == (DeletionKind.FORGET, "Li")
    assert [row.phone is None for row in all_of(context, cases)] == [True, False, True]
    assert [row.text for row in all_of(context, inbound)] == [None, f"words of {OTHER}"]
    assert [row.text for row in all_of(context, messages)] == [None, f"to {OTHER}"]
    (entry,) = all_of(context, audit_log, kind="deletions")
    assert (entry.actor, entry.reason) == ("Li", "letter of 138****0001")
    assert sum(row.reported for row in all_of(context, daily_reports)) == 3


def test_the_open_survey_ends_with_its_texts_and_calls(context: SetContext) -> None:
    (survey, _other) = all_of(context, surveys)
    with writing(context.engine) as connection:
        now = context.now()
        connection.execute(
            calls.insert().values(survey_id=survey.id, reason="unclear", priority=1, queued_at=now,
                                  due_at=now, last_at=now)
        )  # fmt: skip
    forget_citizen(context, NUMBER, "Li", "letter")
    assert [row.state for row in all_of(context, surveys)] == ["closed", "open"]
    (call,) = all_of(context, calls)
    assert (call.state, call.why) == ("closed", "forgotten")
    assert [row.state for row in all_of(context, messages)] == ["failed", "queued"]
    queue_calls(context)
    assert len(all_of(context, calls)) == 1


def test_a_text_that_comes_back_to_the_queue_is_not_claimed(context: SetContext) -> None:
    """A sender had it when its number was deleted, and the gateway did not take it."""
    forget_citizen(context, NUMBER, "Li", "letter")
    with writing(context.engine) as connection:
        connection.execute(messages.update().values(state=MessageState.QUEUED))
        due = connection.scalars(select(messages.c.id).where(*due_now(context.now()))).all()
    assert len(due) == 1


def test_an_opt_out_in_a_text_that_nobody_read_yet_is_heard_first(context: SetContext) -> None:
    with writing(context.engine) as connection:
        connection.execute(
            inbound.insert().values(
                gateway="simulated", provider_id="stop", phone=context.keys.encrypt(NUMBER),
                phone_hash=context.keys.phone_hash(NUMBER), text="TD", received_at=context.now(),
                use=InboundUse.PENDING,
            )
        )  # fmt: skip
    forget_citizen(context, NUMBER, "Li", "letter")
    (stopped,) = all_of(context, opt_outs)
    assert stopped.phone_hash == context.keys.phone_hash(NUMBER)
    purge(context)
    assert len(all_of(context, opt_outs)) == 1


def test_a_case_before_its_draw_is_not_drawn_and_the_draw_holds(context: SetContext) -> None:
    add_case(context, "AG-1", "K-4", "+8613857710004", reported_on=context.today())
    forget_citizen(context, NUMBER, "Li", "letter")
    context.clock.advance(timedelta(days=1))
    draw_day(context, context.today())
    assert {row.case_no for row in all_of(context, surveys)} == {"K-1", "K-2", "K-4"}
    assert list(verify_draw(context, context.today()).problems) == []
    context.clock.advance(timedelta(days=8))
    purge(context)
    (case,) = all_of(context, cases, case_no="K-3")
    assert case.phone_hash is None
    with reading(context.engine) as connection:
        day = connection.scalar(select(draws.c.day))
    assert day is not None
    assert list(verify_draw(context, day).problems) == []


def test_a_drawn_case_that_is_forgotten_leaves_the_draw_whole(tmp_path: Path) -> None:
    context = workspace(tmp_path, sampling={"rate": "1"})
    add_offices(context, "agency")
    for place in range(4):
        add_case(context, "AG-1", f"K-{place}", f"+861385771000{place}")
    draw_day(context, context.today())
    forget_citizen(context, NUMBER, "Li", "letter")
    assert list(verify_draw(context, context.today()).problems) == []


def test_a_number_of_which_nothing_is_held(context: SetContext) -> None:
    done = forget_citizen(context, "+8613900000000", "Li", "letter")
    assert (done.receipt, done.hash_until, done.still_representative) == (None, None, False)


@pytest.mark.parametrize(("by", "reason"), [(" ", "letter"), ("Li", " "), ("Li", "x" * 501)])
def test_a_request_says_who_took_it_and_how_it_came(
    context: SetContext, by: str, reason: str
) -> None:
    with pytest.raises(UsageError):
        forget_citizen(context, NUMBER, by, reason)
    assert all_of(context, cases, case_no="K-1")[0].phone is not None
