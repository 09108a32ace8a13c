"""Keepers of what is delivered once a year: performance points, parent grades and points."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.checking import Checked
from survey_pipeline.stages.intake.judging import evidence_rules as rules
from survey_pipeline.stages.intake.judging.grade_quota import seats
from survey_pipeline.stages.intake.loaders.evidence_loaders import EvidenceKeeper
from survey_pipeline.stages.intake.loaders.loader import Kept, NotTogether, Run, Writes
from survey_pipeline.stages.intake.problems import Found
from survey_pipeline.standard.common import Total
from survey_pipeline.standard.figures import Label
from survey_pipeline.store import bulk
from survey_pipeline.store.tables import parent_grades, parent_points, performance_points
from survey_pipeline.vocabulary import Duty, Grade, RecordKind
from survey_pipeline.vocabulary.names import category_named


class _DeliveredKeeper(EvidenceKeeper):
    """Keeps deliveries with a day by which they are due."""

    key = ("year", "office_code")
    contents: tuple[str, ...] = ("points", "source", "delivered_on")
    extra = ("late",)
    revivable = True
    duty: Duty

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        duties = self.standard.duties
        due = duties.of(self.duty)
        nominal = date(self.standard.year, due.month or 12, due.day or 28)
        self._due = duties.moved(nominal, run.context.calendar.next_working_day)

    def prepare(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
        """Fill in the delivery day; mark what comes late."""
        super().prepare(connection, rows)
        stored = {
            one.office_code: one.delivered_on.isoformat()
            for one in bulk.find_by_key(
                connection, self.table, self.key, {self._key(row) for row in rows}
            )
        }
        today = self.run.context.today().isoformat()
        for row in rows:
            # Left blank, the day of the first delivery stays: the same file again is no change.
            row["delivered_on"] = row["delivered_on"] or stored.get(row["office_code"], today)
            row["late"] = date.fromisoformat(row["delivered_on"]) > self._due

    def objection(self, row: Mapping[str, Any]) -> Found | None:
        """Refuse unknown offices, what does not fit them, and days to come."""
        return (
            self.office_problem(row["office_code"])
            or self.misfit(row)
            or self.future(row, "delivered_on")
        )

    def misfit(self, row: Mapping[str, Any]) -> Found | None:
        """Return why a row does not fit its office, which is on the register."""
        raise NotImplementedError

    def warnings(self, row: Mapping[str, Any]) -> Iterable[Found]:
        """Warn of a late delivery (it counts all the same), and of offices not appraised."""
        if row["late"]:
            yield (
                "delivered_on",
                Message(
                    "delivered late: due by {due}; it is taken, and recorded as late",
                    {"due": self._due},
                ),
            )
        if (found := self.office_warning(row["office_code"])) is not None:
            yield found


class _PointsKeeper(_DeliveredKeeper):
    """Keeps points from a lead agency."""

    @property
    def total(self) -> Total:
        """What the component is worth."""
        raise NotImplementedError

    def source(self, category: str) -> Label:
        """Return who delivers for a category."""
        raise NotImplementedError

    def misfit(self, row: Mapping[str, Any]) -> Found | None:
        """Refuse more points than there are."""
        return rules.delivered_problem(self.total, row["points"])

    def warnings(self, row: Mapping[str, Any]) -> Iterable[Found]:
        """Warn of a source that the standard does not name."""
        expected = self.source(self.offices[row["office_code"]].category)
        locale = self.run.context.settings.locale
        if (found := rules.source_warning(expected, row["source"], locale)) is not None:
            yield found
        yield from super().warnings(row)


class PerformanceKeeper(_PointsKeeper):
    """Keeps performance points (part B)."""

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


class ParentPointsKeeper(_PointsKeeper):
    """Keeps points of the parent rating, for the categories without grades (part E)."""

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

    def misfit(self, row: Mapping[str, Any]) -> Found | None:
        """Refuse offices that are graded."""
        if self.offices[row["office_code"]].category == self.standard.parent_rating.graded:
            return "office_code", Message(
                "offices of the category {category} are graded by their parent department: import "
                "parent-grades",
                {"category": category_named(self.standard.parent_rating.graded)},
            )
        return super().misfit(row)


class ParentGradeKeeper(_DeliveredKeeper):
    """Keeps grades; a department's delivery stands or falls as a whole, by its quota (part E)."""

    table = parent_grades
    kind = RecordKind.PARENT_GRADES
    in_pieces = False
    contents = ("grade", "delivered_on")
    duty = Duty.PARENT_RATING

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self._fallen: dict[str, Found] = {}
        self._changed: set[str] = set()

    def keep(self, connection: Connection, checked: Checked) -> Kept:
        """Store a chunk; note the departments of which a row is refused."""
        kept = super().keep(connection, checked)
        codes, numbers = checked.values["office_code"], checked.numbers
        for one in kept.refused:
            self._fall(codes[one.position], numbers[one.position], one.reason)
        for row, values in zip(checked.refused, checked.unsound, strict=True):
            if isinstance(values["office_code"], str):
                self._fall(values["office_code"], row.row, row.problems[0].reason)
        return kept

    def _fall(self, office_code: str, number: int, reason: Message) -> None:
        if (department := self._department(office_code)) is not None:
            why = Message(
                "row {row} of this department is refused, so all its rows are: {reason}",
                {"row": number, "reason": reason},
            )
            self._fallen.setdefault(department, ("", why))

    def _department(self, office_code: str) -> str | None:
        office = self.offices.get(office_code)
        return None if office is None else str(office.parent_code)

    def objection(self, row: Mapping[str, Any]) -> Found | None:
        """Refuse the rows of a department whose delivery falls; what is wrong with one, first."""
        own = super().objection(row)
        return own or self.run.barred.get(self.offices[row["office_code"]].parent_code)

    def misfit(self, row: Mapping[str, Any]) -> Found | None:
        """Refuse offices that are not graded."""
        graded = self.standard.parent_rating.graded
        if self.offices[row["office_code"]].category != graded:
            return "office_code", Message(
                "only offices of the category {category} are graded; import parent-points for this "
                "one",
                {"category": category_named(graded)},
            )
        return None

    def _write(self, connection: Connection, writes: Writes) -> None:
        super()._write(connection, writes)
        written = (*(row for row, _ in writes.new), *(row for row, _, _ in writes.changed))
        self._changed |= {self.offices[row["office_code"]].parent_code for row in written}

    def finish(self, connection: Connection) -> None:
        """Hold the departments whose grades changed against their quota.

        Raises:
            NotTogether: a row of a department was refused, or its quota is not kept.
        """
        fallen = {**self._over_quota(connection), **self._fallen}
        if new := {name: fallen[name] for name in fallen if name not in self.run.barred}:
            raise NotTogether(new)

    def _over_quota(self, connection: Connection) -> dict[str, Found]:
        size: Counter[str] = Counter()
        graded: dict[str, Counter[str]] = {name: Counter() for name in self._changed}
        counted = {
            one.office_code: one.parent_code
            for one in self.offices.values()
            if one.category == self.standard.parent_rating.graded
            and one.withdrawn_at is None
            and self.appraised(one)
        }
        size.update(counted.values())
        stored = connection.execute(
            select(parent_grades.c.office_code, parent_grades.c.grade).where(
                parent_grades.c.year == self.run.year, parent_grades.c.withdrawn_at.is_(None)
            )
        )
        for office_code, grade in stored:
            if (department := counted.get(office_code)) in graded:
                graded[department][grade] += 1
        found = {name: self._quota_problem(size[name], graded[name]) for name in graded}
        return {name: ("grade", problem) for name, problem in found.items() if problem}

    def _quota_problem(self, offices: int, given: Counter[str]) -> Message | None:
        rating = self.standard.parent_rating
        if offices < rating.min_quota_size.count:
            return None
        most, least = seats(rating, offices)[Grade.EXCELLENT], seats(rating, offices)[Grade.FAIR]
        values = {"offices": offices, "graded": given.total()}
        if given[Grade.EXCELLENT] > most:
            return Message(
                "{given} of this department's offices would be excellent, at most {most} of "
                "{offices} may be; {graded} have a grade",
                {**values, "given": given[Grade.EXCELLENT], "most": most},
            )
        if given[Grade.FAIR] < least:
            return Message(
                "{given} of this department's offices would be fair, at least {least} of {offices} "
                "must be; {graded} have a grade",
                {**values, "given": given[Grade.FAIR], "least": least},
            )
        return None
