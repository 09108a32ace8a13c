"""What a dispatch would send: texts, segments and cost; nothing is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from survey_pipeline.stages.dispatch.composing import (
    make_composer,
    write_questions,
    write_reasons,
)
from survey_pipeline.stages.dispatch.health import parts
from survey_pipeline.stages.dispatch.shares import WHOLE, configured_shares
from survey_pipeline.stages.dispatch.standing import standings
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import messages, surveys
from survey_pipeline.survey.context import Context
from survey_pipeline.survey.phones import masked
from survey_pipeline.vocabulary import MessageState


@dataclass(frozen=True)
class PlannedText:
    """A text that would go out."""

    office_code: str
    case_no: str
    phone: str
    """Masked."""
    purpose: str
    template: str
    text: str
    encoding: str
    segments: int


@dataclass(frozen=True)
class Preview:
    """What a dispatch would send."""

    texts: Sequence[PlannedText]
    too_long: int
    """Cases that would be called, since no form of the text fits."""
    cost: Decimal
    """By the gateways' prices and shares; each gateway counts with its part of the segments."""

    @property
    def segments(self) -> int:
        """Segments of all texts."""
        return sum(one.segments for one in self.texts)

    def to_json(self) -> dict[str, Any]:
        """Return the document of `dispatch --dry-run --json`."""
        return {
            "texts": [vars(one) for one in self.texts],
            "messages": len(self.texts),
            "segments": self.segments,
            "too_long": self.too_long,
            "cost": str(self.cost),
        }


class _Rehearsed(Exception):
    """Rolls the rehearsal back; never leaves this module."""


def preview(context: Context, *, day: date | None = None) -> Preview:
    """Write everything that is due, look at it, and take it back.

    Args:
        context: the workspace.
        day: only what was drawn that day.

    Raises:
        ConfigurationError: a template is missing or wrong.
    """
    composer, too_long = make_composer(context), 0
    texts: list[PlannedText] = []
    try:
        with writing(context.engine) as connection:
            while written := write_questions(connection, context, composer, day):
                too_long += written.too_long
            while write_reasons(connection, context, composer, day):
                pass
            texts = _planned(connection, context, day)
            raise _Rehearsed
    except _Rehearsed:
        return Preview(texts, too_long, _cost(context, sum(one.segments for one in texts)))


def _planned(connection: Connection, context: Context, day: date | None) -> list[PlannedText]:
    query = (
        select(messages, surveys.c.office_code, surveys.c.case_no)
        .join(surveys, surveys.c.id == messages.c.survey_id)
        .where(messages.c.state == MessageState.QUEUED, messages.c.expires_at > context.now())
        .order_by(messages.c.not_before, messages.c.id)
    )
    if day is not None:
        query = query.where(surveys.c.drawn_on == day)
    return [
        PlannedText(
            row.office_code,
            row.case_no,
            masked(context.keys.decrypt(row.phone)),
            row.purpose,
            row.template,
            row.text,
            row.encoding,
            row.segments,
        )
        for row in connection.execute(query)
    ]


def _cost(context: Context, segments: int) -> Decimal:
    """Return the price of so many segments, by each gateway's present part and price."""
    gateways = {one.label: one for one in context.settings.gateway}
    configured = configured_shares({label: one.priority for label, one in gateways.items()})
    taken = parts(standings(context, configured), context.now())
    shares = {label: part.size for label, part in taken.items()} or configured
    cost = Decimal(0)
    for label, share in shares.items():
        cost += segments * Decimal(share) / WHOLE * gateways[label].price_per_segment
    return cost.quantize(Decimal("0.001"))
