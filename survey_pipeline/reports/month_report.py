"""A month's stored scores, read once for every format."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row, select

from survey_pipeline.adoption import as_published
from survey_pipeline.calendar import first_day
from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord
from survey_pipeline.i18n import Message
from survey_pipeline.reports.month_columns import MONTH_COLUMNS
from survey_pipeline.scoring.month_row import MonthRow
from survey_pipeline.scoring.ranks import GroupRank, places_within
from survey_pipeline.standard import InForce, standard_of_month
from survey_pipeline.standard.whose_words import BORROWED_STANDARD, marks
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import month_scores, office_month_scores

STANDARDS = "config/standards"


@dataclass(frozen=True)
class MonthReport:
    """One stored version of a month's scores, and what is needed to explain it."""

    month: str
    version: int
    standard_id: str
    standard_hash: str
    program_version: str
    inputs_hash: str
    as_of: date
    complete: bool
    published: bool
    in_force: InForce
    min_cell: int
    """Offices with fewer ratings are marked."""
    rows: tuple[MonthRow, ...]
    """One an office, by office code (code points)."""

    @property
    def total_points(self) -> Decimal:
        """The most that an office can get."""
        return self.in_force.standard.satisfaction.total.points

    @property
    def appraised(self) -> list[MonthRow]:
        """The offices that are scored: every sum and mean is over these."""
        return [row for row in self.rows if row.appraised]

    @property
    def apart(self) -> list[MonthRow]:
        """The others (exempt, closed, not yet open): listed with their reason, in no sum."""
        return [row for row in self.rows if not row.appraised]

    @property
    def ranked(self) -> list[MonthRow]:
        """The ranked offices from the first rank down, those with too few ratings, the unrated."""
        return sorted(
            self.appraised,
            key=lambda row: (row.rank is None, row.rank or 0, row.points is None, row.office_code),
        )

    @cached_property
    def places(self) -> Mapping[str, GroupRank]:
        """Each office's place within its category, by office_code."""
        return places_within({row.office_code: (row.category, row.rank) for row in self.rows})

    def marks(self) -> list[Message]:
        """Return what a reader must see before the first figure."""
        found = [
            Message("Complete: every survey of the month has ended.")
            if self.complete
            else Message(
                "Provisional: surveys of this month are open, or cases wait for their draw; "
                "figures may change."
            )
        ]
        if self.in_force.provisional:
            found.append(Message(BORROWED_STANDARD))
        return [*found, *marks(self.in_force.standard)]

    def of_category(self, category: str) -> list[MonthRow]:
        """The appraised offices of a category, in the order of `ranked`."""
        return [row for row in self.ranked if row.category == category]


def read_month(context: Context, month: str, version: int | None = None) -> MonthReport:
    """Read a month's scores.

    Args:
        month: `YYYY-MM`.
        version: the stored version; the latest where none is named.

    Raises:
        UnknownRecord: the month was never scored, or has no such version.
        ConfigurationError: the standard's file is missing or wrong.
    """
    in_force = standard_of_month(month, context.settings.standards, context.home / STANDARDS)
    with reading(context.engine) as connection:
        score = _score(connection, month, version)
        rows = connection.scalars(
            select(office_month_scores.c.facts).where(office_month_scores.c.score_id == score.id)
        ).all()
    return MonthReport(
        month=month,
        version=score.version,
        standard_id=score.standard,
        standard_hash=score.standard_hash,
        program_version=score.program_version,
        inputs_hash=score.inputs_hash,
        as_of=score.as_of,
        complete=score.complete,
        published=score.published_at is not None,
        in_force=as_published(context, in_force, score.published_at),
        min_cell=context.settings.privacy.min_cell,
        rows=tuple(sorted(map(MonthRow.from_json, rows), key=lambda row: row.office_code)),
    )


def _score(connection: Connection, month: str, version: int | None) -> Row[Any]:
    query = select(month_scores).where(month_scores.c.month == month)
    if version is not None:
        query = query.where(month_scores.c.version == version)
    score = connection.execute(query.order_by(month_scores.c.version.desc()).limit(1)).first()
    if score is None:
        raise UnknownRecord("{month} has no stored scores", month=month).at_terminal(
            "Run: survey-pipeline score month {month}", month=month
        )
    return score


def notes_of(row: MonthRow, locale: str) -> str:
    """Return an office's notes as one text."""
    joint = "；" if locale.startswith("zh") else "; "
    return joint.join(note.render(locale) for note in row.notes)


def period(month: str, locale: str) -> str:
    """Return a month as people write it: `2023年5月`, or `May 2023`."""
    day = first_day(month)
    return f"{day.year}年{day.month}月" if locale.startswith("zh") else f"{day:%B %Y}"


def month_values(row: MonthRow, locale: str) -> dict[str, Any]:
    """Return an office's row under the export's column names, its notes as text."""
    values = {**row.to_json(), "note": notes_of(row, locale)}
    return {column.name: values[column.name] for column in MONTH_COLUMNS}
