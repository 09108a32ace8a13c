"""Reads a year's evidence into the facts that it is scored from: every record with its origin.

One query a kind, whatever their number (200,000 records are usual); what is worked out of a date or
of a figure is worked out once. Records that were taken back come too: they stay visible.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import Connection, select

from survey_pipeline.context import Context
from survey_pipeline.scoring.evidence import (
    AwardRecord,
    DeliveredGrade,
    DeliveredPoints,
    HotlineRank,
    HotlineRecord,
    MaterialRecord,
    OfficeYear,
    OnlineBallots,
    SupervisionRecord,
    YearFacts,
)
from survey_pipeline.scoring.facts import Answers
from survey_pipeline.scoring.numbers import from_units
from survey_pipeline.stages.evidence.rows import (
    AWARDS,
    GRADES,
    HOTLINE,
    MATERIAL,
    PARENT_POINTS,
    PERFORMANCE,
    RANKS,
    SUPERVISION,
    EvidenceRows,
)
from survey_pipeline.standard.model import Standard
from survey_pipeline.store.columnar import collector_off
from survey_pipeline.store.tables import parents, review_offices, reviews
from survey_pipeline.vocabulary import AwardKind, AwardLevel, Grade, HotlineGroup, Recipient

R = TypeVar("R")
_TRUTH: Mapping[int | None, bool | None] = {None: None, 0: False, 1: True}
LEVELS = {level.value: level for level in AwardLevel}
RECIPIENTS = {recipient.value: recipient for recipient in Recipient}
KINDS = {kind.value: kind for kind in AwardKind}


@dataclass(frozen=True)
class GatheredYear:
    """A year's facts, and a fingerprint of the evidence they were read from."""

    facts: YearFacts
    fingerprint: str
    """SHA-256, in hex, over every row as read, with file, row, day and name of who brought it;
    months and ballots stand in the facts themselves."""


def gather_year(
    context: Context,
    connection: Connection,
    *,
    standard: Standard,
    year: int,
    as_of: date,
    offices: Iterable[OfficeYear],
) -> GatheredYear:
    """Read a year's evidence.

    Args:
        context: the workspace, for its calendar.
        connection: a transaction that reads.
        standard: the one to score by: it says until when a self-check is filed in time.
        year: the appraisal year for which the records were brought in.
        as_of: the day up to which dated records count; later ones come too, and do not count.
        offices: those to score, with their months, by office_code; exempt ones among them.
    """
    rows, groups = EvidenceRows(context, connection, year), _hotline_groups(connection)
    with collector_off():
        evidence = _Evidence(
            supervision=_grouped(_supervision(context, standard, rows)),
            hotline=_grouped(_hotline(rows)),
            performance=_grouped(_points(rows, PERFORMANCE)),
            points=_grouped(_points(rows, PARENT_POINTS)),
            grades=_grouped(_grades(rows)),
            ranks=_ranks(rows, groups),
            groups=groups,
            awards=_grouped(_awards(rows)),
            review=_review(connection, year),
        )
        material = _grouped(_material(rows))
    appraised, exempt = [], []
    for office in offices:
        if office.office.exempt_reason:
            exempt.append(office.office)
        else:
            appraised.append(evidence.of(office))
    facts = YearFacts(year, as_of, tuple(appraised), tuple(exempt), material)
    return GatheredYear(facts, rows.fingerprint())


@dataclass(frozen=True)
class _Evidence:
    """The records of all offices, by office_code; ranks and hotline groups by parent_code."""

    supervision: Mapping[str, tuple[SupervisionRecord, ...]]
    hotline: Mapping[str, tuple[HotlineRecord, ...]]
    performance: Mapping[str, tuple[DeliveredPoints, ...]]
    points: Mapping[str, tuple[DeliveredPoints, ...]]
    grades: Mapping[str, tuple[DeliveredGrade, ...]]
    ranks: Mapping[str, HotlineRank]
    groups: Mapping[str, HotlineGroup]
    awards: Mapping[str, tuple[AwardRecord, ...]]
    review: Mapping[str, OnlineBallots | None]
    """The offices selected for the online review; ballots once it is closed."""

    def of(self, office: OfficeYear) -> OfficeYear:
        """Complete one office."""
        code = office.office.office_code
        return replace(
            office,
            performance=self.performance.get(code, ()),
            supervision=self.supervision.get(code, ()),
            hotline=self.hotline.get(code, ()),
            hotline_rank=self.ranks.get(office.office.parent_code),
            unranked=self.groups.get(office.office.parent_code) is HotlineGroup.NONE,
            parent_grade=next(iter(self.grades.get(code, ())), None),
            parent_points=next(iter(self.points.get(code, ())), None),
            awards=self.awards.get(code, ()),
            selected=code in self.review,
            online=self.review.get(code),
        )


def _grouped(records: Iterable[tuple[str, R]]) -> dict[str, tuple[R, ...]]:
    """Return records by the code that stands before each, in their order."""
    found: defaultdict[str, list[R]] = defaultdict(list)
    for code, record in records:
        found[code].append(record)
    return {code: tuple(some) for code, some in found.items()}


class _Dates(dict[str, date]):
    """Dates by their ISO text, each read once."""

    def __missing__(self, text: str) -> date:
        self[text] = date.fromisoformat(text)
        return self[text]


def _decimal(units: int | None, known: dict[int, Decimal]) -> Decimal | None:
    """Return ten-thousandths as points."""
    if units is None:
        return None
    if units not in known:
        exact = from_units(units)
        known[units] = Decimal(exact.numerator) / Decimal(exact.denominator)
    return known[units]


def _supervision(
    context: Context, standard: Standard, rows: EvidenceRows
) -> Iterable[tuple[str, SupervisionRecord]]:
    dates, rules = _Dates(), standard.supervision
    due: dict[str, date] = {}
    known: dict[int, Decimal] = {}
    for row, origin in rows.of(SUPERVISION):
        (key, clause, office, occurred_on, points, person, matter, is_head, duty_related,
         adverse_effect, self_found, rectified, filed_on, document_no) = row  # fmt: skip
        if occurred_on not in due:
            due[occurred_on] = rules.filing_due_on(
                dates[occurred_on], context.calendar.next_working_day
            )
        yield (
            office,
            SupervisionRecord(
                key,
                origin.evidence(key, occurred_on, document_no, matter),
                origin.withdrawn,
                clause=clause,
                occurred_on=dates[occurred_on],
                points=_decimal(points, known),
                person=person.hex() if person else "",
                matter=matter or "",
                is_head=is_head == 1,
                duty_related=_TRUTH[duty_related],
                adverse_effect=_TRUTH[adverse_effect],
                self_found=self_found == 1,
                rectified=rectified == 1,
                filed_on=None if filed_on is None else dates[filed_on],
                filing_due=due[occurred_on],
            ),
        )


def _material(rows: EvidenceRows) -> Iterable[tuple[str, MaterialRecord]]:
    dates = _Dates()
    for row, origin in rows.of(MATERIAL):
        key, parent, occurred_on, points, matter, document_no = row
        evidence = origin.evidence(key, occurred_on, document_no, matter)
        day, exact = dates[occurred_on], _decimal(points, {})
        yield parent, MaterialRecord(key, evidence, origin.withdrawn, day, exact)


def _hotline(rows: EvidenceRows) -> Iterable[tuple[str, HotlineRecord]]:
    dates = _Dates()
    known: dict[int, Decimal] = {}
    for row, origin in rows.of(HOTLINE):
        key, clause, office, occurred_on, points, unreasonable = row
        yield (
            office,
            HotlineRecord(
                key,
                origin.evidence(key, occurred_on),
                origin.withdrawn,
                clause=clause,
                occurred_on=dates[occurred_on],
                points=_decimal(points, known),
                unreasonable_claim=unreasonable == 1,
            ),
        )


def _points(rows: EvidenceRows, kind: str) -> Iterable[tuple[str, DeliveredPoints]]:
    known: dict[int, Decimal] = {}
    for row, origin in rows.of(kind):
        office, points, source, delivered_on, late = row
        value = _decimal(points, known) or Decimal(0)
        evidence = origin.evidence(office, delivered_on, source)
        day = date.fromisoformat(delivered_on)
        yield (
            office,
            DeliveredPoints(office, evidence, origin.withdrawn, value, source, day, late == 1),
        )


def _grades(rows: EvidenceRows) -> Iterable[tuple[str, DeliveredGrade]]:
    for row, origin in rows.of(GRADES):
        office, grade, delivered_on, late = row
        evidence, day = origin.evidence(office, delivered_on), date.fromisoformat(delivered_on)
        yield (
            office,
            DeliveredGrade(office, evidence, origin.withdrawn, Grade(grade), day, late == 1),
        )


def _hotline_groups(connection: Connection) -> dict[str, HotlineGroup]:
    """Return the departments that name a hotline group."""
    return {
        row.parent_code: HotlineGroup(row.hotline_group)
        for row in connection.execute(parents.select())
        if row.hotline_group
    }


def _ranks(rows: EvidenceRows, groups: Mapping[str, HotlineGroup]) -> dict[str, HotlineRank]:
    return {
        parent: HotlineRank(parent, origin.evidence(parent), origin.withdrawn, groups[parent], rank)
        for (parent, rank), origin in rows.of(RANKS)
        if parent in groups
    }


def _awards(rows: EvidenceRows) -> Iterable[tuple[str, AwardRecord]]:
    dates, found = _Dates(), list(rows.of(AWARDS))
    # one award may go to two departments: each hands out its own half
    sharers = Counter(
        (row[0], row[5])
        for row, origin in found
        if row[4] == Recipient.PARENT and not origin.withdrawn
    )
    for row, origin in found:
        (award_no, office, work, level, recipient, parent, share, document_no, issued_on, kind,
         confirmed, core_function) = row  # fmt: skip
        key = f"{award_no}/{office}"
        yield (
            office,
            AwardRecord(
                key,
                origin.evidence(key, issued_on, document_no, work),
                origin.withdrawn,
                work=work,
                level=LEVELS[level],
                recipient=RECIPIENTS[recipient],
                share=None if share is None else Decimal(share),
                sharers=max(1, sharers[award_no, parent]),
                document_no=document_no or "",
                issued_on=dates[issued_on],
                kind=KINDS[kind],
                confirmed=confirmed == 1,
                core_function=_TRUTH[core_function],
            ),
        )


def _review(connection: Connection, year: int) -> dict[str, OnlineBallots | None]:
    """Read who was selected for the online review, with the ballots that closing counted."""
    rows = connection.execute(
        select(review_offices, reviews.c.closed_at)
        .join(reviews, reviews.c.year == review_offices.c.year)
        .where(review_offices.c.year == year)
    )
    return {
        row.office_code: None
        if row.closed_at is None
        else OnlineBallots(
            Answers(row.satisfied or 0, row.neutral or 0, row.dissatisfied or 0), closed=True
        )
        for row in rows
    }
