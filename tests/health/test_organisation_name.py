"""The office that asks has its configured name: no file of words says 市评议办 in its place."""

import re
from pathlib import Path

import pytest

from survey_pipeline.i18n import ORGANISATION

ROOT = Path(__file__).parents[2]
FOLDERS = ("survey_pipeline", "templates", "config", "scripts", "deploy", "docs/decisions")
ENDINGS = {".py", ".po", ".txt", ".toml", ".html", ".js", ".css", ".json", ".sh", ".yml", ".md", ""}
ALLOWED = {
    "survey_pipeline/i18n.py": r'ORGANISATION = "市评议办"',
    "config/pipeline.toml": r'name = "市评议办" .*',
    "config/pipeline.zh_CN.toml": r'name = "市评议办" .*',
    "config/standards/wenzhou-2023.toml": r'place = ".*"',
}
"""Lines that may say it, by file: the shipped name itself, and quotations of the published text."""
QUOTED = r"> .*"
"""A line of a decision's page that quotes the published text; its own words say 评议机构."""
WORDS = [
    path
    for folder in FOLDERS
    for path in sorted((ROOT / folder).rglob("*"))
    if path.is_file() and path.suffix in ENDINGS and "__pycache__" not in path.parts
]


def test_there_are_words_to_search() -> None:
    assert {path.suffix for path in WORDS} >= {".py", ".po", ".txt", ".toml", ".html"}


@pytest.mark.parametrize("name", [ORGANISATION, "city's appraisal office"])
def test_no_file_of_words_names_the_office_that_asks(name: str) -> None:
    found = [
        (place, line.strip())
        for path in WORDS
        for place in [path.relative_to(ROOT).as_posix()]
        for line in path.read_text("utf-8").splitlines()
        if name in line and not re.fullmatch(_allowed(place), line.strip())
    ]
    assert found == [], "write {organisation}: the configured name takes its place"


def _allowed(place: str) -> str:
    return QUOTED if place.startswith("docs/decisions/") else ALLOWED.get(place, "")


def test_the_exceptions_are_needed() -> None:
    unused = [
        place
        for place, form in ALLOWED.items()
        if not any(
            re.fullmatch(form, line.strip())
            for line in (ROOT / place).read_text("utf-8").splitlines()
            if ORGANISATION in line
        )
    ]
    assert unused == []
