"""A month's signals as people read them: the office's name, what is counted in words, the finding.

What pages, commands and files show; no number, name or remark of a citizen is among it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from survey_pipeline.context import Context
from survey_pipeline.i18n import N_, Message
from survey_pipeline.scoring.numbers import DECIMALS, rounded
from survey_pipeline.signals.month_signals import (
    ListedSignal,
    OfficeSignal,
    list_signals,
    month_signals,
)
from survey_pipeline.signals.standing_out import Proportion
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import offices
from survey_pipeline.vocabulary import SignalKind
from survey_pipeline.vocabulary.signal_names import SIGNAL_SENTENCES

BESIDE_CITY = N_(
    "That is {share} (95 % interval {low} to {high}); of all other offices together {city}."
)


@dataclass(frozen=True)
class SignalRow:
    """One count of an office's month."""

    month: str
    office_code: str
    office: str
    kind: SignalKind
    own: Proportion
    others: Proportion
    named: bool
    """Whether it stands out."""
    listed: ListedSignal | None
    """Its place on the list to look into."""

    def to_dict(self) -> dict[str, Any]:
        """Return the entry of `signals list --all --json`; shares of four decimals as text."""
        own, listed = figures(self.own), self.listed
        return {
            "month": self.month,
            "office_code": self.office_code,
            "office": self.office,
            "signal": self.kind.value,
            **{name: None if value is None else str(value) for name, value in own.items()},
            "count": self.own.count,
            "of": self.own.of,
            "city_count": self.others.count,
            "city_of": self.others.of,
            "city_share": _text(share_of(self.others)),
            "named": self.named,
            "id": listed.id if listed else None,
            "state": listed.state.value if listed else None,
            "decided_by": listed.decided_by if listed else None,
            "reason": listed.reason if listed else None,
        }


def signal_rows(context: Context, month: str) -> list[SignalRow]:
    """Return every count of a month, by office, with what was found of it."""
    on_list = list_signals(context, month=month)
    listed = {(signal.office_code, signal.kind): signal for signal in on_list}
    with reading(context.engine) as connection:
        register = connection.execute(select(offices.c.office_code, offices.c.name))
        names = {row.office_code: row.name for row in register}
    return [
        _row(signal, names.get(signal.office_code, signal.office_code), listed)
        for signal in month_signals(context, month)
    ]


def _row(
    signal: OfficeSignal, office: str, listed: dict[tuple[str, SignalKind], ListedSignal]
) -> SignalRow:
    judged, key = signal.judged, (signal.office_code, signal.kind)
    return SignalRow(
        signal.month,
        signal.office_code,
        office,
        signal.kind,
        judged.own,
        judged.others,
        judged.named,
        listed.get(key),
    )


def listed_row(signal: ListedSignal) -> SignalRow:
    """Return an entry of the list, with the counts that it is kept with."""
    return SignalRow(
        signal.month,
        signal.office_code,
        signal.office,
        signal.kind,
        signal.own,
        signal.others,
        named=True,
        listed=signal,
    )


def listed_rows(
    context: Context, *, month: str | None = None, only_open: bool = False
) -> Sequence[SignalRow]:
    """Return the list to look into, those that nobody has looked into first."""
    found = list_signals(context, month=month, only_open=only_open)
    return [listed_row(signal) for signal in found]


def sentences(row: SignalRow) -> tuple[Message, Message]:
    """Return what is counted of an office, and how that compares with the city."""
    counted = Message(SIGNAL_SENTENCES[row.kind], {"count": row.own.count, "of": row.own.of})
    shares = {name: _percent(value) for name, value in figures(row.own).items()}
    return counted, Message(BESIDE_CITY, {**shares, "city": _percent(share_of(row.others))})


def figures(count: Proportion) -> dict[str, Decimal | None]:
    """Return share and ends of the interval, 0 to 1 with four decimals; None of nothing."""
    ends = count.interval
    low, high = (ends.low, ends.high) if ends else (None, None)
    return {
        "share": share_of(count),
        "low": None if low is None else low.quantize(_PLACES),
        "high": None if high is None else high.quantize(_PLACES),
    }


def share_of(count: Proportion) -> Decimal | None:
    """Return the share, 0 to 1 with four decimals."""
    return rounded(count.share, DECIMALS)


_PLACES = Decimal(1).scaleb(-4)


def _percent(share: Decimal | None) -> str:
    return "—" if share is None else f"{share * 100:.1f} %"


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)
