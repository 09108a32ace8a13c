"""Makes next year's file of a standard from this year's: dates moved, every comment kept.

Only the lines that must change are written anew; what comes out is read again and compared before
it is returned. An adoption belongs to its year: the new file has none.
"""

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from survey_pipeline.edited import read_edited
from survey_pipeline.errors import CannotProceed, UsageError
from survey_pipeline.i18n import N_, Message
from survey_pipeline.standard.entry import ADOPTION_KEYS
from survey_pipeline.standard.load import read_standard
from survey_pipeline.standard.model import Standard, Window
from survey_pipeline.standard.whereabouts import Key, lines_of, tables_of

_VALUE = re.compile(r"""^(\s*[\w.-]+\s*=\s*)("(?:[^"\\]|\\.)*"|[^\s#"]+)(.*)$""", re.DOTALL)
"""A key of one line: what stands before its value, the value, and what stands behind it."""


class NewYear(NamedTuple):
    """Next year's file."""

    name: str
    """Of the file, without its suffix."""
    year: int
    text: str
    window: Window
    no_longer_adopted: tuple[Key, ...]
    """The decisions that were adopted for the year before, by their paths."""


class MadeYear(NamedTuple):
    """Next year's file as it was written."""

    source: Path
    target: Path
    before: Standard
    made: NewYear


def new_name(name: str, before: int, year: int) -> str:
    """Return the name of another year's file: `wenzhou-2023` becomes `wenzhou-2024`."""
    if str(before) in name:
        return name.replace(str(before), str(year))
    return f"{name}-{year}"


def next_year(text: str, standard: Standard, year: int) -> NewYear:
    """Return another year's file, made from a right one.

    Args:
        text: of the file.
        standard: what was read from it.
        year: the new appraisal year.

    Raises:
        CannotProceed: the file is written in a way in which its lines cannot be told for sure.
    """
    data = tomllib.loads(text)
    name, window = new_name(standard.id, standard.year, year), standard.moved_to(year).window
    adopted = tuple(path for path, table in tables_of(data) if ADOPTION_KEYS[0] in table)
    values: dict[Key, str] = {
        ("id",): json.dumps(name, ensure_ascii=False),
        ("year",): str(year),
        ("window", "after"): window.after.isoformat(),
        ("window", "until"): window.until.isoformat(),
    }
    changed = _rewritten(text, values, adopted, str(standard.year), str(year))
    wanted = _wanted(data, name, year, window, standard.year)
    if tomllib.loads(changed) != wanted:
        raise _by_hand()
    return NewYear(name, year, changed, window, adopted)


def _wanted(data: Any, name: str, year: int, window: Window, before: int) -> Any:
    """Return what the new file must hold, as plain data."""
    for _, table in tables_of(data):
        for key in ADOPTION_KEYS:
            table.pop(key, None)
    title = {key: words.replace(str(before), str(year)) for key, words in data["title"].items()}
    moved = {**data["window"], "after": window.after, "until": window.until}
    return {**data, "id": name, "year": year, "title": title, "window": moved}


def _rewritten(
    text: str, values: dict[Key, str], adopted: tuple[Key, ...], before: str, year: str
) -> str:
    """Write the values into their lines, the year into the title, and drop adoptions."""
    known, lines = lines_of(text), text.splitlines(keepends=True)
    for key, value in values.items():
        number = _line(known, key)
        lines[number] = _with_value(lines[number], value)
    for key in known:
        if key[0] == "title":
            lines[known[key] - 1] = lines[known[key] - 1].replace(before, year)
    for path in adopted:
        for name in ADOPTION_KEYS:
            lines[_line(known, (*path, name))] = ""
    return "".join(lines)


def _with_value(line: str, value: str) -> str:
    """Return a line of one key with another value; what stands before and behind it stays."""
    return _VALUE.sub(lambda found: f"{found[1]}{value}{found[3]}", line)


def _line(known: dict[Key, int], key: Key) -> int:
    if key not in known:
        raise _by_hand()
    return known[key] - 1


def _by_hand() -> CannotProceed:
    return CannotProceed(
        "the lines of the standard's file cannot be told for sure. Copy the file by hand and "
        "change id, year, title and the dates under [window]"
    )


def next_steps(made: MadeYear) -> Iterator[Message]:
    """Yield what the new file needs before it may be used; the list of decisions comes last."""
    name, year = made.made.name, made.made.year
    values: dict[str, object] = {
        "after": made.made.window.after,
        "until": made.made.window.until,
        "text": made.before.text,
        "name": name,
        "before": made.before.id,
        "file": shlex.quote(name),
        "year": year,
        "count": len(made.made.no_longer_adopted),
    }
    for text in (
        N_(
            "The window: after {after}, until {until}. These are last year's dates, moved; write "
            "those that are announced."
        ),
        N_(
            "The published text: text, published_on and the quoted words are still of {text}. Put "
            "the new text beside it and name it; survey-pipeline standard check {file} then tells "
            "what does not stand there."
        ),
        N_('config/pipeline.toml, under [standards]: add {year} = "{name}".'),
        N_("What differs in the end: survey-pipeline standard diff {before} {file}"),
    ):
        yield Message(text, values)
    adopted = N_(
        "Adoptions hold for their year: {count} decision(s) that were adopted are the program's "
        "proposal again, until they are adopted anew."
    )
    if made.made.no_longer_adopted:
        yield Message(adopted, values)


def write_next_year(path: Path, year: int) -> MadeYear:
    """Write another year's file beside a standard's; one that is there is never overwritten.

    Raises:
        UsageError: the file is of that year already.
        CannotProceed: there is such a file, or the lines cannot be told for sure.
    """
    standard, _ = read_standard(path)
    if standard.year == year:
        raise UsageError("{file} is of {year} already", file=path, year=year)
    made = next_year(read_edited(path), standard, year)
    target = path.with_name(f"{made.name}.toml")
    try:
        with target.open("x", encoding="utf-8", newline="") as file:
            file.write(made.text)
    except FileExistsError as error:
        raise CannotProceed(
            "{file} is there already, and is not overwritten. Rename or remove it first",
            file=target,
        ) from error
    return MadeYear(path, target, standard, made)
