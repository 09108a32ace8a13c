"""What a body may bring: each kind of file with its scope, so that others' rows are refused."""

from collections.abc import Mapping

from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.reports.deadlines.appraised import AppraisedOffice
from survey_pipeline.stages.intake.scope import Scope
from survey_pipeline.standard.lead_agencies import LeadAgency
from survey_pipeline.vocabulary import Category, RecordKind, Role
from survey_pipeline.web.body_of_user import agency_of_user, delivering_body

OF_DEPARTMENTS = (RecordKind.PARENT_GRADES, RecordKind.FILINGS, RecordKind.AWARDS)
OF_HOTLINE_CENTRE = (RecordKind.HOTLINE, RecordKind.HOTLINE_RANK)


def scopes_of(context: Context, who: SignedIn) -> dict[RecordKind, Scope]:
    """Return the kinds of files that a user may bring, each with its scope.

    Raises:
        UnknownRecord: the user's body is no longer on the register, or in the standard in force.
    """
    if who.role is Role.LEAD_AGENCY:
        given = _categories(agency_of_user(context, who))
        return {
            kind: Scope(frozenset({kind}), categories=frozenset(categories))
            for kind, categories in given.items()
            if categories
        }
    body = delivering_body(context, who)
    kinds = OF_DEPARTMENTS if who.role is Role.DEPARTMENT else OF_HOTLINE_CENTRE
    return {kind: Scope(frozenset({kind}), parent_code=body.parent_code) for kind in kinds}


def scope_of(context: Context, who: SignedIn, kind: str) -> tuple[RecordKind, Scope]:
    """Return a kind by its name, and the user's scope of it.

    Raises:
        UnknownRecord: the user may not bring such files.
    """
    for known, scope in scopes_of(context, who).items():
        if known.value == kind:
            return known, scope
    raise UnknownRecord("you bring no files of this kind")


def is_inside(
    scope: Scope, kind: RecordKind, office: AppraisedOffice, agency: LeadAgency | None
) -> bool:
    """Return whether a form of a kind has a row for an office."""
    if scope.parent_code is not None:
        is_graded = kind is not RecordKind.PARENT_GRADES or office.category is Category.AGENCY
        return office.parent_code == scope.parent_code and is_graded
    if kind is RecordKind.SATISFACTION and agency is not None:
        return any(
            arrangement.fits(office.category, approval_service=office.approval_service)
            for arrangement in agency.arrangements
        )
    return scope.categories is None or office.category in scope.categories


def _categories(agency: LeadAgency) -> Mapping[RecordKind, tuple[Category, ...]]:
    return {
        RecordKind.SATISFACTION: agency.surveyed,
        RecordKind.RESULTS: agency.surveyed,
        RecordKind.PERFORMANCE: agency.performance,
        RecordKind.PARENT_POINTS: agency.parent_points,
    }
