"""The journal has a word for whatever the program writes into the audit log."""

import re
from pathlib import Path

import survey_pipeline
from survey_pipeline.vocabulary import AuditAction, Audited, RecordKind
from survey_pipeline.vocabulary.record_names import AUDIT_ACTIONS, AUDITED

ROOT = Path(str(survey_pipeline.__file__)).parent


def test_whatever_is_audited_has_a_word_in_the_journal() -> None:
    """`audit.entry` takes nothing else: mypy holds that."""
    assert set(AUDITED) == {*Audited, *RecordKind}
    assert not set(Audited) & set(RecordKind)


def test_the_program_writes_every_kind_that_it_has_a_word_for() -> None:
    outside = [path for path in ROOT.rglob("*.py") if path.parent.name != "vocabulary"]
    sources = "\n".join(path.read_text(encoding="utf-8") for path in outside)
    written = set(re.findall(r"\bAudited\.([A-Z_]+)\b", sources))
    assert written == {kind.name for kind in Audited}


def test_every_action_has_a_word() -> None:
    assert set(AUDIT_ACTIONS) == set(AuditAction)
