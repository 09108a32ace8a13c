"""Which answers of a month count: our own, those delivered by others, or both.

Source: specification, section 14.A (who carries the survey out; delivered results by mode);
docs/decisions/whose-answers-count.md where the text is silent. The register as
it stands decides, not the one on the day of the draw.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from survey_pipeline.i18n import N_, Message
from survey_pipeline.scoring.facts import Answers, CaseResults, Delivery, MonthOfOffice
from survey_pipeline.standard.parts.satisfaction import Arrangement
from survey_pipeline.vocabulary import DeliveryMode, Rating, ScoreSource

NONE = Answers()


@dataclass(frozen=True)
class LeftOut:
    """Answers that do not count, and why."""

    answers: Answers
    why: Message


@dataclass(frozen=True)
class Counted:
    """The answers of one office and month that count."""

    sms: Answers
    phone: Answers
    elsewhere: Answers
    """Delivered by others."""
    volume: int
    """Cases reported: the larger of our count and the delivered one."""
    delivery: Delivery | None
    """The delivery, where it counts."""
    results: CaseResults | None = None
    """What was delivered case by case, where such results count."""
    left_out: tuple[LeftOut, ...] = ()

    @property
    def replaced(self) -> bool:
        """Whether delivered results replace all our own answers."""
        return self.delivery is not None and self.delivery.mode is DeliveryMode.ALL

    @property
    def own(self) -> Answers:
        """Our own answers that count."""
        return self.sms + self.phone

    @property
    def answers(self) -> Answers:
        """Everything that counts."""
        return self.own + self.elsewhere


def counted(month: MonthOfOffice, arrangement: Arrangement) -> Counted:
    """Return which answers of one office and month count."""
    if month.results is not None and arrangement.delivered:
        return _case_by_case(month, month.results, arrangement)
    delivery = month.delivery if _takes(arrangement, month.delivery) else None
    mode = delivery.mode if delivery else None
    sms_counts = arrangement.survey_is_ours and mode is not DeliveryMode.ALL
    calls_count = arrangement.calls_are_ours and mode in (None, DeliveryMode.JOINT)
    return Counted(
        sms=month.sms if sms_counts else NONE,
        phone=month.phone if calls_count else NONE,
        elsewhere=delivery.answers if delivery else NONE,
        volume=max(month.reported, delivery.reported if delivery else 0),
        delivery=delivery,
        left_out=_rated(_left_out(month, arrangement, delivery)),
    )


def _case_by_case(month: MonthOfOffice, results: CaseResults, arrangement: Arrangement) -> Counted:
    """Return what counts where each case has the answer given first, no matter who asked.

    Answers of our own that would not count without results (others carry out the survey, or make
    the calls) do not count beside them either: then the delivered answer is the case's rating.
    """
    sms_counts, calls_count = arrangement.survey_is_ours, arrangement.calls_are_ours
    later = (results.after_sms if sms_counts else NONE) + (
        results.after_phone if calls_count else NONE
    )
    beside = (results.own_sms if sms_counts else NONE) + (
        results.own_phone if calls_count else NONE
    )
    return Counted(
        sms=month.sms - results.own_sms if sms_counts else NONE,
        phone=month.phone - results.own_phone if calls_count else NONE,
        elsewhere=results.delivered - later,
        volume=month.reported,
        delivery=None,
        results=results,
        left_out=_rated(
            [
                _left(beside, GIVEN_LATER, source=results.source, **_by_rating(beside)),
                _left(later, DELIVERED_LATER, source=results.source, **_by_rating(later)),
                *_left_out(month, arrangement, None),
            ]
        ),
    )


def _rated(groups: Iterable[LeftOut]) -> tuple[LeftOut, ...]:
    return tuple(group for group in groups if group.answers.rated)


def source_of(counts: Counted, arrangement: Arrangement) -> ScoreSource:
    """Return whose answers a score rests on; without answers, whose they would be."""
    if counts.own.rated and counts.elsewhere.rated:
        return ScoreSource.MIXED
    if counts.own.rated:
        return ScoreSource.OWN
    if counts.elsewhere.rated or counts.replaced or not arrangement.survey_is_ours:
        return ScoreSource.DELIVERED
    return ScoreSource.OWN


def _takes(arrangement: Arrangement, delivery: Delivery | None) -> bool:
    return delivery is not None and delivery.mode in arrangement.delivered


def _left_out(
    month: MonthOfOffice, arrangement: Arrangement, delivery: Delivery | None
) -> list[LeftOut]:
    own = month.sms + month.phone
    if delivery is not None and delivery.mode is DeliveryMode.ALL:
        return [_left(own, REPLACED, source=delivery.source, **_by_rating(own))]
    left = []
    if month.delivery is not None and delivery is None:
        left.append(_left(month.delivery.answers, NOT_TAKEN, source=month.delivery.source))
    if month.results is not None and not arrangement.delivered:
        left.append(_left(month.results.delivered, NOT_TAKEN, source=month.results.source))
    if not arrangement.survey_is_ours:
        return [*left, _left(own, NOT_OUR_SURVEY)]
    if not arrangement.calls_are_ours:
        left.append(_left(month.phone, NOT_OUR_CALLS))
    elif delivery is not None and delivery.mode is DeliveryMode.PHONE:
        parts = _by_rating(month.phone)
        left.append(_left(month.phone, CALLS_REPLACED, source=delivery.source, **parts))
    return left


def _by_rating(answers: Answers) -> dict[str, int]:
    return {rating.value: answers.of(rating) for rating in Rating}


def _left(answers: Answers, text: str, **params: object) -> LeftOut:
    return LeftOut(answers, Message(text, {"count": answers.rated, **params}))


REPLACED = N_(
    "{count} answers to the survey of {organisation} ({satisfied} satisfied, {neutral} neutral, "
    "{dissatisfied} dissatisfied) are replaced by the results that {source} delivered for the "
    "whole month"
)
CALLS_REPLACED = N_(
    "{count} answers to the calls of {organisation} ({satisfied} satisfied, {neutral} neutral, "
    "{dissatisfied} dissatisfied) are replaced by the results of the calls that {source} delivered"
)
GIVEN_LATER = N_(
    "{count} answers to the survey of {organisation} ({satisfied} satisfied, {neutral} neutral, "
    "{dissatisfied} dissatisfied) do not count: these citizens had answered {source} before. One "
    "case has one rating, the one given first"
)
DELIVERED_LATER = N_(
    "{count} answers delivered case by case by {source} ({satisfied} satisfied, {neutral} neutral, "
    "{dissatisfied} dissatisfied) do not count: these citizens had answered {organisation} before. "
    "One case has one rating, the one given first"
)
NOT_TAKEN = N_(
    "{count} answers delivered by {source} do not count: such results may not be delivered for "
    "this office"
)
NOT_OUR_SURVEY = N_(
    "{count} answers to the survey of {organisation} do not count: others carry out the survey of "
    "this office"
)
NOT_OUR_CALLS = N_(
    "{count} answers to the calls of {organisation} do not count: others call the citizens of this "
    "office"
)
