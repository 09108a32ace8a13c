"""What never changes is made once, and what nobody asked for longest is let go."""

import pytest
from markupsafe import Markup

from survey_pipeline.web.rendering.fragment_cache import LruCache


class Maker:
    """Makes parts, and counts."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> Markup:
        self.made += 1
        return Markup(f"<p>{self.made}</p>")


def test_what_has_the_same_key_is_made_once() -> None:
    parts, make = LruCache[Markup](3), Maker()
    assert parts.get("a", make) == parts.get("a", make) == Markup("<p>1</p>")
    assert parts.get("b", make) == Markup("<p>2</p>")


def test_what_nobody_asked_for_longest_is_let_go() -> None:
    parts, make = LruCache[Markup](3), Maker()
    for number in range(3):
        parts.get(number, make)
    parts.get(0, make)
    parts.get("one more", make)
    made = make.made
    parts.get(0, make)
    assert make.made == made, "it was asked for a moment ago"
    parts.get(1, make)
    assert make.made == made + 1


def test_what_cannot_be_made_is_asked_for_again() -> None:
    parts = LruCache[Markup](3)

    def fail() -> Markup:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        parts.get("a", fail)
    assert parts.get("a", Maker()) == Markup("<p>1</p>")
