"""`/deliver/offices`: a department's offices and their closed months, as they see themselves."""

from typing import NamedTuple

from fastapi import APIRouter, Request, Response
from sqlalchemy import select

from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord
from survey_pipeline.reports.closed_months import closed_months
from survey_pipeline.reports.closed_offices import closed_offices, months_closed
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import offices
from survey_pipeline.vocabulary.names import CATEGORIES
from survey_pipeline.web.access import User, Workspace
from survey_pipeline.web.body_of_user import delivering_body, department_of_user
from survey_pipeline.web.pages.deliver import links_of
from survey_pipeline.web.pages.months import month_writer
from survey_pipeline.web.pages.office_months import own_month
from survey_pipeline.web.pages.office_uploads import Short
from survey_pipeline.web.pages.parameters import parse_month
from survey_pipeline.web.rendering.page import render

router = APIRouter(include_in_schema=False)


@router.get("/deliver/offices")
def offices_page(request: Request, context: Workspace, who: User, month: Short = "") -> Response:
    """Show the department's offices in a closed month."""
    body, months = delivering_body(context, who), months_closed(context)
    shown = parse_month(month) if month else next(iter(months), "")
    own = own_offices(context, department_of_user(who))
    least = context.settings.privacy.min_cell
    closed = closed_offices(context, shown, least) if shown else ()
    scores = {office.office_code: office.score for office in closed}
    return render(
        request,
        "deliver_offices.html",
        body=body,
        links=links_of(body),
        month=shown,
        months=months,
        offices=[(office, scores.get(office.office_code)) for office in own],
        categories=CATEGORIES,
        least=least,
        month_name=month_writer(request),
    )


@router.get("/deliver/offices/{month}/{office_code:path}")
def office_page(
    request: Request, context: Workspace, who: User, month: str, office_code: str
) -> Response:
    """Show a closed month of one of the department's offices."""
    parent_code = department_of_user(who)
    if office_code not in {office.office_code for office in own_offices(context, parent_code)}:
        raise UnknownRecord("there is no office {code}", code=office_code)
    return render(
        request,
        "deliver_office.html",
        months=[score.month for score in closed_months(context, office_code)],
        **own_month(request, context, office_code, month),
    )


class OwnOffice(NamedTuple):
    """An office of the department, as on the register."""

    office_code: str
    name: str
    category: str
    exempt_reason: str | None


def own_offices(context: Context, parent_code: str) -> list[OwnOffice]:
    """Return the offices of a department that are on the register, by code."""
    query = (
        select(*(offices.c[name] for name in OwnOffice._fields))
        .where(offices.c.parent_code == parent_code, offices.c.withdrawn_at.is_(None))
        .order_by(offices.c.office_code)
    )
    with reading(context.engine) as connection:
        return [OwnOffice(*row) for row in connection.execute(query)]
