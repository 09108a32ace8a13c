"""`/organise/evidence`: each kind of evidence as a table, and one record with its history."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UsageError
from survey_pipeline.i18n import Message
from survey_pipeline.reports.evidence_tables.clause_facts import facts_of
from survey_pipeline.reports.evidence_tables.evidence_counts import count_evidence
from survey_pipeline.reports.evidence_tables.evidence_listing import (
    EvidenceFilter,
    EvidenceState,
    list_evidence,
    year_standard,
)
from survey_pipeline.reports.evidence_tables.evidence_record import points_said, read_evidence
from survey_pipeline.reports.evidence_tables.evidence_shapes import SHAPES
from survey_pipeline.stages.intake import withdraw
from survey_pipeline.typed import as_key
from survey_pipeline.vocabulary import RecordKind
from survey_pipeline.web.access import Workspace
from survey_pipeline.web.pages.evidence_words import (
    ADDRESS,
    WORDS,
    AnyYear,
    EvidenceKind,
    FormKey,
    FormYear,
    Key,
    periods,
    record_address,
    years_of,
)
from survey_pipeline.web.pages.parameters import KEY_LIMIT
from survey_pipeline.web.pages.record_fields import fields_of_kind
from survey_pipeline.web.rendering.page import locale_of, render

Word = Annotated[str, Query(max_length=100)]
Reason = Annotated[str, Form(max_length=2000)]
Number = Annotated[int, Query(ge=1, le=1_000_000)]

router = APIRouter(include_in_schema=False)


@router.get(ADDRESS)
def evidence_page(request: Request, context: Workspace, year: AnyYear = None) -> Response:
    """Show how many records there are of each kind."""
    chosen = year or context.today().year
    return render(
        request,
        "evidence.html",
        year=chosen,
        years=years_of(context),
        counts=count_evidence(context, chosen),
        words=WORDS,
    )


@router.get(ADDRESS + "/{kind}")
def table_page(  # noqa: PLR0913, PLR0917 - the fields of the filter
    request: Request,
    context: Workspace,
    kind: EvidenceKind,
    year: AnyYear = None,
    office: Word = "",
    parent: Word = "",
    clause: Word = "",
    period: Word = "",
    state: Word = "",
    q: Word = "",
    page: Number = 1,
) -> Response:
    """Show the records of a kind that a filter meets."""
    chosen = year or context.today().year
    standard = year_standard(context, chosen)
    spans = periods(standard)
    span = spans.get(period)
    wanted = EvidenceFilter(
        year=chosen,
        office=as_key(office),
        parent=as_key(parent),
        clause=as_key(clause),
        first=span.first if span else None,
        last=span.last if span else None,
        state=EvidenceState(state) if state in list(EvidenceState) else None,
        text=q.strip(),
    )
    asked = {
        "year": chosen, "office": wanted.office, "parent": wanted.parent, "clause": wanted.clause,
        "period": period if span else "", "state": wanted.state or "", "q": wanted.text,
    }  # fmt: skip
    return render(
        request,
        "evidence_table.html",
        kind=kind.value,
        shape=SHAPES[kind],
        table=list_evidence(context, kind, wanted, page),
        asked=asked,
        years=years_of(context),
        spans=list(spans),
        facts={fact.clause: fact for fact in facts_of(standard, kind, locale_of(request))},
        points_said=points_said,
        words=WORDS,
    )


@router.get(ADDRESS + "/{kind}/record")
def record_page(
    request: Request, context: Workspace, kind: EvidenceKind, key: Key, year: AnyYear = None
) -> Response:
    """Show one record with where it came from, its history, and the objections to it."""
    return _record(request, context, kind, key, year or context.today().year)


@router.post(ADDRESS + "/{kind}/withdraw")
def take_back(  # noqa: PLR0917 - the fields of the form
    request: Request,
    context: Workspace,
    kind: EvidenceKind,
    key: FormKey,
    year: FormYear,
    reason: Reason = "",
    objection: FormKey = "",
) -> Response:
    """Withdraw a record, with the reason; it stays visible."""
    record = read_evidence(context, kind, key, year)
    try:
        withdraw(
            context,
            kind,
            record.key.key,
            reason=reason.strip(),
            year=record.key.year,
            objection=_objection(objection),
        )
    except (UsageError, CannotProceed) as error:
        typed = {"reason": reason, "objection": objection}
        return _record(request, context, kind, key, year, problem=error.message, typed=typed)
    return RedirectResponse(record_address(kind, key, year, "withdrawn"), status_code=303)


def _objection(typed: str) -> int | None:
    """Read the number of an objection; None if the field is blank.

    Raises:
        UsageError: it is no number.
    """
    number = as_key(typed)
    if not number:
        return None
    if not (number.isascii() and number.isdigit() and int(number) < KEY_LIMIT):
        raise UsageError("{number} is no number of an objection", number=number)
    return int(number)


def _record(
    request: Request,
    context: Context,
    kind: RecordKind,
    key: str,
    year: int,
    *,
    problem: Message | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    record = read_evidence(context, kind, key, year)
    standard = year_standard(context, record.year)
    facts = facts_of(standard, kind, locale_of(request))
    clause = record.fields.get(SHAPES[kind].clause, "")
    return render(
        request,
        "evidence_record.html",
        status=400 if problem else 200,
        kind=kind.value,
        record=record,
        fields=[field for field in fields_of_kind(kind, record.fields) if field.value],
        fact=next((fact for fact in facts if fact.clause == clause), None),
        points=points_said(record.standing),
        done=request.query_params.get("done", ""),
        problem=problem,
        typed=typed or {"reason": "", "objection": ""},
        words=WORDS,
    )
