"""The daily reconciliation: providers are asked about texts that never came to an end.

A receipt may be lost for good: webhooks are not repeated for ever. Once a day each provider is
asked about its texts that are accepted or unknown still. Its word moves them on as a receipt does;
no text is sent again here, that is the dispatch's business.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from survey_pipeline.context import Context
from survey_pipeline.gateways.port import Gateway, SentAnswer, SentState
from survey_pipeline.stages.dispatch.provider_lookup import (
    ask_providers,
    found_move,
    not_asked_since,
    note_answers,
    texts_in_batches,
)
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import messages, send_attempts
from survey_pipeline.survey.lifecycle import move_messages
from survey_pipeline.vocabulary import MessageState

log = logging.getLogger(__name__)

LOOKS_BACK = timedelta(days=7)
"""A survey stays open about that long; what is learnt of its text later changes nothing for it."""


@dataclass(frozen=True)
class Reconciled:
    """What a reconciliation brought."""

    asked: int = 0
    """Texts without a final state whose providers were asked."""
    settled: int = 0
    """Of those: the provider's word moved them on."""
    lost: int = 0
    """Of those: accepted once, and the provider has no trace of them."""

    def to_json(self) -> dict[str, int]:
        """Return the counts as a document."""
        return asdict(self)


def reconcile(context: Context, gateways: Mapping[str, Gateway]) -> Reconciled:
    """Ask about every text of the last days that has not come to an end and was not asked about.

    A provider that can tell of no text of a whole batch is not asked about the rest: it never can,
    or it is out of reach, and the next day asks again.
    """
    asking = dict(gateways)
    asked = settled = 0
    lost: Counter[str] = Counter()
    for batch in texts_in_batches(context, _open_ended(context, asking)):
        rows = [row for row in batch if row.gateway in asking]
        if not rows:
            continue
        answers = ask_providers(context, asking, rows)
        asked, settled = asked + len(rows), settled + _settle(context, rows, answers)
        for row, answer in zip(rows, answers, strict=True):
            if row.state == MessageState.ACCEPTED and answer.state is SentState.ABSENT:
                lost[row.gateway] += 1
        for label in _mute(rows, answers):
            del asking[label]
    for label, count in sorted(lost.items()):
        known = {"action": "provider_lost_message", "gateway": label, "count": count}
        log.warning("a provider has no trace of texts that it accepted", extra=known)
    return Reconciled(asked, settled, lost.total())


def _open_ended(context: Context, gateways: Mapping[str, Gateway]) -> list[Any]:
    now, sending = context.now(), context.settings.sending
    before = now - sending.unknown_after
    return [
        messages.c.state.in_((MessageState.ACCEPTED, MessageState.UNKNOWN)),
        messages.c.gateway.in_(list(gateways)),
        # an attempt begins within `hold_for` of that moment: so an index leaves out older years
        messages.c.not_before >= now - LOOKS_BACK - sending.hold_for,
        send_attempts.c.started_at >= now - LOOKS_BACK,
        send_attempts.c.started_at <= before,
        not_asked_since(before),
    ]


def _settle(context: Context, asked: Sequence[Row[Any]], answers: Sequence[SentAnswer]) -> int:
    moves = [
        found_move(row, answer)
        for row, answer in zip(asked, answers, strict=True)
        if answer.state is SentState.FOUND
    ]
    with writing(context.engine) as connection:
        settled = move_messages(connection, context, moves)
        note_answers(connection, asked, answers, context.now())
    return settled


def _mute(asked: Sequence[Row[Any]], answers: Sequence[SentAnswer]) -> set[str]:
    """Return the gateways that could tell nothing."""
    told = {
        row.gateway
        for row, answer in zip(asked, answers, strict=True)
        if answer.state not in (SentState.CANNOT_TELL, SentState.NO_ANSWER)
    }
    return {row.gateway for row in asked} - told
