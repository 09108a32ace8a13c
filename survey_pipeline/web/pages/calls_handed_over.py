"""`/deliver/handover`: the cases that others call in our place, and what came back of them.

For the lead agency that calls, and for operators. The list holds full numbers: it is shown or
downloaded by a press alone, each number is logged, and its cases are theirs from then on.
"""

import csv
from datetime import date
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from survey_pipeline.calendar import month_of
from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.reports.handover_returns import read_returns
from survey_pipeline.stages.export.destination import passing_folder
from survey_pipeline.stages.export.handover import export_handover
from survey_pipeline.stages.export.other_callers import categories_handed_over
from survey_pipeline.vocabulary import Category, Role
from survey_pipeline.vocabulary.call_list import HANDOVER_COLUMNS
from survey_pipeline.vocabulary.names import CALL_REASONS, CATEGORIES
from survey_pipeline.web.access import User, Workspace
from survey_pipeline.web.body_of_user import agency_of_user, delivering_body
from survey_pipeline.web.pages.deliver import links_of
from survey_pipeline.web.pages.months import month_writer
from survey_pipeline.web.pages.office_uploads import Short
from survey_pipeline.web.pages.parameters import parse_date, parse_month
from survey_pipeline.web.pages.passing_files import send_file
from survey_pipeline.web.rendering.page import render

MOST_CASES = 50
"""Case numbers of an office that are shown at once; the others are folded."""
SHOWN = ("office_code", "office", "case_no", "served_on", "item", "phone", "reason")
"""Columns of the list that its page shows."""

Word = Annotated[str, Form(max_length=20)]

router = APIRouter(include_in_schema=False)


@router.get("/deliver/handover")
def handover_page(
    request: Request, context: Workspace, who: User, category: Short = "", month: Short = ""
) -> Response:
    """Show what came back of a month's cases, and what is outstanding."""
    categories = _categories(context, who)
    chosen = _of(categories, category or next(iter(categories), ""))
    shown = parse_month(month) if month else month_of(context.today())
    return render(
        request,
        "deliver_handover.html",
        links=_links(context, who),
        category=chosen,
        categories={known: CATEGORIES[known] for known in categories},
        month=shown,
        month_name=month_writer(request),
        returns=read_returns(context, shown, chosen),
        today=context.today(),
        most=MOST_CASES,
    )


@router.post("/deliver/handover/list")
def list_page(
    request: Request, context: Workspace, who: User, category: Word, day: Word
) -> Response:
    """Show a day's list with full numbers; each is logged."""
    chosen, on = _of(_categories(context, who), category), parse_date(day)
    with passing_folder(context.home) as folder:
        path = _write(context, folder, chosen, on, "csv")
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    return render(
        request,
        "deliver_handover_list.html",
        day=on,
        category=CATEGORIES[chosen],
        headings={name: HANDOVER_COLUMNS[name] for name in SHOWN},
        rows=rows,
        reasons=CALL_REASONS,
    )


@router.post("/deliver/handover/file")
def list_file(context: Workspace, who: User, category: Word, day: Word) -> Response:
    """Answer a day's list as a workbook with the columns to fill in; each number is logged."""
    chosen, on = _of(_categories(context, who), category), parse_date(day)
    return send_file(context, lambda folder: _write(context, folder, chosen, on, "xlsx"))


def _write(context: Context, folder: Path, category: Category, on: date, form: str) -> Path:
    path = folder / f"handover-{category.value}-{on}.{form}"
    return export_handover(context, category.value, on, path).path


def _categories(context: Context, who: SignedIn) -> list[Category]:
    """Return the categories whose lists a user may see: the agency's own, or all for operators."""
    shared = categories_handed_over(context, context.today())
    if who.role is not Role.LEAD_AGENCY:
        return shared
    agency = agency_of_user(context, who)
    return [category for category in agency.called if category in shared]


def _of(categories: list[Category], name: str) -> Category:
    """Return a category by its name.

    Raises:
        UnknownRecord: the user has nothing handed over of it.
    """
    for category in categories:
        if category.value == name:
            return category
    raise UnknownRecord("no cases are handed over to you")


def _links(context: Context, who: SignedIn) -> list[tuple[str, str]]:
    if who.role is not Role.LEAD_AGENCY:
        return []
    return list(links_of(delivering_body(context, who)))
