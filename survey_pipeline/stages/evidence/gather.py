"""Reads a year's evidence into the facts that it is scored from: every record with its origin.

One query a kind, whatever their number (200,000 records are usual); what is worked out of a date or
of a figure is worked out once. Records that were taken back come too: they stay visible.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from sqlalchemy import Connection, select

from survey_pipeline.context import Context
from survey_pipeline.scoring.evidence import (
    AwardRecord,
    DeliveredGrade,
    DeliveredPoints,
    HotlineRank,
    HotlineRecord,
    OfficeYear,
    OnlineBallots,
    SupervisionRecord,
    YearFacts,
)
from survey_pipeline.scoring.facts import Answers
from survey_pipeline.stages.evidence.record_readers import (
    read_awards,
    read_grades,
    read_hotline,
    read_material,
    read_points,
    read_ranks,
    read_supervision,
)
from survey_pipeline.stages.evidence.rows import (
    PARENT_POINTS,
    PERFORMANCE,
    EvidenceRows,
)
from survey_pipeline.standard.model import Standard
from survey_pipeline.store.columnar import collector_off
from survey_pipeline.store.tables import parents, review_offices, reviews
from survey_pipeline.vocabulary import HotlineGroup

R = TypeVar("R")


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
            supervision=_grouped(read_supervision(context, standard, rows)),
            hotline=_grouped(read_hotline(rows)),
            performance=_grouped(read_points(rows, PERFORMANCE)),
            points=_grouped(read_points(rows, PARENT_POINTS)),
            grades=_grouped(read_grades(rows)),
            ranks=read_ranks(rows, groups),
            groups=groups,
            awards=_grouped(read_awards(rows)),
            review=_review(connection, year),
        )
        material = _grouped(read_material(rows))
    appraised, exempt = [], []
    for office in offices:
        if office.office.exempt_reason:
            exempt.append(office.office)
        else:
            appraised.append(evidence.of(office))
    facts = YearFacts(year, as_of, tuple(appraised), tuple(exempt), material)
    return GatheredYear(facts, rows.fingerprint())


def gather_hotline(
    context: Context, connection: Connection, year: int, office_code: str | None = None
) -> dict[str, tuple[HotlineRecord, ...]]:
    """Return a year's hotline records by office, of all offices or of one."""
    codes = None if office_code is None else {office_code}
    rows = EvidenceRows(context, connection, year, codes)
    return _grouped(read_hotline(rows))


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


def _hotline_groups(connection: Connection) -> dict[str, HotlineGroup]:
    """Return the departments that name a hotline group."""
    return {
        row.parent_code: HotlineGroup(row.hotline_group)
        for row in connection.execute(parents.select())
        if row.hotline_group
    }


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
