"""Part D: what an office's hotline cases cost, group by group, and its department's rank.

Source: specification, section 14.D.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from survey_pipeline.calendar import months_between
from survey_pipeline.i18n import N_, Message
from survey_pipeline.scoring.evidence import HotlineRank, HotlineRecord, OfficeYear
from survey_pipeline.scoring.lines import Line, add_up, grouped, total
from survey_pipeline.scoring.numbers import exact, plain
from survey_pipeline.scoring.records import (
    cost,
    limit,
    no_such_clause,
    put_aside,
    start,
    together,
    uncounted,
    what_is_left,
)
from survey_pipeline.standard.entry import Entry
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.parts.hotline import Cap, Hotline
from survey_pipeline.standard.periods import Period, quarters
from survey_pipeline.vocabulary import Component

COMPONENT = Component.HOTLINE.value


class _Dated(NamedTuple):
    """The line of a record and the record's day."""

    line: Line
    day: date


def score_hotline(standard: Standard, office: OfficeYear, as_of: date) -> Line:
    """Score one office; without its department's rank of the year it has no score.

    Args:
        standard: the standard in force.
        office: its records in any order, and its department's rank.
        as_of: the last day that counts.
    """
    rules = standard.hotline
    head = Line(COMPONENT, rules.total.clause, rules.total.label)
    lines = _record_lines(standard, office.hotline, as_of)
    if (ranked := _rank_line(rules, office)) is None:
        waiting = _waiting(rules, lines, office.hotline_rank)
        why = UNRANKED_ABSENT if office.unranked else NO_RANK
        return replace(head, note=Message(why), children=tuple(waiting))
    by_quarter = _quarters(standard)
    groups = [_group(cap, lines.pop(cap.clause, []), by_quarter) for cap in rules.caps]
    groups.append(ranked)
    others = [dated.line for rest in lines.values() for dated in rest]
    line = add_up(head, [*groups, *others], standard.rounding)
    parts = " + ".join(plain(group.points or Fraction(0)) for group in groups)
    points = plain(line.points or Fraction(0))
    return replace(line, note=Message("{parts} = {points}", {"parts": parts, "points": points}))


def _record_lines(
    standard: Standard, records: Iterable[HotlineRecord], as_of: date
) -> dict[str, list[_Dated]]:
    """Return the lines of the records by group, counted ones first."""
    rules = standard.hotline
    places = {rule.clause: place for place, rule in enumerate(rules.clauses)}
    lines: dict[str, list[_Dated]] = {}

    def order(record: HotlineRecord) -> tuple[int, str, date, str]:
        place = places.get(record.clause, len(places))
        return place, record.clause, record.occurred_on, record.key

    for record in sorted(records, key=order):
        place = places.get(record.clause)
        group = "" if place is None else rules.clauses[place].group
        line = record_line(standard, record, as_of)
        lines.setdefault(group, []).append(_Dated(line, record.occurred_on))
    for some in lines.values():
        some.sort(key=lambda dated: not dated.line.counted)
    return lines


def record_line(standard: Standard, record: HotlineRecord, as_of: date) -> Line:
    """Return the line of a record: what it takes off, or why it does not count.

    Args:
        standard: the standard in force.
        record: a fault in handling a hotline case.
        as_of: the last day that counts.
    """
    why = put_aside(record, record.occurred_on, standard, as_of)
    rule = standard.hotline.clause(record.clause)
    if rule is None:
        why = why or no_such_clause(record.clause, standard)
        total_entry = standard.hotline.total
        return uncounted(COMPONENT, total_entry, record, why, clause=record.clause)
    if why is None and rule.not_if_unreasonable and record.unreasonable_claim:
        why = Message("the claim was unreasonable")
    if why is not None:
        return uncounted(COMPONENT, rule, record, why)
    rate, note = cost(rule, record.points)
    return Line(
        COMPONENT,
        rule.clause,
        rule.label,
        points=rate,
        count=1,
        rate=rate,
        note=note,
        evidence=(record.evidence,),
    )


def _quarters(standard: Standard) -> Mapping[Period, Fraction]:
    """Return the quarters that each have a part of every cap, by their months; none: the year."""
    if standard.hotline.period.caps == "year":
        return {}
    found = {part: len(months_between(part.first, part.last)) for part in quarters(standard.window)}
    return {part: Fraction(months, sum(found.values())) for part, months in found.items()}


def _group(cap: Cap, lines: Sequence[_Dated], by_quarter: Mapping[Period, Fraction]) -> Line:
    """Return the line of a group, whose deduction ends at its cap, or in each quarter at a part."""
    full = exact(cap.cap)
    given_back = [
        line
        for quarter, share in by_quarter.items()
        for line in limit(COMPONENT, cap, full * share, _lost(lines, quarter))
    ]
    kept = [*(dated.line for dated in lines), *given_back]
    return _closed(cap, full, -total(kept), kept)


def _lost(lines: Sequence[_Dated], quarter: Period) -> Fraction:
    return -total(dated.line for dated in lines if dated.day in quarter)


def _rank_line(rules: Hotline, office: OfficeYear) -> Line | None:
    """Return D4, or None while the department's rank is missing."""
    rank = office.hotline_rank
    if office.unranked:
        return _unranked(rules, rank) if rules.unranked.gives == "full" else None
    return None if rank is None or rank.withdrawn is not None else _ranked(rules, rank)


def _unranked(rules: Hotline, rank: HotlineRank | None) -> Line:
    """Score D4 of a department in no ranking: full points. A rank it has does not count."""
    entry = rules.unranked
    full = exact(rules.rank.points)
    in_no_ranking = Message(
        "the department is in no hotline ranking: there is no rank to deduct by ({clause})",
        {"clause": entry.clause},
    )
    lines = [Line(COMPONENT, entry.clause, entry.label, points=full, note=in_no_ranking)]
    if rank is not None:
        why = rank.withdrawn or in_no_ranking
        lines.append(uncounted(COMPONENT, rules.rank, rank, why))
    head = Line(COMPONENT, rules.rank.clause, rules.rank.label, note=in_no_ranking)
    return grouped(head, lines)


def _ranked(rules: Hotline, rank: HotlineRank) -> Line:
    """Score D4: no deduction down to a rank, then a fixed one for each further rank."""
    free = rules.free_until(rank.group)
    behind = max(rank.rank - free.until, 0)
    each = exact(free.each)
    line = Line(
        COMPONENT,
        free.clause,
        free.label,
        points=-each * behind,
        count=behind,
        rate=-each,
        note=Message(
            BEHIND if behind else WITHIN,
            {"rank": rank.rank, "behind": behind, "until": free.until},
        ),
        evidence=(rank.evidence,),
    )
    return _closed(rules.rank, exact(rules.rank.points), each * behind, [line])


BEHIND = N_("rank {rank}, {behind} behind rank {until}")
WITHIN = N_("rank {rank}, within the first {until}: nothing is deducted")


def _closed(entry: Entry, full: Fraction, lost: Fraction, lines: Sequence[Line]) -> Line:
    parts = [
        start(COMPONENT, entry, full),
        *(line for line in lines if line.counted),
        *limit(COMPONENT, entry, full, lost),
        *(line for line in lines if not line.counted),
    ]
    head = Line(COMPONENT, entry.clause, entry.label, note=what_is_left(full, lost))
    return grouped(head, parts)


def _waiting(
    rules: Hotline, lines: dict[str, list[_Dated]], rank: HotlineRank | None
) -> Iterator[Line]:
    """Return the lines while the rank is missing: none of them counts yet."""
    for line in (dated.line for some in lines.values() for dated in some):
        if line.counted:
            note = together((Message(WAITS), line.note))
            yield replace(line, points=None, note=note, counted=False)
        else:
            yield line
    if rank is not None:
        yield uncounted(COMPONENT, rules.rank, rank, rank.withdrawn)


NO_RANK = N_(
    "the parent department's hotline rank of the year is missing, and with it this score: not zero"
)
UNRANKED_ABSENT = N_(
    "the department is in no hotline ranking, and by this standard such an office has no hotline "
    "score"
)
WAITS = N_("counts once the parent department's rank is here")
