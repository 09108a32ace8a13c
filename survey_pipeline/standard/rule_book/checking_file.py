"""What is wrong in a standard's file: every fault at once, each with its place and its remedy.

`load` refuses a file at its first fault; here the person who mends it sees them all. Beside what
`load` asks for, the quoted words must stand in the published text, and every decision's page must
be there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from survey_pipeline.edited import read_edited, shipped
from survey_pipeline.i18n import N_, Message
from survey_pipeline.standard.decision_pages import read_decision
from survey_pipeline.standard.entry import PAGE
from survey_pipeline.standard.key_problems import KeyProblem, find_problems
from survey_pipeline.standard.load import FOLDER, parsed, read_content
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.quoting import is_mended_from
from survey_pipeline.standard.whereabouts import Key, line_of, tables_of

CHANGE = N_("Change it to what is asked for.")


@dataclass(frozen=True)
class FileFault:
    """One thing that is wrong in a standard's file."""

    key: str
    """The table and key, such as `daily.points`; empty where it is the file as a whole."""
    line: int | None
    """From 1; None where no line can be named."""
    problem: Message
    remedy: Message


def find_faults(path: Path, home: Path) -> list[FileFault]:
    """Return everything that is wrong in a standard's file; nothing where it may be used.

    Sums and dates that join several parts are looked at once every part is right in itself.

    Args:
        path: the file.
        home: the workspace: published texts and pages there come before the shipped ones.

    Raises:
        ConfigurationError: the file is missing, cannot be read, or is not TOML.
    """
    content, name = read_content(path)
    text, data = parsed(content, name)
    found = [*_misread(data, text), *_wrong_name(data, path, text), *_unfounded(data, home, text)]
    return sorted(found, key=lambda fault: fault.line or 0)


def _misread(data: dict[str, Any], text: str) -> list[FileFault]:
    """Return the keys and values that the model refuses."""
    try:
        Standard.model_validate(data)
    except ValidationError as error:
        found = find_problems(error)
        misspelt = {
            (*problem.path[:-1], near)
            for problem in found
            if problem.kind == "extra_forbidden"
            for near in _meant(problem.path)
        }
        return [_fault(problem, text) for problem in found if problem.path not in misspelt]
    return []


def _fault(problem: KeyProblem, text: str) -> FileFault:
    key = ".".join(map(str, problem.path))
    return FileFault(key, line_of(text, problem.path), problem.said, _remedy(problem))


def _remedy(problem: KeyProblem) -> Message:
    if problem.kind == "extra_forbidden":
        for near in _meant(problem.path):
            return Message(N_("Write {near}, or remove it."), {"near": near})
        return Message(N_("Remove it, or check its spelling."))
    if problem.kind == "missing":
        example = _example(problem.path)
        if example is None:
            return Message(N_("Add it."))
        return Message(N_("Add it, such as: {example}"), {"example": example})
    if problem.value is None:
        return Message(CHANGE)
    text = N_("Change it to what is asked for; {value} stands there now.")
    return Message(text, {"value": problem.value})


def _meant(path: Key) -> list[str]:
    """Return the key that a misspelt one stands for; nothing where none is like it."""
    return get_close_matches(str(path[-1]), _known_beside(path), 1)


def _known_beside(path: Key) -> list[str]:
    """Return the keys that the table of a key may have."""
    kind: Any = Standard
    for name in path[:-1]:
        kind = kind if isinstance(name, int) else _kind_of(kind, name)
    return list(getattr(kind, "model_fields", {}))


def _kind_of(kind: Any, name: str) -> Any:
    """Return the model behind a field; of a list, that of its entries."""
    annotation = kind.model_fields[name].annotation if name in kind.model_fields else None
    arguments = getattr(annotation, "__args__", ())
    return arguments[0] if arguments else annotation


def _example(path: Key) -> str | None:
    """Return the line of the shipped standard where it has the key."""
    for file in sorted((shipped() / FOLDER).glob("*.toml")):
        text = read_edited(file)
        line = line_of(text, path)
        written = text.splitlines()[line - 1].partition("#")[0].strip() if line else ""
        if str(path[-1]) in written and not written.endswith(("[", "[[")):
            return written
    return None


def _wrong_name(data: dict[str, Any], path: Path, text: str) -> Iterator[FileFault]:
    if data.get("id", path.stem) != path.stem:
        yield FileFault(
            "id",
            line_of(text, ("id",)),
            Message(N_("it is not the file's own name")),
            Message(N_('Write id = "{name}", or rename the file.'), {"name": path.stem}),
        )


def _unfounded(data: dict[str, Any], home: Path, text: str) -> Iterator[FileFault]:
    """Yield a text, a quotation and a page that are not there."""
    file = str(data.get("text", ""))
    published = _published(file, home)
    if file and published is None:
        yield FileFault(
            "text",
            line_of(text, ("text",)),
            Message(N_("there is no published text {file}"), {"file": file}),
            Message(N_("Put the published text there, or name another file.")),
        )
    for path, table in tables_of(data):
        document = table.get("file") if path[:1] == ("documents",) else None
        if document and not _is_there(str(document), home):
            yield _at(text, (*path, "file"), *_no_document(str(document)))
        if published is not None and (wrong := _misquoted(table, published, file)):
            yield _at(text, (*path, "place"), *wrong)
        page = table.get("page")
        if isinstance(page, str) and PAGE.fullmatch(page) and not read_decision(home, page, "en"):
            yield _at(text, (*path, "page"), *_no_page(page))


def _at(text: str, path: Key, problem: Message, remedy: Message) -> FileFault:
    return FileFault(".".join(map(str, path)), line_of(text, path), problem, remedy)


def _misquoted(table: dict[str, Any], published: str, file: str) -> tuple[Message, Message] | None:
    """Return what is wrong with a table's quotation and what to do; None where it is right."""
    place, mended = str(table.get("place", "")), table.get("mended", False) is True
    if mended and place in published:
        problem = Message(N_("the published text has these words as they are"))
        return problem, Message(N_("Remove mended."))
    if place in published or (mended and is_mended_from(place, published)):
        return None
    remedy = N_(
        "Copy them from {file} as they stand there. If the page damaged them, put its words "
        "together as they must have read, and write mended = true below."
    )
    problem = Message(N_("the published text does not have these words"))
    return problem, Message(remedy, {"file": file})


def _no_page(page: str) -> tuple[Message, Message]:
    problem = Message(N_("there is no page {page}"), {"page": page})
    return problem, Message(N_("Write the page, or name one that is there."))


def _no_document(file: str) -> tuple[Message, Message]:
    problem = Message(N_("there is no document {file}"), {"file": file})
    return problem, Message(N_("Put the document there, or give its address instead."))


def _is_there(file: str, home: Path) -> bool:
    return any((root / file).is_file() for root in (home, shipped()))


def _published(file: str, home: Path) -> str | None:
    """Return the published text, or None where there is no such file."""
    for root in (home, shipped()):
        if file and (root / file).is_file():
            return read_edited(root / file)
    return None
