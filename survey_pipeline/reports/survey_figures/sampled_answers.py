"""What a month's sample answered, office by office: its strata, and who was asked twice.

Two passes that count, however many offices and ratings there are. Our own ratings of record only:
what others delivered was not drawn by us.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select

from survey_pipeline.reports.survey_figures.tried_cases import NOT_ELIGIBLE
from survey_pipeline.standard.model import Values
from survey_pipeline.statistics.stratified import Stratum, combine
from survey_pipeline.store.tables import draw_offices, surveys
from survey_pipeline.survey.month_scan import passing_through
from survey_pipeline.vocabulary import Mode, Rating

Key = tuple[str, date]
"""(office_code, day of the draw): a stratum."""


@dataclass
class SampledAnswers:
    """The answers of one office's drawn cases of a month, or of several offices together."""

    strata: list[Stratum] = field(default_factory=list)
    """In the order of their days, combined until each stands alone."""
    size: Decimal = Decimal(0)
    """Cases of the month that could be drawn."""
    ratings: Counter[Rating] = field(default_factory=Counter)
    by_sms: Counter[Rating] = field(default_factory=Counter)
    """Ratings of record by SMS."""
    pairs: Counter[tuple[Rating, Rating]] = field(default_factory=Counter)
    """(by SMS, on the phone) of the people who were asked both ways."""


@dataclass
class _Day:
    """One office on one day of the draw."""

    drawn: int = 0
    """Of the month, and eligible in the end."""
    values: Counter[Decimal] = field(default_factory=Counter)


def sampled_answers(
    connection: Connection, month: str, values: Values
) -> dict[str, SampledAnswers]:
    """Count a month's sample by office_code.

    Args:
        connection: a transaction that reads.
        month: the month in which the cases were reported, `YYYY-MM`.
        values: what each answer is worth.
    """
    worth = {rating: values.of(rating).value for rating in Rating}
    offices: defaultdict[str, SampledAnswers] = defaultdict(SampledAnswers)
    days: defaultdict[Key, _Day] = defaultdict(_Day)
    for row in _counted(connection, month):
        day = days[row.office_code, row.drawn_on]
        if row.rating is None:
            day.drawn += row.cases * (not row.not_eligible)
            continue
        day.drawn += row.cases
        day.values[worth[Rating(row.rating)]] += row.cases
        _count_answer(offices[row.office_code], row)
    for code, strata in _strata(days, _probabilities(connection, month)).items():
        offices[code].strata = combine(strata)
        offices[code].size = sum((stratum.size for stratum in strata), Decimal(0))
    return dict(offices)


def _counted(connection: Connection, month: str) -> Sequence[Row[Any]]:
    survey = surveys.c
    words = (
        survey.office_code,
        survey.drawn_on,
        survey.rating,
        survey.rated_by,
        survey.verification,
        survey.disposition.in_(NOT_ELIGIBLE).label("not_eligible"),
    )
    query = select(*words, func.count().label("cases"))
    return connection.execute(
        query.where(passing_through(connection, month)).group_by(*words)
    ).all()


def _count_answer(office: SampledAnswers, row: Row[Any]) -> None:
    rating = Rating(row.rating)
    office.ratings[rating] += row.cases
    if row.rated_by == Mode.SMS:
        office.by_sms[rating] += row.cases
        if row.verification:
            office.pairs[rating, Rating(row.verification)] += row.cases


def _probabilities(connection: Connection, month: str) -> dict[Key, tuple[int, int]]:
    """Return N and n of each office on each day on which cases of the month were drawn."""
    draw = draw_offices.c
    first, last = connection.execute(
        select(func.min(surveys.c.drawn_on), func.max(surveys.c.drawn_on)).where(
            surveys.c.month == month
        )
    ).one()
    if first is None:
        return {}
    rows = connection.execute(
        select(draw.office_code, draw.day, draw.eligible, draw.drawn).where(
            and_(draw.day.between(first, last), draw.drawn > 0)
        )
    )
    return {(row.office_code, row.day): (row.eligible, row.drawn) for row in rows}


def _strata(
    days: Mapping[Key, _Day], drawn: Mapping[Key, tuple[int, int]]
) -> dict[str, list[Stratum]]:
    """Return each office's strata in the order of their days.

    A day's draw may hold cases of two months, and cases that turned out to be none. Each drawn case
    stands for N/n cases; those that are of the month and eligible so give the size of the stratum.
    """
    found: defaultdict[str, list[Stratum]] = defaultdict(list)
    for (code, day), counted in sorted(days.items()):
        eligible, in_sample = drawn.get((code, day), (1, 1))
        size = Decimal(counted.drawn * eligible) / in_sample
        rated = counted.values.total()
        found[code].append(Stratum(max(size, Decimal(rated)), counted.values))
    return dict(found)


def added(parts: Iterable[SampledAnswers]) -> SampledAnswers:
    """Return several offices' answers together, without their strata."""
    found = SampledAnswers()
    for part in parts:
        found.size += part.size
        found.ratings += part.ratings
        found.by_sms += part.by_sms
        found.pairs += part.pairs
    return found
