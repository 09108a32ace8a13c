"""What a leader sees: closed months in sums over offices, compared with earlier months.

The sums are those of the official scores, over every office with a rating. They are counts and
points; no case, number, text or name of a citizen is among them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from survey_pipeline.calendar import ONE_DAY, first_day, month_of
from survey_pipeline.context import Context
from survey_pipeline.reports.closed_offices import ClosedOffice, closed_offices, months_closed
from survey_pipeline.reports.month_charts import TrendPoint
from survey_pipeline.reports.month_report import STANDARDS
from survey_pipeline.reports.month_summaries import RateEstimate, share_of
from survey_pipeline.scoring.facts import Answers
from survey_pipeline.standard import standard_of_month
from survey_pipeline.standard.load import months_of_window
from survey_pipeline.standard.model import Values
from survey_pipeline.vocabulary import Category, Rating

TREND_MONTHS = 13
"""So many months end with the one that is shown: the same month of last year is the first."""
EVERY_ANSWER = 0
"""Answers of a kind that are shown: a leader works for the office that asks, and sees them all."""
_ORDER = {category.value: place for place, category in enumerate(Category)}


@dataclass(frozen=True)
class OfficesTogether:
    """Several offices of a month, or of several months, together."""

    key: str
    """Code of the category or department; empty of the city."""
    name: str
    offices: int
    """Appraised."""
    rated: int
    """Of these, the offices with a rating."""
    reported: int
    """Cases reported by all of them."""
    answers: Answers
    share: RateEstimate
    mean_points: Fraction | None

    @property
    def unrated(self) -> int:
        """Offices without a rating."""
        return self.offices - self.rated


@dataclass(frozen=True)
class ComparedGroup:
    """A group beside itself one month and one year before."""

    now: OfficesTogether
    since_month: Fraction | None
    """By how much the rate changed; None if one of the two is not known."""
    since_year: Fraction | None


@dataclass(frozen=True)
class MonthOverview:
    """A closed month as a leader sees it."""

    month: str
    month_before: str
    year_before: str
    """The same month of last year."""
    city: ComparedGroup
    categories: Sequence[ComparedGroup]
    departments: Sequence[ComparedGroup]
    """The best rate first; those without one at the end."""
    offices: Sequence[ClosedOffice]
    """Those with a rating, the lowest rate first."""
    trend: Sequence[TrendPoint]

    def below(self, line: Decimal) -> list[ClosedOffice]:
        """Return the offices with a rate below a line (0 to 1), the lowest first."""
        return [office for office in self.offices if (office.score.rate or 0) < line]


def month_overview(context: Context, month: str) -> MonthOverview | None:
    """Return a closed month; None if the month is not closed or not scored.

    Raises:
        ConfigurationError: the standard's file is missing or wrong.
    """
    offices = closed_offices(context, month, EVERY_ANSWER)
    if not offices:
        return None
    values, before, last_year = values_of(context, month), month_before(month), year_before(month)
    earlier = (
        closed_offices(context, before, EVERY_ANSWER),
        closed_offices(context, last_year, EVERY_ANSWER),
    )

    def compared(key: Callable[[ClosedOffice], tuple[str, str]]) -> list[ComparedGroup]:
        now, *then = (_groups(part, values, key) for part in (offices, *earlier))
        return [_compared(group, *(part.get(group.key) for part in then)) for group in now.values()]

    return MonthOverview(
        month=month,
        month_before=before,
        year_before=last_year,
        city=compared(lambda _: ("", ""))[0],
        categories=sorted(compared(_category), key=lambda part: _ORDER[part.now.key]),
        departments=sorted(compared(_department), key=_best_first),
        offices=sorted(filter(_is_rated, offices), key=_lowest_first),
        trend=_trend(context, month),
    )


def year_overview(context: Context, month: str) -> tuple[int, Sequence[OfficesTogether]]:
    """Return the appraisal year that a month belongs to, and its closed months in sums.

    The first group is the city, then every category; an office counts once for each month.

    Raises:
        ConfigurationError: the standard's file is missing or wrong.
    """
    in_force = standard_of_month(month, context.settings.standards, context.home / STANDARDS)
    months = [shown for shown in months_of_window(in_force.standard, month) if shown <= month]
    offices = [
        office for shown in months for office in closed_offices(context, shown, EVERY_ANSWER)
    ]
    values = in_force.standard.satisfaction.values
    city = _groups(offices, values, lambda _: ("", ""))
    categories = _groups(offices, values, _category)
    ordered = sorted(categories.values(), key=lambda group: _ORDER[group.key])
    return in_force.standard.year, [*city.values(), *ordered]


def values_of(context: Context, month: str) -> Values:
    """Return what each answer is worth in a month."""
    in_force = standard_of_month(month, context.settings.standards, context.home / STANDARDS)
    return in_force.standard.satisfaction.values


def month_before(month: str) -> str:
    """Return the month before one."""
    return month_of(first_day(month) - ONE_DAY)


def year_before(month: str) -> str:
    """Return the same month of last year."""
    return f"{int(month[:4]) - 1:04}{month[4:]}"


def _trend(context: Context, month: str) -> list[TrendPoint]:
    """Return the city's rate in the closed months up to one, at most `TREND_MONTHS` of them."""
    first = year_before(month)
    months = [shown for shown in months_closed(context) if first <= shown <= month]
    points = []
    for shown in sorted(months)[-TREND_MONTHS:]:
        answers = _answers(filter(_is_rated, closed_offices(context, shown, EVERY_ANSWER)))
        share = share_of(_counts(answers), values_of(context, shown))
        points.append((shown, answers.rated, share))
    return points


def _groups(
    offices: Sequence[ClosedOffice],
    values: Values,
    key: Callable[[ClosedOffice], tuple[str, str]],
) -> dict[str, OfficesTogether]:
    members: dict[tuple[str, str], list[ClosedOffice]] = {}
    for office in offices:
        members.setdefault(key(office), []).append(office)
    return {code: _group(code, name, own, values) for (code, name), own in members.items()}


def _group(
    code: str, name: str, offices: Sequence[ClosedOffice], values: Values
) -> OfficesTogether:
    rated = [office for office in offices if _is_rated(office)]
    answers = _answers(rated)
    points = [Fraction(office.score.points) for office in rated if office.score.points is not None]
    return OfficesTogether(
        key=code,
        name=name,
        offices=len(offices),
        rated=len(rated),
        reported=sum(office.score.reported for office in offices),
        answers=answers,
        share=share_of(_counts(answers), values),
        mean_points=sum(points, Fraction(0)) / len(points) if points else None,
    )


def _compared(
    now: OfficesTogether, month: OfficesTogether | None, year: OfficesTogether | None
) -> ComparedGroup:
    return ComparedGroup(now, _change(now, month), _change(now, year))


def _change(now: OfficesTogether, then: OfficesTogether | None) -> Fraction | None:
    if then is None or now.share.rate is None or then.share.rate is None:
        return None
    return now.share.rate - then.share.rate


def _answers(offices: Iterable[ClosedOffice]) -> Answers:
    scores = [office.score for office in offices]
    return Answers(
        *(sum(getattr(score, rating.value) or 0 for score in scores) for rating in Rating)
    )


def _counts(answers: Answers) -> dict[str, int]:
    return {rating.value: answers.of(rating) for rating in Rating}


def _is_rated(office: ClosedOffice) -> bool:
    return office.score.rate is not None


def _category(office: ClosedOffice) -> tuple[str, str]:
    return office.category, ""


def _department(office: ClosedOffice) -> tuple[str, str]:
    return office.parent_code, office.parent


def _lowest_first(office: ClosedOffice) -> tuple[Decimal, str]:
    return office.score.rate or Decimal(0), office.office_code


def _best_first(group: ComparedGroup) -> tuple[bool, Fraction, str]:
    rate = group.now.share.rate
    return rate is None, -(rate or Fraction(0)), group.now.key
