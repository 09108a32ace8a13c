"""The statement of an office's year (得分通知单): points, ranks, every line, its records.

What the office may not see on its pages (`reports.own_records`) is not on it either. A year that is
not published yet is marked so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from survey_pipeline.adoption import as_published
from survey_pipeline.calendar import ONE_DAY
from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed
from survey_pipeline.i18n import N_, Message
from survey_pipeline.papers.own_record_rows import own_record_rows
from survey_pipeline.papers.paper import (
    OutgoingPaper,
    common_fields,
    day_words,
    file_name,
    objections_until,
    told,
)
from survey_pipeline.papers.statement_rows import StatementRow, rows_of, sum_row
from survey_pipeline.reports.own_records import may_be_whole
from survey_pipeline.reports.statement_lines import PLACES, PaperPart, StatementLines
from survey_pipeline.reports.stored_scores import (
    ScoredOfficeYear,
    YearTable,
    office_year,
    year_head,
    year_table,
)
from survey_pipeline.reports.year_standing import RankingSizes
from survey_pipeline.reports.year_standing import standing as year_standing
from survey_pipeline.scoring.numbers import fixed, plain
from survey_pipeline.scoring.year_ranks import DAILY
from survey_pipeline.standard import standard_for
from survey_pipeline.standard.load import FOLDER, InForce
from survey_pipeline.standard.whose_words import BORROWED_STANDARD
from survey_pipeline.vocabulary import Component
from survey_pipeline.vocabulary.names import CATEGORIES, named


@dataclass(frozen=True)
class YearStatements:
    """The statements of a year's latest score; what all offices share is read once."""

    context: Context
    year: int
    locale: str

    @cached_property
    def _in_force(self) -> InForce:
        settings = self.context.settings
        return standard_for(self.year, settings.standards, self.context.home / FOLDER)

    @cached_property
    def _table(self) -> YearTable | None:
        head = year_head(self.context, self.year)
        return None if head is None else year_table(self.context, self.year, head.id)

    @cached_property
    def _sizes(self) -> RankingSizes:
        return RankingSizes.of_rows(self._table.offices if self._table else ())

    def paper(self, office_code: str) -> OutgoingPaper:
        """Return an office's statement.

        Raises:
            CannotProceed: the office is exempt.
            UnknownRecord: the year was never scored, or the office is not in it.
        """
        self._require_appraised(office_code)
        found = office_year(self.context, self.year, office_code)
        whole = may_be_whole(self.context, found.score)
        fields = {**self._about(found), **self._score(found, whole=whole)}
        return OutgoingPaper(
            "statement_year", self.locale, file_name("statement", self.year, office_code), fields
        )

    def _require_appraised(self, office_code: str) -> None:
        exempt = self._table.about["exempt"] if self._table else ()
        for office in exempt:
            if office["office_code"] == office_code:
                raise CannotProceed(
                    "{office} is exempt from the appraisal ({reason}): there is no statement",
                    office=office_code,
                    reason=office["reason"],
                )

    def _about(self, found: ScoredOfficeYear) -> dict[str, Any]:
        """Return whose statement it is, of which year, and how far it goes."""
        context, locale, head = self.context, self.locale, found.head
        window = self._in_force.standard.window
        office = found.score.office
        return {
            **common_fields(context, locale),
            "year": self.year,
            "first": day_words(window.after + ONE_DAY, locale),
            "last": day_words(window.until, locale),
            "as_of": day_words(head.as_of, locale),
            "office": office.name,
            "office_code": office.office_code,
            "parent": office.parent,
            "category": named(CATEGORIES, office.category, locale),
            "standard": self._in_force.standard.title.in_locale(locale),
            "draft": "" if head.published_at else Message(DRAFT_YEAR).render(locale),
            "provisional": told(self._provisional(found), locale),
            "records": own_record_rows(
                context, office.office_code, self._in_force.standard, locale
            ),
            "objections_until": objections_until(context, locale),
            "page": context.settings.web.public_url,
        }

    def _provisional(self, found: ScoredOfficeYear) -> Iterator[Message]:
        if not found.score.complete:
            yield Message(
                "Provisional: what is missing is no zero, and the sum is of what is there."
            )
        elif found.head.as_of < self._in_force.standard.window.until:
            yield Message(
                "Provisional: the appraisal year runs until {until}.",
                {"until": day_words(self._in_force.standard.window.until, self.locale)},
            )
        if self._in_force.provisional:
            yield Message(BORROWED_STANDARD)

    def _score(self, found: ScoredOfficeYear, *, whole: bool) -> dict[str, Any]:
        """Return the points, the ranks and the lines, as far as the office may see them."""
        score, locale = found.score, self.locale
        standard = as_published(self.context, self._in_force, found.head.published_at).standard
        owners = frozenset((score.office.office_code, score.office.parent_code))
        lines = StatementLines(standard, self.context.home, locale, owners)
        window_note = lines.note_on(standard.window)
        parts = [
            lines.answers(head)
            if head.component == Component.SATISFACTION and whole and head.points is not None
            else lines.part(head, shown=head.component != Component.SATISFACTION or whole)
            for head in score.lines
        ]
        if all(head.component != Component.ONLINE for head in score.lines):
            parts.insert(len(DAILY), lines.not_reviewed())
        rounding_note = lines.note_on(standard.rounding)
        among = self._sizes.among(score)
        return {
            "rows": self._rows(found, parts, whole=whole),
            "total": fixed(score.total, PLACES) if whole else "",
            "standing": told(year_standing(score, among, locale), locale) if whole else [],
            "withheld": [] if whole else told([Message(WITHHELD_YEAR)], locale),
            "notes": lines.notes,
            "window_note": window_note,
            "rounding_note": rounding_note,
        }

    def _rows(
        self, found: ScoredOfficeYear, parts: Sequence[PaperPart], *, whole: bool
    ) -> list[StatementRow]:
        """Return the parts as rows, the daily sum and the total among them."""
        daily, standard = parts[: len(DAILY)], self._in_force.standard
        full = plain(Fraction(standard.daily.points))
        sum_of_daily = Message(N_("Daily appraisal, the sum")).render(self.locale)
        total = Message(N_("Total")).render(self.locale)
        score = found.score
        return [
            *rows_of(daily),
            sum_row(sum_of_daily, full, fixed(score.daily, PLACES) if whole else None),
            *rows_of(parts[len(DAILY) :]),
            sum_row(total, "", fixed(score.total, PLACES) if whole else None),
        ]


DRAFT_YEAR = N_("The score of this year is not published yet: it may still change.")
WITHHELD_YEAR = N_(
    "The satisfaction points, the daily sum, the total and the rank are not on this paper: one "
    "could work out from them what few people answered. They count in full; {organisation} has "
    "them."
)
