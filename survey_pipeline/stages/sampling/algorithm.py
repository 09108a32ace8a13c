"""The draw itself: ranks, the one-per-phone rule, and the n lowest of each office. Pure.

A public promise (specification, section 4): with the seed, the roll and the policy, a dozen lines
in any language give the same cases.

A frame is held as columns, one list each, in code point order of the lines; a case is its index. A
million cases are then a few passes of list comprehensions, not a million objects.
"""

import hashlib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any, NamedTuple

from survey_pipeline.settings import Settings
from survey_pipeline.standard.responsibility import (
    Responsibilities,
    Responsibility,
    kept_responsibilities,
)


@dataclass(frozen=True)
class Policy:
    """The rules of one draw: the sampling settings, and who asks the citizens of an office."""

    rate: Decimal
    minimum: int
    maximum: int
    quiet_days: int
    max_age_days: int
    carried_out: Responsibilities[Responsibility]
    """By the standard in force on the day of the draw."""
    monthly_minimum: int = 0
    """Draws made before there was such a rule have none: 0."""

    @classmethod
    def of(cls, settings: Settings, carried_out: Responsibilities[Any]) -> "Policy":
        """Return the policy of a draw made now."""
        sampling = settings.sampling
        return cls(
            sampling.rate,
            sampling.minimum,
            sampling.maximum,
            sampling.quiet_days,
            settings.intake.max_age_days,
            carried_out,
            sampling.monthly_minimum,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the stored form; the rate as written."""
        return {
            **vars(self),
            "rate": str(self.rate),
            "carried_out": self.carried_out.to_json(),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Policy":
        """Read what `to_json` wrote.

        Raises:
            ValueError: its arrangements are damaged.
        """
        kept = kept_responsibilities(stored["carried_out"])
        return cls(**{**stored, "rate": Decimal(stored["rate"]), "carried_out": kept})

    def sample_size(self, eligible: int, drawn_earlier: int) -> int:
        """Return n = min(N, maximum, max(minimum, ceil(rate x N), monthly_minimum - m)).

        Args:
            eligible: N, an office's eligible cases after the one-per-phone rule.
            drawn_earlier: m, the office's cases that earlier draws of the month drew.
        """
        share = ceil(Fraction(self.rate) * eligible)
        wanted = max(self.minimum, share, self.monthly_minimum - drawn_earlier)
        return min(eligible, self.maximum, wanted)


class Segment(NamedTuple):
    """One office's cases in a frame: the indices from `start` to `end` (exclusive)."""

    office_code: str
    start: int
    end: int


class OfficeResult(NamedTuple):
    """The result of the draw for one office."""

    office_code: str
    frame: int
    """Its cases in the frame."""
    eligible: int
    """N: eligible cases after the one-per-phone rule."""
    drawn: list[int]
    """Indices of the n drawn cases, lowest rank first."""


def rank_all(seed: str, day: date, lines: Sequence[str]) -> list[bytes]:
    """Return SHA-256(`seed:D:office_code:case_no`) of each line `office_code,case_no`."""
    prefix = f"{seed}:{day.isoformat()}:"
    sha256 = hashlib.sha256
    return [sha256((prefix + line.replace(",", ":", 1)).encode()).digest() for line in lines]


def group_phones(phones: Sequence[bytes]) -> list[int]:
    """Return for each line the number, from 1, of the first line with the same phone."""
    first: dict[bytes, int] = {}
    return [first.setdefault(phone, number) for number, phone in enumerate(phones, 1)]


def segments(lines: Sequence[str]) -> Iterator[Segment]:
    """Yield the offices of a frame; their lines stand together, for a code holds no comma."""
    start = 0
    while start < len(lines):
        office = lines[start].partition(",")[0]
        end = bisect_left(lines, office + "-", lo=start)  # "-" is the code point after ","
        yield Segment(office, start, end)
        start = end


def outranked(ranks: Sequence[bytes], groups: Sequence[int], eligible: Sequence[bool]) -> set[int]:
    """Return the eligible cases that leave because a case with the same phone has a lower rank."""
    sharing: dict[int, list[int]] = defaultdict(list)
    for index, group in enumerate(groups):
        if group != index + 1:
            sharing[group].append(index)
    leaving = set()
    for group, others in sharing.items():
        of_phone = [index for index in (group - 1, *others) if eligible[index]]
        if of_phone:
            leaving.update(of_phone)
            leaving.remove(min(of_phone, key=ranks.__getitem__))
    return leaving


def draw(
    lines: Sequence[str],
    ranks: Sequence[bytes],
    groups: Sequence[int],
    eligible: Sequence[bool],
    policy: Policy,
    drawn_earlier: Mapping[str, int],
) -> list[OfficeResult]:
    """Draw the n lowest ranks of each office, offices in code point order.

    Args:
        lines: `office_code,case_no` of each case of the frame, in code point order.
        ranks: as `rank_all` returns them.
        groups: as `group_phones` returns them.
        eligible: whether a case may be drawn, the one-per-phone rule aside.
        policy: of this draw.
        drawn_earlier: m of each office: its cases that earlier draws of the month drew.
    """
    leaving = outranked(ranks, groups, eligible)
    results = []
    for office, start, end in segments(lines):
        left = [index for index in range(start, end) if eligible[index] and index not in leaving]
        size = policy.sample_size(len(left), drawn_earlier.get(office, 0))
        lowest = sorted(left, key=ranks.__getitem__)[:size] if size else []
        results.append(OfficeResult(office, end - start, len(left), lowest))
    return results
