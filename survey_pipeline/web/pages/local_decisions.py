"""`/scores/decisions`: what the published standard leaves open, and who has adopted it."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.adoption import Adopted, adopt, in_force, local_decisions, take_back
from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UnknownRecord, UsageError
from survey_pipeline.i18n import Message
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.standard.decision_pages import read_decision
from survey_pipeline.standard.entry import Adoption
from survey_pipeline.standard.whose_words import standing
from survey_pipeline.web.access import PUBLISHERS, User, Workspace
from survey_pipeline.web.pages.disclosure import Disclosure, decision_page
from survey_pipeline.web.pages.parameters import Year, parse_date
from survey_pipeline.web.rendering.page import locale_of, render

Words = Annotated[str, Form(max_length=400)]
Clauses = Annotated[Sequence[str], Form(max_length=200)]

EMPTY = {"by": "", "on": "", "document": "", "reason": ""}
"""The fields of the forms."""

router = APIRouter(include_in_schema=False)
adopting = APIRouter(include_in_schema=False)
"""For fewer roles: who reads scores may not adopt decisions."""


@router.get("/scores/decisions")
def of_today(context: Workspace) -> Response:
    """Lead to the standard in force today."""
    year = in_force(context, None).standard.year
    return RedirectResponse(f"/scores/decisions/{year}", status_code=303)


@router.get("/scores/decisions/{year}")
def decisions_page(request: Request, context: Workspace, who: User, year: Year) -> Response:
    """Show the local decisions of a year's standard, and who adopted each."""
    return _page(request, context, who, year)


@router.get("/scores/decisions/{year}/{name}")
def decision_text(request: Request, context: Workspace, year: Year, name: str) -> Response:
    """Show the page of a decision: the text, the question, what we propose, and why."""
    standard = in_force(context, year).standard
    pages = {found.entry.page for found in local_decisions(standard)}
    page = f"docs/decisions/{name}.md"
    found = read_decision(context.home, page, locale_of(request)) if page in pages else None
    if found is None:
        raise UnknownRecord("there is no decision {name} in this standard", name=name)
    disclosure = Disclosure(standard, context.home, locale_of(request))
    return render(
        request,
        "decision.html",
        year=year,
        decision=decision_page(*found),
        rests_on=[
            disclosure.entry(local.entry)
            for local in local_decisions(standard)
            if local.entry.page == page
        ],
    )


@adopting.post("/scores/decisions/{year}/adopt")
def adopt_decisions(  # noqa: PLR0913, PLR0917 - the fields of the form
    request: Request,
    context: Workspace,
    who: User,
    year: Year,
    by: Words = "",
    on: Words = "",
    document: Words = "",
    clause: Clauses = (),
    every: Words = "",
) -> Response:
    """Write into the standard's file that the chosen decisions, or all, are adopted."""
    try:
        chosen = None if every else _chosen(clause)
        done = adopt(context, year, chosen, Adoption(by, parse_date(on), document))
    except (UsageError, CannotProceed) as error:
        given = {"by": by, "on": on, "document": document}
        return _page(request, context, who, year, error.message, chosen=clause, given=given)
    return _back(year, done)


@adopting.post("/scores/decisions/{year}/take-back")
def take_adoptions_back(
    request: Request,
    context: Workspace,
    who: User,
    year: Year,
    reason: Words = "",
    clause: Clauses = (),
) -> Response:
    """Write into the standard's file that the chosen adoptions are taken back."""
    try:
        done = take_back(context, year, _chosen(clause), reason)
    except (UsageError, CannotProceed) as error:
        given = {"reason": reason}
        return _page(request, context, who, year, error.message, chosen=clause, given=given)
    return _back(year, done)


def _chosen(clauses: Sequence[str]) -> Sequence[str]:
    if not clauses:
        raise UsageError("choose at least one decision")
    return clauses


def _back(year: int, done: Adopted) -> Response:
    address = f"/scores/decisions/{year}?changed={len(done.decisions)}"
    return RedirectResponse(address, status_code=303)


def _page(
    request: Request,
    context: Context,
    who: SignedIn,
    year: int,
    problem: Message | None = None,
    *,
    chosen: Sequence[str] = (),
    given: dict[str, str] | None = None,
) -> Response:
    current = in_force(context, year)
    locale = locale_of(request)
    local = local_decisions(current.standard)
    changed = request.query_params.get("changed", "")
    return render(
        request,
        "decisions.html",
        status=400 if problem else 200,
        year=year,
        standard=current.standard,
        provisional=current.provisional,
        decisions=[
            (
                found.entry,
                standing(found.entry),
                read_decision(context.home, found.entry.page or "", locale),
            )
            for found in local
        ],
        open_ones=sum(found.entry.is_default for found in local),
        changed=int(changed) if changed.isascii() and changed.isdigit() else None,
        problem=problem,
        chosen=chosen,
        may_adopt=who.role in PUBLISHERS,
        given={**EMPTY, **(given or {})},
        today=context.today(),
    )
