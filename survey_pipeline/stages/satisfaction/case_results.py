"""Results that others delivered case by case, beside our own answers of the same cases.

Source: specification, section 14.A: one case has one rating, the one given first. Which one that
is, `survey.rating` says; here the cases are counted, in one statement for however many there are.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Row, and_, cast, func, select

from survey_pipeline.scoring.facts import CaseResults
from survey_pipeline.store.tables import case_results, surveys
from survey_pipeline.survey.delivered_result import with_its_result
from survey_pipeline.survey.own_answers import answers_of_mode
from survey_pipeline.survey.rating import ours_was_first
from survey_pipeline.vocabulary import Mode, Rating, ResultMode

Key = tuple[str, str]
"""(month, office_code)."""

_WORDS = ("month", "office_code", "source", "answer", "mode", "rated_by", "rating", "ours_first")


@dataclass
class ResultTally:
    """Counts of the results of one office and month."""

    first: Counter[tuple[str, str]] = field(default_factory=Counter)
    after: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(our mode, delivered answer): we had the citizen's answer before."""
    own_later: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(our mode, our answer): the delivered answer was given first."""
    pairs: Counter[tuple[Rating, Rating]] = field(default_factory=Counter)
    """(SMS, phone) of citizens who answered others first and us later, in another way."""
    sources: set[str] = field(default_factory=set)
    delivered_on: date = date.min
    late: int = 0

    def add(self, row: Row[Any]) -> None:
        """Add one group of results."""
        self.sources.add(row.source)
        self.delivered_on = max(self.delivered_on, row.delivered_on)
        self.late += row.late
        if row.ours_first:
            self.after[row.rated_by, row.answer] += row.results
            return
        self.first["", row.answer] += row.results
        if row.rating:
            self.own_later[row.rated_by, row.rating] += row.results
            self._compare(row)

    def _compare(self, row: Row[Any]) -> None:
        ours, theirs = (row.rated_by, Rating(row.rating)), (row.mode, Rating(row.answer))
        given = dict((ours, theirs))
        if set(given) == {Mode.SMS, ResultMode.PHONE}:
            self.pairs[given[Mode.SMS], given[ResultMode.PHONE]] += row.results

    def case_results(self) -> CaseResults:
        """Return the counts as scores take them."""
        return CaseResults(
            first=answers_of_mode(self.first, ""),
            after_sms=answers_of_mode(self.after, Mode.SMS),
            after_phone=answers_of_mode(self.after, Mode.PHONE),
            own_sms=answers_of_mode(self.own_later, Mode.SMS),
            own_phone=answers_of_mode(self.own_later, Mode.PHONE),
            sources=tuple(sorted(self.sources)),
            delivered_on=self.delivered_on,
            late=self.late,
        )


def result_tallies(
    connection: Connection,
    *where: ColumnElement[bool],
    ours: ColumnElement[bool] | None = None,
) -> dict[Key, ResultTally]:
    """Count the results of some months by month and office; withdrawn ones are left out.

    Args:
        connection: a transaction that reads.
        where: which results, by columns of `case_results`.
        ours: which of our surveys count, by columns of `surveys`; all unless given.
    """
    result = case_results.c
    beside = with_its_result() if ours is None else and_(with_its_result(), ours)
    compared = (
        select(
            result.month,
            result.office_code,
            result.source,
            result.answer,
            result.mode,
            surveys.c.rated_by,
            surveys.c.rating,
            ours_was_first().label("ours_first"),
            result.delivered_on,
            result.late,
        )
        .select_from(case_results.outerjoin(surveys, beside))
        .where(result.withdrawn_at.is_(None), *where)
        .subquery()
    )
    words = [compared.c[name] for name in _WORDS]
    rows = connection.execute(
        select(
            *words,
            func.count().label("results"),
            func.max(compared.c.delivered_on).label("delivered_on"),
            func.sum(cast(compared.c.late, Integer)).label("late"),
        ).group_by(*words)
    )
    return _by_office(rows.all())


def _by_office(rows: Iterable[Any]) -> dict[Key, ResultTally]:
    found: defaultdict[Key, ResultTally] = defaultdict(ResultTally)
    for row in rows:
        found[row.month, row.office_code].add(row)
    return dict(found)


def as_case_results(tallies: Mapping[Key, ResultTally]) -> dict[Key, CaseResults]:
    """Return counts as scores take them."""
    return {key: tally.case_results() for key, tally in tallies.items()}
