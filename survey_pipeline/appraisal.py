"""The scores of months and years: computed, shown, verified, compared, published; hotline quarters.

Looking stores nothing, except that a month or year that was never scored is scored first.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from sqlalchemy import select

from survey_pipeline.adoption import as_scored
from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UnknownRecord
from survey_pipeline.i18n import Message
from survey_pipeline.reports.hotline_statements import QuarterStatements, make_statements
from survey_pipeline.scoring.whatif import Difference, compare
from survey_pipeline.stages import assessment, satisfaction
from survey_pipeline.stages.assessment import StoredMonth, StoredYear, stored_month, stored_year
from survey_pipeline.stages.evidence.gather import gather_hotline, gather_year
from survey_pipeline.standard.entry import entries
from survey_pipeline.standard.load import FOLDER, InForce, standard_for, standard_of_month
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.quarters import find_quarter
from survey_pipeline.store.columnar import collector_off
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import month_scores, year_scores


def score_month(context: Context, month: str, as_of: date | None = None) -> assessment.StoredMonth:
    """Score a month: satisfaction gathers, assessment scores and stores.

    The same inputs, standard and program give back the version that is stored.

    Args:
        context: the workspace.
        month: `YYYY-MM`.
        as_of: the day up to which months count as ended; today.

    Raises:
        CannotProceed: the month has not begun, or nothing is known of it.
        ConfigurationError: the standard's file is missing or wrong.
    """
    in_force = standard_for_month(context, month)
    facts = satisfaction.gather_month(context, in_force.standard, month, as_of)
    return assessment.assess_month(context, in_force, facts)


def score_year(context: Context, year: int, as_of: date | None = None) -> assessment.StoredYear:
    """Score a year: satisfaction and evidence gather, assessment scores and stores.

    The same inputs, standard, program and day give back the version that is stored.

    Args:
        context: the workspace.
        year: the appraisal year.
        as_of: the day up to which months have ended and dated records count; today, and never
            after the end of the window. When something was imported plays no part.

    Raises:
        CannotProceed: the window has not begun by that day, no office is on the register, or
            nothing is known of the year: what is missing would be scored, and nothing else.
        ConfigurationError: the standard's file is missing or wrong.
    """
    in_force = standard_of_year(context, year)
    with collector_off():  # hundreds of thousands of records and lines, none in a cycle
        return assessment.assess_year(
            context, in_force, year_inputs(context, in_force.standard, as_of)
        )


def shown_month(context: Context, month: str) -> StoredMonth:
    """Return the latest stored score of a month, or score a month that has no score yet.

    Raises:
        CannotProceed: the month has not begun, or nothing is known of it.
    """
    with reading(context.engine) as connection:
        of_month = select(month_scores.c.id).where(month_scores.c.month == month).limit(1)
        scored = connection.scalar(of_month) is not None
    return stored_month(context, month) if scored else score_month(context, month)


def shown_year(context: Context, year: int, as_of: date | None = None) -> StoredYear:
    """Return a stored score of a year, the furthest unless a day is named; else score the year.

    Raises:
        CannotProceed: the window has not begun, or no office is on the register.
        UnknownRecord: the year has scores, but none of that day.
    """
    query = select(year_scores.c.version, year_scores.c.as_of).where(year_scores.c.year == year)
    with reading(context.engine) as connection:
        versions = connection.execute(query.order_by(year_scores.c.version.desc())).all()
    if not versions:
        return score_year(context, year, as_of)
    if as_of is None:
        return stored_year(context, year)
    found = next((score.version for score in versions if score.as_of == as_of), None)
    if found is None:
        raise UnknownRecord("{year} has no scores as of {day}", year=year, day=as_of).at_terminal(
            "Run: survey-pipeline score year {year} --as-of {day}", year=year, day=as_of
        )
    return stored_year(context, year, found)


def has_changed(context: Context, stored: StoredMonth | StoredYear) -> bool:
    """Return whether a stored score is no longer what its inputs give."""
    period = stored.month if isinstance(stored, StoredMonth) else stored.year
    return not verify_score(context, period, stored.version).ok


def publish_score(
    context: Context, period: str | int, version: int | None = None
) -> assessment.Publication:
    """Freeze a stored score, if it still is what its inputs give.

    Args:
        context: the workspace; its actor publishes.
        period: a month (`YYYY-MM`) or an appraisal year.
        version: the stored version; the latest.

    Raises:
        UnknownRecord: there is no such score.
        CannotProceed: it does not verify.
    """
    stored = (
        assessment.stored_year(context, period, version)
        if isinstance(period, int)
        else assessment.stored_month(context, period, version)
    )
    if stored.published_at is None:
        found = verify_score(context, period, stored.version)
        if not found.ok:
            raise CannotProceed(
                "version {version} of {period} is not what its inputs give now ({problem}). "
                "Score it again, look at it, and publish that",
                version=found.version,
                period=found.period,
                problem=found.problems[0],
            )
    return assessment.publish(context, stored)


def verify_score(
    context: Context, period: str | int, version: int | None = None
) -> assessment.ScoreVerification:
    """Compute a stored score anew, as of the day it was taken, and compare.

    Args:
        context: the workspace.
        period: a month (`YYYY-MM`) or an appraisal year.
        version: the stored version; the latest.

    Raises:
        UnknownRecord: there is no such score.
    """
    if isinstance(period, int):
        year = assessment.stored_year(context, period, version)
        current = standard_of_year(context, period)
        in_force = as_scored(context, current, year.standard_hash)
        inputs = year_inputs(context, in_force.standard, year.as_of)
        found = assessment.verify_year(year, in_force, inputs)
    else:
        month = assessment.stored_month(context, period, version)
        current = standard_for_month(context, period)
        in_force = as_scored(context, current, month.standard_hash)
        facts = satisfaction.gather_month(context, in_force.standard, period, month.as_of)
        found = assessment.verify_month(month, in_force, facts)
    return replace(found, notes=tuple(_adopted_since(in_force, current)))


def _adopted_since(scored_by: InForce, current: InForce) -> Iterator[Message]:
    """Yield which adoptions alone make the standard's file another than a score was made by."""
    if scored_by.file_hash == current.file_hash:
        return
    pairs = zip(entries(scored_by.standard), entries(current.standard), strict=True)
    changed = [now.clause for then, now in pairs if then.adoption != now.adoption]
    yield Message(
        "since then local decisions were adopted, or adoptions taken back ({clauses}): the "
        "standard's file is another (SHA-256 {found}, then {stored}), and no figure is",
        {
            "clauses": ", ".join(dict.fromkeys(changed)),
            "found": current.file_hash[:12],
            "stored": scored_by.file_hash[:12],
        },
    )


def try_standard(
    context: Context, year: int, other: Standard, as_of: date | None = None
) -> tuple[Difference, ...]:
    """Score a year's evidence by another standard, its window moved to that year; store nothing.

    Returns:
        Each office's scores under the standard in force and under the other standard.
    """
    before, after = (
        assessment.tried(standard, year_inputs(context, standard, as_of))
        for standard in (standard_of_year(context, year).standard, other.moved_to(year))
    )
    return compare(before, after)


def hotline_statements(
    context: Context, quarter: str, year: int | None = None, office_code: str | None = None
) -> QuarterStatements:
    """Return the statements of a hotline quarter, of all appraised offices or of one.

    Args:
        context: the workspace.
        quarter: `2023-Q1`.
        year: the appraisal year, for a quarter that two of them share (`standard.quarters`).
        office_code: only this office.

    Raises:
        UsageError: the appraisal year has nothing of the quarter.
        UnknownRecord: that office is not appraised in the quarter.
    """
    part = find_quarter(
        quarter,
        year=year,
        today=context.today(),
        standards=context.settings.standards,
        directory=context.home / FOLDER,
    )
    with reading(context.engine) as connection:
        appraisal_year = part.in_force.standard.year
        records = gather_hotline(context, connection, appraisal_year, office_code)
    return make_statements(context, part, records, office_code)


def standard_for_month(context: Context, month: str) -> InForce:
    """Return the standard in force in a month (`YYYY-MM`)."""
    return standard_of_month(month, context.settings.standards, context.home / FOLDER)


def standard_of_year(context: Context, year: int) -> InForce:
    """Return the standard in force for an appraisal year."""
    return standard_for(year, context.settings.standards, context.home / FOLDER)


def year_inputs(
    context: Context, standard: Standard, as_of: date | None = None
) -> assessment.YearInputs:
    """Gather what a year is scored from, in one read transaction.

    Args:
        context: the workspace.
        standard: the one to score by, its window in the appraisal year.
        as_of: the day; today, and never after the end of the window.
    """
    day = min(as_of or context.today(), standard.window.until)
    if day <= standard.window.after:
        raise CannotProceed(
            "the appraisal year {year} begins after {after}: there is nothing to score on {day}",
            year=standard.year,
            after=standard.window.after,
            day=day,
        )
    with reading(context.engine) as connection:
        setting = context.settings.satisfaction.counted_from
        months = satisfaction.gather_months(connection, standard.window, day, setting)
        if not months.offices:
            raise CannotProceed(
                "no office is on the register in {year}. Import it first: "
                "survey-pipeline import offices FILE",
                year=standard.year,
            )
        gathered = gather_year(
            context,
            connection,
            standard=standard,
            year=standard.year,
            as_of=day,
            offices=months.offices,
        )
    facts = replace(gathered.facts, counted_from=months.counted_from)
    return assessment.YearInputs(facts, gathered.fingerprint, months.settled)
