"""What a dispatch would send: texts, segments and cost; nothing is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from survey_pipeline.context import Context
from survey_pipeline.phones import masked
from survey_pipeline.stages.dispatch.composer import make_composer
from survey_pipeline.stages.dispatch.composing import (
    Unwritten,
    compose_questions,
    compose_unwritten,
)
from survey_pipeline.stages.dispatch.gateway_health import parts_now
from survey_pipeline.stages.dispatch.gateway_states import read_states
from survey_pipeline.stages.dispatch.shares import WHOLE, configured_shares
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import messages, surveys
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
    costs: Mapping[str, Decimal]
    """In each currency, by the gateways' prices and shares: each counts with its part of the
    segments."""

    @property
    def cost(self) -> Decimal | None:
        """The cost, where all gateways are paid in one currency."""
        return next(iter(self.costs.values())) if len(self.costs) == 1 else None

    @property
    def segments(self) -> int:
        """Segments of all texts."""
        return sum(text.segments for text in self.texts)

    def to_json(self) -> dict[str, Any]:
        """Return the document of `dispatch --dry-run --json`."""
        return {
            "texts": [vars(text) for text in self.texts],
            "messages": len(self.texts),
            "segments": self.segments,
            "too_long": self.too_long,
            "cost": None if self.cost is None else str(self.cost),
            "costs": {currency: str(cost) for currency, cost in self.costs.items()},
        }


def preview(
    context: Context, *, day: date | None = None, drawn: Sequence[tuple[str, str]] = ()
) -> Preview:
    """Return what a dispatch would send; nothing is stored, and no writer waits.

    Args:
        context: the workspace.
        day: only what was drawn that day.
        drawn: cases, by office and number, that have no survey yet: their draw is rehearsed.

    Raises:
        ConfigurationError: a template is missing or wrong.
    """
    composer = make_composer(context)
    with reading(context.engine) as connection:
        texts = _planned(connection, context, day)
        new = [
            *compose_unwritten(connection, context, composer, day),
            *compose_questions(connection, composer, drawn),
        ]
    texts += [_new_text(context, due) for due in new if due.text.fits]
    too_long = sum(1 for due in new if not due.text.fits)
    return Preview(texts, too_long, _costs(context, sum(text.segments for text in texts)))


def _new_text(context: Context, unwritten: Unwritten) -> PlannedText:
    return PlannedText(
        unwritten.office_code,
        unwritten.case_no,
        masked(context.keys.decrypt(unwritten.phone)),
        unwritten.purpose,
        unwritten.text.template,
        unwritten.text.body,
        unwritten.text.encoding,
        unwritten.text.segments,
    )


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


def _costs(context: Context, segments: int) -> dict[str, Decimal]:
    """Return the price of so many segments, by each gateway's present part, price and currency."""
    gateways = {gateway.label: gateway for gateway in context.settings.gateway}
    configured = configured_shares({label: gateway.priority for label, gateway in gateways.items()})
    taken = parts_now(read_states(context, configured), context.now())
    shares = {label: part.size for label, part in taken.items()} or configured
    costs = dict.fromkeys(sorted({gateway.currency for gateway in gateways.values()}), Decimal(0))
    for label, share in shares.items():
        gateway = gateways[label]
        costs[gateway.currency] += segments * Decimal(share) / WHOLE * gateway.price_per_segment
    return {currency: cost.quantize(Decimal("0.001")) for currency, cost in costs.items()}
