"""The statements of a hotline quarter: each office's records, its sums, and the year so far.

What an office may read as well: no file, no row, no remark (it may hold a citizen's words).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord
from survey_pipeline.reports.deadlines import Deadline, gather_deadlines
from survey_pipeline.reports.deadlines.appraised import AppraisedOffice, appraised_offices
from survey_pipeline.scoring.evidence import HotlineRecord
from survey_pipeline.scoring.hotline_quarters import HotlineQuarter, score_quarter
from survey_pipeline.standard import InForce
from survey_pipeline.standard.load import FOLDER, standard_for
from survey_pipeline.standard.periods import Period, quarters
from survey_pipeline.standard.quarters import QuarterPart
from survey_pipeline.store.engine import reading
from survey_pipeline.vocabulary import Duty


@dataclass(frozen=True)
class HotlineStatement:
    """One office's quarter."""

    office: AppraisedOffice
    quarter: HotlineQuarter


@dataclass(frozen=True)
class QuarterStatements:
    """A quarter's statements."""

    in_force: InForce
    period: Period
    is_over: bool
    """Else more records may come."""
    delivery: Deadline | None
    """Whether its records have come; None where none are owed, before the register began."""
    statements: Sequence[HotlineStatement]
    """By office_code."""

    @property
    def year(self) -> int:
        """The appraisal year."""
        return self.in_force.standard.year

    def with_deductions(self) -> list[HotlineStatement]:
        """Return the statements that hold a record, or on which the year has taken something."""
        return [
            statement
            for statement in self.statements
            if statement.quarter.records or statement.quarter.year_counted
        ]


def make_statements(
    context: Context,
    part: QuarterPart,
    records: Mapping[str, Sequence[HotlineRecord]],
    office_code: str | None = None,
) -> QuarterStatements:
    """Return the statements of a quarter, of all appraised offices or of one.

    Args:
        context: the workspace.
        part: the quarter, as its appraisal year has it.
        records: the hotline records of that appraisal year, by office.
        office_code: only this office.

    Raises:
        UnknownRecord: that office is not appraised in the quarter.
    """
    standard, today = part.in_force.standard, context.today()
    with reading(context.engine) as connection:
        offices = _offices(connection, part.period, office_code)
    statements = [
        HotlineStatement(
            office, score_quarter(standard, records.get(office.office_code, ()), part.period)
        )
        for office in offices
    ]
    is_over = part.period.last < today
    delivery = _delivery(context, part, today)
    return QuarterStatements(part.in_force, part.period, is_over, delivery, statements)


def quarters_so_far(context: Context, year: int) -> list[Period]:
    """Return the quarters of an appraisal year that have begun, the newest first."""
    standard = standard_for(year, context.settings.standards, context.home / FOLDER).standard
    today = context.today()
    return [period for period in quarters(standard.window) if period.first <= today][::-1]


def _offices(
    connection: Connection, period: Period, office_code: str | None
) -> list[AppraisedOffice]:
    found = [office for office in appraised_offices(connection) if office.within(period)]
    if office_code is None:
        return found
    own = [office for office in found if office.office_code == office_code]
    if not own:
        raise UnknownRecord(
            "the office {code} is not appraised in {quarter}", code=office_code, quarter=period.name
        )
    return own


def _delivery(context: Context, part: QuarterPart, today: date) -> Deadline | None:
    year = part.in_force.standard.year
    report = gather_deadlines(context, today, year=year, daily=False)
    return next(
        (
            deadline
            for deadline in report.deadlines
            if deadline.term.duty is Duty.HOTLINE and deadline.term.period == part.period
        ),
        None,
    )
