"""Dice whose throws are a pure function of a key; whole numbers alone, so every machine agrees."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import blake2b
from itertools import pairwise
from typing import TypeVar

T = TypeVar("T")

Spread = Sequence[tuple[int, int]]
"""How long something takes: (share in thousandths, seconds), from (0, ..) to (1000, ..); between
two points the seconds rise evenly."""


class Dice:
    """One set of dice per key; each name is a throw of its own, and always the same."""

    __slots__ = ("_key",)

    def __init__(self, *key: str) -> None:
        self._key = "\x1f".join(key).encode()

    def number(self, name: str, limit: int) -> int:
        """Return a number from 0 to `limit` - 1."""
        digest = blake2b(b"%b\x1f%b" % (self._key, name.encode()), digest_size=8).digest()
        return int.from_bytes(digest) * limit >> 64

    def happens(self, name: str, thousandths: int) -> bool:
        """Return whether an event happens whose chance is so many in a thousand."""
        return self.number(name, 1000) < thousandths

    def pick(self, name: str, choices: Sequence[T]) -> T:
        """Return one of the choices, each as likely as the others."""
        return choices[self.number(name, len(choices))]

    def weighted(self, name: str, choices: Sequence[tuple[T, int]]) -> T:
        """Return one of the choices, by their weights."""
        left = self.number(name, sum(weight for _, weight in choices))
        for choice, weight in choices:
            left -= weight
            if left < 0:
                return choice
        raise AssertionError("the weights add up")

    def delay(self, name: str, spread: Spread) -> timedelta:
        """Return how long something takes, to the microsecond."""
        at = self.number(name, 1_000_000)
        for (low, shortest), (high, longest) in pairwise(spread):
            if at < high * 1000:
                part, whole = at - low * 1000, (high - low) * 1000
                micro = shortest * 1_000_000 + (longest - shortest) * 1_000_000 * part // whole
                return timedelta(microseconds=micro + self.number(f"{name}+", 1000))
        raise AssertionError("a spread ends at 1000")

    def hex(self, size: int = 8) -> str:
        """Return a name for the key itself, `size` bytes in hex."""
        return blake2b(self._key, digest_size=size).hexdigest()
