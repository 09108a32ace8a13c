"""What a dispatch did, for people and programs."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from survey_pipeline.calendar import SHORT_MOMENT
from survey_pipeline.gateways.port import SentState
from survey_pipeline.i18n import N_, Message
from survey_pipeline.stages.dispatch.composing import Composed
from survey_pipeline.vocabulary import SendOutcome


@dataclass(frozen=True)
class DispatchReport:
    """What one dispatch did, and what it left."""

    composed: Composed = field(default_factory=Composed)
    outcomes: Counter[SendOutcome] = field(default_factory=Counter)
    """Attempts by outcome."""
    lapsed: int = 0
    """Texts whose sender went silent: unknown now."""
    asked: Counter[SentState] = field(default_factory=Counter)
    """Unknown texts by what their provider said."""
    expired: int = 0
    """Texts held longer than `hold_for`."""
    held: int = 0
    """Texts that are due and wait for sending hours, or for the end of a pause."""
    opens_at: datetime | None = None
    """When they open; nothing while they are open, or sending is paused."""
    paused_at: datetime | None = None
    """Since when sending is paused, in local time."""
    paused_by: str | None = None
    """Who paused it."""
    left: int = 0
    """Texts that are due and could not be tried: their gateways were stopped, or rest."""
    stopped: Mapping[str, str] = field(default_factory=dict)
    """Gateways that are stopped, each with why."""
    resting: Mapping[str, datetime] = field(default_factory=dict)
    """Gateways whose providers asked for less, each with when it goes on, in local time."""

    def to_json(self) -> dict[str, Any]:
        """Return the report as a document."""
        return {
            "written": vars(self.composed),
            "sent": {outcome.value: self.outcomes[outcome] for outcome in SendOutcome},
            "lapsed": self.lapsed,
            "asked": {state.value: self.asked[state] for state in SentState},
            "expired": self.expired,
            "held": self.held,
            "opens_at": self.opens_at.isoformat() if self.opens_at else None,
            "paused": self._pause_document(),
            "left": self.left,
            "stopped": dict(self.stopped),
            "resting": {label: until.isoformat() for label, until in self.resting.items()},
        }

    def _pause_document(self) -> dict[str, str | None] | None:
        if self.paused_at is None:
            return None
        return {"at": self.paused_at.isoformat(), "by": self.paused_by}

    def lines(self) -> Sequence[Message]:
        """Return the report in sentences, with a remedy for what went wrong."""
        return [*self._what_went(), *self._what_waits(), *self._what_is_wrong()]

    def _what_went(self) -> Iterator[Message]:
        written, sent = self.composed, self.outcomes
        yield Message(
            "texts written: {questions} questions, {reasons} follow-ups",
            {"questions": written.questions, "reasons": written.reasons},
        )
        yield Message(
            "texts sent: {accepted} accepted, {refused} refused, {later} to be tried again, "
            "{unknown} unknown",
            {
                "accepted": sent[SendOutcome.ACCEPTED],
                "refused": sent[SendOutcome.REFUSED],
                "later": sent[SendOutcome.NOT_SENT] + sent[SendOutcome.THROTTLED],
                "unknown": sent[SendOutcome.UNKNOWN],
            },
        )

    def _what_waits(self) -> Iterator[Message]:
        if self.paused_at is not None:
            yield Message(
                "sending is paused since {at} by {who}: {count} texts wait. Resume it on the page "
                "of the day",
                {
                    "at": f"{self.paused_at:{SHORT_MOMENT}}",
                    "who": self.paused_by,
                    "count": self.held,
                },
            )
        if self.held and self.opens_at is not None:
            yield Message(
                "held until sending hours open at {at}: {count}",
                {"count": self.held, "at": f"{self.opens_at:{SHORT_MOMENT}}"},
            )
        if self.composed.too_long:
            yield Message(
                "too long even in the short form: {count}; these cases are called",
                {"count": self.composed.too_long},
            )
        if self.expired:
            yield Message(
                "held too long and given up: {count}; these cases are called",
                {"count": self.expired},
            )
        if self.lapsed:
            yield Message(
                "left by a sender that went silent: {count}; the provider is asked about them",
                {"count": self.lapsed},
            )
        if self.asked:
            yield Message(
                "asked about: {found} found, {absent} never arrived there and are sent again, "
                "{unclear} cannot be told",
                {
                    "found": self.asked[SentState.FOUND],
                    "absent": self.asked[SentState.ABSENT],
                    "unclear": self.asked[SentState.CANNOT_TELL],
                },
            )

    def _what_is_wrong(self) -> Iterator[Message]:
        for label, why in self.stopped.items():
            yield Message(
                "gateway {gateway} was stopped: {why}. Mend its [[gateway]] in "
                "config/pipeline.toml; survey-pipeline doctor checks it",
                {"gateway": label, "why": why},
            )
        for label, until in self.resting.items():
            yield Message(
                "gateway {gateway} rests until {at}: its provider takes nothing more now",
                {"gateway": label, "at": f"{until:{SHORT_MOMENT}}"},
            )
        if self.left:
            yield Message(self._what_waits_for(), {"count": self.left})

    def _what_waits_for(self) -> str:
        if self.stopped:
            return N_(
                "{count} texts wait until a gateway takes them: each dispatch tries one at a "
                "stopped gateway, and sends the others once it is taken"
            )
        return N_("{count} texts wait; the next dispatch tries them again")
