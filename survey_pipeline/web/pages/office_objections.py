"""`/reports/objections`: an office's objections to lines of its year."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UnknownRecord, UsageError
from survey_pipeline.reports.reported_days import OfficeView, read_office
from survey_pipeline.stages.evidence import TooManyObjections, add_objection
from survey_pipeline.typed import as_key
from survey_pipeline.vocabulary import RecordKind
from survey_pipeline.web.access import User, Workspace
from survey_pipeline.web.pages.office_reports import NUMBERED, OBJECTED_TO, Word, show_reports
from survey_pipeline.web.pages.office_uploads import office_of_user

OF_NO_YEAR = (RecordKind.SUPERVISION, RecordKind.HOTLINE)
"""Records whose number is enough: they belong to one year."""

Text = Annotated[str, Form(max_length=2000)]

router = APIRouter(include_in_schema=False)


@router.post("/reports/objections")
def object_to_record(  # noqa: PLR0917 - the fields of the form
    request: Request,
    context: Workspace,
    who: User,
    kind: Word,
    text: Text,
    number: Word = "",
    year: Word = "",
) -> Response:
    """Store an objection to a line of the year."""
    form = {"kind": kind, "number": number, "year": year, "text": text}
    try:
        _add(context, read_office(context, office_of_user(who)), form)
    except (UsageError, CannotProceed) as error:
        return show_reports(
            request, context, who, status=400, objection=form, objection_problem=error.message
        )
    return RedirectResponse("/reports#objections", status_code=303)


def _add(context: Context, office: OfficeView, form: Mapping[str, str]) -> None:
    """Store the objection of a form.

    Raises:
        UsageError: the form does not name a record.
        TooManyObjections: the office has too many that are undecided.
        UnknownRecord: no such record concerns the office.
    """
    kind = next((known for known in OBJECTED_TO if known.value == form["kind"]), None)
    if kind is None:
        raise UsageError("say what the objection is to")
    number, year = as_key(form["number"]), as_key(form["year"])
    if kind in NUMBERED and not number:
        raise UsageError("give the record's number")
    if year and not (year.isascii() and year.isdigit() and len(year) == 4):
        raise UsageError("{year} is no year; write 2023", year=year)
    try:
        add_objection(
            context,
            office.office_code,
            text=form["text"],
            record=(kind, _key(kind, office, number)),
            year=int(year) if year and kind not in OF_NO_YEAR else None,
        )
    except TooManyObjections:
        raise
    except CannotProceed as error:  # do not tell whether another office has such a record
        raise UnknownRecord(
            "there is no such record that concerns {code}", code=office.office_code
        ) from error


def _key(kind: RecordKind, office: OfficeView, number: str) -> str:
    """Return the key under which the record is stored."""
    if kind is RecordKind.AWARDS:
        return f"{number}/{office.office_code}"
    if kind is RecordKind.HOTLINE_RANK:
        return office.parent_code
    return number if kind in NUMBERED else office.office_code
