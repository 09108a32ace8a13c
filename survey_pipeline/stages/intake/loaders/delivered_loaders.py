"""Loaders of what is delivered once a year: performance points and points of the parent rating.

Grades, the other form of the parent rating, are in `grade_loader`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.file_summary import CellReason
from survey_pipeline.stages.intake.judging import evidence_rules as rules
from survey_pipeline.stages.intake.loaders.chunk_writes import RowValues
from survey_pipeline.stages.intake.loaders.deliveries import late_warning, mark_delivery
from survey_pipeline.stages.intake.loaders.evidence_loaders import EvidenceLoader
from survey_pipeline.stages.intake.loaders.loader import CurrentImport
from survey_pipeline.standard.common import Total
from survey_pipeline.standard.entry import Label
from survey_pipeline.store.tables import parent_points, performance_points
from survey_pipeline.vocabulary import Duty, RecordKind
from survey_pipeline.vocabulary.names import category_named


class DeliveredLoader(EvidenceLoader):
    """Loads deliveries with a day by which they are due."""

    key = ("year", "office_code")
    contents: tuple[str, ...] = ("points", "source", "delivered_on")
    derived = ("late",)
    revivable = True
    duty: Duty

    def __init__(self, run: CurrentImport) -> None:
        super().__init__(run)
        duties = self.standard.duties
        due = duties.of(self.duty)
        nominal = date(self.standard.year, due.month or 12, due.day or 28)
        self._due = duties.moved(nominal, run.context.calendar.next_working_day)

    def prepare(self, connection: Connection, rows: Sequence[RowValues]) -> None:
        """Fill in the delivery day; mark what comes late."""
        super().prepare(connection, rows)
        stored = self.find_stored(connection, rows)
        for row in rows:
            record = stored.get(self.key_of(row))
            first_delivered = None if record is None else record.delivered_on
            row["late"] = mark_delivery(row, first_delivered, self.today) > self._due

    def refusal(self, row: Mapping[str, Any]) -> CellReason | None:
        """Refuse unknown offices, what does not fit them, and days to come."""
        return (
            self.office_refusal(row) or self.misfit(row) or self.future_refusal(row, "delivered_on")
        )

    def misfit(self, row: Mapping[str, Any]) -> CellReason | None:
        """Return why a row does not fit its office, which is on the register."""
        raise NotImplementedError

    def warnings(self, row: Mapping[str, Any]) -> Iterable[CellReason]:
        """Warn of a late delivery (it counts all the same), and of offices not appraised."""
        if (warning := late_warning(row, self._due)) is not None:
            yield warning
        yield from self.office_warnings(row)


class _PointsLoader(DeliveredLoader):
    """Loads points from a lead agency."""

    @property
    def total(self) -> Total:
        """What the component is worth."""
        raise NotImplementedError

    def source(self, category: str) -> Label:
        """Return who delivers for a category."""
        raise NotImplementedError

    def misfit(self, row: Mapping[str, Any]) -> CellReason | None:
        """Refuse more points than the component is worth."""
        return rules.delivered_problem(self.total, row["points"])

    def warnings(self, row: Mapping[str, Any]) -> Iterable[CellReason]:
        """Warn of a source that the standard does not name, then of what all deliveries are."""
        expected = self.source(self.offices[row["office_code"]].category)
        locale = self.run.context.settings.locale
        if (warning := rules.source_warning(expected, row["source"], locale)) is not None:
            yield warning
        yield from super().warnings(row)


class PerformanceLoader(_PointsLoader):
    """Loads performance points (part B)."""

    table = performance_points
    kind = RecordKind.PERFORMANCE
    duty = Duty.PERFORMANCE

    @property
    def total(self) -> Total:
        """What performance is worth."""
        return self.standard.performance.total

    def source(self, category: str) -> Label:
        """Return who delivers for a category."""
        return self.standard.performance.source(category)


class ParentPointsLoader(_PointsLoader):
    """Loads points of the parent rating, for the categories without grades (part E)."""

    table = parent_points
    kind = RecordKind.PARENT_POINTS
    duty = Duty.PARENT_RATING

    @property
    def total(self) -> Total:
        """What the parent rating is worth."""
        return self.standard.parent_rating.total

    def source(self, category: str) -> Label:
        """Return who delivers for a category."""
        return self.standard.parent_rating.source(category)

    def misfit(self, row: Mapping[str, Any]) -> CellReason | None:
        """Refuse offices that are graded."""
        graded = self.standard.parent_rating.graded
        if self.offices[row["office_code"]].category == graded:
            return "office_code", Message(
                "offices of the category {category} are graded by their parent department: import "
                "parent-grades",
                {"category": category_named(graded)},
            )
        return super().misfit(row)
