"""`/deliver`: what a body that delivers owes, what is late, what it has brought."""

from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.context import Context
from survey_pipeline.i18n import N_, Message
from survey_pipeline.reports.deadlines import Deadline, gather_deadlines
from survey_pipeline.reports.deadlines.owed_by import owed_by
from survey_pipeline.reports.deadlines.wording import DeadlineRow
from survey_pipeline.stages.intake.nothing_reports import (
    NothingToBring,
    fresh_nothing_reports,
    report_nothing,
    take_nothing_back,
)
from survey_pipeline.stages.intake.zero_reports import TAKEN_BACK_WITHIN
from survey_pipeline.vocabulary import DeadlineState, Duty, Role
from survey_pipeline.web.access import User, Workspace
from survey_pipeline.web.body_of_user import DeliveringBody, delivering_body
from survey_pipeline.web.pages.nothing_to_bring import Outstanding, named_nothing, outstanding
from survey_pipeline.web.rendering.page import render

MOST_DONE = 12
"""Deadlines that were met: so many of the latest are shown."""

DUE = ("/deliver", N_("What is due"))
FILES = ("/deliver/files", N_("Bring a file"))
LINKS: Mapping[Role, Sequence[tuple[str, str]]] = {
    Role.LEAD_AGENCY: (DUE, FILES),
    Role.DEPARTMENT: (
        DUE,
        FILES,
        ("/deliver/forms/parent-grades", N_("Grades")),
        ("/deliver/forms/filings", N_("Self-check filings")),
        ("/deliver/forms/awards", N_("Awards")),
        ("/deliver/offices", N_("Assessed offices")),
    ),
    Role.HOTLINE_CENTRE: (
        DUE,
        FILES,
        ("/deliver/forms/hotline", N_("Hotline records")),
        ("/deliver/forms/hotline-rank", N_("Hotline ranks")),
    ),
}
"""The pages of the bodies of each role."""
AGENCY_FORMS = (
    ("surveyed", "/deliver/forms/satisfaction", N_("Satisfaction results")),
    ("performance", "/deliver/forms/performance", N_("Performance points")),
    ("parent_points", "/deliver/forms/parent-points", N_("Parent points")),
    ("called", "/deliver/handover", N_("Cases handed over")),
)
"""Further pages of a lead agency, each with what it must deliver to have it."""
FORMS = {
    Duty.SATISFACTION: "satisfaction",
    Duty.SELF_CHECK: "filings",
    Duty.HOTLINE: "hotline",
    Duty.HOTLINE_RANK: "hotline-rank",
    Duty.PERFORMANCE: "performance",
}
"""The form in which each duty is done; a parent rating has two."""

Word = Annotated[str, Form(max_length=100)]

router = APIRouter(include_in_schema=False)


class DeadlineSection(NamedTuple):
    """A part of the list."""

    name: str
    heading: Message
    rows: Sequence[DeadlineRow]


@router.get("/deliver")
def deliver_page(request: Request, context: Workspace, who: User) -> Response:
    """Show what the body owes and has brought."""
    body = delivering_body(context, who)
    owed = deadlines_of(context, body)
    nothing = _may_be_nothing(context, owed)
    return render(
        request,
        "deliver.html",
        body=body,
        links=links_of(body),
        address_of=address_of,
        sections=_sections(owed),
        nothing=nothing,
        fresh=_own_words(context, body),
        fresh_for=TAKEN_BACK_WITHIN.seconds // 60,
    )


@router.post("/deliver/nothing")
def say_nothing(context: Workspace, who: User, what: Word) -> Response:
    """Record that the body has nothing to bring for a period that it owes."""
    owed = deadlines_of(context, delivering_body(context, who))
    offered = [found.nothing for found in _may_be_nothing(context, owed)]
    report_nothing(context, named_nothing(what, offered))
    return RedirectResponse("/deliver#nothing", status_code=303)


@router.post("/deliver/nothing/back")
def take_back(context: Workspace, who: User, what: Word) -> Response:
    """Take the word back, so that the period is outstanding again."""
    take_nothing_back(
        context, named_nothing(what, _own_words(context, delivering_body(context, who)))
    )
    return RedirectResponse("/deliver#nothing", status_code=303)


def links_of(body: DeliveringBody) -> Sequence[tuple[str, str]]:
    """Return the pages of a body: address and name."""
    agency = body.agency
    further = [
        (address, name)
        for part, address, name in AGENCY_FORMS
        if agency is not None and getattr(agency, part)
    ]
    return [*LINKS[body.role], *further]


def address_of(deadline: Deadline) -> str:
    """Return the address of the form in which a deadline is met."""
    term, rating = deadline.term, "parent-grades" if deadline.who.code else "parent-points"
    period = (
        f"?month={term.period.name}" if term.duty is Duty.SATISFACTION else f"?year={term.year}"
    )
    return f"/deliver/forms/{FORMS.get(term.duty, rating)}{period}"


def deadlines_of(context: Context, body: DeliveringBody) -> list[Deadline]:
    """Return all that a body owes, the most urgent first."""
    report = gather_deadlines(context, context.today(), daily=False)
    return owed_by(body.debtor, report.deadlines)


def _may_be_nothing(context: Context, owed: Sequence[Deadline]) -> list[Outstanding]:
    """Return the periods that are over and that the body may say it has nothing for."""
    return [found for options in outstanding(context, owed).values() for found in options]


def _own_words(context: Context, body: DeliveringBody) -> list[NothingToBring]:
    """Return the user's words that there was nothing, of this body alone."""
    return [
        word
        for word in fresh_nothing_reports(context)
        if word.duty in body.debtor.duties and word.parent_code == (body.parent_code or "")
    ]


def _sections(owed: Sequence[Deadline]) -> list[DeadlineSection]:
    overdue = [deadline for deadline in owed if deadline.state is DeadlineState.OVERDUE]
    due = [deadline for deadline in owed if deadline.state is DeadlineState.DUE]
    done = [deadline for deadline in owed if not deadline.is_open]
    done.sort(key=lambda deadline: deadline.term.due, reverse=True)
    return [
        DeadlineSection("overdue", Message(N_("Overdue")), _rows(overdue)),
        DeadlineSection("due", Message(N_("Not due yet")), _rows(due)),
        DeadlineSection("came", Message(N_("Came, or nothing to come")), _rows(done[:MOST_DONE])),
    ]


def _rows(deadlines: Sequence[Deadline]) -> list[DeadlineRow]:
    return [DeadlineRow([deadline]) for deadline in deadlines]
