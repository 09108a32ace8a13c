"""Reads a standard from its file, and finds the one that is in force.

Any wrong key or value stops the program with the file, the line, the key and what is wrong with it:
a score must never rest on a figure that was misread.
"""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError

from survey_pipeline.calendar import ONE_DAY, first_day, last_day, month_of, next_month
from survey_pipeline.edited import Unreadable, decoded, problem_in, read_bytes
from survey_pipeline.errors import ConfigurationError
from survey_pipeline.i18n import Message
from survey_pipeline.standard.key_problems import find_problems
from survey_pipeline.standard.model import Standard, Window
from survey_pipeline.standard.whereabouts import line_of

FOLDER = "config/standards"


@dataclass(frozen=True)
class InForce:
    """The standard of one appraisal year."""

    standard: Standard
    provisional: bool
    """The year has no file of its own: the newest was moved to it."""
    file_hash: str
    """SHA-256 of the file, in hex."""


def read_standard(path: Path) -> tuple[Standard, str]:
    """Read one file; return the standard and the SHA-256 of the file.

    Raises:
        ConfigurationError: it is missing, is not TOML, or a key or value is wrong; the text names
            the file, the key, and the line if it is known.
    """
    content, name = read_content(path)
    return _understood(content, name, path.stem), hashlib.sha256(content).hexdigest()


@lru_cache(maxsize=8)
def _understood(content: bytes, name: str, stem: str) -> Standard:
    """Parse a file's content; cached, because every request of a page asks for the same one."""
    text, data = parsed(content, name)
    try:
        standard = Standard.model_validate(data)
    except ValidationError as error:
        raise _explained(name, text, error) from error
    if standard.id != stem:
        raise ConfigurationError(
            "{file}: id says {id}. It must be the file's own name", file=name, id=standard.id
        )
    return standard


def read_content(path: Path) -> tuple[bytes, str]:
    """Return a file's content, and what it is called in messages.

    Raises:
        ConfigurationError: it is missing, or may not be read.
    """
    name = f"{FOLDER}/{path.name}" if path.parent.as_posix().endswith(FOLDER) else str(path)
    try:
        return read_bytes(path), name
    except FileNotFoundError as error:
        raise ConfigurationError(
            "{file} is missing. Put the standard's file there, or name another one under "
            "[standards] in config/pipeline.toml",
            file=name,
        ) from error
    except Unreadable as error:
        raise _unreadable(name, error) from error


def parsed(content: bytes, name: str) -> tuple[str, dict[str, Any]]:
    """Return a file's text, and what it holds as plain data; figures as exact decimals.

    Raises:
        ConfigurationError: it is no text, or not TOML.
    """
    try:
        text = decoded(content)
        return text, tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, Unreadable) as error:
        raise _unreadable(name, error) from error


def _unreadable(name: str, error: Exception) -> ConfigurationError:
    return ConfigurationError(
        "{file} cannot be read: {problem}", file=name, problem=problem_in(error)
    )


def standard_for(year: int, standards: Mapping[int, str], directory: Path) -> InForce:
    """Return the standard of an appraisal year.

    A year that is not listed is scored by the newest, its window's dates moved to that year; all
    that comes of it is provisional.

    Args:
        year: the appraisal year.
        standards: appraisal year -> name of the file, from the settings.
        directory: the workspace's `config/standards`.

    Raises:
        ConfigurationError: no standard is listed, or its file is wrong.
    """
    if not standards:
        raise ConfigurationError(
            "config/pipeline.toml: no standard is listed. Add one under [standards]: "
            '2023 = "wenzhou-2023"'
        )
    listed = year if year in standards else max(standards)
    standard, file_hash = read_standard(directory / f"{standards[listed]}.toml")
    if standard.year == year:
        return InForce(standard, provisional=False, file_hash=file_hash)
    return InForce(standard.moved_to(year), provisional=True, file_hash=file_hash)


def standard_of_month(month: str, standards: Mapping[int, str], directory: Path) -> InForce:
    """Return the standard in whose appraisal year a month's last day lies.

    Raises:
        ConfigurationError: no standard is listed, a file is wrong, or no window holds the month.
    """
    found = _holding(last_day(month), standards, directory)
    return found or _refuse(month)


def standard_on(day: date, standards: Mapping[int, str], directory: Path) -> InForce:
    """Return the standard in force on a day: the one whose window holds it.

    Raises:
        ConfigurationError: no standard is listed, a file is wrong, or no window holds the day.
    """
    return _holding(day, standards, directory) or _refuse(day)


def _holding(day: date, standards: Mapping[int, str], directory: Path) -> InForce | None:
    for year in (day.year, day.year + 1, day.year - 1):
        found = standard_for(year, standards, directory)
        if day in found.standard.window:
            return found
    return None


def _refuse(when: str | date) -> NoReturn:
    raise ConfigurationError(
        "{folder}: no standard's window holds {month}. Check the dates under [window]",
        folder=FOLDER,
        month=when,
    )


def months_of_window(standard: Standard, last_month: str) -> tuple[str, ...]:
    """Return the window's months up to and with `last_month`, which must be one of them.

    A month belongs to the window in which its last day lies.
    """
    months, day = [], last_day(last_month)
    while day in standard.window:
        months.append(month_of(day))
        day = last_day(month_of(first_day(month_of(day)) - ONE_DAY))
    return tuple(reversed(months))


def window_months(window: Window, as_of: date) -> tuple[str, ...]:
    """Return the window's months that have begun by a day; a month belongs where its end lies."""
    months = []
    first = first_day(month_of(window.after))
    while first <= as_of and last_day(month_of(first)) <= window.until:
        if last_day(month_of(first)) in window:
            months.append(month_of(first))
        first = next_month(first)
    return tuple(months)


@dataclass(frozen=True)
class VolumeSpan:
    """From which month to which day an office's cases count for its monthly volume."""

    counted_from: str
    """`YYYY-MM`; blank: from the first on."""
    as_of: date

    def ended_months(self, months: Sequence[str]) -> int:
        """Return how many of an office's months count and have ended by the day, at least one."""
        counted = (month for month in months if month >= self.counted_from)
        return max(1, sum(last_day(month) <= self.as_of for month in counted))


def _explained(name: str, text: str, error: ValidationError) -> ConfigurationError:
    """Return the first problem as one line, with its place."""
    first = find_problems(error)[0]
    key, line = ".".join(map(str, first.path)), line_of(text, first.path)
    file = Message("{file}, line {line}", {"file": name, "line": line}) if line else name
    if first.kind == "extra_forbidden":
        return ConfigurationError(
            "{file}: unknown key {key}. Remove it, or check its spelling", file=file, key=key
        )
    if first.kind == "missing":
        return ConfigurationError("{file}: {key} is missing", file=file, key=key)
    if not key:
        return ConfigurationError("{file}: {problem}", file=file, problem=first.said)
    if first.value is None:
        return ConfigurationError(
            "{file}: {key} is wrong: {problem}", file=file, key=key, problem=first.said
        )
    return ConfigurationError(
        "{file}: {key} is wrong: {problem} (it says {value})",
        file=file,
        key=key,
        problem=first.said,
        value=first.value,
    )
