"""The records of each kind of evidence, read from plain tuples: office or department code first.

What is worked out of a date or of points is worked out once for a kind.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from survey_pipeline.context import Context
from survey_pipeline.scoring.evidence import (
    AwardRecord,
    DeliveredGrade,
    DeliveredPoints,
    HotlineRank,
    HotlineRecord,
    MaterialRecord,
    SupervisionRecord,
)
from survey_pipeline.scoring.numbers import from_units
from survey_pipeline.stages.evidence.rows import (
    AWARDS,
    GRADES,
    HOTLINE,
    MATERIAL,
    RANKS,
    SUPERVISION,
    EvidenceRows,
)
from survey_pipeline.standard.model import Standard
from survey_pipeline.vocabulary import AwardKind, AwardLevel, Grade, HotlineGroup, Recipient

_TRUTH: Mapping[int | None, bool | None] = {None: None, 0: False, 1: True}


LEVELS = {level.value: level for level in AwardLevel}


RECIPIENTS = {recipient.value: recipient for recipient in Recipient}


KINDS = {kind.value: kind for kind in AwardKind}


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


def read_supervision(
    context: Context, standard: Standard, rows: EvidenceRows
) -> Iterable[tuple[str, SupervisionRecord]]:
    """Read supervision records by office_code, each with the day its self-check is due."""
    dates, rules = _Dates(), standard.supervision
    due: dict[str, date] = {}
    known: dict[int, Decimal] = {}
    named = rows.named_filings()
    for row, origin in rows.of(SUPERVISION):
        (key, clause, office, occurred_on, points, person, matter, is_head, duty_related,
         adverse_effect, self_found, rectified, filed_on, document_no) = row  # fmt: skip
        if occurred_on not in due:
            due[occurred_on] = rules.filing_due_on(
                dates[occurred_on], context.calendar.next_working_day
            )
        filing = named.get(key)
        if filing is not None:
            filed_on = filing.filed_on
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
                filing_no="" if filing is None else filing.filing_no,
                filed_on=None if filed_on is None else dates[filed_on],
                filing_due=due[occurred_on],
            ),
        )


def read_material(rows: EvidenceRows) -> Iterable[tuple[str, MaterialRecord]]:
    """Read missing material by parent_code."""
    dates = _Dates()
    for row, origin in rows.of(MATERIAL):
        key, parent, occurred_on, points, matter, document_no = row
        evidence = origin.evidence(key, occurred_on, document_no, matter)
        day, exact = dates[occurred_on], _decimal(points, {})
        yield parent, MaterialRecord(key, evidence, origin.withdrawn, day, exact)


def read_hotline(rows: EvidenceRows) -> Iterable[tuple[str, HotlineRecord]]:
    """Read hotline records by office_code."""
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


def read_points(rows: EvidenceRows, kind: str) -> Iterable[tuple[str, DeliveredPoints]]:
    """Read delivered points by the code they are for: `PERFORMANCE` or `PARENT_POINTS`."""
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


def read_grades(rows: EvidenceRows) -> Iterable[tuple[str, DeliveredGrade]]:
    """Read the parents' grades by office_code."""
    for row, origin in rows.of(GRADES):
        office, grade, delivered_on, late = row
        evidence, day = origin.evidence(office, delivered_on), date.fromisoformat(delivered_on)
        yield (
            office,
            DeliveredGrade(office, evidence, origin.withdrawn, Grade(grade), day, late == 1),
        )


def read_ranks(rows: EvidenceRows, groups: Mapping[str, HotlineGroup]) -> dict[str, HotlineRank]:
    """Return hotline ranks by parent_code, of departments that have a hotline group."""
    return {
        parent: HotlineRank(parent, origin.evidence(parent), origin.withdrawn, groups[parent], rank)
        for (parent, rank), origin in rows.of(RANKS)
        if parent in groups
    }


def read_awards(rows: EvidenceRows) -> Iterable[tuple[str, AwardRecord]]:
    """Read awards by office_code, each with how many offices share its department's half."""
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
