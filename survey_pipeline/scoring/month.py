"""One office's row of a month: the score, the counts around it, and the notes that go with it.

The keys of the row are those of the monthly export; figures are text, already rounded as shown.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from survey_pipeline.calendar import first_day, last_day
from survey_pipeline.scoring.counted import Counted, counted, source_of
from survey_pipeline.scoring.estimates import Interval, ranks
from survey_pipeline.scoring.facts import (
    Answers,
    Delivery,
    MonthFacts,
    OfficeFacts,
    OfficeOnRegister,
)
from survey_pipeline.scoring.notes import notes_of
from survey_pipeline.scoring.numbers import fixed, from_units
from survey_pipeline.scoring.response_rates import count_outcomes, response_rates
from survey_pipeline.scoring.satisfaction import SatisfactionScore, score_satisfaction
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.parts.satisfaction import Arrangement
from survey_pipeline.vocabulary import (
    Disposition,
    DissatisfactionReason,
    Rating,
)


@dataclass(frozen=True)
class OfficeScore:
    """An office's month: what is stored and exported."""

    office_code: str
    points: int | None
    rank: int | None
    row: dict[str, Any]
    lines: list[dict[str, Any]]


def score_month(standard: Standard, facts: MonthFacts) -> list[OfficeScore]:
    """Score every office of a month and rank those with points, over all categories."""
    scored = [(office, _score(standard, facts, office)) for office in facts.offices]
    places = ranks(
        {
            office.office.office_code: score.points if score else None
            for office, (_, score) in scored
        }
    )
    return [
        _office_score(standard, facts, office, counts, score, places[office.office.office_code])
        for office, (counts, score) in scored
    ]


def is_scored(office: OfficeOnRegister, month: str) -> bool:
    """Say whether an office is appraised for a month; others are listed with their reason."""
    return (
        office.exempt_reason is None
        and not office.withdrawn
        and office.valid_within(first_day(month), last_day(month))
    )


def window_to_date(standard: Standard, office: OfficeFacts) -> SatisfactionScore:
    """Score an office over the window so far: all rated cases of its months pooled."""
    arrangement = _arrangement(standard, office.office)
    months = [counted(month, arrangement) for month in (*office.earlier, office.month)]
    return score_satisfaction(standard, months, office.ended_months)


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
    return counts, score_satisfaction(standard, [counts])


def _office_score(
    standard: Standard,
    facts: MonthFacts,
    office: OfficeFacts,
    counts: Counted,
    score: SatisfactionScore | None,
    rank: int | None,
) -> OfficeScore:
    arrangement = _arrangement(standard, office.office)
    row = {
        "month": facts.month,
        **_register(office.office),
        **_course(office),
        **_ratings(counts),
        **_result(standard, score),
        "rank": rank,
        "response_rate": fixed(response_rates(count_outcomes(office.surveys.outcomes)).rr1, 4),
        "source": source_of(counts, arrangement).value,
        "note": [
            note.to_json() for note in notes_of(facts, office, counts, arrangement, scored=score)
        ],
        "appraised": score is not None,
        **_beside(standard, office),
        "to_date": _to_date(standard, office) if score else None,
    }
    return OfficeScore(
        office.office.office_code,
        score.points if score else None,
        rank,
        row,
        [score.line.to_json()] if score else [],
    )


def _register(office: OfficeOnRegister) -> dict[str, Any]:
    return {
        "office_code": office.office_code,
        "office": office.name,
        "category": office.category.value,
        "parent_code": office.parent_code,
        "parent": office.parent,
    }


def _course(office: OfficeFacts) -> dict[str, Any]:
    """Give the counts of cases, from the report to a voice on the phone."""
    surveys = office.surveys
    return {
        "reported": office.month.reported,
        "drawn": surveys.drawn,
        "texted": surveys.texted,
        "delivered": surveys.delivered,
        "replied": surveys.replied,
        "called": surveys.called,
        "reached": surveys.reached,
    }


def _ratings(counts: Counted) -> dict[str, Any]:
    """Give the ratings that count, by answer and by where they come from."""
    return {
        "rated": counts.answers.rated,
        **_by_answer(counts.answers),
        "rated_by_sms": counts.sms.rated,
        "rated_by_phone": counts.phone.rated,
        "rated_elsewhere": counts.elsewhere.rated,
    }


def _by_answer(answers: Answers) -> dict[str, int]:
    return {rating.value: answers.of(rating) for rating in Rating}


def _result(standard: Standard, score: SatisfactionScore | None) -> dict[str, Any]:
    shown = standard.rounding.shown
    interval = score.interval if score else None
    return {
        "rate": fixed(score.rate, 4) if score else None,
        "rate_low": _bound(interval, "low"),
        "rate_high": _bound(interval, "high"),
        "coefficient": str(score.coefficient) if score else None,
        "points": fixed(score.line.points, shown) if score else None,
    }


def _bound(interval: Interval | None, name: str) -> str | None:
    return None if interval is None else fixed(Fraction(getattr(interval, name)), 4)


def _beside(standard: Standard, office: OfficeFacts) -> dict[str, Any]:
    """Give what the exports show beside the row."""
    surveys = office.surveys
    return {
        "approval_service": office.office.approval_service,
        "outcomes": {
            code.value: surveys.outcomes[code] for code in Disposition if surveys.outcomes.get(code)
        },
        "reasons": {
            reason.value: surveys.reasons[reason]
            for reason in DissatisfactionReason
            if surveys.reasons.get(reason)
        },
        "by_mode": {
            "sms": _by_answer(office.month.sms),
            "phone": _by_answer(office.month.phone),
        },
        "open": surveys.still_open,
        "verification": _verification(standard, office),
        "delivered_by_others": _delivered(office.month.delivery),
    }


def _verification(standard: Standard, office: OfficeFacts) -> dict[str, Any]:
    """Compare what the same people said by SMS and later on the phone; it scores nothing."""
    pairs = office.surveys.verified
    count = sum(pairs.values())
    value = {r: Fraction(standard.satisfaction.values.of(r).value) for r in Rating}
    means = [
        sum((value[pair[side]] * n for pair, n in pairs.items()), Fraction(0)) / count
        if count
        else None
        for side in (0, 1)
    ]
    return {
        "pairs": count,
        "same": sum(n for (sms, phone), n in pairs.items() if sms is phone),
        "sms_mean": fixed(means[0], 4),
        "phone_mean": fixed(means[1], 4),
    }


def _delivered(delivery: Delivery | None) -> dict[str, Any] | None:
    if delivery is None:
        return None
    return {
        "reported": delivery.reported,
        "sampled": delivery.sampled,
        **_by_answer(delivery.answers),
        "source": delivery.source,
        "mode": delivery.mode.value,
        "delivered_on": delivery.delivered_on.isoformat(),
        "late": delivery.late,
    }


def _to_date(standard: Standard, office: OfficeFacts) -> dict[str, Any]:
    score = window_to_date(standard, office)
    return {
        "rate": fixed(score.rate, 4),
        "coefficient": str(score.coefficient),
        "points": None if score.points is None else fixed(from_units(score.points), 4),
        "months": office.ended_months,
        "rated": score.answers.rated,
        "volume": fixed(score.volume, 1),
    }
