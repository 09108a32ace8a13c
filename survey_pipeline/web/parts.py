"""Parts of pages that are made once: what they show is stored and never changes.

A stored score is a version: another computation makes another one. Its tables and charts are the
same for every visitor of one language until a file of the standard or a setting is changed, so that
the finished text is kept, not the figures behind it.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from threading import Lock
from typing import Any, Generic, TypeVar

from fastapi import Request
from markupsafe import Markup

from survey_pipeline.web.pages import locale_of, render_text

PARTS = 64
"""Parts that are kept, those asked for last: about ten megabytes at a thousand offices."""

Made = TypeVar("Made")


class Kept(Generic[Made]):
    """What was made, those asked for last; to be used by several threads."""

    def __init__(self, most: int) -> None:
        self._kept: OrderedDict[Hashable, Made] = OrderedDict()
        self._most = most
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return what a key stands for, made if it is not there; two at once may both make it.

        What cannot be made is not kept: the error is the caller's.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made


def lasting(
    request: Request, template: str, key: Hashable, values: Callable[[], Mapping[str, Any]]
) -> Markup:
    """Return a part of a page that is the same as long as its key is.

    Args:
        request: whose page it is; of the visitor only the language matters, and only that may.
        template: its name in `templates/`.
        key: all that the part is made from, but for the language.
        values: gives what the template is given; asked only where the part is not there.
    """
    parts: Kept[Markup] = request.app.state.parts
    return parts.get(
        (template, locale_of(request), key),
        lambda: Markup(render_text(request, template, values())),  # noqa: S704 - a template's text
    )
