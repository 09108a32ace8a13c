"""The pictures that the documentation shows are there, in both languages and of one size."""

import re
import struct
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
SHOWN = sorted(set(re.findall(r"(\w+)-zh\.png", (FOLDER / "README.md").read_text("utf-8"))))
DESKS = {"day", "calls", "scores"}
WIDE, ON_A_PHONE = 1280, 780
"""Pixels; a phone's screen is 390 wide, twice as dense."""


def width_of(path: Path) -> int:
    """Read the width from a PNG's header (W3C PNG, section 11.2.1)."""
    head = path.read_bytes()[:24]
    assert head.startswith(b"\x89PNG\r\n\x1a\n"), path.name
    return int(struct.unpack(">I", head[16:20])[0])


def test_the_three_desks_are_shown() -> None:
    assert set(SHOWN) > DESKS


@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_picture_is_there_in_both_languages(name: str, language: str) -> None:
    wide = WIDE if name in DESKS else ON_A_PHONE
    assert width_of(FOLDER / f"{name}-{language}.png") == wide
