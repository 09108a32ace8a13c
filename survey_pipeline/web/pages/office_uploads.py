"""`/reports/uploads/...`: a file that an office uploaded, its refused rows and its result.

Phone numbers of a file are shown only to the user who uploaded it.
"""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from survey_pipeline.errors import UnknownRecord
from survey_pipeline.i18n import N_, translate
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.reports.reported_days import read_office
from survey_pipeline.stages.intake.rejected_files.refused_rows import read_refused, refused_header
from survey_pipeline.stages.intake.scope import cases_of
from survey_pipeline.stages.intake.uploads.uploads import (
    drop_upload,
    find_upload,
    refused_file,
    take_upload,
)
from survey_pipeline.vocabulary import RecordKind
from survey_pipeline.web.access import User, Workspace
from survey_pipeline.web.pages.refused_cells import describe_rows
from survey_pipeline.web.pages.upload_queue import run_upload, upload_slot
from survey_pipeline.web.rendering.page import locale_of, render

ROWS_A_PAGE = 50

Short = Annotated[str, Query(max_length=20)]

router = APIRouter(include_in_schema=False)


@router.get("/reports/uploads/{token}")
def upload_page(
    request: Request, context: Workspace, who: User, token: str, page: Short = "1"
) -> Response:
    """Show what becomes of a file's rows, and the refused ones page by page."""
    found = find_upload(context, cases_of(office_of_user(who)), token)
    pages = max(1, -(-found.refused // ROWS_A_PAGE))
    part = min(max(int(page), 1), pages) if page.isascii() and page.isdigit() else 1
    rows = read_refused(found.refused_file, (part - 1) * ROWS_A_PAGE, ROWS_A_PAGE)
    return render(
        request,
        "report_upload.html",
        office=read_office(context, office_of_user(who)),
        upload=found,
        rows=describe_rows(RecordKind.CASES, refused_header(found.refused_file), rows),
        page=part,
        pages=pages,
    )


@router.get("/reports/template.xlsx")
def template(request: Request) -> Response:
    """Answer an empty workbook with the headings."""
    from survey_pipeline.stages.intake.uploads.case_template import (  # noqa: PLC0415 - loads XlsxWriter
        make_template,
    )

    locale = locale_of(request)
    name = quote(f"{translate(N_('Cases'), locale)}.xlsx")
    return Response(
        make_template(locale),
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )


@router.post("/reports/uploads/{token}/take")
async def take(request: Request, context: Workspace, who: User, token: str) -> Response:
    """Store the sound rows of a file."""
    with upload_slot(request, who.name):
        await run_upload(request, take_upload, context, cases_of(office_of_user(who)), token)
    return RedirectResponse(f"/reports/uploads/{token}", status_code=303)


@router.post("/reports/uploads/{token}/drop")
def drop(context: Workspace, who: User, token: str) -> Response:
    """Delete a file and what was read from it."""
    drop_upload(context, cases_of(office_of_user(who)), token)
    return RedirectResponse("/reports", status_code=303)


@router.get("/reports/uploads/{token}/refused.csv")
def refused(request: Request, context: Workspace, who: User, token: str) -> StreamingResponse:
    """Answer the refused rows as a file, to be corrected and uploaded again."""
    name = find_upload(context, cases_of(office_of_user(who)), token).name
    lines = refused_file(context, cases_of(office_of_user(who)), token, locale_of(request))
    disposition = f"attachment; filename*=UTF-8''{quote(f'{name}.rejected.csv')}"
    return StreamingResponse(
        lines, media_type="text/csv", headers={"Content-Disposition": disposition}
    )


def office_of_user(who: SignedIn) -> str:
    """Return the code of the office that a user with the role `office` reports for.

    Raises:
        UnknownRecord: the user belongs to no office.
    """
    if who.office_code is None:
        raise UnknownRecord("you belong to no office; an admin can say to which")
    return who.office_code
