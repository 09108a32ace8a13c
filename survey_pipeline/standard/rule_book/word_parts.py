"""Small words that the sentences of a rule book are made of."""

from collections.abc import Iterable, Sequence
from functools import reduce

from survey_pipeline.i18n import N_, Message, coded
from survey_pipeline.standard.entry import Label
from survey_pipeline.vocabulary import Category
from survey_pipeline.vocabulary.names import CATEGORIES

_JOINTS = {", ": N_("{first}, {second}"), "; ": N_("{first}; {second}")}


def said(text: str, /, **values: object) -> Message:
    """Return a sentence with its values."""
    return Message(text, values)


def listed(items: Sequence[object], joint: str = ", ") -> Message:
    """Return items as a sentence lists them, in either language; "none" where there are none.

    Args:
        items: words or messages.
        joint: the English joint: `, ` or `; `.
    """
    if not items:
        return Message(N_("none"))
    text = _JOINTS[joint]
    return reduce(
        lambda first, second: Message(text, {"first": first, "second": second}),
        items[1:],
        items[0] if isinstance(items[0], Message) else coded(str(items[0]), items[0]),
    )


def categories(names: Iterable[Category]) -> Message:
    """Return categories as a sentence lists them."""
    return listed([Message(CATEGORIES[name]) for name in names])


def label(words: Label) -> Message:
    """Return a label of the file in the reader's language."""
    return coded(words.in_locale("en"), words.in_locale("zh_CN"))
