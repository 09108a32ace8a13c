"""Personal data goes when it is due; counts, draws and receipts stay (specification, 10.3)."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Protocol

import pytest
from sqlalchemy import Table, select, text, update

from survey_pipeline.audit_chain.chain_check import verify_log
from survey_pipeline.pipeline import clear_up
from survey_pipeline.privacy import purging
from survey_pipeline.privacy.deletion_receipts import ABANDONED, read_receipts
from survey_pipeline.privacy.purging import due_now, purge
from survey_pipeline.reports.calls_overview import read_calls_overview
from survey_pipeline.stages.intake import import_file
from survey_pipeline.stages.sampling import verify_draw
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.personal import KeptUntil, columns_until
from survey_pipeline.store.tables import (
    answers,
    audit_log,
    call_attempts,
    cases,
    daily_reports,
    deletions,
    draws,
    inbound,
    messages,
    opt_outs,
    surveys,
)
from survey_pipeline.testing import SetContext, add_case, reopened
from survey_pipeline.vocabulary import AuditAction, Audited, DeletionKind, InboundUse, RecordKind

pytestmark = pytest.mark.usefixtures("database")
DAY = date(2023, 5, 4)
RETENTION, UNDRAWN_RETENTION = timedelta(days=90), timedelta(days=7)
MOMENT = timedelta(seconds=1)


class Marked(Protocol):
    """What the fixture gives: see conftest.py."""

    context: SetContext
    survey: int

    def held(self) -> set[str]: ...


def values(context: SetContext, table: Table, *ends: KeptUntil) -> list[Any]:
    """Return everything that a table still holds of these ends."""
    columns = list(columns_until(table, *ends or (KeptUntil.SURVEY,)))
    with reading(context.engine) as connection:
        rows = connection.execute(select(*columns)).all()
    return [value for row in rows for value in row if value is not None]


def rows(context: SetContext, table: Table) -> list[Any]:
    with reading(context.engine) as connection:
        return list(connection.execute(select(table)))


def entries(context: SetContext, action: AuditAction) -> list[tuple[str, str]]:
    with reading(context.engine) as connection:
        rows = connection.execute(select(audit_log).where(audit_log.c.action == action))
        return sorted((row.kind, row.key) for row in rows)


def test_a_case_that_was_not_drawn_goes_its_days_after_the_frame(marked: Marked) -> None:
    context = marked.context
    context.clock.advance(UNDRAWN_RETENTION - timedelta(days=1))
    assert purge(context).receipt is None
    assert marked.held() == {"C1", "C2"}
    context.clock.advance(timedelta(days=1))
    receipt = purge(context).receipt
    assert receipt is not None
    assert receipt.counts == {"cases": 1, "inbound": 1}
    assert len(marked.held()) == 1
    assert ("frames", DAY.isoformat()) in entries(context, AuditAction.DELETED)
    with reading(context.engine) as connection:
        assert connection.scalar(select(draws.c.purged_at)) == context.now()


def test_a_drawn_case_goes_its_days_after_the_survey_closed(marked: Marked) -> None:
    context = marked.context
    context.clock.advance(RETENTION - MOMENT)
    purge(context)
    assert len(marked.held()) == 1
    context.clock.advance(MOMENT)
    receipt = purge(context).receipt
    assert receipt is not None
    assert receipt.counts == {
        "cases": 1, "surveys": 1, "messages": 1, "inbound": 1, "call_attempts": 1, "answers": 1,
        "audit_log": 2, "opt_outs": 1, "phone_hashes": 1,
    }  # fmt: skip
    for table in (cases, surveys, messages, inbound, call_attempts, answers):
        assert values(context, table) == []
    assert values(context, opt_outs, KeptUntil.REQUEST) == []
    assert purge(context).receipt is None


def test_the_figures_of_the_callers_stay(marked: Marked) -> None:
    context = marked.context
    with writing(context.engine) as connection:
        (attempt,) = connection.scalars(select(call_attempts.c.id))
        connection.execute(update(answers).values(role="correction", call_attempt_id=attempt))
    before = read_calls_overview(context, DAY).callers
    assert [line.day.corrected for line in before] == [1]
    context.clock.advance(RETENTION)
    purge(context)
    assert read_calls_overview(context, DAY).callers == before


def test_recorded_values_go_and_the_entry_stays(marked: Marked) -> None:
    context = marked.context
    context.clock.advance(RETENTION)
    purge(context)
    with reading(context.engine) as connection:
        change = connection.execute(
            select(audit_log).where(audit_log.c.action == AuditAction.UPDATED)
        ).one()
        asked = connection.execute(
            select(audit_log).where(audit_log.c.kind == Audited.OPT_OUTS)
        ).one()
    assert change.before == {"remark": None, "served_on": DAY.isoformat()}
    assert change.after == {"remark": None, "served_on": DAY.isoformat()}
    assert (asked.actor, asked.reason) == ("Li", None)


def test_deleted_values_leave_the_chain_whole(marked: Marked) -> None:
    context = marked.context
    before = verify_log(context)
    assert (before.ok, before.emptied) == (True, 0)
    context.clock.advance(RETENTION)
    assert purge(context).receipt is not None
    after = verify_log(context)
    assert (after.ok, after.emptied) == (True, 2)
    with reading(context.engine) as connection:
        salts = text("SELECT count(*) FROM audit_values WHERE salt IS NOT NULL")
        assert connection.scalar(salts) == 0


def test_an_opt_out_outlives_the_purge(marked: Marked) -> None:
    context = marked.context
    context.clock.advance(RETENTION)
    purge(context)
    with reading(context.engine) as connection:
        row = connection.execute(select(opt_outs)).one()
    assert (row.masked, row.by, row.ended_at) == (None, "Li", None)
    assert len(row.phone_hash) == 16


def test_a_text_that_nobody_has_read_is_not_deleted(marked: Marked) -> None:
    context = marked.context
    with writing(context.engine) as connection:
        connection.execute(
            update(inbound).where(inbound.c.survey_id.is_(None)).values(use=InboundUse.PENDING)
        )
    context.clock.advance(RETENTION)
    purge(context)
    assert len(values(context, inbound)) == 3


@pytest.mark.parametrize("item", ["Licence", "Another service"])
def test_a_case_that_is_reported_again_brings_nothing_back(marked: Marked, item: str) -> None:
    context = marked.context
    context.clock.advance(RETENTION)
    purge(context)
    file = context.home / "again.csv"
    file.write_text(
        "office_code,case_no,served_on,phone,item,remark,citizen_name\n"
        + "".join(f"AG-1,C{n},2023-05-04,1385771000{n},{item},again,Name\n" for n in (1, 2))
    )
    summary = import_file(context, RecordKind.CASES, file, reported_on=DAY)
    told = (summary.accepted, summary.updated, summary.unchanged, summary.refused)
    assert told == ((0, 0, 2, 0) if item == "Licence" else (0, 1, 0, 1)), "the drawn one is refused"
    assert values(context, cases) == []
    assert all(row.reported == 2 for row in rows(context, daily_reports))


def test_a_keyed_hash_stays_until_the_phone_may_be_asked_again(marked: Marked) -> None:
    context = marked.context
    quiet = context.settings.sampling.model_copy(update={"quiet_days": 100})
    longer = replace(context, settings=context.settings.model_copy(update={"sampling": quiet}))
    context.clock.advance(RETENTION)
    purge(longer)
    assert values(context, surveys) == []
    assert len(values(context, surveys, KeptUntil.QUIET)) == 1
    context.clock.advance(timedelta(days=17))
    purge(longer)
    assert values(context, surveys, KeptUntil.QUIET) == []


def test_the_draw_holds_before_between_and_after(marked: Marked) -> None:
    context = marked.context
    for wait in (timedelta(), UNDRAWN_RETENTION, RETENTION):
        context.clock.advance(wait)
        purge(context)
        assert list(verify_draw(context, DAY).problems) == []


def test_a_case_emptied_by_hand_is_a_mismatch_after_the_purge_too(marked: Marked) -> None:
    """What goes without a record is found: the drawn case's entry is what the check looks for."""
    context = marked.context
    nothing = {"phone": None, "phone_hash": None}
    with writing(context.engine) as connection:
        connection.execute(update(cases).values(nothing))
    assert len(verify_draw(context, DAY).problems) == 2
    context.clock.advance(UNDRAWN_RETENTION)
    purge(context)
    assert len(verify_draw(context, DAY).problems) == 1


def test_the_receipt_is_kept_logged_and_proves_itself(marked: Marked) -> None:
    context = marked.context
    context.clock.advance(RETENTION)
    receipt = purge(context).receipt
    assert receipt is not None
    assert read_receipts(context, 10) == [receipt]
    assert (receipt.kind, receipt.by, receipt.complete) == (DeletionKind.PURGE, "tester", True)
    assert receipt.limits["undrawn"] == (context.today() - UNDRAWN_RETENTION).isoformat()
    assert receipt.holds
    assert not replace(receipt, counts={**receipt.counts, "cases": 3}).holds
    assert ("deletions", str(receipt.id)) in entries(context, AuditAction.DELETED)


def test_what_is_due_is_told_and_stays(marked: Marked) -> None:
    context = marked.context
    assert due_now(context) == {}
    context.clock.advance(RETENTION)
    due = due_now(context)
    assert due == {"surveys": 1, "cases": 1, "inbound": 1, "opt_outs": 1}
    assert due_now(context) == due


def test_a_demo_purges_nothing(marked: Marked) -> None:
    context = marked.context
    demo = replace(context, settings=context.settings.model_copy(update={"demo": True}))
    context.clock.advance(RETENTION)
    assert purge(demo).receipt is None
    assert due_now(demo) == {}
    assert marked.held() == {"C1", "C2"}


def test_the_daily_run_purges(marked: Marked) -> None:
    context = marked.context
    context.clock.advance(RETENTION)
    clear_up(context)
    assert marked.held() == set()


def test_a_purge_that_was_killed_leaves_exact_counts_and_the_next_goes_on(
    marked: Marked, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = marked.context
    context.clock.advance(RETENTION)

    def killed(_done: int, _all: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        purge(context, killed)
    assert len(marked.held()) == 1
    assert read_receipts(context, 10) == []
    context.clock.advance(ABANDONED + MOMENT)
    purge(context)
    newest, killed_one = read_receipts(context, 10)
    assert (newest.complete, killed_one.complete, killed_one.holds) == (True, False, True)
    total = Counter(newest.counts) + Counter(killed_one.counts)
    assert (total["cases"], total["surveys"], total["inbound"]) == (2, 1, 2)
    assert marked.held() == set()


def test_several_hosts_purge_at_once_and_count_each_row_once(marked: Marked) -> None:
    context = marked.context
    for number in range(40):
        add_case(context, "AG-1", f"D{number}", f"+86139{number:08d}", frame_on=DAY)
    context.clock.advance(RETENTION)
    hosts = [reopened(context.home, context.now(), sampling={"rate": "0.5"}) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(purge, hosts))
    counts = Counter[str]()
    for receipt in read_receipts(context, 10):
        counts.update(receipt.counts)
    assert (counts["cases"], counts["surveys"], counts["audit_log"]) == (42, 1, 2)
    assert marked.held() == set()
    assert entries(context, AuditAction.DELETED).count(("frames", DAY.isoformat())) == 1
    for host in hosts:
        host.engine.dispose()


def test_a_batch_is_small(marked: Marked) -> None:
    """A writer beside the purge waits for one batch, not for all of it."""
    context = marked.context
    for number in range(purging.ROWS_AT_ONCE + 1):
        add_case(context, "AG-1", f"D{number}", f"+86139{number:08d}", frame_on=DAY)
    context.clock.advance(UNDRAWN_RETENTION)
    told: list[tuple[int, int]] = []
    purge(context, lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == [500, 502, 503]
    assert {total for _, total in told} == {503}


def test_the_counts_are_stored_as_json(marked: Marked) -> None:
    context = marked.context
    context.clock.advance(RETENTION)
    purge(context)
    with reading(context.engine) as connection:
        row = connection.execute(select(deletions)).one()
    assert json.loads(json.dumps(row.counts)) == row.counts
