"""Fragments that are rendered once, because what they show is stored and never changes.

A stored score is a version: another computation makes another one. Its tables and charts are the
same for every visitor of one language until a file of the standard or a setting changes, so that
the finished HTML is cached, not the figures behind it.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from threading import Lock
from typing import Any, Generic, TypeVar

from fastapi import Request
from markupsafe import Markup

from survey_pipeline.web.rendering.page import locale_of, render_text

MOST_FRAGMENTS = 64
"""The most recently used fragments are kept: about ten megabytes with a thousand offices."""

Value = TypeVar("Value")


class LruCache(Generic[Value]):
    """A cache of the most recently used values; threads may share it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the value of a key, made if it is absent; two threads at once may both make it.

        If `make` fails, nothing is kept and its error is raised.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()  # outside the lock: rendering a large table takes a second
        with self._lock:
            self._kept[key] = made
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made


def cached_fragment(
    request: Request, template: str, key: Hashable, values: Callable[[], Mapping[str, Any]]
) -> Markup:
    """Return a fragment that is the same as long as its key is.

    Args:
        request: whose page it is; nothing but the visitor's language may matter.
        template: its name in `templates/`.
        key: everything that the fragment is made from, except the language.
        values: returns what the template is given; called only if the fragment is not cached.
    """
    fragments: LruCache[Markup] = request.app.state.fragments
    return fragments.get(
        (template, locale_of(request), key),
        lambda: Markup(render_text(request, template, values())),  # noqa: S704 - a template's text
    )
