"""`/reports/records`: an office's records of its years, each with a way to object to it."""

from fastapi import APIRouter, Request, Response

from survey_pipeline.reports.own_records import (
    OwnRecord,
    clause_labels,
    own_records,
    own_year,
    value_in_words,
)
from survey_pipeline.reports.reported_days import read_office
from survey_pipeline.stages.evidence import list_objections
from survey_pipeline.standard import standard_for
from survey_pipeline.standard.load import FOLDER
from survey_pipeline.vocabulary.names import COMPONENTS
from survey_pipeline.web.access import User, Workspace
from survey_pipeline.web.pages.office_reports import WORDS
from survey_pipeline.web.pages.office_uploads import office_of_user
from survey_pipeline.web.rendering.page import locale_of, render

router = APIRouter(include_in_schema=False)


@router.get("/reports/records")
def records_page(request: Request, context: Workspace, who: User) -> Response:
    """Show the office's own records by year, and its published years."""
    code, locale = office_of_user(who), locale_of(request)
    records = own_records(context, code)
    standards = {
        year: standard_for(year, context.settings.standards, context.home / FOLDER).standard
        for year in records
    }
    undecided = {
        (objection.kind, objection.key)
        for objection in list_objections(context, office_code=code)
        if objection.decision is None
    }
    return render(
        request,
        "report_records.html",
        office=read_office(context, code),
        records=records,
        years={year: own_year(context, code, year) for year in records},
        labels={year: clause_labels(standard, locale) for year, standard in standards.items()},
        value_of=lambda record: value_in_words(record, standards[record.year], locale),
        objected=lambda record: (record.kind.value, _key(record, code)) in undecided,
        components=COMPONENTS,
        words=WORDS,
    )


def _key(record: OwnRecord, office_code: str) -> str:
    return f"{record.number}/{office_code}" if record.kind == "awards" else record.number
