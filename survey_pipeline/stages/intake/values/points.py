"""Readers of points, shares, ranks and clauses: exact decimals, never floats."""

from decimal import ROUND_HALF_UP, Decimal

from survey_pipeline.i18n import Message
from survey_pipeline.scoring.numbers import UNIT
from survey_pipeline.stages.intake.values.cells import read_count, read_decimal, read_key, shown
from survey_pipeline.typed import folded, tidy

SPREADSHEET_DIGITS = 15
"""Digits that a spreadsheet keeps; what it writes beyond them is the noise of its arithmetic."""
MOST_DECIMALS = 4
LONGEST_SHARE = 12
"""Decimals of a share; more say nothing."""

MOST = 10**6
"""Numbers below it are taken."""


def _exact(text: str, places: int = SPREADSHEET_DIGITS) -> Decimal | None:
    """Return the number in a cell without the noise of a spreadsheet's arithmetic, or None."""
    value = read_decimal(text, places)
    if value is None or not 0 <= value < MOST:
        return None
    if len(value.as_tuple().digits) <= SPREADSHEET_DIGITS:
        return value
    places = SPREADSHEET_DIGITS - 1 - value.adjusted()
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _decimals(value: Decimal) -> int:
    return max(0, -int(value.normalize().as_tuple().exponent))


def read_points(cell: str) -> object:
    """Read points from 0, also written `3分`; the value is in ten-thousandths of a point."""
    text = folded(tidy(cell)).removesuffix("分").strip()
    value = _exact(text, MOST_DECIMALS)
    if value is None and text.startswith(("-", "+", "−")):
        return Message(
            "{cell} has a sign; write the points alone, the clause says whether they are deducted",
            {"cell": shown(text)},
        )
    if value is None:
        return Message("{cell} is no number of points such as 0.3", {"cell": shown(text)})
    if _decimals(value) > MOST_DECIMALS:
        return Message(
            "{cell} has more than {most} decimals", {"cell": shown(text), "most": MOST_DECIMALS}
        )
    return int(value * UNIT)


def decimal_points(stored: int) -> Decimal:
    """Return stored points, in ten-thousandths, as a decimal."""
    return Decimal(stored) / UNIT


def read_share(cell: str) -> object:
    """Read a share above 0 and up to 1, also in per cent; the value is the decimal's plain text."""
    text = folded(tidy(cell))
    value = _exact(text.removesuffix("%").strip())
    if value is None:
        return Message(
            "{cell} is no share such as 0.5 or 50%; leave all shares blank for equal ones",
            {"cell": shown(text)},
        )
    if text.endswith("%"):
        value = value.scaleb(-2)
    if not 0 < value <= 1:
        return Message("the share {cell} is not above 0 and up to 1", {"cell": shown(text)})
    if _decimals(value) > LONGEST_SHARE:
        return Message(
            "{cell} has more than {most} decimals", {"cell": shown(text), "most": LONGEST_SHARE}
        )
    return f"{value.normalize():f}"


def read_rank(cell: str) -> object:
    """Read a rank from 1, also written `第3名`."""
    text = folded(tidy(cell)).removeprefix("第").removesuffix("名").removesuffix("位")
    rank = read_count(text)
    if rank == 0:
        return Message("ranks begin at 1")
    return rank


def read_clause(cell: str) -> object:
    """Read a clause as our reading names it (C2.1a); blanks and full-width letters do no harm."""
    key = read_key(folded(cell))
    return "".join(key.split()) if isinstance(key, str) else key
