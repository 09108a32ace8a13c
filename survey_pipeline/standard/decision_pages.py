"""Reads the pages that give the reasons of local decisions (`docs/decisions/`)."""

from pathlib import Path
from typing import NamedTuple

from survey_pipeline.edited import shipped

WRITTEN_IN = "en"
"""The language of the pages themselves; `NAME.zh_CN.md` beside one is its translation."""


class DecisionSource(NamedTuple):
    """A decision's page as it is written, in the reader's language if it is translated."""

    name: str
    """Of the file, without its suffix."""
    markdown: str
    locale: str
    """What it is written in."""

    @property
    def title(self) -> str:
        """Its first line, without the mark of a heading."""
        return self.markdown.partition("\n")[0].lstrip("# ")


def read_decision(home: Path, page: str, locale: str) -> DecisionSource | None:
    """Return a decision's page, or None if there is no such file.

    Args:
        home: the workspace; a city's own decisions are there, and come before the shipped ones.
        page: as an entry of the standard names it, such as `docs/decisions/rounding.md`.
        locale: `zh_CN` or `en`.
    """
    for root in (home, shipped()):
        path = root / page
        translated = path.with_suffix(f".{locale}{path.suffix}")
        for file, language in ((translated, locale), (path, WRITTEN_IN)):
            if file.is_file():
                return DecisionSource(path.stem, file.read_text("utf-8"), language)
    return None


def title_of(home: Path, page: str, locale: str) -> str:
    """Return what a decision's page is called; a page that is not there is its file's name.

    Args:
        home: the workspace.
        page: as an entry of the standard names it.
        locale: `zh_CN` or `en`.
    """
    found = read_decision(home, page, locale)
    return found.title if found else Path(page).stem
