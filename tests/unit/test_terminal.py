"""What comes from outside reaches the terminal as text: escapes are shown, never obeyed."""

import io

import pytest
from rich.text import Text
from rich.tree import Tree

from survey_pipeline.cli.console import Terminal, new_table
from survey_pipeline.cli.terminal import one_line, visible

STEERING = ["\x00", "\x07", "\x08", "\r", "\x1b", "\x7f", "\x85", "\x9b", "\u00ad", "\u061c",
            "\u200b", "\u200e", "\u200f", "\u2028", "\u202a", "\u202e", "\u2066", "\u2069",
            "\ufeff", "\ud800", "\U000e0041"]  # fmt: skip


def printed(thing: object, *, is_terminal: bool) -> str:
    file = io.StringIO()
    Terminal(
        file=file, force_terminal=is_terminal, width=60, markup=False, emoji=False, highlight=False
    ).print(thing)
    return file.getvalue()


@pytest.mark.parametrize("character", STEERING, ids=ascii)
@pytest.mark.parametrize("is_terminal", [True, False])
def test_what_steers_is_shown(character: str, is_terminal: bool) -> None:
    table = new_table(f"a{character}b", title=f"a{character}b")
    table.add_row(Text(f"c{character}d"))
    for thing in (f"a{character}b", Text(f"a{character}b"), Tree(f"a{character}b"), table):
        shown = printed(thing, is_terminal=is_terminal)
        assert character not in shown or (character == "\x1b" and "a\x1bb" not in shown)
        assert visible(character) in shown or "ab" in shown  # Rich leaves some out itself


def test_plain_texts_stay_as_they_are() -> None:
    for text in (
        "满意，谢谢",
        "one\ntwo",
        "a\tb",
        "👨‍👩‍👧 ✌️",
        "café",
        "[/b] [red]x[/red] :key:",
        "\\x1b",
    ):
        assert visible(text) == text
    assert printed("[/b] [red]x[/red] :key:", is_terminal=True) == "[/b] [red]x[/red] :key:\n"


def test_a_table_is_as_wide_as_what_it_shows() -> None:
    table = new_table("name", "points")
    table.add_row("\u202eabc", "1")
    table.add_row("abc", "2")
    lines = [line for line in printed(table, is_terminal=False).splitlines() if line.strip()]
    assert len({line.rstrip().rfind(one) for line, one in zip(lines[2:], "12", strict=False)}) == 1


def test_one_line_stays_one_line() -> None:
    assert one_line("a\nb\r\x1b[2Jc") == "a\\nb\\x0d\\x1b[2Jc"
