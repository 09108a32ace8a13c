"""Adopts local decisions, and takes adoptions back: in the standard's file and in the audit log."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from survey_pipeline.context import Context
from survey_pipeline.edited import decoded, read_bytes
from survey_pipeline.errors import CannotProceed, UsageError
from survey_pipeline.i18n import N_
from survey_pipeline.standard.adopting import (
    Adoptions,
    adopted,
    dotted,
    to_json,
    with_adoptions,
)
from survey_pipeline.standard.entry import ADOPTION_KEYS, Adoption, Entry, placed_entries
from survey_pipeline.standard.load import FOLDER, InForce, read_standard, standard_for
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.whereabouts import Key
from survey_pipeline.store.audit import append, entry
from survey_pipeline.store.engine import writing
from survey_pipeline.store.files import replace_content
from survey_pipeline.store.locks import lock_name
from survey_pipeline.validation import os_problem
from survey_pipeline.vocabulary import AuditAction, Audited

LONGEST = 200
"""Characters of a name or a document."""


@dataclass(frozen=True)
class LocalDecision:
    """An entry of a standard that the published text leaves open."""

    path: Key
    entry: Entry


@dataclass(frozen=True)
class Adopted:
    """What an adoption, or the end of one, has changed."""

    standard: str
    decisions: tuple[LocalDecision, ...]
    """As they stand now; empty where nothing changed."""
    hash_before: str
    hash_after: str
    """SHA-256 of the file, in hex."""


def local_decisions(standard: Standard) -> list[LocalDecision]:
    """Return what the published text leaves open, in the order of the file."""
    return [LocalDecision(path, entry) for path, entry in placed_entries(standard) if entry.decided]


def in_force(context: Context, year: int | None) -> InForce:
    """Return the standard of an appraisal year; without a year, the one in force today."""
    if year is None:
        return context.standard_on(context.today())
    return standard_for(year, context.settings.standards, context.home / FOLDER)


def adopt(
    context: Context, year: int | None, clauses: Sequence[str] | None, adoption: Adoption
) -> Adopted:
    """Write into the standard's file that local decisions are adopted.

    Args:
        context: the workspace; its actor is who enters it.
        year: the appraisal year; None: the one of today.
        clauses: whose local decisions; None: all that are not adopted yet.
        adoption: who adopted them, when, and by which document.

    Raises:
        UsageError: a clause is unknown or leaves nothing open, a text is empty or too long, or the
            day lies in the future.
        CannotProceed: the file cannot be written.
    """
    checked = _checked(adoption, context.today())

    def wanted(standard: Standard) -> Adoptions:
        return {
            found.path: checked
            for found in _named(standard, clauses)
            if found.entry.adoption != checked and (clauses or found.entry.is_default)
        }

    return _change(context, year, wanted, AuditAction.DECIDED)


def take_back(
    context: Context, year: int | None, clauses: Sequence[str] | None, reason: str
) -> Adopted:
    """Write into the standard's file that adoptions are taken back.

    Args:
        context: the workspace; its actor takes them back.
        year: the appraisal year; None: the one of today.
        clauses: whose adoptions; None: all.
        reason: why.

    Raises:
        UsageError: a clause is unknown or leaves nothing open, or there is no reason.
        CannotProceed: the file cannot be written.
    """
    why = _words(reason, N_("say why the adoption is taken back"))

    def wanted(standard: Standard) -> Adoptions:
        return {
            found.path: None
            for found in _named(standard, clauses)
            if found.entry.adoption is not None
        }

    return _change(context, year, wanted, AuditAction.WITHDRAWN, why)


def _named(standard: Standard, clauses: Sequence[str] | None) -> list[LocalDecision]:
    """Return the local decisions of clauses; all where none is named."""
    local = local_decisions(standard)
    if clauses is None:
        return local
    known = {found.entry.clause for found in local}
    for clause in clauses:
        if clause not in known:
            raise UsageError(
                "{clause} is no local decision of {standard}. Local decisions: {clauses}",
                clause=clause,
                standard=standard.id,
                clauses=", ".join(dict.fromkeys(found.entry.clause for found in local)),
            )
    return [found for found in local if found.entry.clause in clauses]


def _checked(adoption: Adoption, today: date) -> Adoption:
    if adoption.on > today:
        raise UsageError(
            "{day} lies in the future. Give the day of the document that adopts it",
            day=adoption.on,
        )
    return Adoption(
        _words(adoption.by, N_("say who adopted it")),
        adoption.on,
        _words(adoption.document, N_("give the document that adopts it")),
    )


def _words(text: str, empty: str) -> str:
    """Return a text without blanks around it; refuse an empty, long or unprintable one."""
    words = text.strip()
    if not words:
        raise UsageError(empty)
    if len(words) > LONGEST:
        raise UsageError("write at most {most} characters", most=LONGEST)
    if not words.isprintable():
        raise UsageError("write one line of text, without control characters")
    return words


def _change(
    context: Context,
    year: int | None,
    wanted: Callable[[Standard], Adoptions],
    action: AuditAction,
    reason: str | None = None,
) -> Adopted:
    """Change the file and note it, one change at a time; the file is replaced as a whole."""
    standard_id = in_force(context, year).standard.id
    path = context.home / FOLDER / f"{standard_id}.toml"
    with writing(context.engine) as connection:
        lock_name(connection, Audited.STANDARDS, standard_id)
        standard, hash_before = read_standard(path)
        adoptions = wanted(standard)
        if not adoptions:
            return Adopted(standard_id, (), hash_before, hash_before)
        before = read_bytes(path)
        if sha256(before).hexdigest() != hash_before:
            raise CannotProceed("{file} was saved at this very moment. Try again", file=path.name)
        text = with_adoptions(decoded(before), adoptions)
        after = text.encode("utf-8-sig" if before.startswith(b"\xef\xbb\xbf") else "utf-8")
        changed = Adopted(
            standard_id,
            tuple(
                found
                for found in local_decisions(adopted(standard, adoptions))
                if found.path in adoptions
            ),
            hash_before,
            sha256(after).hexdigest(),
        )
        append(connection, [_noted(context, standard, adoptions, changed, action, reason)])
        _replace(path, after)
    return changed


def _noted(
    context: Context,
    standard: Standard,
    adoptions: Adoptions,
    changed: Adopted,
    action: AuditAction,
    reason: str | None,
) -> dict[str, Any]:
    """Return the audit log's entry: every decision as it was and as it is, and the file's hash."""
    before = {
        dotted(path): to_json(entry.adoption)
        for path, entry in placed_entries(standard)
        if path in adoptions
    }
    after = {dotted(path): to_json(adoption) for path, adoption in adoptions.items()}
    return entry(
        at=context.now(),
        actor=context.actor,
        action=action,
        kind=Audited.STANDARDS,
        key=changed.standard,
        before={"sha256": changed.hash_before, "decisions": before},
        after={"sha256": changed.hash_after, "decisions": after},
        reason=reason,
    )


def _replace(path: Path, content: bytes) -> None:
    """Put a new file in the old one's place; a reader finds either, whole."""
    try:
        replace_content(path, content)
    except OSError as error:
        raise CannotProceed(
            "{file} cannot be written: {problem}. See that this program's user may write in its "
            "folder, or write {keys} into it by hand",
            keys=", ".join(ADOPTION_KEYS),
            file=f"{FOLDER}/{path.name}",
            problem=os_problem(error),
        ) from error
