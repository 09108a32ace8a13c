"""An office's row of a month: what the scores keep of it, and every report of a month reads.

`MonthRow.to_json` is the form in the database, which the exports print too: hashes and checks of
stored scores rest on it, so names, order and decimals stay as they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from survey_pipeline.i18n import Message
from survey_pipeline.scoring.delivery_rows import (
    by_rating,
    delivery_json,
    read_delivery,
    read_results,
    results_json,
)
from survey_pipeline.scoring.facts import Answers, CaseResults, Delivery
from survey_pipeline.vocabulary import (
    Category,
    Disposition,
    DissatisfactionReason,
    Mode,
    ScoreSource,
)

Json = Mapping[str, Any]


@dataclass(frozen=True)
class ModeComparison:
    """What citizens answered who were asked by SMS and again on the phone; it scores nothing."""

    pairs: int
    """Citizens asked both ways."""
    same: int
    """Of these, citizens who gave the same answer."""
    sms_mean: Decimal | None
    """Mean value of their answers by SMS, to four places; None without pairs."""
    phone_mean: Decimal | None

    def to_json(self) -> dict[str, Any]:
        """Return the stored form."""
        return {
            "pairs": self.pairs,
            "same": self.same,
            "sms_mean": _text(self.sms_mean),
            "phone_mean": _text(self.phone_mean),
        }

    @classmethod
    def from_json(cls, stored: Json) -> "ModeComparison":
        """Read what `to_json` wrote."""
        return cls(
            stored["pairs"],
            stored["same"],
            _figure(stored["sms_mean"]),
            _figure(stored["phone_mean"]),
        )


@dataclass(frozen=True)
class WindowToDate:
    """An office's satisfaction over the appraisal window so far, all rated cases pooled."""

    rate: Decimal | None
    """Four places."""
    coefficient: Decimal
    points: Decimal | None
    """Four places."""
    months: int
    """Months of the window that have ended."""
    rated: int
    volume: Decimal
    """Cases a month, to one place."""

    def to_json(self) -> dict[str, Any]:
        """Return the stored form."""
        return {
            "rate": _text(self.rate),
            "coefficient": str(self.coefficient),
            "points": _text(self.points),
            "months": self.months,
            "rated": self.rated,
            "volume": _text(self.volume),
        }

    @classmethod
    def from_json(cls, stored: Json) -> "WindowToDate":
        """Read what `to_json` wrote."""
        return cls(
            _figure(stored["rate"]),
            Decimal(stored["coefficient"]),
            _figure(stored["points"]),
            stored["months"],
            stored["rated"],
            Decimal(stored["volume"]),
        )


@dataclass(frozen=True)
class MonthRow:
    """One office in one month's scores: a column of the monthly export each, and counts beside.

    Counts are of cases, unless said otherwise. Figures are rounded as the export shows them and are
    None where the office has no rating, or is not appraised.
    """

    month: str
    """`YYYY-MM`."""
    office_code: str
    office: str
    category: Category
    parent_code: str
    parent: str
    reported: int
    drawn: int
    texted: int
    delivered: int
    replied: int
    called: int
    reached: int
    rated: int
    satisfied: int
    neutral: int
    dissatisfied: int
    rated_by_sms: int
    rated_by_phone: int
    rated_elsewhere: int
    rate: Decimal | None
    """0 to 1, four places, as the bounds of its 95 % interval."""
    rate_low: Decimal | None
    rate_high: Decimal | None
    coefficient: Decimal | None
    """As the standard's file writes it."""
    points: Decimal | None
    """Two places; ranks and later sums use the stored ten-thousandths."""
    rank: int | None
    """Over all offices with points, 1 1 3."""
    response_rate: Decimal | None
    """RR1, 0 to 1, four places; None where no drawn case is eligible."""
    source: ScoreSource
    notes: tuple[Message, ...]
    """What a reader must know; its values are texts, as they are read back."""
    appraised: bool
    approval_service: bool
    outcomes: Mapping[Disposition, int]
    """Drawn cases by outcome code, those that occurred."""
    reasons: Mapping[DissatisfactionReason, int]
    """Reasons given, those that occurred."""
    by_mode: Mapping[Mode, Answers]
    """Our own answers, whether they count or delivered results replace them."""
    open: int
    """Surveys that have not ended."""
    verification: ModeComparison
    delivered_by_others: Delivery | None
    to_date: WindowToDate | None
    """None where the office is not appraised."""
    delivered_by_case: CaseResults | None = None
    """In the stored form only where there are such results."""

    @property
    def answers(self) -> Answers:
        """The ratings that count."""
        return Answers(self.satisfied, self.neutral, self.dissatisfied)

    def to_json(self) -> dict[str, Any]:
        """Return the stored form: shares, coefficient and points as text."""
        return {
            "month": self.month,
            "office_code": self.office_code,
            "office": self.office,
            "category": self.category.value,
            "parent_code": self.parent_code,
            "parent": self.parent,
            "reported": self.reported,
            "drawn": self.drawn,
            "texted": self.texted,
            "delivered": self.delivered,
            "replied": self.replied,
            "called": self.called,
            "reached": self.reached,
            "rated": self.rated,
            "satisfied": self.satisfied,
            "neutral": self.neutral,
            "dissatisfied": self.dissatisfied,
            "rated_by_sms": self.rated_by_sms,
            "rated_by_phone": self.rated_by_phone,
            "rated_elsewhere": self.rated_elsewhere,
            "rate": _text(self.rate),
            "rate_low": _text(self.rate_low),
            "rate_high": _text(self.rate_high),
            "coefficient": None if self.coefficient is None else str(self.coefficient),
            "points": _text(self.points),
            "rank": self.rank,
            "response_rate": _text(self.response_rate),
            "source": self.source.value,
            "note": [note.to_json() for note in self.notes],
            "appraised": self.appraised,
            "approval_service": self.approval_service,
            "outcomes": {code.value: count for code, count in self.outcomes.items()},
            "reasons": {reason.value: count for reason, count in self.reasons.items()},
            "by_mode": {mode.value: by_rating(given) for mode, given in self.by_mode.items()},
            "open": self.open,
            "verification": self.verification.to_json(),
            "delivered_by_others": delivery_json(self.delivered_by_others),
            "to_date": None if self.to_date is None else self.to_date.to_json(),
            **results_json(self.delivered_by_case),
        }

    @classmethod
    def from_json(cls, stored: Json) -> "MonthRow":
        """Read what `to_json` wrote.

        Raises:
            KeyError: a value is missing.
            ValueError: a word is in none of the lists of `vocabulary`.
        """
        to_date = stored["to_date"]
        return cls(
            month=stored["month"],
            office_code=stored["office_code"],
            office=stored["office"],
            category=Category(stored["category"]),
            parent_code=stored["parent_code"],
            parent=stored["parent"],
            reported=stored["reported"],
            drawn=stored["drawn"],
            texted=stored["texted"],
            delivered=stored["delivered"],
            replied=stored["replied"],
            called=stored["called"],
            reached=stored["reached"],
            rated=stored["rated"],
            satisfied=stored["satisfied"],
            neutral=stored["neutral"],
            dissatisfied=stored["dissatisfied"],
            rated_by_sms=stored["rated_by_sms"],
            rated_by_phone=stored["rated_by_phone"],
            rated_elsewhere=stored["rated_elsewhere"],
            rate=_figure(stored["rate"]),
            rate_low=_figure(stored["rate_low"]),
            rate_high=_figure(stored["rate_high"]),
            coefficient=_figure(stored["coefficient"]),
            points=_figure(stored["points"]),
            rank=stored["rank"],
            response_rate=_figure(stored["response_rate"]),
            source=ScoreSource(stored["source"]),
            notes=tuple(Message.from_json(note) for note in stored["note"]),
            appraised=stored["appraised"],
            approval_service=stored["approval_service"],
            outcomes={Disposition(code): count for code, count in stored["outcomes"].items()},
            reasons={
                DissatisfactionReason(name): count for name, count in stored["reasons"].items()
            },
            by_mode={Mode(mode): Answers(**given) for mode, given in stored["by_mode"].items()},
            open=stored["open"],
            verification=ModeComparison.from_json(stored["verification"]),
            delivered_by_others=read_delivery(stored["delivered_by_others"]),
            to_date=None if to_date is None else WindowToDate.from_json(to_date),
            delivered_by_case=read_results(stored.get("delivered_by_case")),
        )


def _text(figure: Decimal | None) -> str | None:
    """Return a rounded figure with all its places: `0.0000`, never `0E-4`."""
    return None if figure is None else f"{figure:f}"


def _figure(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
