"""What came back of the cases that were handed over to those who call in our place.

Source: specification, section 7.5. Case by case, the results are compared with the handover. Where
an office's month came back as a whole, nothing can be said of single cases.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, exists, select

from survey_pipeline.context import Context
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import (
    case_results,
    offices,
    satisfaction_results,
    surveys,
    unknown_results,
)
from survey_pipeline.survey.delivered_result import with_its_result


@dataclass
class OfficeReturns:
    """The handed-over cases of one office and month, by number."""

    office_code: str
    office: str
    returned: list[str] = field(default_factory=list)
    """A result came back."""
    missing: list[str] = field(default_factory=list)
    """None did, case by case."""
    unknown: list[str] = field(default_factory=list)
    """A result came back, and the case was never handed over: it was refused."""
    delivered_whole: bool = False
    """The month came back as one `satisfaction` row."""

    @property
    def handed_over(self) -> int:
        """Cases handed over."""
        return len(self.returned) + len(self.missing)

    @property
    def outstanding(self) -> Sequence[str]:
        """Cases whose result is still to come; none once the month came back as a whole."""
        return () if self.delivered_whole else self.missing


def read_returns(context: Context, month: str, category: str | None = None) -> list[OfficeReturns]:
    """Compare a month's handover with what came back, office by office in code point order.

    Args:
        context: the workspace.
        month: `YYYY-MM`, in which the cases were reported.
        category: of the offices; all unless given.
    """
    chosen = () if category is None else (offices.c.category == category,)
    with reading(context.engine) as connection:
        found = _handed_over(connection, month, *chosen)
        for office_code, name, case_no in _unknown(connection, month, *chosen):
            office = found.setdefault(office_code, OfficeReturns(office_code, name))
            office.unknown.append(case_no)
        whole = connection.scalars(
            select(satisfaction_results.c.office_code).where(
                satisfaction_results.c.month == month,
                satisfaction_results.c.withdrawn_at.is_(None),
            )
        )
        for office_code in whole:
            if office_code in found:
                found[office_code].delivered_whole = True
    return [found[office_code] for office_code in sorted(found)]


def _handed_over(
    connection: Connection, month: str, *chosen: ColumnElement[bool]
) -> dict[str, OfficeReturns]:
    rows = connection.execute(
        select(surveys.c.office_code, offices.c.name, surveys.c.case_no, case_results.c.answer)
        .join(offices, offices.c.office_code == surveys.c.office_code)
        .outerjoin(case_results, with_its_result())
        .where(surveys.c.month == month, surveys.c.handed_over_on.is_not(None), *chosen)
        .order_by(surveys.c.case_no)
    )
    found: dict[str, OfficeReturns] = {}
    for office_code, name, case_no, answer in rows:
        office = found.setdefault(office_code, OfficeReturns(office_code, name))
        (office.missing if answer is None else office.returned).append(case_no)
    return found


def _unknown(
    connection: Connection, month: str, *chosen: ColumnElement[bool]
) -> list[tuple[str, str, str]]:
    """Return the refused results whose case has not been handed over since: office, name, case."""
    refused = unknown_results.c
    handed_over = exists().where(
        surveys.c.office_code == refused.office_code,
        surveys.c.case_no == refused.case_no,
        surveys.c.handed_over_on.is_not(None),
    )
    rows = connection.execute(
        select(refused.office_code, offices.c.name, refused.case_no)
        .join(offices, offices.c.office_code == refused.office_code)
        .where(refused.month == month, ~handed_over, *chosen)
        .order_by(refused.case_no)
    )
    return [(office_code, name, case_no) for office_code, name, case_no in rows]
