"""Two standards compared clause by clause, in words: what was, what is, and of which clause."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from survey_pipeline.i18n import N_, Message, translate
from survey_pipeline.standard.entry import Entry, Label, Table
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.quoting import MENDED, quotation
from survey_pipeline.standard.rule_book.provisions import Provision, figures, provisions
from survey_pipeline.standard.rule_book.sentences import sentences
from survey_pipeline.standard.rule_book.word_parts import listed
from survey_pipeline.standard.whose_words import standing

OWN_NAME = {"id", "year"}
"""What differs between any two files."""
ASPECTS: Mapping[str, str] = {
    "rule": N_("the rule"),
    "text": N_("the published words"),
    "label": N_("what it is called"),
    "decision": N_("who decided"),
    "file": N_("the file"),
}
"""What may differ of a provision; `file` is what belongs to none."""


@dataclass(frozen=True)
class RuleDifference:
    """One thing in which two standards differ, in the reader's language."""

    clause: str
    """Empty where it belongs to no clause."""
    key: str
    """The table and key, such as `supervision.clauses.C1.1`."""
    label: str
    aspect: str
    """A key of `ASPECTS`."""
    was: tuple[str, ...]
    """Empty where the provision is new."""
    now: tuple[str, ...]
    """Empty where it is gone."""

    @property
    def change(self) -> str:
        """`added`, `removed` or `changed`."""
        if not self.was:
            return "added"
        return "changed" if self.now else "removed"

    def to_json(self) -> dict[str, Any]:
        """Return the difference as a document."""
        return {
            "clause": self.clause,
            "key": self.key,
            "label": self.label,
            "aspect": self.aspect,
            "change": self.change,
            "was": list(self.was),
            "is": list(self.now),
        }


def find_differences(before: Standard, after: Standard, locale: str) -> list[RuleDifference]:
    """Return in what two standards differ, in the order of the earlier, then what is new."""
    return [*_of_the_files(before, after, locale), *_of_provisions(before, after, locale)]


def _of_the_files(before: Standard, after: Standard, locale: str) -> Iterator[RuleDifference]:
    was, now = dict(_loose(before)), dict(_loose(after))
    for key in dict.fromkeys((*was, *now)):
        if key not in OWN_NAME and was.get(key) != now.get(key):
            found = (_written(side.get(key), locale) for side in (was, now))
            yield RuleDifference("", key, key, "file", *found)


def _loose(value: Table, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield what stands in tables that are no provisions: the title, and single keys of a part."""
    for name in type(value).model_fields:
        found, key = getattr(value, name), f"{path}.{name}".strip(".")
        if isinstance(found, Entry | tuple):
            continue
        if isinstance(found, Table) and not isinstance(found, Label):
            yield from _loose(found, key)
        else:
            yield key, found


def _written(value: object, locale: str) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value.in_locale(locale) if isinstance(value, Label) else str(value),)


def _of_provisions(before: Standard, after: Standard, locale: str) -> Iterator[RuleDifference]:
    was, now = _by_key(before), _by_key(after)
    for key in dict.fromkeys((*was, *now)):
        told = _Told(before, was.get(key), locale), _Told(after, now.get(key), locale)
        yield from _of_one(key, *told)


def _by_key(standard: Standard) -> dict[str, Provision]:
    return {found.key: found for found in provisions(standard)}


@dataclass(frozen=True)
class _Told:
    """A provision of one of the two, or that it has none."""

    standard: Standard
    provision: Provision | None
    locale: str

    def of(self, aspect: str) -> tuple[str, ...]:
        """Return what the provision says under an aspect; empty if it is not there."""
        if self.provision is None:
            return ()
        entry = self.provision.entry
        if aspect == "rule":
            return self._in_words(sentences(self.standard, self.provision))
        if aspect == "text":
            text, mended = quotation(entry)
            return (text + (translate(MENDED, self.locale) if mended else ""),)
        if aspect == "label":
            return (f"{entry.clause} {entry.label.in_locale(self.locale)}",)
        return self._in_words(_decision(entry))

    def _in_words(self, messages: Iterable[Message]) -> tuple[str, ...]:
        return tuple(message.render(self.locale) for message in messages)

    def beside(self, other: "_Told") -> tuple[str, ...]:
        """Return what the file has otherwise than the other one, key by key."""
        own, others = self._figures, other._figures
        differing = [name for name in own if own[name] != others.get(name)]
        return self._in_words(_otherwise(name, own[name], others.get(name)) for name in differing)

    @property
    def _figures(self) -> dict[str, Any]:
        return {} if self.provision is None else figures(self.provision.entry)


def _otherwise(name: str, value: object, other: object) -> Message:
    """Return a figure that the words leave out; of two lists, what only this one has."""
    if isinstance(value, list) and isinstance(other, list):
        only = [item for item in value if item not in other]
        return Message(N_("{key} only here: {items}"), {"key": name, "items": listed(only)})
    return Message("{key} = {value}", {"key": name, "value": value})


def _decision(entry: Entry) -> Iterator[Message]:
    """Yield whose an entry is; of a local decision, the page that gives its reasons."""
    yield standing(entry)
    if entry.page is not None:
        yield Message(N_("decided locally: {page}"), {"page": entry.page})
    if entry.adoption is not None:
        yield Message("{by}, {on}", {"by": entry.adoption.by, "on": entry.adoption.on})


def _of_one(key: str, before: _Told, after: _Told) -> Iterator[RuleDifference]:
    """Yield in what a provision differs; a new one and one that is gone differ in their rule."""
    named = after.provision or before.provision
    if named is None:
        return
    head = (named.entry.clause, key, named.entry.label.in_locale(before.locale))
    if before.provision is None or after.provision is None:
        yield RuleDifference(*head, "rule", before.of("rule"), after.of("rule"))
        return
    was, now = before.of("rule"), after.of("rule")
    if was != now:
        yield RuleDifference(*head, "rule", was, now)
    elif otherwise := before.beside(after):
        yield RuleDifference(*head, "rule", otherwise, after.beside(before))
    for aspect in ("text", "label", "decision"):
        if before.of(aspect) != after.of(aspect):
            yield RuleDifference(*head, aspect, before.of(aspect), after.of(aspect))


def aspect_named(aspect: str, locale: str) -> str:
    """Return what an aspect is called."""
    return translate(ASPECTS[aspect], locale)
