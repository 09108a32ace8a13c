"""Tampering with the audit log is found, with its place (specification, section 10.4)."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from survey_pipeline.audit_chain.chain_check import ChainReport, verify_log
from survey_pipeline.audit_chain.digests import next_link
from survey_pipeline.audit_chain.heads import SignedHead, take_head
from survey_pipeline.audit_chain.linking import link_entries
from survey_pipeline.store import audit
from survey_pipeline.store.emptying import empty_recorded
from survey_pipeline.store.engine import open_engine, reading, writing
from survey_pipeline.store.personal import KeptUntil, columns_until
from survey_pipeline.store.record_keys import PLACES
from survey_pipeline.store.sealed import unlock
from survey_pipeline.store.tables import audit_links, audit_log, audit_waiting, cases
from survey_pipeline.testing import SetContext, workspace
from survey_pipeline.testing.workspaces import reopened
from survey_pipeline.vocabulary import AuditAction, Audited, RecordKind

ENTRIES = 7


def write(context: SetContext, count: int = 1, first: int = 1) -> None:
    """Write entries of several kinds: personal values, others, reasons, none."""
    seal = context.keys.encrypt
    with writing(context.engine) as connection:
        for number in range(first, first + count):
            personal = {"remark": seal(f"words {number}"), "item": f"item {number}"}
            audit.append(
                connection,
                [
                    audit.entry(
                        at=context.now() + timedelta(minutes=number),
                        actor=f"Li {number}",
                        action=AuditAction.UPDATED if number % 2 else AuditAction.LOOKED,
                        kind=RecordKind.CASES if number % 3 else Audited.OPT_OUTS,
                        key=f"AG-1/C{number}",
                        before=personal if number % 2 else None,
                        after={"item": "other"} if number % 2 else None,
                        reason=None if number % 4 == 0 else f"why {number}",
                        row_no=number,
                    )
                ],
            )


@pytest.fixture
def context(tmp_path: Path, database: str) -> SetContext:
    """A workspace whose log has some entries and is linked."""
    made = workspace(tmp_path)
    write(made, ENTRIES)
    assert link_entries(made) == ENTRIES
    return made


def execute(context: SetContext, *statements: str) -> None:
    with writing(context.engine) as connection:
        for statement in statements:
            connection.execute(text(statement))


def found(report: ChainReport) -> list[tuple[str, int | None, int | None]]:
    return [(str(each.fault), each.position, each.entry_id) for each in report.findings]


def test_a_log_that_nobody_touched_holds(context: SetContext) -> None:
    report = verify_log(context)
    assert (report.ok, report.entries, report.position) == (True, ENTRIES, ENTRIES)
    write(context, first=8)
    assert verify_log(context).entries == ENTRIES + 1


DELETE = "DELETE FROM audit_log WHERE id = 4"
UNLINK = "DELETE FROM audit_links WHERE entry_id = 4"
TAMPERINGS = {
    "an actor": (["UPDATE audit_log SET actor = 'Wu' WHERE id = 4"], [("changed", 4, 4)]),
    "a key": (["UPDATE audit_log SET key = 'AG-1/C5' WHERE id = 4"], [("changed", 4, 4)]),
    "a row": (["UPDATE audit_log SET row_no = NULL WHERE id = 4"], [("changed", 4, 4)]),
    "values gone": (["DELETE FROM audit_values WHERE id = 5"], [("changed", 5, 5)]),
    "a reason gone": (["UPDATE audit_values SET reason = NULL WHERE id = 5"], [("changed", 5, 5)]),
    "a salt": (
        [("UPDATE audit_values SET salt = (SELECT link FROM audit_links WHERE position = 1) "
          "WHERE id = 5")],
        [("changed", 5, 5)],
    ),
    "another's values": (
        [("UPDATE audit_values SET before = (SELECT before FROM audit_values WHERE id = 7) "
          "WHERE id = 5")],
        [("changed", 5, 5)],
    ),
    "removed": ([DELETE], [("removed", 4, 4)]),
    "removed with its link": ([DELETE, UNLINK], [("removed", 4, None)]),
    "removed, the rest moved up": (
        [DELETE, UNLINK,
         *(f"UPDATE audit_links SET position = {n - 1} WHERE position = {n}" for n in (5, 6, 7))],
        [("moved", 4, 5)],
    ),
    "a link alone": ([UNLINK], [("removed", 4, None), ("inserted", None, 4)]),
    "inserted": (
        [("INSERT INTO audit_log (id, at, actor, action, kind, key) "
          "VALUES (99, '2023-05-04 04:00:00', 'Wu', 'looked', 'cases', 'AG-1/C9')")],
        [("inserted", None, 99)],
    ),
    "swapped": (
        ["UPDATE audit_log SET id = 77 WHERE id = 4", "UPDATE audit_log SET id = 4 WHERE id = 6",
         "UPDATE audit_log SET id = 6 WHERE id = 77"],
        [("changed", 4, 4), ("changed", 6, 6)],
    ),
    "links swapped": (
        ["UPDATE audit_links SET position = 77 WHERE position = 4",
         "UPDATE audit_links SET position = 4 WHERE position = 5",
         "UPDATE audit_links SET position = 5 WHERE position = 77"],
        [("moved", 4, 5), ("moved", 5, 4), ("moved", 6, 6)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_tampering_is_found_where_it_is(context: SetContext, name: str) -> None:
    statements, findings = TAMPERINGS[name]
    execute(context, *statements)
    assert found(verify_log(context)) == findings


def test_a_finding_names_time_and_actor(context: SetContext) -> None:
    execute(context, "UPDATE audit_log SET row_no = 9 WHERE id = 4")
    (finding,) = verify_log(context).findings
    assert (finding.actor, finding.at) == ("Li 4", context.now() + timedelta(minutes=4))


def test_an_end_that_is_cut_off_is_found_by_a_head(context: SetContext) -> None:
    head = take_head(context)
    execute(
        context,
        "DELETE FROM audit_log WHERE id > 5",
        "DELETE FROM audit_links WHERE position > 5",
    )
    assert found(verify_log(context)) == [("cut_off", ENTRIES, None)]
    execute(context, "DELETE FROM audit_heads")
    assert verify_log(context).ok, "without a head nothing tells of it"
    assert found(verify_log(context, [head])) == [("cut_off", ENTRIES, None)]


def test_a_chain_that_is_made_anew_is_not_that_of_a_head(context: SetContext) -> None:
    head = take_head(context)
    execute(
        context,
        "UPDATE audit_log SET actor = 'Wu' WHERE id = 2",
        "DELETE FROM audit_heads",
        "DELETE FROM audit_links",
        "INSERT INTO audit_waiting SELECT id FROM audit_log",
    )
    assert verify_log(context).ok
    assert found(verify_log(context, [head])) == [("rewritten", ENTRIES, None)]


def test_a_head_that_was_edited_or_is_another_workspaces_is_told(context: SetContext) -> None:
    head = take_head(context)
    edited = SignedHead.of({**head.to_json(), "position": 3})
    assert found(verify_log(context, [edited])) == [("not_signed", 3, None)]
    foreign = SignedHead.of({**head.to_json(), "public_key": "00" * 32})
    assert found(verify_log(context, [foreign])) == [("not_signed", ENTRIES, None)]


def test_an_entry_that_is_removed_before_it_is_linked_is_found(context: SetContext) -> None:
    write(context, first=8)
    execute(context, "DELETE FROM audit_log WHERE id = 8")
    assert found(verify_log(context)) == [("removed", None, 8)]
    write(context, first=9)
    assert found(verify_log(context)) == [("removed", None, 8)], "its number does not come again"


def test_values_that_are_deleted_without_a_receipt_are_counted(context: SetContext) -> None:
    with writing(context.engine) as connection:
        keys = ["AG-1/C1", "AG-1/C5"]
        assert empty_recorded(connection, "cases", keys, cases, KeptUntil.SURVEY) == 2
    (finding,) = verify_log(context).findings
    assert (finding.fault, finding.count) == ("emptied", 2)


def test_a_value_that_is_put_back_after_its_deletion_is_found(context: SetContext) -> None:
    execute(context, "CREATE TABLE copied AS SELECT * FROM audit_values WHERE id = 5")
    with writing(context.engine) as connection:
        empty_recorded(connection, "cases", ["AG-1/C5"], cases, KeptUntil.SURVEY)
    execute(context, "UPDATE audit_values SET before = (SELECT before FROM copied) WHERE id = 5")
    assert ("changed", 5, 5) in found(verify_log(context))


def test_the_digests_do_not_depend_on_the_data_key(context: SetContext) -> None:
    """Sealed columns may be written anew under another key: the chain is over plain values."""
    with reading(context.engine) as connection:
        links = connection.execute(audit_links.select()).all()
        entries = connection.execute(audit_log.select().order_by(audit_log.c.id)).all()
    assert entries[0].before == {"remark": "words 1", "item": "item 1"}
    assert [link.link for link in links] == [
        next_link(before, link.digest)
        for before, link in zip([bytes(32), *(link.link for link in links)], links, strict=False)
    ]


def test_values_of_an_earlier_version_are_opened_and_linked(context: SetContext) -> None:
    sealed = base64.b64encode(context.keys.encrypt("earlier words")).decode()
    values = json.dumps({"remark": sealed, "served_on": "2023-05-04"})
    execute(
        context,
        "INSERT INTO audit_log (id, at, actor, action, kind, key) "
        "VALUES (20, '2023-05-04 04:00:00', 'Wu', 'updated', 'cases', 'AG-1/C9')",
        f"INSERT INTO audit_values (id, before, reason) VALUES (20, '{values}', 'typed')".replace(
            ":", r"\:"
        ),
        "INSERT INTO audit_waiting VALUES (20)",
    )
    assert link_entries(context) == 1
    assert verify_log(context).ok
    with reading(context.engine) as connection:
        row = connection.execute(audit_log.select().where(audit_log.c.id == 20)).one()
    assert row.before == {"remark": "earlier words", "served_on": "2023-05-04"}
    with writing(context.engine) as connection:
        empty_recorded(connection, "cases", ["AG-1/C9"], cases, KeptUntil.SURVEY)
    assert [str(each.fault) for each in verify_log(context).findings] == ["emptied"]


def test_what_may_be_deleted_of_a_kind_goes_at_one_end() -> None:
    """The salted digest of an entry holds all of it, so all of it goes together."""
    for kind, place in PLACES.items():
        ends = [
            end for end in set(KeptUntil) - {KeptUntil.RECORD} if [*columns_until(place.table, end)]
        ]
        assert len(ends) <= 1, kind
        names = {column.name for end in ends for column in columns_until(place.table, end)}
        assert audit.personal_names(kind) == names


def test_writers_and_linkers_at_the_same_time(context: SetContext) -> None:
    """Each has connections of its own, as processes have; a long transaction holds up nobody."""

    def work(number: int) -> None:
        mine = reopened(context.home, context.now())
        try:
            for turn in range(5):
                write(mine, first=100 * number + turn)
                link_entries(mine)
        finally:
            mine.engine.dispose()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(1, 4)))
    report = verify_log(context)
    assert (report.ok, report.entries) == (True, ENTRIES + 15)
    with reading(context.engine) as connection:
        assert connection.execute(audit_waiting.select()).all() == []


def test_an_entry_that_commits_late_is_linked_late(context: SetContext, database: str) -> None:
    if database != "postgresql":
        return  # on SQLite a transaction that writes is alone
    late = open_engine(context.settings.database.url, context.home)
    unlock(late, context.keys)
    with writing(late) as connection:
        entry = audit.entry(at=context.now(), actor="late", action=AuditAction.LOOKED,
                            kind=Audited.CITIZENS, key="1")  # fmt: skip
        audit.append(connection, [entry])
        write(context, first=9)
        assert link_entries(context) == 1, "the open transaction holds up nobody"
    late.dispose()
    assert link_entries(context) == 1
    assert verify_log(context).ok
    with reading(context.engine) as connection:
        order = [row.entry_id for row in connection.execute(audit_links.select())][-2:]
    assert order == sorted(order, reverse=True)
