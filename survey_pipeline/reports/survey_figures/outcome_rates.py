"""Outcome rates of a month, under AAPOR's names: by office and what it belongs to, mode, caller.

Offices, what they belong to, and months: from the codes that the stored scores keep. Modes and
callers: from the cases as they stand (see `tried_cases`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from survey_pipeline.context import Context
from survey_pipeline.i18n import N_, Message
from survey_pipeline.reports import month_summaries
from survey_pipeline.reports.month_columns import ReportColumn
from survey_pipeline.reports.month_report import MonthReport
from survey_pipeline.reports.stored_scores import latest_scores
from survey_pipeline.reports.survey_figures.eligible_shares import GivenShares, eligibility
from survey_pipeline.reports.survey_figures.figure_table import (
    GROUP_COLUMNS,
    FigureTable,
    MonthFigures,
    to_places,
)
from survey_pipeline.reports.survey_figures.office_groups import office_groups
from survey_pipeline.reports.survey_figures.tried_cases import (
    Outcomes,
    called_outcomes,
    outcomes_by_caller,
    texted_outcomes,
)
from survey_pipeline.standard.load import months_of_window
from survey_pipeline.statistics.response_rates import (
    ResponseRates,
    count_outcomes,
    response_rates,
)
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import month_scores, office_month_scores
from survey_pipeline.vocabulary import Disposition, Mode
from survey_pipeline.vocabulary.names import AAPOR_VERSION, MODES

RATES = tuple(ResponseRates.__dataclass_fields__)
EXPLAINED = (
    N_(
        "A response rate says how many of the cases that were drawn ended with a rating; the other "
        "rates say how many citizens were reached, took part once they were reached, or refused."
    ),
    N_(
        "The rates of one family differ only in what they do with the cases of which nothing is "
        "known: RR1 counts all of them as citizens who could have answered, RR5 none, RR3 the "
        "share e."
    ),
    N_(
        "A low rate does not make the answers wrong, but it leaves room for those who did not "
        "answer to think otherwise; a dash stands where there is nothing to divide by."
    ),
)
COLUMNS: tuple[ReportColumn, ...] = (
    *GROUP_COLUMNS,
    ReportColumn("cases", N_("Cases"), "count", 8),
    *(
        ReportColumn(name, label, "count", 6.5)
        for name, label in (
            ("complete", "I"),
            ("refusal", "R"),
            ("non_contact", "NC"),
            ("other", "O"),
            ("unknown_household", "UH"),
            ("unknown_other", "UO"),
            ("not_eligible", "NE"),
        )
    ),
    ReportColumn("e_household", "e (UH)", "share", 8),
    ReportColumn("e_other", "e (UO)", "share", 8),
    *(ReportColumn(name, name.upper(), "share", 8) for name in RATES),
)


def outcome_rates(
    context: Context, report: MonthReport, given: GivenShares | None = None
) -> MonthFigures:
    """Return a month's outcome rates, a row for each group.

    Args:
        context: the workspace.
        report: the month's stored scores.
        given: e by class, where a user gives it; estimated for each row otherwise.
    """
    e = given or {}
    with reading(context.engine) as connection:
        rows = [
            {**label, **rates_row(outcomes, e)} for label, outcomes in _groups(connection, report)
        ]
    table = FigureTable("outcome_rates", N_("Outcome rates"), EXPLAINED, COLUMNS, rows)
    about = {
        "month": report.month,
        "version": report.version,
        "e": {group.value: str(to_places(share)) for group, share in e.items()},
        "aapor_version": AAPOR_VERSION,
    }
    return MonthFigures(report, about, (table,), table)


Labelled = tuple[dict[str, Any], Mapping[Disposition, int]]
"""The cells of `GROUP_COLUMNS`, and cases by outcome code."""


def _groups(connection: Connection, report: MonthReport) -> Iterator[Labelled]:
    for group in office_groups(report):
        yield group.label, month_summaries.outcomes(group.rows)
    yield from _by_month(connection, report)
    yield from _by_mode(connection, report.month)
    for caller, outcomes in outcomes_by_caller(connection, report.month).items():
        yield {"grouping": "caller", "group": caller, "name": caller}, outcomes


def rates_row(outcomes: Mapping[Disposition, int], given: GivenShares) -> dict[str, Any]:
    """Return the counts, e and rates of some cases; what is undefined is None."""
    counts = count_outcomes(outcomes)
    e = eligibility(counts, given)
    rates: dict[str, Decimal | None] = {
        name: to_places(share) for name, share in asdict(response_rates(counts, e)).items()
    }
    return {
        "cases": sum(outcomes.values()),
        **asdict(counts),
        "e_household": to_places(e.household),
        "e_other": to_places(e.other),
        **rates,
    }


def _by_month(connection: Connection, report: MonthReport) -> Iterator[Labelled]:
    """Yield the months of the appraisal year up to the report's, as far as they are scored."""
    months = months_of_window(report.in_force.standard, report.month)
    earlier = [month for month in months if month != report.month]
    found = _stored(connection, earlier)
    found[report.month] = month_summaries.outcomes(report.appraised)
    for month, outcomes in sorted(found.items()):
        yield {"grouping": "month", "group": month, "name": month}, outcomes


def _stored(connection: Connection, months: Sequence[str]) -> dict[str, Outcomes]:
    """Add up the outcome codes of the latest scores of some months, of appraised offices."""
    if not months:
        return {}
    rows = connection.execute(
        select(month_scores.c.month, office_month_scores.c.facts)
        .join(office_month_scores, office_month_scores.c.score_id == month_scores.c.id)
        .where(month_scores.c.id.in_(latest_scores(months)))
    )
    found: dict[str, Outcomes] = {}
    for month, facts in rows:
        outcomes = found.setdefault(month, Counter())
        if facts["appraised"]:
            outcomes.update({Disposition(code): n for code, n in facts["outcomes"].items()})
    return found


def _by_mode(connection: Connection, month: str) -> Iterator[Labelled]:
    for mode, outcomes in (
        (Mode.SMS, texted_outcomes(connection, month)),
        (Mode.PHONE, called_outcomes(connection, month)),
    ):
        yield {"grouping": "mode", "group": mode.value, "name": Message(MODES[mode])}, outcomes
