"""Calendar quarters as people name them, and which part of one is meant where two years share it.

The window cuts quarters: of October to December the first month may belong to one appraisal year
and the rest to the next. Each part has its own statement and its own deadline.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from survey_pipeline.errors import UsageError
from survey_pipeline.standard.load import InForce, standard_for
from survey_pipeline.standard.periods import Period, quarter_of

_QUARTER = re.compile(r"(\d{4})(?:-?[Qq]|年第?)([1-4一二三四])(?:季度)?")
_NUMBERS = "一二三四"


class QuarterPart(NamedTuple):
    """What an appraisal year has of a calendar quarter."""

    in_force: InForce
    """The standard of that year."""
    period: Period


def read_quarter(text: str) -> str | None:
    """Return the name (`2023-Q1`) of a quarter written `2023Q1`, `2023-Q1` or 2023年第1季度.

    Returns:
        The name; None if the text is no quarter.
    """
    found = _QUARTER.fullmatch("".join(text.split()))
    if found is None:
        return None
    is_word = found[2] in _NUMBERS
    return f"{found[1]}-Q{_NUMBERS.index(found[2]) + 1 if is_word else found[2]}"


def find_quarter(
    name: str,
    *,
    year: int | None,
    today: date,
    standards: Mapping[int, str],
    directory: Path,
) -> QuarterPart:
    """Return the part of a quarter that is meant.

    Args:
        name: as `read_quarter` returns it.
        year: the appraisal year; None: the part that ended last, or, while none has, the first.
        today: the day of the question.
        standards: appraisal year -> name of the file, from the settings.
        directory: the workspace's `config/standards`.

    Raises:
        UsageError: the appraisal year has nothing of the quarter.
        ConfigurationError: no standard is listed, or its file is wrong.
    """
    calendar_year = int(name.partition("-")[0])
    years = (calendar_year, calendar_year + 1) if year is None else (year,)
    parts = []
    for appraisal_year in years:
        in_force = standard_for(appraisal_year, standards, directory)
        if (period := quarter_of(in_force.standard.window, name)) is not None:
            parts.append(QuarterPart(in_force, period))
    if not parts:
        raise UsageError(
            "the quarter {quarter} does not lie in the appraisal year {year}",
            quarter=name,
            year=year or calendar_year,
        )
    return _meant(parts, today)


def _meant(parts: Sequence[QuarterPart], today: date) -> QuarterPart:
    over = [part for part in parts if part.period.last < today]
    return over[-1] if over else parts[0]
