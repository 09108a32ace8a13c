"""A month's score of every office: the points with their lines, and the row that is kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from survey_pipeline.calendar import first_day, last_day
from survey_pipeline.i18n import Message
from survey_pipeline.scoring.counted import Counted, counted, source_of
from survey_pipeline.scoring.facts import (
    MonthFacts,
    OfficeFacts,
    OfficeOnRegister,
)
from survey_pipeline.scoring.month_row import ModeComparison, MonthRow, WindowToDate
from survey_pipeline.scoring.notes import notes_of
from survey_pipeline.scoring.numbers import fixed, from_units, rounded
from survey_pipeline.scoring.ranks import ranks
from survey_pipeline.scoring.satisfaction import (
    SatisfactionScore,
    Volume,
    mean_volume,
    score_satisfaction,
)
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.parts.satisfaction import Arrangement
from survey_pipeline.statistics.response_rates import count_outcomes, response_rates
from survey_pipeline.vocabulary import (
    Disposition,
    DissatisfactionReason,
    Mode,
    Rating,
)

K = TypeVar("K", bound=str)


@dataclass(frozen=True)
class OfficeScore:
    """An office's month: what is stored and exported."""

    office_code: str
    points: int | None
    rank: int | None
    row: MonthRow
    lines: list[dict[str, Any]]


def score_month(standard: Standard, facts: MonthFacts) -> list[OfficeScore]:
    """Score every office of a month and rank those with enough ratings, over all categories."""
    scored = [(office, _score(standard, facts, office)) for office in facts.offices]
    places = ranks(
        {
            office.office.office_code: _ranked_by(facts, counts, score)
            for office, (counts, score) in scored
        }
    )
    return [
        _office_score(standard, facts, office, counts, score, places[office.office.office_code])
        for office, (counts, score) in scored
    ]


def _ranked_by(facts: MonthFacts, counts: Counted, score: SatisfactionScore | None) -> int | None:
    """Return the points that an office is ranked by; None if it has none or too few ratings."""
    if score is None or counts.answers.rated < facts.min_ratings:
        return None
    return score.points


def is_scored(office: OfficeOnRegister, month: str) -> bool:
    """Return whether an office is appraised for a month; others are listed with their reason."""
    return (
        office.exempt_reason is None
        and not office.withdrawn
        and office.valid_within(first_day(month), last_day(month))
    )


def window_to_date(
    standard: Standard, office: OfficeFacts, counted_from: str = ""
) -> SatisfactionScore:
    """Score an office over the window so far: all rated cases of its months pooled.

    Args:
        standard: the standard in force.
        office: the office with the window's months.
        counted_from: the first month that counts for the volume; all of them where it is blank.
    """
    arrangement = _arrangement(standard, office.office)
    months = [counted(month, arrangement) for month in (*office.earlier, office.month)]
    volume = mean_volume(months, office.ended_months, counted_from)
    return score_satisfaction(standard, office.office.category, months, volume)


def _arrangement(standard: Standard, office: OfficeOnRegister) -> Arrangement:
    return standard.satisfaction.arrangement(
        office.category, approval_service=office.approval_service
    )


def _score(
    standard: Standard, facts: MonthFacts, office: OfficeFacts
) -> tuple[Counted, SatisfactionScore | None]:
    counts = counted(office.month, _arrangement(standard, office.office))
    if not is_scored(office.office, facts.month):
        return counts, None
    score = score_satisfaction(standard, office.office.category, [counts], Volume(counts.volume))
    return counts, score


def _office_score(
    standard: Standard,
    facts: MonthFacts,
    office: OfficeFacts,
    counts: Counted,
    score: SatisfactionScore | None,
    rank: int | None,
) -> OfficeScore:
    return OfficeScore(
        office.office.office_code,
        score.points if score else None,
        rank,
        _row(standard, facts, office, counts, score, rank),
        [score.line.to_json()] if score else [],
    )


def _row(
    standard: Standard,
    facts: MonthFacts,
    office: OfficeFacts,
    counts: Counted,
    score: SatisfactionScore | None,
    rank: int | None,
) -> MonthRow:
    register, surveys, answers = office.office, office.surveys, counts.answers
    arrangement = _arrangement(standard, register)
    notes = notes_of(facts, office, counts, arrangement, scored=score)
    interval = score.interval if score else None
    return MonthRow(
        month=facts.month,
        office_code=register.office_code,
        office=register.name,
        category=register.category,
        parent_code=register.parent_code,
        parent=register.parent,
        reported=office.month.reported,
        drawn=surveys.drawn,
        texted=surveys.texted,
        delivered=surveys.delivered,
        replied=surveys.replied,
        called=surveys.called,
        reached=surveys.reached,
        rated=answers.rated,
        satisfied=answers.satisfied,
        neutral=answers.neutral,
        dissatisfied=answers.dissatisfied,
        rated_by_sms=counts.sms.rated,
        rated_by_phone=counts.phone.rated,
        rated_elsewhere=counts.elsewhere.rated,
        rate=rounded(score.rate, 4) if score else None,
        rate_low=rounded(Fraction(interval.low), 4) if interval else None,
        rate_high=rounded(Fraction(interval.high), 4) if interval else None,
        coefficient=score.coefficient if score else None,
        points=rounded(score.line.points, standard.rounding.shown) if score else None,
        rank=rank,
        response_rate=rounded(response_rates(count_outcomes(surveys.outcomes)).rr1, 4),
        source=source_of(counts, arrangement),
        notes=tuple(Message.from_json(note.to_json()) for note in notes),  # as they are read back
        appraised=score is not None,
        approval_service=register.approval_service,
        outcomes=_occurred(surveys.outcomes, Disposition),
        reasons=_occurred(surveys.reasons, DissatisfactionReason),
        by_mode={Mode.SMS: office.month.sms, Mode.PHONE: office.month.phone},
        open=surveys.still_open,
        verification=_comparison(standard, office),
        delivered_by_others=office.month.delivery,
        delivered_by_case=office.month.results,
        to_date=_to_date(standard, office, facts.counted_from) if score else None,
    )


def _occurred(counts: Mapping[K, int], order: Iterable[K]) -> dict[K, int]:
    """Return the counts that are not zero, in the order of the word list."""
    return {key: counts[key] for key in order if counts.get(key)}


def _comparison(standard: Standard, office: OfficeFacts) -> ModeComparison:
    """Compare what the same citizens said by SMS and later on the phone; it scores nothing."""
    pairs = office.surveys.verified
    count = sum(pairs.values())
    value = {r: Fraction(standard.satisfaction.values.of(r).value) for r in Rating}
    means = [
        sum((value[pair[side]] * n for pair, n in pairs.items()), Fraction(0)) / count
        if count
        else None
        for side in (0, 1)
    ]
    same = sum(n for (sms, phone), n in pairs.items() if sms is phone)
    return ModeComparison(count, same, rounded(means[0], 4), rounded(means[1], 4))


def _to_date(standard: Standard, office: OfficeFacts, counted_from: str) -> WindowToDate:
    score = window_to_date(standard, office, counted_from)
    return WindowToDate(
        rate=rounded(score.rate, 4),
        coefficient=score.coefficient,
        points=None if score.points is None else rounded(from_units(score.points), 4),
        months=office.ended_months,
        rated=score.answers.rated,
        volume=Decimal(fixed(score.volume, 1) or 0),
    )
