"""Which records count in a year's scores, for how much, and why not: asked of the scoring itself.

Nothing is decided here. Each office's records go through the functions that score the year, and the
line that names a record says what became of it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TypeVar

from sqlalchemy import Connection, select

from survey_pipeline.calendar import first_day
from survey_pipeline.context import Context
from survey_pipeline.i18n import N_, Message
from survey_pipeline.scoring.bonus import score_bonus
from survey_pipeline.scoring.delivered import score_parent_rating, score_performance
from survey_pipeline.scoring.evidence import HotlineRecord, OfficeYear
from survey_pipeline.scoring.facts import OfficeOnRegister
from survey_pipeline.scoring.hotline import record_line, score_hotline
from survey_pipeline.scoring.lines import FlatLine, Line
from survey_pipeline.scoring.material import score_material
from survey_pipeline.scoring.supervision import score_supervision
from survey_pipeline.stages.evidence.record_readers import (
    read_awards,
    read_grades,
    read_hotline,
    read_material,
    read_points,
    read_ranks,
    read_supervision,
)
from survey_pipeline.stages.evidence.rows import PARENT_POINTS, PERFORMANCE, EvidenceRows
from survey_pipeline.stages.satisfaction.tallies import register
from survey_pipeline.standard.model import Standard
from survey_pipeline.store.tables import filings, parents, satisfaction_results
from survey_pipeline.vocabulary import Category, HotlineGroup, RecordKind

R = TypeVar("R")


@dataclass(frozen=True)
class RecordStanding:
    """What became of a record in the year's scores."""

    counted: bool
    points: Fraction | None = None
    """What it gives, or takes off (below 0)."""
    note: Message | None = None
    """How it was counted, or why it was not."""


class RecordStandings:
    """Reads and scores the records of a year, kind by kind."""

    def __init__(
        self,
        context: Context,
        connection: Connection,
        standard: Standard,
        office_codes: Collection[str] | None = None,
    ) -> None:
        """Prepare to read.

        Args:
            context: the workspace.
            connection: a transaction that reads.
            standard: of the year.
            office_codes: only these offices, of the kinds that name one; None: all.
        """
        self._context, self._connection, self._standard = context, connection, standard
        self._rows = EvidenceRows(context, connection, standard.year, office_codes)
        self._register = {office.office_code: office for office in register(connection)}
        self._as_of: date = min(context.today(), standard.window.until)

    def of(self, kind: RecordKind) -> dict[str, RecordStanding]:
        """Return what became of each record of a kind, by its key."""
        return dict(_READERS[kind](self))

    def component(self, kind: RecordKind, office_code: str) -> Line | None:
        """Return the line of the component that records of a kind belong to; None if exempt."""
        office = self._register.get(office_code)
        if office is None or self._why_not_appraised(office) is not None:
            return None
        made = _COMPONENTS[kind](self)
        return made.get(office_code)

    def supervision(self) -> Iterator[tuple[str, RecordStanding]]:
        """Yield what became of findings and sanctions, and of material that was not filed."""
        yield from self._by_office(self.supervision_lines())
        records = _grouped(read_material(self._rows))
        for material in records.values():
            line = score_material(self._standard, material, self._as_of, 1, bears=True)
            for key, standing in _records_of(line):
                yield key, RecordStanding(standing.counted, None, standing.note or Message(BORNE))

    def supervision_lines(self) -> dict[str, Line]:
        """Return part C of each office that has a record."""
        read = read_supervision(self._context, self._standard, self._rows)
        return {
            code: score_supervision(
                self._standard, OfficeYear(office, supervision=records), self._as_of
            )
            for code, office, records in self._known(read)
        }

    def hotline(self) -> Iterator[tuple[str, RecordStanding]]:
        """Yield what became of hotline records: the rank that is missing yet plays no part."""
        for code, records in _grouped(read_hotline(self._rows)).items():
            why = self._why_code_not_appraised(code)
            for record in records:
                yield record.key, self._hotline_record(record, why)

    def _hotline_record(self, record: HotlineRecord, why: Message | None) -> RecordStanding:
        line = record_line(self._standard, record, self._as_of)
        if why is not None and line.counted:
            return RecordStanding(counted=False, note=why)
        return RecordStanding(line.counted, line.points, line.note)

    def hotline_lines(self) -> dict[str, Line]:
        """Return part D of each office that has a record; without its rank it has no points."""
        groups = self._groups()
        ranks = read_ranks(self._rows, groups)
        return {
            code: score_hotline(
                self._standard,
                OfficeYear(
                    office,
                    hotline=records,
                    hotline_rank=ranks.get(office.parent_code),
                    unranked=groups.get(office.parent_code) is HotlineGroup.NONE,
                ),
                self._as_of,
            )
            for code, office, records in self._known(read_hotline(self._rows))
        }

    def ranks(self) -> Iterator[tuple[str, RecordStanding]]:
        """Yield what became of the departments' ranks: what each of their offices loses."""
        groups = self._groups()
        for code, rank in read_ranks(self._rows, groups).items():
            office = OfficeOnRegister("", "", Category.AGENCY, code, "", approval_service=False)
            unranked = groups.get(code) is HotlineGroup.NONE
            year = OfficeYear(office, hotline_rank=rank, unranked=unranked)
            yield from _records_of(score_hotline(self._standard, year, self._as_of))

    def performance(self) -> Iterator[tuple[str, RecordStanding]]:
        """Yield what became of performance points."""
        yield from self._by_office(self.performance_lines())

    def performance_lines(self) -> dict[str, Line]:
        """Return part B of each office that has a delivery."""
        return {
            code: score_performance(self._standard, office.category, delivered)
            for code, office, delivered in self._known(read_points(self._rows, PERFORMANCE))
        }

    def grades(self) -> Iterator[tuple[str, RecordStanding]]:
        """Yield what became of the departments' grades."""
        yield from self._by_office(self.grade_lines())

    def grade_lines(self) -> dict[str, Line]:
        """Return part E of each office that has a grade."""
        return {
            code: score_parent_rating(self._standard, office.category, grades[0], None)
            for code, office, grades in self._known(read_grades(self._rows))
        }

    def parent_points(self) -> Iterator[tuple[str, RecordStanding]]:
        """Yield what became of the lead agencies' points."""
        yield from self._by_office(self.parent_point_lines())

    def parent_point_lines(self) -> dict[str, Line]:
        """Return part E of each office that has points."""
        return {
            code: score_parent_rating(self._standard, office.category, None, delivered[0])
            for code, office, delivered in self._known(read_points(self._rows, PARENT_POINTS))
        }

    def awards(self) -> Iterator[tuple[str, RecordStanding]]:
        """Yield what became of awards."""
        yield from self._by_office(self.award_lines())

    def award_lines(self) -> dict[str, Line]:
        """Return part G of each office that has an award."""
        return {
            code: score_bonus(self._standard, awards, self._as_of)
            for code, _, awards in self._known(read_awards(self._rows))
        }

    def filings(self) -> Iterator[tuple[str, RecordStanding]]:
        """Yield whether filings came in time."""
        rules = self._standard.supervision
        query = select(filings).where(filings.c.year == self._standard.year)
        for row in self._connection.execute(query):
            due = rules.filing_due_on(first_day(row.month), self._context.calendar.next_working_day)
            why = FILED_LATE if row.filed_on > due else FILED_IN_TIME
            stands = row.withdrawn_at is None
            yield row.filing_no, RecordStanding(stands, note=Message(why, {"due": due}))

    def satisfaction(self) -> Iterator[tuple[str, RecordStanding]]:
        """Yield which months' results stand."""
        query = select(satisfaction_results)
        for row in self._connection.execute(query):
            note = Message("it came in late") if row.late else None
            key = f"{row.office_code}/{row.month}"
            yield key, RecordStanding(row.withdrawn_at is None, note=note)

    def _groups(self) -> dict[str, HotlineGroup]:
        query = select(parents.c.parent_code, parents.c.hotline_group)
        return {
            code: HotlineGroup(group) for code, group in self._connection.execute(query) if group
        }

    def _known(
        self, read: Iterable[tuple[str, R]]
    ) -> Iterator[tuple[str, OfficeOnRegister, tuple[R, ...]]]:
        """Yield the offices of the register that have records, each with its records."""
        for code, records in _grouped(read).items():
            if (office := self._register.get(code)) is not None:
                yield code, office, records

    def _by_office(self, lines: Mapping[str, Line]) -> Iterator[tuple[str, RecordStanding]]:
        for code, line in lines.items():
            why = self._why_code_not_appraised(code)
            for key, standing in _records_of(line):
                if why is not None and standing.counted:
                    yield key, RecordStanding(counted=False, note=why)
                else:
                    yield key, standing

    def _why_code_not_appraised(self, code: str) -> Message | None:
        office = self._register.get(code)
        return Message(NOT_REGISTERED) if office is None else self._why_not_appraised(office)

    def _why_not_appraised(self, office: OfficeOnRegister) -> Message | None:
        if office.exempt_reason:
            return Message("the office is exempt: {reason}", {"reason": office.exempt_reason})
        window = self._standard.window
        if not office.valid_within(window.first, window.until):
            return Message("the office is valid on no day of the appraisal year")
        return None


def _grouped(read: Iterable[tuple[str, R]]) -> dict[str, tuple[R, ...]]:
    found: dict[str, list[R]] = {}
    for code, record in read:
        found.setdefault(code, []).append(record)
    return {code: tuple(records) for code, records in found.items()}


def _records_of(line: Line) -> Iterator[tuple[str, RecordStanding]]:
    """Yield the records that lines of a component name."""
    for flat in line.flattened():
        key = _key_of(flat)
        if key:
            yield key, RecordStanding(flat.line.counted, flat.line.points, flat.line.note)


def _key_of(flat: FlatLine) -> str:
    keys = (evidence.params.get("record") for evidence in flat.line.evidence)
    return str(next((key for key in keys if key), ""))


_READERS: Mapping[RecordKind, Callable[[RecordStandings], Iterator[tuple[str, RecordStanding]]]] = {
    RecordKind.SUPERVISION: RecordStandings.supervision,
    RecordKind.HOTLINE: RecordStandings.hotline,
    RecordKind.HOTLINE_RANK: RecordStandings.ranks,
    RecordKind.PERFORMANCE: RecordStandings.performance,
    RecordKind.PARENT_GRADES: RecordStandings.grades,
    RecordKind.PARENT_POINTS: RecordStandings.parent_points,
    RecordKind.AWARDS: RecordStandings.awards,
    RecordKind.FILINGS: RecordStandings.filings,
    RecordKind.SATISFACTION: RecordStandings.satisfaction,
}
_COMPONENTS: Mapping[RecordKind, Callable[[RecordStandings], dict[str, Line]]] = {
    RecordKind.SUPERVISION: RecordStandings.supervision_lines,
    RecordKind.HOTLINE: RecordStandings.hotline_lines,
    RecordKind.PERFORMANCE: RecordStandings.performance_lines,
    RecordKind.PARENT_GRADES: RecordStandings.grade_lines,
    RecordKind.PARENT_POINTS: RecordStandings.parent_point_lines,
    RecordKind.AWARDS: RecordStandings.award_lines,
}
COSTED = frozenset(_COMPONENTS)
"""Kinds whose records change a component of one office."""
BORNE = N_("borne by the department's offices in the online review")
NOT_REGISTERED = N_("the office is not on the register")
FILED_IN_TIME = N_("filed in time: it was due by {due}")
FILED_LATE = N_("filed late: it was due by {due}, so what it holds counts as found by inspection")
