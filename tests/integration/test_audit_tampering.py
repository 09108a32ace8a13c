"""Any byte that is changed in the audit log is found, with its place (specification, 10.4)."""

import shutil
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from survey_pipeline.audit_chain.chain_check import verify_log
from survey_pipeline.audit_chain.heads import take_head
from survey_pipeline.store import audit
from survey_pipeline.store.engine import writing
from survey_pipeline.testing import SetContext, reopened, workspace
from survey_pipeline.vocabulary import AuditAction, RecordKind

ENTRIES = 3


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> SetContext:
    """A linked log in a SQLite file, whose copies are tampered with."""
    made = workspace(tmp_path_factory.mktemp("linked"))
    seal = made.keys.encrypt
    with writing(made.engine) as connection:
        audit.append(
            connection,
            [
                audit.entry(
                    at=made.now(),
                    actor="Li",
                    action=AuditAction.UPDATED,
                    kind=RecordKind.CASES,
                    key=f"AG-1/C{number}",
                    before={"remark": seal(f"words {number}"), "item": "licence"},
                    after={"remark": None, "item": "passport"},
                    reason="a letter",
                )
                for number in range(ENTRIES)
            ],
        )
    take_head(made)
    made.engine.dispose()
    return made


COLUMNS = [
    *(("audit_log", name) for name in ("at", "actor", "action", "kind", "key")),
    *(("audit_values", name) for name in ("before", "after", "reason", "personal", "salt")),
    *(("audit_links", name) for name in ("held", "digest", "link")),
    *(("audit_heads", name) for name in ("link", "signature")),
]


@settings(max_examples=40)
@given(place=st.sampled_from(COLUMNS), row=st.integers(1, ENTRIES), byte=st.integers(0, 400))
def test_any_changed_byte_is_found(
    linked: SetContext, place: tuple[str, str], row: int, byte: int
) -> None:
    table, column = place
    home = linked.home / "copy"
    shutil.copytree(linked.home, home, ignore=shutil.ignore_patterns("copy"), dirs_exist_ok=True)
    tampered = reopened(home, linked.now())
    key = {"audit_links": "position"}.get(table, "id")
    row = 1 if table == "audit_heads" else row
    with writing(tampered.engine) as connection:
        select = text(f"SELECT {column} FROM {table} WHERE {key} = :row")
        value = connection.scalar(select, {"row": row})
        if not value or value == "null":
            return
        turned = turn(value, byte)
        if column == "at" and same_moment(value, turned):
            return
        update = text(f"UPDATE {table} SET {column} = :value WHERE {key} = :row")
        connection.execute(update, {"value": turned, "row": row})
    report = verify_log(tampered)
    tampered.engine.dispose()
    assert not report.ok, (place, row, byte, value, turned)
    positions = {finding.position for finding in report.findings}
    assert positions & ({ENTRIES} if table == "audit_heads" else {row, row + 1, None})


def turn(value: Any, byte: int) -> Any:
    """Return a value with one byte, or one character, changed."""
    place = byte % len(value)
    if isinstance(value, bytes):
        return value[:place] + bytes([value[place] ^ 1]) + value[place + 1 :]
    other = "a" if value[place] != "a" else "b"
    return value[:place] + other + value[place + 1 :]


def same_moment(value: str, turned: str) -> bool:
    """Return whether both spell one moment: any character may stand between day and time."""
    try:
        return datetime.fromisoformat(value) == datetime.fromisoformat(turned)
    except ValueError:
        return False
