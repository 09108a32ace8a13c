"""The form in which one record of evidence is entered or changed: looked at, then saved."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord, UsageError
from survey_pipeline.i18n import Message, coded
from survey_pipeline.reports.evidence_tables.clause_facts import ClauseFacts, facts_of
from survey_pipeline.reports.evidence_tables.evidence_listing import year_standard
from survey_pipeline.reports.evidence_tables.evidence_record import points_said, read_evidence
from survey_pipeline.reports.evidence_tables.evidence_shapes import SHAPES
from survey_pipeline.reports.evidence_tables.record_cost import RecordCost, cost_of
from survey_pipeline.reports.register_names import bodies_by_code
from survey_pipeline.scoring.numbers import plain
from survey_pipeline.stages.intake.entering import Entered, enter_record
from survey_pipeline.stages.intake.file_summary import Problem
from survey_pipeline.stages.intake.kinds import KINDS
from survey_pipeline.store.record_keys import PLACES
from survey_pipeline.typed import as_key
from survey_pipeline.vocabulary import RecordKind, RowOutcome
from survey_pipeline.web.access import Workspace
from survey_pipeline.web.pages.evidence_words import (
    ADDRESS,
    WORDS,
    AnyYear,
    EvidenceKind,
    record_address,
)
from survey_pipeline.web.pages.parameters import FIRST_YEAR, LAST_YEAR
from survey_pipeline.web.pages.record_fields import Typed, fields_of_kind, of_the_whole
from survey_pipeline.web.rendering.page import locale_of, render

EXISTS = Message(
    "there is a record with this key already. Open it to change it, or give another key"
)

MaybeKey = Annotated[str, Query(max_length=200)]

router = APIRouter(include_in_schema=False)


@router.get(ADDRESS + "/{kind}/form")
def form_page(
    request: Request,
    context: Workspace,
    kind: EvidenceKind,
    key: MaybeKey = "",
    year: AnyYear = None,
) -> Response:
    """Show the form, blank or with the contents of a record."""
    of_year = year or context.today().year
    if not key:
        return _form(request, context, kind, {}, of_year)
    record = read_evidence(context, kind, key, of_year)
    return _form(request, context, kind, record.fields, record.year, was=key)


@router.get(ADDRESS + "/{kind}/clause")
def clause_part(
    request: Request, context: Workspace, kind: EvidenceKind, year: AnyYear = None
) -> Response:
    """Return what the clause that was just chosen takes: a part of the form."""
    facts = _facts(request, context, kind, year or context.today().year)
    chosen = request.query_params.get(SHAPES[kind].clause, "")
    return render(request, "_clause_facts.html", fact=_chosen(facts, chosen))


@router.post(ADDRESS + "/{kind}/form")
def look_or_save(
    request: Request, context: Workspace, kind: EvidenceKind, typed: Typed
) -> Response:
    """Show what a record would cost; or save it, once that was seen."""
    year, was = _year_of(context, typed), typed.get("was", "")
    cost = cost_of(context, kind, typed, year)
    if cost.entered.outcome is RowOutcome.REFUSED:
        return _form(request, context, kind, typed, year, was=was, cost=cost)
    if (problem := _key_problem(context, kind, typed, year, was)) is not None:
        refused = RecordCost(Entered(RowOutcome.REFUSED, [problem], ()), None, None, None)
        return _form(request, context, kind, typed, year, was=was, cost=refused)
    if typed.get("step") != "save" or typed.get("seen") != _digest(kind, typed):
        return _form(request, context, kind, typed, year, was=was, cost=cost)
    return _save(request, context, kind, typed, year, was)


def _digest(kind: RecordKind, typed: Mapping[str, str]) -> str:
    """Return a digest of the record's fields, by which a form is known whose cost was shown."""
    texts = [typed.get(column.name, "") for column in KINDS[kind].columns]
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()[:16]


def _save(
    request: Request,
    context: Context,
    kind: RecordKind,
    typed: Mapping[str, str],
    year: int,
    was: str,
) -> Response:
    of_year = year if KINDS[kind].yearly else None
    reason = typed.get("reason", "").strip() or None
    entered = enter_record(context, kind, typed, year=of_year, reason=reason)
    if entered.outcome is RowOutcome.REFUSED:
        cost = RecordCost(entered, None, None, None)
        return _form(request, context, kind, typed, year, was=was, cost=cost)
    address = record_address(kind, _key_of(kind, typed), year, entered.outcome.value)
    return RedirectResponse(address, status_code=303)


def _year_of(context: Context, typed: Mapping[str, str]) -> int:
    """Return the appraisal year of a form.

    Raises:
        UsageError: it is no year.
    """
    text = as_key(typed.get("year", ""))
    if not text:
        return context.today().year
    if not (text.isascii() and text.isdigit() and FIRST_YEAR <= int(text[:9]) <= LAST_YEAR):
        raise UsageError("{year} is no year; write 2023", year=text)
    return int(text)


def _key_of(kind: RecordKind, typed: Mapping[str, str]) -> str:
    return "/".join(as_key(typed.get(name, "")) for name in PLACES[kind].names)


def _key_problem(
    context: Context, kind: RecordKind, typed: Mapping[str, str], year: int, was: str
) -> Problem | None:
    """Refuse a new record whose key is taken, so that no form overwrites a record unseen."""
    key = _key_of(kind, typed)
    if key == was:
        return None
    try:
        record = read_evidence(context, kind, key, year)
    except (UnknownRecord, UsageError):
        return None
    if record.withdrawal is not None:
        return None
    return Problem(1, PLACES[kind].names[0], EXISTS)


def _facts(request: Request, context: Context, kind: RecordKind, year: int) -> list[ClauseFacts]:
    return facts_of(year_standard(context, year), kind, locale_of(request))


def _chosen(facts: Sequence[ClauseFacts], clause: str) -> ClauseFacts | None:
    wanted = as_key(clause).casefold()
    return next((fact for fact in facts if fact.clause.casefold() == wanted), None)


def _form(
    request: Request,
    context: Context,
    kind: RecordKind,
    values: Mapping[str, str],
    year: int,
    *,
    was: str = "",
    cost: RecordCost | None = None,
) -> Response:
    """Render the form.

    Args:
        request: whose page it is.
        context: the workspace.
        kind: of the record.
        values: what stands in the fields.
        year: the appraisal year.
        was: the key of the record that is changed; empty for a new one.
        cost: what was found of the values; None if nobody has asked yet.
    """
    facts = _facts(request, context, kind, year)
    clause = SHAPES[kind].clause
    options = {clause: {fact.clause: _option(fact) for fact in facts}} if facts else {}
    problems = cost.entered.problems if cost else ()
    warnings = cost.entered.warnings if cost else ()
    return render(
        request,
        "evidence_form.html",
        status=400 if problems else 200,
        kind=kind.value,
        year=year,
        was=was,
        key_names=PLACES[kind].names if was else (),
        fields=fields_of_kind(kind, values, options=options, problems=problems, warnings=warnings),
        whole=of_the_whole(kind, problems),
        notes=of_the_whole(kind, warnings),
        clause=clause if facts else "",
        facts=facts,
        fact=_chosen(facts, values.get(clause, "")),
        cost=cost if cost and not problems else None,
        seen=_digest(kind, values),
        points=points_said(cost.standing) if cost and cost.standing else None,
        plain=plain,
        bodies=bodies_by_code(context),
        reason=values.get("reason", ""),
        words=WORDS,
    )


def _option(fact: ClauseFacts) -> Message:
    return coded(f"{fact.clause} {fact.label}", f"{fact.clause} {fact.label}")
