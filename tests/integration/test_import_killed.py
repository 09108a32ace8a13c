"""A real process is killed in a long import: what was stored stands, a repeat completes it once."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from survey_pipeline.context import Context
from survey_pipeline.stages.intake import import_file
from survey_pipeline.stages.intake.formats.header import CHUNK_ROWS
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import audit_log, cases, daily_reports
from survey_pipeline.testing import NOON, add_offices, workspace
from survey_pipeline.vocabulary import RecordKind

ROWS = 8 * CHUNK_ROWS
IMPORT = """
import sys
from datetime import datetime
from pathlib import Path
from survey_pipeline.stages.intake import import_file
from survey_pipeline.testing import reopened
from survey_pipeline.vocabulary import RecordKind

context = reopened(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]))
import_file(context, RecordKind.CASES, context.home / "inbox" / "cases.csv")
"""


def city(home: Path, rows: int = ROWS) -> Context:
    """A workspace with a file of so many cases, of which the second is refused."""
    made = workspace(home)
    add_offices(made, "agency")
    day = made.today()
    lines = [f"AG-1,K-{number},{day},{13800000000 + number},x\n" for number in range(rows)]
    lines[1] = f"AG-1,K-1,{day},138****0001,x\n"  # refused: its number stands in the rejected file
    (home / "inbox").mkdir()
    file = home / "inbox" / "cases.csv"
    file.write_text("office_code,case_no,served_on,phone,item\n" + "".join(lines))
    return made


def count(context: Context) -> int:
    with reading(context.engine) as connection:
        return connection.scalar(select(func.count()).select_from(cases)) or 0


def reported(context: Context) -> int:
    with reading(context.engine) as connection:
        return connection.scalar(select(func.sum(daily_reports.c.reported))) or 0


def killed_in_mid_import(context: Context, scratch: Path) -> int:
    """Kill the import when it has stored a piece; return how many cases stand then."""
    running = subprocess.Popen(
        [sys.executable, "-c", IMPORT, str(context.home), NOON.isoformat()],
        env={**os.environ, "TMPDIR": str(scratch)},
    )
    before = count(context)
    while running.poll() is None and count(context) == before:
        time.sleep(0.005)
    running.send_signal(signal.SIGKILL)
    assert running.wait() == -signal.SIGKILL
    return count(context)


@pytest.mark.usefixtures("database")
def test_a_killed_import_is_completed_by_a_repeat(tmp_path: Path) -> None:
    context = city(tmp_path)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    stands = killed_in_mid_import(context, scratch)
    assert 0 < stands < ROWS - 1
    assert stands == reported(context), "what is stored is counted"
    summary = import_file(context, RecordKind.CASES, tmp_path / "inbox" / "cases.csv")
    assert (summary.accepted, summary.unchanged, summary.refused) == (ROWS - 1 - stands, stands, 1)
    assert count(context) == reported(context) == ROWS - 1
    with reading(context.engine) as connection:
        keys = select(audit_log.c.key).where(audit_log.c.kind == "cases")
        assert connection.scalars(keys).all() == [], "nothing was taken for a change"
    left = {path.name for path in (tmp_path / "inbox").iterdir()}
    assert left == {"cases.csv", "cases.csv.rejected.csv"}
    assert list(scratch.iterdir()) == []


def test_what_a_killed_import_left_goes_although_no_row_is_refused_any_more(
    tmp_path: Path,
) -> None:
    context = city(tmp_path, rows=3 * CHUNK_ROWS)
    killed_in_mid_import(context, tmp_path)
    inbox = tmp_path / "inbox"
    (abandoned,) = [path for path in inbox.iterdir() if path.name.startswith(".")]
    assert "rejected" in abandoned.name
    file = inbox / "cases.csv"
    file.write_text(file.read_text().replace("138****0001", "13800000001"))
    assert import_file(context, RecordKind.CASES, file).refused == 0
    assert [path.name for path in inbox.iterdir()] == ["cases.csv"]
