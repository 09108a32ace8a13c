"""A survey beside the result that others delivered of its case (specification, section 14.A)."""

from sqlalchemy import ColumnElement, and_, exists

from survey_pipeline.store.tables import case_results, surveys


def with_its_result() -> ColumnElement[bool]:
    """Return the condition that joins a survey with the result that others delivered of its case.

    Results that were withdrawn are left out.
    """
    result = case_results.c
    return and_(
        result.office_code == surveys.c.office_code,
        result.case_no == surveys.c.case_no,
        result.withdrawn_at.is_(None),
    )


def answered_elsewhere() -> ColumnElement[bool]:
    """Return the condition that others have delivered an answer of a survey's case.

    The citizen was asked and has answered: nothing more is sent, and no call is made.
    """
    return exists(case_results).where(with_its_result()).correlate(surveys)
