"""The statement of an office's closed month (得分通知单).

What the office may not see on its page (`reports.closed_months`) is not on it either.
"""

from collections.abc import Iterator

from survey_pipeline.adoption import as_published
from survey_pipeline.context import Context
from survey_pipeline.i18n import N_, Message
from survey_pipeline.papers.paper import (
    OutgoingPaper,
    common_fields,
    file_name,
    listed,
    objections_until,
    percent,
    told,
)
from survey_pipeline.papers.statement_rows import rows_of
from survey_pipeline.reports.closed_months import ClosedMonth, closed_month
from survey_pipeline.reports.month_report import period, read_month
from survey_pipeline.reports.statement_lines import StatementLines
from survey_pipeline.reports.stored_scores import (
    month_lines,
    standing,
)
from survey_pipeline.scoring.month_row import MonthRow
from survey_pipeline.standard import standard_of_month
from survey_pipeline.standard.load import FOLDER
from survey_pipeline.vocabulary import Rating
from survey_pipeline.vocabulary.names import CATEGORIES, DISSATISFIED_WITH, named
from survey_pipeline.vocabulary.names import RATING_HEADINGS as HEADINGS


class MonthStatements:
    """The statements of a month; what all offices share is read once."""

    def __init__(self, context: Context, month: str, locale: str) -> None:
        self._context, self._month, self._locale = context, month, locale
        self._in_force = standard_of_month(month, context.settings.standards, context.home / FOLDER)
        self._rows: dict[int, dict[str, MonthRow]] = {}

    def _row(self, version: int, office_code: str) -> MonthRow:
        """Return an office's row of a version, as the register stood then."""
        if version not in self._rows:
            report = read_month(self._context, self._month, version)
            self._rows[version] = {row.office_code: row for row in report.rows}
        return self._rows[version][office_code]

    def paper(self, office_code: str) -> OutgoingPaper:
        """Return an office's statement.

        Raises:
            UnknownRecord: the month is not closed or not scored yet, or the office is not in it.
        """
        context, locale = self._context, self._locale
        score = closed_month(context, office_code, self._month)
        office = self._row(score.version, office_code)
        in_force = as_published(context, self._in_force, score.published_at)
        rules = in_force.standard.satisfaction
        lines = StatementLines(in_force.standard, context.home, locale)
        coefficient_note = lines.note_on(rules.coefficient)
        asked_by = rules.arrangement(office.category, approval_service=office.approval_service)
        parts = []
        if score.whole:
            stored = month_lines(context, score.score_id, office_code)
            parts = [lines.answers(head) for head in stored]
        fields = {
            **common_fields(context, locale),
            "period": period(self._month, locale),
            "office": office.office,
            "office_code": office_code,
            "parent": office.parent,
            "category": named(CATEGORIES, office.category, locale),
            "standard": in_force.standard.title.in_locale(locale),
            "draft": "" if score.published else Message(DRAFT_MONTH).render(locale),
            "asked_by": asked_by.label.in_locale(locale),
            "figures": list(self._figures(score)),
            "coefficient_note": coefficient_note,
            "standing": told(self._standing(score, office_code, office.category), locale),
            "withheld": told(_withheld(score, locale), locale),
            "remarks": told(score.notes, locale),
            "reasons": self._reasons(score),
            "rows": list(rows_of(parts)),
            "notes": lines.notes,
            "objections_until": objections_until(context, locale),
            "page": context.settings.web.public_url,
        }
        return OutgoingPaper(
            "statement_month", locale, file_name("statement", self._month, office_code), fields
        )

    def _figures(self, score: ClosedMonth) -> Iterator[dict[str, str]]:
        """Yield what may be shown, each with its name."""
        answers = {
            Rating.SATISFIED: score.satisfied,
            Rating.NEUTRAL: score.neutral,
            Rating.DISSATISFIED: score.dissatisfied,
        }
        figures: dict[str, object] = {
            N_("Cases reported"): score.reported,
            N_("Ratings"): score.rated,
            **{HEADINGS[rating]: count for rating, count in answers.items()},
            N_("Satisfaction rate"): None if score.rate is None else percent(score.rate),
            N_("Volume coefficient"): score.coefficient,
            N_("Points"): score.points,
        }
        for name, figure in figures.items():
            if figure is not None:
                yield {"name": Message(name).render(self._locale), "value": str(figure)}

    def _standing(self, score: ClosedMonth, office_code: str, category: str) -> Iterator[Message]:
        if not score.whole:
            return
        places = standing(self._context, score.score_id, office_code)
        if places.in_category.rank is None:
            yield Message(
                "No rank in this month: there are fewer than {least} ratings.",
                {"least": self._context.settings.ranking.min_ratings},
            )
            return
        yield Message(
            "Rank {place} of {places} ranked offices in {category}, {rank} of {ranks} in the city.",
            {
                "place": places.in_category.rank,
                "places": places.in_category.ranked,
                "category": named(CATEGORIES, category, self._locale),
                "rank": places.in_city.rank,
                "ranks": places.in_city.ranked,
            },
        )

    def _reasons(self, score: ClosedMonth) -> str:
        counts = sorted(score.reasons.items(), key=lambda reason: -reason[1])
        said = (
            Message(
                N_("{reason}: {count}"),
                {"reason": Message(DISSATISFIED_WITH[reason]), "count": count},
            ).render(self._locale)
            for reason, count in counts
        )
        return listed(said, self._locale)


def _withheld(score: ClosedMonth, locale: str) -> Iterator[Message]:
    """Yield why figures are not on the statement."""
    if score.changed_since:
        yield Message(CHANGED_SINCE)
    if score.nobody:
        yield Message("No citizen rated in this month: there are no points, which is not zero.")
    elif not score.enough:
        yield Message(TOO_FEW, {"least": score.least})
    elif not score.whole:
        if score.nearly_all is not None:
            yield Message(
                "At least {share} of the ratings are: {answer}.",
                {
                    "share": percent(score.nearly_all_share),
                    "answer": Message(HEADINGS[score.nearly_all]),
                },
            )
        yield Message(SMALL_CELLS, {"least": score.least})


DRAFT_MONTH = N_("The score of this month is not published yet: it may still change.")
CHANGED_SINCE = N_(
    "The score has changed since this version. Too few answers changed to show the change: one "
    "could guess who said what. {organisation} has the present score."
)
TOO_FEW = N_(
    "There are fewer than {least} ratings. They count toward the year, but they are too few to be "
    "shown: one could guess who said what."
)
SMALL_CELLS = N_(
    "Answers that fewer than {least} people gave are not shown, nor the rate, the points and the "
    "rank that they would follow from: one could guess who said what. They count in full."
)
