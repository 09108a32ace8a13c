"""A month's drawn cases, a row each: all numbers of the monthly export can be computed from them.

What others delivered is given, and no part of it stands here. Where their answer of a drawn case
was given first, our later one is no rating: it stands as the verification (section 14.A).

A row has no phone, no text and no case number; its id is a keyed pseudonym.
"""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import Row, Select, and_, select

from survey_pipeline.context import Context
from survey_pipeline.reports.month_report import STANDARDS
from survey_pipeline.standard import standard_of_month
from survey_pipeline.standard.model import Values
from survey_pipeline.store.crypto import Keys
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import case_results, draw_offices, surveys
from survey_pipeline.survey.delivered_result import with_its_result
from survey_pipeline.survey.rating import ours_was_first
from survey_pipeline.vocabulary import Rating
from survey_pipeline.vocabulary.names import AAPOR_VERSION

COLUMNS: tuple[str, ...] = (
    "answer_id",
    "month",
    "drawn_on",
    "office_code",
    "category",
    "texted",
    "delivered",
    "replied",
    "called",
    "reached",
    "mode",
    "rating",
    "value",
    "verification",
    "corrected",
    "reason",
    "attempts",
    "probability",
    "aapor_like",
    "aapor_version",
)
FLAGS = ("texted", "delivered", "replied", "called", "reached")
BOOLEANS = frozenset({*FLAGS, "corrected"})
FETCHED = 5_000
"""Rows fetched at once."""
_MILLIONTH = Decimal("0.000001")


def read_drawn_cases(context: Context, month: str) -> Iterator[list[str]]:
    """Yield the cells of each drawn case, by `COLUMNS`, in no order; what is not there is "".

    Args:
        context: the workspace.
        month: the month in which the cases were reported, `YYYY-MM`.

    Raises:
        ConfigurationError: the standard's file is missing or wrong.
    """
    in_force = standard_of_month(month, context.settings.standards, context.home / STANDARDS)
    values = in_force.standard.satisfaction.values
    with reading(context.engine) as connection:
        streamed = connection.execution_options(stream_results=True, yield_per=FETCHED)
        for row in streamed.execute(_drawn_cases(month)):
            yield _cells(row, context.keys, values)


def _drawn_cases(month: str) -> Select[Any]:
    case = surveys.c
    return (
        select(
            case.office_code,
            case.case_no,
            case.drawn_on,
            case.month,
            case.category,
            case.texted,
            case.delivered,
            case.replied,
            case.called,
            case.reached,
            case.rated_by,
            case.rating,
            case.verification,
            case.corrected,
            case.reason,
            case.attempts,
            case.disposition,
            draw_offices.c.drawn,
            draw_offices.c.eligible,
            and_(case_results.c.answer.is_not(None), ~ours_was_first()).label("theirs_first"),
        )
        .join(
            draw_offices,
            and_(
                draw_offices.c.day == case.drawn_on,
                draw_offices.c.office_code == case.office_code,
            ),
        )
        .outerjoin(case_results, with_its_result())
        .where(case.month == month)
    )


def _cells(row: Row[Any], keys: Keys, values: Values) -> list[str]:
    flags = [str(int(row._mapping[name])) for name in FLAGS]
    rating = "" if row.theirs_first else row.rating or ""
    verification = row.verification or (row.rating if row.theirs_first else None)
    return [
        keys.pseudonym(f"answer/{row.drawn_on}/{row.office_code}/{row.case_no}"),
        row.month,
        row.drawn_on.isoformat(),
        row.office_code,
        row.category,
        *flags,
        row.rated_by or "" if rating else "",
        rating,
        str(values.of(Rating(rating)).value) if rating else "",
        verification or "",
        str(int(row.corrected)),
        row.reason or "",
        str(row.attempts),
        str(probability(row.drawn, row.eligible)),
        row.disposition,
        AAPOR_VERSION,
    ]


def probability(drawn: int, eligible: int) -> Decimal:
    """Return n/N to six decimals, half up: how likely the case was to be drawn on its day."""
    return (Decimal(drawn) / Decimal(eligible)).quantize(_MILLIONTH, ROUND_HALF_UP)
