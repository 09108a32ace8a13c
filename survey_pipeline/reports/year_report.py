"""A year's stored scores, read once for every format."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select

from survey_pipeline.adoption import as_published
from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord
from survey_pipeline.i18n import Message
from survey_pipeline.reports.year_standing import RankingSizes, component_names
from survey_pipeline.scoring.arithmetic import arithmetic
from survey_pipeline.scoring.facts import OfficeOnRegister
from survey_pipeline.scoring.lines import Line, clauses_named
from survey_pipeline.scoring.numbers import fixed, plain
from survey_pipeline.scoring.record_evidence import without_file
from survey_pipeline.scoring.year import OfficeYearScore, YearScore
from survey_pipeline.scoring.year_rows import OfficeRow, rebuilt
from survey_pipeline.standard import InForce, standard_for
from survey_pipeline.standard.decision_pages import title_of
from survey_pipeline.standard.entry import Adoption, Entry, entries
from survey_pipeline.standard.load import FOLDER
from survey_pipeline.standard.whose_words import (
    BORROWED_STANDARD,
    PUBLISHED,
    marks,
    standing_of,
)
from survey_pipeline.store.columnar import collector_off
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import office_year_scores, year_scores
from survey_pipeline.vocabulary import Category


@dataclass(frozen=True)
class StatementLine:
    """A line out of its tree, in the reader's language."""

    component: str
    clause: str
    rules: tuple[str, ...]
    """Further clauses that the note names."""
    label: str
    points: str | None
    """With four decimals; empty where it does not count."""
    note: str
    evidence: str
    counted: bool


@dataclass(frozen=True)
class YearReport:
    """One stored version of a year's scores, and what is needed to explain it."""

    score: YearScore
    version: int
    standard_hash: str
    program_version: str
    inputs_hash: str
    complete: bool
    published: bool
    head: Mapping[str, Any]
    in_force: InForce
    home: Path
    """The workspace, for its decisions' pages."""

    @property
    def year(self) -> int:
        """The appraisal year."""
        return self.score.year

    @cached_property
    def sources(self) -> Mapping[str, Sequence[Entry]]:
        """The standard's entries by their clause."""
        found: dict[str, list[Entry]] = {}
        for entry in entries(self.in_force.standard):
            found.setdefault(entry.clause, []).append(entry)
        return found

    @cached_property
    def _titles(self) -> dict[tuple[str, str], str]:
        return {}

    def title_of(self, page: str, locale: str) -> str:
        """Return what a decision's page is called, read once."""
        if (page, locale) not in self._titles:
            self._titles[page, locale] = title_of(self.home, page, locale)
        return self._titles[page, locale]

    def of_category(self, category: Category, *, online: bool) -> list[OfficeYearScore]:
        """A ranking of a category: ranked offices first, then the others by provisional rank."""
        return sorted(
            (
                office
                for office in self.score.offices
                if office.office.category is category and office.has_online_score is online
            ),
            key=lambda office: (*office.ranks.order, office.office.office_code),
        )

    @cached_property
    def ranking_sizes(self) -> RankingSizes:
        """How many offices there are in each ranking."""
        return RankingSizes.of_scores(self.score.offices)

    @property
    def categories(self) -> list[Category]:
        """The categories that have an office."""
        found = {office.office.category for office in self.score.offices}
        return [category for category in Category if category in found]

    def marks(self) -> list[Message]:
        """Return what a reader must see before the first figure."""
        return [
            *self._state(),
            *([Message(BORROWED_STANDARD)] if self.head["provisional_standard"] else []),
            *marks(self.in_force.standard),
        ]

    def _state(self) -> Iterator[Message]:
        if self.complete:
            yield Message("Complete: the appraisal year is over and every component is there.")
            return
        if any(not office.complete for office in self.score.offices):
            yield Message(
                "Provisional, as of {as_of}: what is missing is named and is no zero; sums are of "
                "what is there.",
                {"as_of": self.score.as_of},
            )
        if self.score.as_of < self.score.window.until:
            yield Message(
                "Provisional: the appraisal year runs until {until}.",
                {"until": self.score.window.until},
            )
        if not self.head["settled"]:
            yield Message("Provisional: surveys are open, or cases wait for their draw.")


def read_year(context: Context, year: int, version: int) -> YearReport:
    """Read a stored version of a year's scores.

    Raises:
        UnknownRecord: there is no such version.
        ConfigurationError: the standard's file is missing or wrong.
    """
    in_force = standard_for(year, context.settings.standards, context.home / FOLDER)
    with reading(context.engine) as connection, collector_off():
        head = _head(connection, year, version)
        rows = [
            OfficeRow(**{name: row[name] for name in OfficeRow.__dataclass_fields__})
            for row in connection.execute(
                select(office_year_scores).where(office_year_scores.c.score_id == head.id)
            ).mappings()
        ]
        rows.sort(key=lambda row: row.office_code)
        score = rebuilt(year, head.as_of, head.standard, head.head, rows)
    return YearReport(
        score=score,
        version=head.version,
        standard_hash=head.standard_hash,
        program_version=head.program_version,
        inputs_hash=head.inputs_hash,
        complete=head.complete,
        published=head.published_at is not None,
        head=head.head,
        in_force=as_published(context, in_force, head.published_at),
        home=context.home,
    )


def _head(connection: Connection, year: int, version: int) -> Row[Any]:
    head = connection.execute(
        select(year_scores).where(year_scores.c.year == year, year_scores.c.version == version)
    ).one_or_none()
    if head is None:
        raise UnknownRecord(
            "the scores of {period} have no version {version}", period=year, version=version
        )
    return head


def told_lines(
    head: Line, locale: str, decimals: int, office: OfficeOnRegister | None = None
) -> Iterator[StatementLine]:
    """Yield a component's lines without lines of their own, and those that do not count.

    Args:
        head: the component's line.
        locale: `zh_CN` or `en`.
        decimals: of the points.
        office: whose lines they are; a record named by its code or its department's has no number.
    """
    owners = () if office is None else (office.office_code, office.parent_code)
    joint = "；" if locale.startswith("zh") else "; "
    for line, counts in head.flattened():
        note = line.note.render(locale) if line.note else ""
        yield StatementLine(
            component=line.component,
            clause=line.clause,
            rules=() if line.note is None else tuple(clauses_named(line.note)),
            label=line.label.in_locale(locale),
            points=fixed(line.points, decimals) if counts else None,
            note=joint.join(part for part in (line_arithmetic(line, locale), note) if part),
            evidence=joint.join(
                shown.render(locale)
                for message in line.evidence
                if (shown := without_file(message, owners))
            ),
            counted=counts,
        )


def line_arithmetic(line: Line, locale: str) -> str:
    """Return a line's arithmetic in words; empty where it has none, or its note says it."""
    rate, factor = (
        None if figure is None else plain(figure) for figure in (line.rate, line.factor)
    )
    found = arithmetic(line.component, (line.count, rate, factor), noted=line.note is not None)
    return found.render(locale) if found else ""


@dataclass(frozen=True)
class RankingTotals:
    """The totals of offices that are ranked with each other; figures of complete offices alone."""

    offices: int
    lacking: int
    """Offices that lack a component."""
    mean: Fraction | None
    """None, as the two below, where no office is complete."""
    highest: Fraction | None
    lowest: Fraction | None


def totals_of(offices: Sequence[OfficeYearScore]) -> RankingTotals:
    """Return how the totals of offices of one ranking spread."""
    totals = [office.total for office in offices if office.complete]
    return RankingTotals(
        offices=len(offices),
        lacking=len(offices) - len(totals),
        mean=sum(totals, Fraction(0)) / len(totals) if totals else None,
        highest=max(totals, default=None),
        lowest=min(totals, default=None),
    )


def missing_of(office: OfficeYearScore, locale: str) -> str:
    """Return the components that an office lacks, in words; empty if it is complete."""
    if office.complete:
        return ""
    names = component_names(office.missing, locale)
    return Message("provisional, missing: {components}", {"components": names}).render(locale)


def reading_of(report: YearReport, clauses: Iterable[str], locale: str) -> str:
    """Return whether clauses are the published text's own, or what decides, with its titles."""
    found = [entry for clause in clauses for entry in report.sources.get(clause, ())]
    return standing_of_all(report, found, locale)


def standing_of_all(report: YearReport, found: Iterable[Entry], locale: str) -> str:
    """Return whose entries are: the published text's, a document's, or the program's.

    The pages of local decisions are named, by their titles.
    """
    pages: dict[Adoption | None, dict[str, None]] = {}
    for entry in found:
        if entry.page is not None:
            pages.setdefault(entry.adoption, {})[report.title_of(entry.page, locale)] = None
    if not pages:
        return Message(PUBLISHED).render(locale)
    joint = "；" if locale.startswith("zh") else "; "
    return joint.join(
        Message(
            "{standing}: {titles}",
            {"standing": standing_of(adoption), "titles": joint.join(titles)},
        ).render(locale)
        for adoption, titles in pages.items()
    )
