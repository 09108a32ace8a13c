"""Writes adoptions of local decisions into a standard's text, and into a standard that was read.

Only the lines of the three keys change: comments, order and everything else stay as they were
typed. What was written is read again and compared before it is returned.
"""

import json
import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any

from survey_pipeline.errors import CannotProceed
from survey_pipeline.standard.entry import ADOPTION_KEYS, Adoption
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.whereabouts import Key, lines_of

ANCHOR = "page"
"""The key of every local decision behind which an adoption is written."""
Adoptions = Mapping[Key, Adoption | None]
"""What entries are to carry, by their path; None: no adoption."""


def with_adoptions(text: str, adoptions: Adoptions) -> str:
    """Return a standard's text in which these entries carry these adoptions.

    Args:
        text: the file's, a correct standard.
        adoptions: by the path of a local decision.

    Raises:
        CannotProceed: an entry is written in a way in which its lines cannot be told for sure.
    """
    changed = _rewritten(text, adoptions)
    wanted = tomllib.loads(text)
    for path, adoption in adoptions.items():
        _set(wanted, path, adoption)
    if tomllib.loads(changed) != wanted:
        raise _by_hand(next(iter(adoptions)))
    return changed


def _rewritten(text: str, adoptions: Adoptions) -> str:
    """Drop the old lines of the three keys and write the new ones behind the page's line."""
    known, lines = lines_of(text), text.splitlines(keepends=True)
    for path, adoption in adoptions.items():
        if (*path, ANCHOR) not in known:
            raise _by_hand(path)
        for name in ADOPTION_KEYS:
            if (*path, name) in known:
                lines[known[*path, name] - 1] = ""
        anchor = known[*path, ANCHOR] - 1
        lines[anchor] += _written(lines[anchor], adoption)
    return "".join(lines)


def _written(anchor: str, adoption: Adoption | None) -> str:
    """Return the lines of an adoption, indented and ended as the line before them is."""
    if adoption is None:
        return ""
    indent = anchor[: len(anchor) - len(anchor.lstrip())]
    end = "\r\n" if anchor.endswith("\r\n") else "\n"
    values = (_quoted(adoption.by), adoption.on.isoformat(), _quoted(adoption.document))
    written = "".join(
        f"{indent}{name} = {value}{end}" for name, value in zip(ADOPTION_KEYS, values, strict=True)
    )
    return written if anchor.endswith("\n") else f"{end}{written}"


def _quoted(words: str) -> str:
    """Return a basic string of TOML; control characters are escaped as JSON does."""
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007f")


def _by_hand(path: Key) -> CannotProceed:
    return CannotProceed(
        "the lines of {entry} in the standard's file cannot be told for sure. Write {keys} there "
        "by hand, below its page",
        entry=dotted(path),
        keys=", ".join(ADOPTION_KEYS),
    )


def adopted(standard: Standard, adoptions: Adoptions) -> Standard:
    """Return a standard whose entries carry these adoptions."""
    data = standard.model_dump(by_alias=True)
    for path, adoption in adoptions.items():
        _set(data, path, adoption)
    return Standard.model_validate(data)


def _set(data: Any, path: Key, adoption: Adoption | None) -> None:
    """Set or remove the three keys of an entry in plain data."""
    entry = data
    for part in path:
        entry = entry[part]
    for position, name in enumerate(ADOPTION_KEYS):
        if adoption is None:
            entry.pop(name, None)
        else:
            entry[name] = adoption[position]


def dotted(path: Key) -> str:
    """Return a path as the audit log keeps it, such as `supervision.clauses.15`."""
    return ".".join(str(part) for part in path)


def undotted(text: str) -> Key:
    """Read what `dotted` wrote."""
    return tuple(int(part) if part.isdigit() else part for part in text.split("."))


def to_json(adoption: Adoption | None) -> dict[str, str] | None:
    """Return an adoption as the audit log keeps it."""
    if adoption is None:
        return None
    values = (adoption.by, adoption.on.isoformat(), adoption.document)
    return dict(zip(ADOPTION_KEYS, values, strict=True))


def from_json(kept: Mapping[str, str] | None) -> Adoption | None:
    """Read what `to_json` wrote."""
    if kept is None:
        return None
    by, on, document = (kept[name] for name in ADOPTION_KEYS)
    return Adoption(by, date.fromisoformat(on), document)
