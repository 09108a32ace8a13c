"""Every source that a docstring names is there: a section, a page, or a publication."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SPECIFICATION = ROOT / "docs/specification"
CODE = sorted(
    path
    for folder in ("survey_pipeline", "tests", "bench")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".toml"}
)
NUMBER = r"\d+(?:\.[0-9A-J]+)?"
NUMBERS = rf"({NUMBER}(?:(?:, | and |, and ){NUMBER})*)"
CITED = re.compile(rf"specification, sections? {NUMBERS}|sections? {NUMBERS} of the specification")
SOURCE = re.compile(r"(?<![\w\"'])Sources?: (.{20,60})")
ELSEWHERE = re.compile(r"\b(?:product|architecture|statistics)\.md\b|\breading\.md\b")
"""Pages that are not part of the project."""


def prose(path: Path) -> str:
    """Return a file as one line, without comment signs at the beginnings of lines."""
    return re.sub(r"\s*\n\s*#?\s*", " ", path.read_text("utf-8"))


def headings() -> set[str]:
    """Return the numbers of the specification's sections."""
    pages = [path.read_text("utf-8") for path in SPECIFICATION.glob("*.md")]
    return {found for page in pages for found in re.findall(rf"(?m)^#+ ({NUMBER})\.? ", page)}


def publications() -> tuple[str, ...]:
    page = (SPECIFICATION / "publications.md").read_text("utf-8")
    return tuple(re.findall(r"(?m)^## (.*)$", page))


def cited(text: str) -> Iterator[str]:
    for found in CITED.finditer(text):
        yield from re.findall(NUMBER, found[1] or found[2])


def test_every_section_that_the_code_cites_exists() -> None:
    found = {path: set(cited(prose(path))) for path in CODE}
    assert len(set().union(*found.values())) > 15
    missing = {str(path.relative_to(ROOT)): numbers - headings() for path, numbers in found.items()}
    assert {path: numbers for path, numbers in missing.items() if numbers} == {}


def is_known(source: str) -> bool:
    """Return whether a source is a section, an existing page, or a publication of section 16."""
    if source.startswith("docs/"):
        return (ROOT / re.split(r"[\s;,]|\.(?= |$)", source)[0]).is_file()
    return source.startswith(("specification, section", *publications()))


def test_every_source_is_a_section_a_page_or_a_publication() -> None:
    sources = {
        f"{path.relative_to(ROOT)}: {source}": is_known(source)
        for path in CODE
        if path != Path(__file__)
        for source in SOURCE.findall(prose(path))
    }
    assert len(sources) > 15
    assert [source for source, known in sources.items() if not known] == []


@pytest.mark.parametrize(
    ("source", "known"),
    [
        ("specification, section 7.2. Every due time", True),
        ("docs/decisions/ranks.md; what is said there", True),
        ("docs/decisions/none.md. What is said there", False),
        ("3GPP TS 23.038 (the GSM 7-bit alphabet)", True),
        ("the vendor's page on signatures", False),
    ],
)
def test_what_is_a_source(source: str, known: bool) -> None:
    assert is_known(source) is known


def test_sections_are_numbered_once() -> None:
    pages = "\n".join(path.read_text("utf-8") for path in SPECIFICATION.glob("*.md"))
    numbers = re.findall(rf"(?m)^#+ ({NUMBER})\.? ", pages)
    assert sorted(numbers) == sorted(set(numbers))


def test_the_code_names_no_page_that_is_not_here() -> None:
    found = {
        str(path.relative_to(ROOT)): hit[0]
        for path in CODE
        if path != Path(__file__)
        if (hit := ELSEWHERE.search(re.sub(r"docs/(?:\w+/)?\w+\.md", "", prose(path))))
    }
    assert found == {}
