"""What section 10.4 promises to be in the audit log, and that somewhere it is written."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from survey_pipeline.store.record_keys import PLACES
from survey_pipeline.vocabulary import AuditAction, Audited, RecordKind

PACKAGE = Path(__file__).parents[2] / "survey_pipeline"
CODE = [
    path.read_text("utf-8")
    for path in sorted(PACKAGE.rglob("*.py"))
    if "vocabulary" not in path.parts
]
PROMISED: Mapping[str, tuple[str, ...]] = {
    "looks at full numbers": ("CASES", "UPLOADS", "CITIZENS"),
    "exports": ("MONTH_SCORES", "YEAR_SCORES", "ANSWERS", "HOTLINE_QUARTERS"),
    "evidence": ("NOTHING_REPORTS", "OBJECTIONS", "INBOUND", "CALL_ATTEMPTS"),
    "register and reports": ("OFFICES", "DAILY_REPORTS"),
    "configuration and standard": ("CONFIGURATION", "STANDARDS"),
    "people and keys": ("USERS", "WEB_SESSIONS", "API_KEYS", "DATA_KEYS", "NOTIFICATION_CONTACTS"),
    "review, draws, runs": ("REVIEW", "SEEDS", "JOB_RUNS"),
    "publishing": ("MONTH_SCORES", "YEAR_SCORES"),
    "purge": ("DELETIONS", "FRAMES"),
    "requests of citizens": ("OPT_OUTS", "CITIZENS"),
    "pausing and test texts": ("PAUSES", "GATEWAY_TESTS"),
}


@pytest.mark.parametrize("subject", PROMISED)
def test_what_is_promised_is_written_somewhere(subject: str) -> None:
    for name in PROMISED[subject]:
        known = "Audited" if name in Audited.__members__ else "RecordKind"
        assert any(re.search(rf"\b{known}\.{name}\b", text) for text in CODE), name


@pytest.mark.parametrize("kind", Audited)
def test_every_kind_is_written_somewhere(kind: Audited) -> None:
    assert any(f"Audited.{kind.name}" in text for text in CODE)


def test_a_ballot_leaves_no_entry() -> None:
    assert set(RecordKind) - set(PLACES) == {RecordKind.BALLOTS}


@pytest.mark.parametrize("action", AuditAction)
def test_every_action_is_written_somewhere(action: AuditAction) -> None:
    assert any(f"AuditAction.{action.name}" in text for text in CODE)
