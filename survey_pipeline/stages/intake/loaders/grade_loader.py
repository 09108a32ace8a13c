"""The loader of grades that parent departments give; a department's grades are valid together.

The standard bounds a department's excellent and fair grades (part E). So if one row of a department
is refused, or its bounds are not kept, all its rows are refused.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.checking import CheckedChunk
from survey_pipeline.stages.intake.file_summary import CellReason
from survey_pipeline.stages.intake.judging.grade_quota import quota_problem
from survey_pipeline.stages.intake.loaders.chunk_writes import ChunkWrites
from survey_pipeline.stages.intake.loaders.delivered_loaders import DeliveredLoader
from survey_pipeline.stages.intake.loaders.loader import ChunkOutcome, CurrentImport, GroupsRefused
from survey_pipeline.store.tables import parent_grades
from survey_pipeline.vocabulary import Duty, RecordKind
from survey_pipeline.vocabulary.names import category_named


class ParentGradeLoader(DeliveredLoader):
    """Loads grades; the groups of rows are departments."""

    table = parent_grades
    kind = RecordKind.PARENT_GRADES
    in_pieces = False
    contents = ("grade", "delivered_on")
    duty = Duty.PARENT_RATING

    def __init__(self, run: CurrentImport) -> None:
        super().__init__(run)
        self._refused_rows: dict[str, CellReason] = {}
        """Department -> the first of its rows that is refused."""
        self._changed: set[str] = set()
        """Departments whose grades this file changes."""

    def load(self, connection: Connection, checked: CheckedChunk) -> ChunkOutcome:
        """Store a chunk; note the departments of which a row is refused."""
        outcome = super().load(connection, checked)
        codes, numbers = checked.values["office_code"], checked.numbers
        for refused in outcome.refused:
            self._note_refused(codes[refused.position], numbers[refused.position], refused.reason)
        # rows that the check refused have a department too, if their office could be read
        for row, values in zip(checked.refused, checked.unsound, strict=True):
            if isinstance(values["office_code"], str):
                self._note_refused(values["office_code"], row.row, row.problems[0].reason)
        return outcome

    def _note_refused(self, office_code: str, number: int, reason: Message) -> None:
        office = self.offices.get(office_code)
        if office is None:
            return
        why = Message(
            "row {row} of this department is refused, so all its rows are: {reason}",
            {"row": number, "reason": reason},
        )
        self._refused_rows.setdefault(office.parent_code, ("", why))

    def refusal(self, row: Mapping[str, Any]) -> CellReason | None:
        """Refuse what is wrong with a row itself; then the rows of refused departments."""
        own = super().refusal(row)
        return own or self.run.refused_groups.get(self.offices[row["office_code"]].parent_code)

    def misfit(self, row: Mapping[str, Any]) -> CellReason | None:
        """Refuse offices that are not graded."""
        graded = self.standard.parent_rating.graded
        if self.offices[row["office_code"]].category != graded:
            return "office_code", Message(
                "only offices of the category {category} are graded; import parent-points for this "
                "one",
                {"category": category_named(graded)},
            )
        return None

    def _write(self, connection: Connection, writes: ChunkWrites) -> None:
        super()._write(connection, writes)
        self._changed |= {self.offices[row["office_code"]].parent_code for row in writes.rows()}

    def finish(self, connection: Connection) -> None:
        """Compare the departments whose grades changed with their bounds.

        Raises:
            GroupsRefused: a row of a department was refused, or its bounds are not kept.
        """
        refused = {**self._outside_bounds(connection), **self._refused_rows}
        new = {name: refused[name] for name in refused if name not in self.run.refused_groups}
        if new:
            raise GroupsRefused(new)

    def _outside_bounds(self, connection: Connection) -> dict[str, CellReason]:
        """Return the changed departments whose grades break their bounds, after the file."""
        counted = {
            office.office_code: office.parent_code
            for office in self.offices.values()
            if office.category == self.standard.parent_rating.graded
            and office.withdrawn_at is None
            and self.is_appraised(office)
        }
        size = Counter(counted.values())
        given: dict[str, Counter[str]] = {name: Counter() for name in self._changed}
        stored = connection.execute(
            select(parent_grades.c.office_code, parent_grades.c.grade).where(
                parent_grades.c.year == self.run.year, parent_grades.c.withdrawn_at.is_(None)
            )
        )
        for office_code, grade in stored:
            if (department := counted.get(office_code)) in given:
                given[department][grade] += 1
        rating = self.standard.parent_rating
        problems = {name: quota_problem(rating, size[name], given[name]) for name in given}
        return {name: problem for name, problem in problems.items() if problem}
