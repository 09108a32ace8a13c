"""Next year's standard: made from another's file, its figures changed, listed; each on record."""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from survey_pipeline.context import Context
from survey_pipeline.edited import read_edited
from survey_pipeline.editing.edited_place import EditedPlace
from survey_pipeline.editing.standard_files import (
    may_change,
    path_of_standard,
    read_named_standard,
)
from survey_pipeline.editing.toml_values import quoted, sources_of, with_values
from survey_pipeline.errors import CannotProceed, ConfigurationError, UsageError
from survey_pipeline.i18n import N_
from survey_pipeline.standard.entry import ADOPTION_KEYS
from survey_pipeline.standard.load import FOLDER, read_standard
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.rule_book.next_year import MadeYear, write_next_year
from survey_pipeline.standard.rule_book.provisions import Provision, provisions
from survey_pipeline.standard.whereabouts import Key
from survey_pipeline.store import audit
from survey_pipeline.store.engine import writing
from survey_pipeline.store.locks import lock_name
from survey_pipeline.vocabulary import AuditAction, Audited

NOT_FIGURES = frozenset({"clause", "mended", "label", "decided", "page", *ADOPTION_KEYS})
"""Keys of a provision that the page leaves to the file; an adoption has a page of its own."""
HEAD = frozenset({"text", "published_on"})
CHANGED = N_("The standard was changed meanwhile. Yours is kept below: compare, then save.")
UNCHANGED = N_("Nothing was changed.")
HOLDS = N_("{standard} is in force: scores rest on it, and its figures stay as they are.")


@dataclass(frozen=True)
class RuleFigure:
    """One value of a provision, as the file has it."""

    name: str
    """`supervision.clauses.3.points`: the path in the file."""
    label: str
    """The key in its table."""
    value: str
    """A text without its quotation marks; else as TOML writes it."""
    is_text: bool


@dataclass(frozen=True)
class RuleForm:
    """A standard's provisions with what a page may change."""

    standard: Standard
    head: Sequence[RuleFigure]
    """What the file says of itself: which text it follows, and of which day."""
    rules: Sequence[tuple[Provision, Sequence[RuleFigure]]]
    seen: str
    """SHA-256 of the file, in hex."""


def make_standard(context: Context, source: str, year: int) -> MadeYear:
    """Make a year's file from another's, and put it on record.

    Raises:
        UnknownRecord: there is no such source.
        UsageError: the source is of that year already.
        CannotProceed: there is such a file already, or it cannot be written.
    """
    path = path_of_standard(context, source)
    with writing(context.engine) as connection:
        made = write_next_year(path, year)
        noted = audit.entry(
            at=context.now(),
            actor=context.actor,
            action=AuditAction.CREATED,
            kind=Audited.RULE_BOOKS,
            key=made.made.name,
            after={"from": source, "sha256": _sha256(made.made.text)},
        )
        audit.append(connection, [noted])
    return made


def rule_form(context: Context, name: str) -> RuleForm:
    """Return a standard's provisions with their values.

    Raises:
        UnknownRecord: there is none of that name.
        ConfigurationError: its file is wrong.
    """
    text = read_edited(path_of_standard(context, name))
    standard = read_named_standard(context, name)
    sources, data = sources_of(text), tomllib.loads(text)
    rules = [
        (found, list(_figures(found.path, sources, _at(data, found.path))))
        for found in provisions(standard)
    ]
    head = [figure for figure in _figures((), sources, data) if figure.label in HEAD]
    return RuleForm(standard, head, rules, _sha256(text))


def _figures(
    path: Key, sources: Mapping[Key, str], table: Mapping[str, Any]
) -> Iterator[RuleFigure]:
    for key, value in table.items():
        if key in NOT_FIGURES or (*path, key) not in sources:
            continue
        is_text = isinstance(value, str)
        shown = value if isinstance(value, str) else sources[*path, key]
        yield RuleFigure(".".join(map(str, (*path, key))), key, shown, is_text)


def _at(data: Any, path: Key) -> Mapping[str, Any]:
    for name in path:
        data = data[name]
    found: Mapping[str, Any] = data
    return found


def change_standard(
    context: Context, name: str, typed: Mapping[str, str], seen: str
) -> Sequence[str]:
    """Change a standard's figures in its file; return the keys that changed.

    Args:
        context: the workspace; its actor changes them.
        name: of the standard.
        typed: values by path, as `RuleFigure` has them; others stay.
        seen: the hash of the file on which the change rests.

    Raises:
        UnknownRecord: there is none of that name.
        UsageError: a value is wrong, nothing changes, or the file was changed meanwhile.
        CannotProceed: it is in force, or the file cannot be written.
    """
    form = rule_form(context, name)
    if not may_change(context, form.standard):
        raise CannotProceed(HOLDS, standard=name)
    place = EditedPlace(context, Path(FOLDER, f"{name}.toml"), Audited.RULE_BOOKS, name)
    with writing(context.engine) as connection:
        lock_name(connection, Audited.STANDARDS, name)  # adoptions are written there too
        text = place.text() or ""
        if _sha256(text) != seen:
            raise UsageError(CHANGED)
        figures = [*form.head, *(figure for _, found in form.rules for figure in found)]
        known = {figure.name: figure for figure in figures}
        plain = {key: "\n".join(value.splitlines()).strip() for key, value in typed.items()}
        changed = {
            key: value for key, value in plain.items() if key in known and value != known[key].value
        }
        if not changed:
            raise UsageError(UNCHANGED)
        new = _checked(name, text, {_path(key): _toml(known[key], changed[key]) for key in changed})
        before = {key: known[key].value for key in changed}
        hashes = {"sha256": seen}, {"sha256": _sha256(new)}
        place.replace(connection, new, {**before, **hashes[0]}, {**changed, **hashes[1]})
    return list(changed)


def _path(name: str) -> Key:
    """Return a key's path; the numbers in it are places in lists."""
    return tuple(int(part) if part.isdecimal() else part for part in name.split("."))


def _toml(figure: RuleFigure, typed: str) -> str:
    """Return what was typed as TOML writes it.

    Raises:
        UsageError: it is no value.
    """
    value = quoted(typed) if figure.is_text else typed
    try:
        found = tomllib.loads(f"value = {value}")
    except tomllib.TOMLDecodeError:
        found = {}
    if list(found) != ["value"]:
        raise UsageError(
            "{key}: {value} is no value. Write it as the file has it, such as {example}",
            key=figure.name,
            value=typed or "-",
            example=figure.value,
        )
    return value


def _checked(name: str, text: str, values: Mapping[Key, str]) -> str:
    """Return the text with other values, if it still is a standard.

    Raises:
        UsageError: it is not; the first fault is told, with its line.
    """
    new = with_values(text, values)
    with TemporaryDirectory(prefix="standard-") as folder:
        path = Path(folder) / f"{name}.toml"
        path.write_text(new, encoding="utf-8")
        try:
            read_standard(path)
        except ConfigurationError as error:
            raise UsageError(
                error.message.text, **{**error.message.params, "file": f"{name}.toml"}
            ) from error
    return new


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
