"""`/reports/uploads/...`: a file that an office brought: its refused rows, and what became of it.

Whose numbers a file holds is shown to who brought it alone.
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
from survey_pipeline.stages.intake.uploads.uploads import (
    drop_upload,
    find_upload,
    refused_file,
    take_upload,
)
from survey_pipeline.vocabulary import Role
from survey_pipeline.web.access import Workspace, allowed
from survey_pipeline.web.pages import locale_of, render
from survey_pipeline.web.refused_cells import shown_rows
from survey_pipeline.web.uploading import place_for, read_in_turn

OFFICES = allowed(Role.OFFICE)
ROWS_A_PAGE = 50

Asked = Annotated[str, Query(max_length=20)]

router = APIRouter(include_in_schema=False)


@router.get("/reports/uploads/{token}")
def upload_page(
    request: Request, context: Workspace, token: str, page: Asked = "1", who: SignedIn = OFFICES
) -> Response:
    """Show what would become, or became, of a file's rows; the refused ones page by page."""
    found = find_upload(context, own_office(who), token)
    pages = max(1, -(-found.refused // ROWS_A_PAGE))
    part = min(max(int(page), 1), pages) if page.isascii() and page.isdigit() else 1
    rows = read_refused(found.refused_file, (part - 1) * ROWS_A_PAGE, ROWS_A_PAGE)
    return render(
        request,
        "report_upload.html",
        office=read_office(context, own_office(who)),
        upload=found,
        rows=shown_rows(refused_header(found.refused_file), rows),
        page=part,
        pages=pages,
    )


@router.get("/reports/template.xlsx")
def template(request: Request, who: SignedIn = OFFICES) -> Response:
    """Give an empty workbook with the headings."""
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
async def take(
    request: Request, context: Workspace, token: str, who: SignedIn = OFFICES
) -> Response:
    """Store the sound rows of a file."""
    with place_for(request, who.name):
        await read_in_turn(request, take_upload, context, own_office(who), token)
    return RedirectResponse(f"/reports/uploads/{token}", status_code=303)


@router.post("/reports/uploads/{token}/drop")
def drop(context: Workspace, token: str, who: SignedIn = OFFICES) -> Response:
    """Delete a file, and what was made of it."""
    drop_upload(context, own_office(who), token)
    return RedirectResponse("/reports", status_code=303)


@router.get("/reports/uploads/{token}/refused.csv")
def refused(
    request: Request, context: Workspace, token: str, who: SignedIn = OFFICES
) -> StreamingResponse:
    """Give the refused rows as a file, to be mended and brought again."""
    name = find_upload(context, own_office(who), token).name
    lines = refused_file(context, own_office(who), token, locale_of(request))
    disposition = f"attachment; filename*=UTF-8''{quote(f'{name}.rejected.csv')}"
    return StreamingResponse(
        lines, media_type="text/csv", headers={"Content-Disposition": disposition}
    )


def own_office(who: SignedIn) -> str:
    """Return whose reports somebody with the role `office` makes."""
    if who.office_code is None:
        raise UnknownRecord("you belong to no office; an admin can say to which")
    return who.office_code
