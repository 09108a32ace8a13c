"""Part G: commendations, halved as the rules say, each piece of work once, up to the cap.

Source: specification, section 14.G.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from math import prod
from typing import NamedTuple

from survey_pipeline.i18n import N_, Message
from survey_pipeline.likeness import same_words
from survey_pipeline.scoring.evidence import AwardRecord
from survey_pipeline.scoring.lines import Line, add_up
from survey_pipeline.scoring.numbers import DECIMALS, exact, exact_sum, plain, shown
from survey_pipeline.scoring.records import Because, more_than, put_aside, together, uncounted
from survey_pipeline.standard.common import Factor
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.parts.bonus import Bonus, LevelPoints, ParentAward
from survey_pipeline.vocabulary import AwardKind, Component, Recipient

COMPONENT = Component.BONUS.value


@dataclass(frozen=True)
class _Worth:
    """An award that counts unless another for the same work is worth more."""

    award: AwardRecord
    level: LevelPoints
    factor: Fraction
    """Every halving and, of an award to the parent, the office's share."""
    points: Fraction
    note: Because


def score_bonus(standard: Standard, awards: Iterable[AwardRecord], as_of: date) -> Line:
    """Score one office; without awards it has 0 points, which is a score and not missing.

    Args:
        standard: the standard in force.
        awards: as this office has them, in any order.
        as_of: the last day that counts.
    """
    rules = standard.bonus
    worths, aside = [], []
    for award in sorted(awards, key=lambda award: (award.issued_on, award.key)):
        why = put_aside(award, award.issued_on, standard, as_of) or _excluded(rules, award)
        if why is None:
            worths.append(_worth(rules, award))
        else:
            aside.append(uncounted(COMPONENT, rules.level(award.level), award, why))
    counted, lesser = _highest(rules, worths)
    full = exact(rules.total.points)
    given = exact_sum(worth.points for worth in counted)
    parts = [
        *(_line(worth) for worth in counted),
        *more_than(COMPONENT, rules.total, full, given),
        *lesser,
        *aside,
    ]
    head = Line(
        COMPONENT,
        rules.total.clause,
        rules.total.label,
        note=_summed(full, given, standard.rounding.decimals),
    )
    return add_up(head, parts, standard.rounding)


def _excluded(rules: Bonus, award: AwardRecord) -> Because:
    """Return the note of the rule that gives nothing for an award, if one does."""
    exclusion = rules.exclusion(award.kind)
    if exclusion is not None:
        return Message(GIVES_NOTHING[exclusion.kind], {"clause": exclusion.clause})
    core = rules.core_function.blank if award.core_function is None else award.core_function
    if not core:
        return Message(
            "it is not what the office is mainly there for ({clause})",
            {"clause": rules.core_function.clause},
        )
    if award.recipient is Recipient.PARENT and not award.confirmed:
        return Message(
            "awarded to the parent department, which has not confirmed it under seal ({clause})",
            {"clause": rules.confirmed.clause},
        )
    return None


def _worth(rules: Bonus, award: AwardRecord) -> _Worth:
    """Multiply the level by every halving that applies."""
    factors = _together(rules, list(_factors(rules, award)))
    factor = prod((each.factor for each in factors), start=Fraction(1))
    level = rules.level(award.level)
    points = exact(level.points) * factor
    note = together((_arithmetic(level, factors, points), *(each.why for each in factors)))
    return _Worth(award, level, factor, points, note)


def _together(rules: Bonus, factors: list["_Halving"]) -> list["_Halving"]:
    """Leave the halving that takes most off where only one applies; a share is no halving."""
    if rules.halvings is None or rules.halvings.together == "multiply":
        return factors
    halvings = [each for each in factors if each.halves]
    kept = min(halvings, key=lambda each: each.factor, default=None)
    return [each for each in factors if each is kept or not each.halves]


class _Halving(NamedTuple):
    """A factor of an award, what it adds to the arithmetic, and its reason."""

    factor: Fraction
    step: str
    """Continues `before`: the arithmetic up to here."""
    figure: str
    why: Message
    halves: bool = True
    """Whether it is a halving, and no share."""


def _arithmetic(level: LevelPoints, factors: Sequence[_Halving], points: Fraction) -> Because:
    """Write "1 x 50 % x 50 % / 7 = 0.0357"; None if an award counts in full."""
    if not factors:
        return None
    steps = Message("worth {points}", {"points": plain(exact(level.points))})
    for each in factors:
        steps = Message(each.step, {"before": steps, "figure": each.figure})
    return Message("{steps} = {points}", {"steps": steps, "points": shown(points, DECIMALS)})


def _factors(rules: Bonus, award: AwardRecord) -> Iterator[_Halving]:
    if not award.document_no.strip():
        yield _factor(rules.no_document, N_("{percent} %: no document number ({clause})"))
    if award.recipient is Recipient.PERSON:
        yield _factor(rules.person, N_("{percent} %: awarded to a person ({clause})"))
    if award.recipient is Recipient.PARENT:
        yield from _handed_out(rules.parent, award)


def _handed_out(rule: ParentAward, award: AwardRecord) -> Iterator[_Halving]:
    """Yield what an office gets of an award to its parent: its part, its share, or both."""
    shares = [_share(award)] if award.share is not None or award.sharers > 1 else []
    if rule.handed_out == "shared":
        yield _factor(rule, HANDED_OUT)
        yield from shares
    elif rule.handed_out == "whole" and shares and shares[0].factor < exact(rule.factor):
        yield shares[0]
    else:
        yield _factor(rule, TO_EACH)


HANDED_OUT = N_("{percent} %: awarded to the parent department, handed out ({clause})")
TO_EACH = N_("{percent} %: awarded to the parent department, for each office ({clause})")


def _factor(entry: Factor, why: str) -> _Halving:
    factor = exact(entry.factor)
    percent = plain(100 * factor)
    return _Halving(
        factor, PERCENT, percent, Message(why, {"percent": percent, "clause": entry.clause})
    )


def _share(award: AwardRecord) -> _Halving:
    if award.share is not None:
        share = exact(award.share)
        percent = plain(100 * share)
        why = Message("{percent} %: the share it was given", {"percent": percent})
        return _Halving(share, PERCENT, percent, why, halves=False)
    sharers = award.sharers
    why = Message("shared equally; offices: {sharers}", {"sharers": sharers})
    return _Halving(Fraction(1, sharers), SHARED, str(sharers), why, halves=False)


def _highest(rules: Bonus, worths: Sequence[_Worth]) -> tuple[list[_Worth], list[Line]]:
    """Keep the highest award for each piece of work; of equal ones the earliest.

    They come by date of issue and number, so that the first of equal ones is always the same.
    """
    highest: dict[str, _Worth] = {}
    for worth in worths:
        work = same_words(worth.award.work)
        if work and (work not in highest or _height(rules, worth) > _height(rules, highest[work])):
            highest[work] = worth
    counted, lesser = [], []
    for worth in worths:
        kept = highest.get(same_words(worth.award.work), worth)
        if kept is worth:
            counted.append(worth)
        else:
            lesser.append(_lesser(rules, worth, kept))
    return counted, lesser


def _height(rules: Bonus, worth: _Worth) -> tuple[Fraction, ...]:
    """Return by what the awards for one piece of work are compared."""
    if rules.highest.by == "level":
        return exact(worth.level.points), worth.points
    return (worth.points,)


def _lesser(rules: Bonus, worth: _Worth, kept: _Worth) -> Line:
    why = Message(
        "same work as {key}, which gives {points}: the highest alone counts ({clause})",
        {
            "key": kept.award.key,
            "points": shown(kept.points, DECIMALS),
            "clause": rules.highest.clause,
        },
    )
    line = uncounted(COMPONENT, worth.level, worth.award, together((worth.note, why)))
    return replace(line, count=1, rate=exact(worth.level.points), factor=worth.factor)


def _line(worth: _Worth) -> Line:
    return Line(
        COMPONENT,
        worth.level.clause,
        worth.level.label,
        points=worth.points,
        count=1,
        rate=exact(worth.level.points),
        factor=worth.factor,
        note=worth.note,
        evidence=(worth.award.evidence,),
    )


def _summed(full: Fraction, given: Fraction, places: int) -> Message:
    if not given:
        return Message("no award that counts")
    figures: dict[str, object] = {"given": shown(given, places), "full": plain(full)}
    return Message(CAPPED if given > full else GIVEN, figures)


GIVES_NOTHING = {
    AwardKind.GENERAL: N_(
        "a general award (annual merit, youth, women, union titles) gives nothing ({clause})"
    ),
    AwardKind.CITY_SELECTION: N_("a large-scale city commendation gives nothing ({clause})"),
    AwardKind.QUALIFICATION: N_("a review of qualifications gives nothing ({clause})"),
    AwardKind.COMMENDATION: N_("commendations give nothing ({clause})"),
}
PERCENT = N_("{before} x {figure} %")
SHARED = N_("{before} / {figure}")
GIVEN = N_("awards that count give {given}, of {full} at most")
CAPPED = N_("awards that count would give {given}, and {full} is the most")
