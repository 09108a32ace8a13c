"""What a month's answers say of all its cases: modes, the gap between them, weights, bands.

Source: specification, section 13.4. The official points follow the standard alone.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from survey_pipeline.context import Context
from survey_pipeline.i18n import N_
from survey_pipeline.reports.month_columns import ReportColumn
from survey_pipeline.reports.month_report import MonthReport
from survey_pipeline.reports.month_summaries import share_of
from survey_pipeline.reports.ranking import ranked_offices
from survey_pipeline.reports.survey_figures import plain_words
from survey_pipeline.reports.survey_figures.answers_by_mode import corrected_ratings, rates_by_mode
from survey_pipeline.reports.survey_figures.figure_table import (
    GROUP_COLUMNS,
    FigureTable,
    MonthFigures,
    bounds,
    to_places,
)
from survey_pipeline.reports.survey_figures.office_groups import OfficeGroup, office_groups
from survey_pipeline.reports.survey_figures.sampled_answers import (
    SampledAnswers,
    added,
    sampled_answers,
)
from survey_pipeline.standard.model import Values
from survey_pipeline.statistics.same_people import Gap, Pairs, gap_of, weighted_gap
from survey_pipeline.statistics.stratified import WeightedMean, together, weighted_mean
from survey_pipeline.store.engine import reading
from survey_pipeline.vocabulary import Rating

VARIANCE_PLACES = 8
ESTIMATE_COLUMNS: tuple[ReportColumn, ...] = (
    *GROUP_COLUMNS,
    ReportColumn("rated", N_("Ratings"), "count", 8),
    ReportColumn("rate", N_("Plain rate"), "share", 9),
    ReportColumn("rate_low", N_("Plain rate, lower bound"), "share", 9),
    ReportColumn("rate_high", N_("Plain rate, upper bound"), "share", 9),
    ReportColumn("weighted", N_("Weighted rate"), "share", 9),
    ReportColumn("weighted_low", N_("Weighted rate, lower bound"), "share", 9),
    ReportColumn("weighted_high", N_("Weighted rate, upper bound"), "share", 9),
    ReportColumn("variance", N_("Variance of the weighted rate"), "variance", 12),
    ReportColumn("effective", N_("Effective number (Kish)"), "factor", 10),
    ReportColumn("strata", N_("Strata"), "count", 8),
    ReportColumn("size", N_("Cases that could be drawn"), "count", 10),
    ReportColumn("covered", N_("Of these, stood for"), "share", 9),
)
GAP_COLUMNS: tuple[ReportColumn, ...] = (
    *GROUP_COLUMNS,
    ReportColumn("people", N_("Asked by both"), "count", 8),
    ReportColumn("same", N_("Said the same"), "count", 8),
    ReportColumn("risen", N_("Higher on the phone"), "count", 8),
    ReportColumn("fallen", N_("Lower on the phone"), "count", 8),
    ReportColumn("gap", N_("Gap"), "share", 9),
    ReportColumn("gap_low", N_("Gap, lower bound"), "share", 9),
    ReportColumn("gap_high", N_("Gap, upper bound"), "share", 9),
    ReportColumn("weighted_gap", N_("Weighted gap"), "share", 9),
    ReportColumn("weighted_gap_low", N_("Weighted gap, lower bound"), "share", 9),
    ReportColumn("weighted_gap_high", N_("Weighted gap, upper bound"), "share", 9),
)
_BAND = ReportColumn("band", N_("Band"), "rank", 7)
BAND_COLUMNS: tuple[ReportColumn, ...] = (
    *GROUP_COLUMNS,
    ReportColumn("category", N_("Category"), "word", 12),
    _BAND,
    ReportColumn("counted", N_("Rated"), "count", 8),
    ReportColumn("official", N_("Satisfaction rate"), "share", 9),
    ReportColumn("official_low", N_("Rate, lower bound"), "share", 9),
    ReportColumn("official_high", N_("Rate, upper bound"), "share", 9),
)


def survey_estimates(context: Context, report: MonthReport) -> MonthFigures:
    """Return a month's estimates; the sample is read as it stands.

    Args:
        context: the workspace.
        report: the month's stored scores: its offices, and the rates that count.
    """
    values = report.in_force.standard.satisfaction.values
    with reading(context.engine) as connection:
        samples = sampled_answers(connection, report.month, values)
        corrected = corrected_ratings(connection, report.month)
    groups = list(office_groups(report))
    gaps = [{**group.label, **_gap_row(added(_of(group, samples)), values)} for group in groups]
    estimates = [{**group.label, **_estimate_row(group, samples, values)} for group in groups]
    title = N_("Plain and weighted rates")
    explained = (*plain_words.ESTIMATES, *plain_words.EFFECTIVE)
    weighted = FigureTable("estimates", title, explained, ESTIMATE_COLUMNS, estimates)
    title = N_("SMS and phone, the same people")
    gap = FigureTable("gap", title, plain_words.GAP, GAP_COLUMNS, gaps)
    title = N_("Bands of offices that cannot be told apart")
    bands = FigureTable("bands", title, plain_words.BANDS, BAND_COLUMNS, list(_bands(report)))
    return MonthFigures(
        report,
        {"month": report.month, "version": report.version},
        (rates_by_mode(report), gap, corrected, weighted, bands),
        _joined(weighted, gap, bands),
    )


def _joined(weighted: FigureTable, gap: FigureTable, bands: FigureTable) -> FigureTable:
    """Return one row a group with its rates, its gap and, of an office, its band."""
    band_of = {row["group"]: row["band"] for row in bands.rows}
    rows = [
        {
            **rates,
            **gaps,
            "band": band_of.get(rates["group"]) if rates["grouping"] == "office" else None,
        }
        for rates, gaps in zip(weighted.rows, gap.rows, strict=True)
    ]
    more = [column for column in gap.columns if column not in GROUP_COLUMNS]
    columns = [*weighted.columns, *more, _BAND]
    return FigureTable(weighted.name, weighted.title, weighted.explained, columns, rows)


def _of(group: OfficeGroup, samples: Mapping[str, SampledAnswers]) -> list[SampledAnswers]:
    codes = (row.office_code for row in group.rows)
    return [samples[code] for code in codes if code in samples]


def _gap_row(answers: SampledAnswers, values: Values) -> dict[str, Any]:
    plain = gap_of(_as_pairs(answers, values))
    weighted = weighted_gap(
        [(_as_pairs(answers, values, rating), answers.by_sms[rating]) for rating in Rating]
    )
    return {
        "people": plain.people,
        "same": plain.same,
        "risen": plain.risen,
        "fallen": plain.fallen,
        **_gap_cells(plain, "gap"),
        **_gap_cells(weighted, "weighted_gap"),
    }


def _gap_cells(gap: Gap, name: str) -> dict[str, Any]:
    return {name: to_places(gap.mean), **bounds(gap.interval, name)}


def _as_pairs(answers: SampledAnswers, values: Values, first: Rating | None = None) -> Pairs:
    """Return the pairs of people by what their answers are worth; of one SMS answer if named."""
    worth = {rating: Fraction(values.of(rating).value) for rating in Rating}
    return {
        (worth[by_sms], worth[by_phone]): count
        for (by_sms, by_phone), count in answers.pairs.items()
        if first in (None, by_sms)
    }


def _estimate_row(
    group: OfficeGroup, samples: Mapping[str, SampledAnswers], values: Values
) -> dict[str, Any]:
    offices = _of(group, samples)
    answers = added(offices)
    plain = share_of({rating.value: answers.ratings[rating] for rating in Rating}, values)
    if group.grouping == "office":
        weighted = weighted_mean([stratum for office in offices for stratum in office.strata])
    else:
        weighted = weighted_mean(together(office.strata for office in offices))
    return {
        "rated": answers.ratings.total(),
        "rate": to_places(plain.rate),
        "rate_low": to_places(plain.low),
        "rate_high": to_places(plain.high),
        **_weighted_cells(weighted),
        "size": int(to_places(answers.size, 0) or 0),
        "covered": to_places(weighted.size / answers.size) if answers.size else None,
    }


def _weighted_cells(weighted: WeightedMean) -> dict[str, Any]:
    return {
        "weighted": to_places(weighted.mean),
        **bounds(weighted.interval, "weighted"),
        "variance": to_places(weighted.variance, VARIANCE_PLACES),
        "effective": to_places(weighted.effective, 2),
        "strata": weighted.strata,
    }


def _bands(report: MonthReport) -> Iterator[dict[str, Any]]:
    """Yield the offices with a rate, the best of each category first."""
    offices = {group.group: group for group in office_groups(report) if group.grouping == "office"}
    categories = {
        group.group: group for group in office_groups(report) if group.grouping == "category"
    }
    ranked = [office for office in ranked_offices(report) if office.band is not None]
    order = list(categories)
    for office in sorted(
        ranked,
        key=lambda office: (
            order.index(office.row.category),
            office.band,
            -(office.row.rate or 0),
            office.code,
        ),
    ):
        yield {
            **offices[office.code].label,
            "category": categories[office.row.category].name,
            "band": office.band,
            "counted": office.row.rated,
            "official": office.row.rate,
            "official_low": office.row.rate_low,
            "official_high": office.row.rate_high,
        }
