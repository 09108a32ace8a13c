"""What staff read stands in Chinese too, with the same commands, configuration and tables."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
FOR_PROGRAMMERS = {"write-a-gateway"}
HOWTOS = {path.stem for path in (DOCS / "howto").glob("*.md") if "." not in path.stem}
PAGES = ["days", "deploying", *(f"howto/{name}" for name in sorted(HOWTOS - FOR_PROGRAMMERS))]
HAN = re.compile(r"[\u4e00-\u9fff]")


def code(page: str) -> list[str]:
    """Return the lines of a page's code blocks, without comments."""
    blocks = re.findall(r"```.*?```", page, re.DOTALL)
    indented = re.findall(r"(?m)^(?: {4,}).*$", re.sub(r"```.*?```", "", page, flags=re.DOTALL))
    lines = [*"\n".join(blocks).splitlines(), *indented]
    return [re.split(r"\s{2,}# |\s# ", line)[0].rstrip() for line in lines]


def first_cells(page: str) -> int:
    """Return how many rows the tables have."""
    return len(re.findall(r"(?m)^\|", page))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_its_chinese_twin(name: str) -> None:
    english, chinese = (
        (DOCS / f"{name}{ending}").read_text("utf-8") for ending in (".md", ".zh_CN.md")
    )
    assert HAN.search(chinese.splitlines()[0])
    assert code(chinese) == code(english)
    assert first_cells(chinese) == first_cells(english)
    headings = [len(re.findall(r"(?m)^#+ ", page)) for page in (chinese, english)]
    assert headings[0] == headings[1]


def test_the_readme_for_staff_is_in_step_with_the_english_one() -> None:
    pages = [(ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh_CN.md")]
    english, chinese = (
        [line for line in code(re.sub(r"(?s)```.*?```", "", page)) if line.strip()]
        for page in pages
    )
    assert len(english) == 5
    assert chinese == english
    for mark in (r"(?m)^#+ ", r"(?m)^\|", r"(?m)^!\["):
        english_marks, chinese_marks = (len(re.findall(mark, page)) for page in pages)
        assert chinese_marks == english_marks


def tables(page: str) -> list[tuple[str, ...]]:
    """Return the columns of the kinds of files, with their headings, in order; keys among them."""
    found: list[tuple[str, ...]] = []
    for line in page.splitlines():
        if kind := re.match(r"\*\*([a-z-]+)\*\* ?[(（](?:key: |主键：)([^)）]*)[)）]", line):
            found.append(kind.groups())
        elif found and line.startswith("| ") and (cells := line.strip("|").split("|"))[0].isascii():
            found.append((cells[0].strip(), *headings(cells[1])))
    return [row for row in found if row[0] != "column"]


def headings(cell: str) -> list[str]:
    """Return the headings of a cell; none where it points to those above."""
    return [word for word in re.findall(r"[\w()]+", cell) if HAN.search(word) and word != "同上"]


def of_files(page: str) -> str:
    return (ROOT / "docs/reference" / page).read_text("utf-8")


def test_the_reference_of_files_has_the_same_tables() -> None:
    english, chinese = of_files("files.md"), of_files("files.zh_CN.md")
    columns = [
        [row for row in tables(page) if not any("满意" in cell for cell in row)]
        for page in (english, chinese)
    ]
    assert len(columns[0]) > 90
    assert columns[1] == columns[0]
    assert first_cells(chinese) == first_cells(english)


@pytest.mark.parametrize("name", ["reference/files", "replies"])
def test_a_reference_has_the_same_sections(name: str) -> None:
    pages = [(ROOT / f"docs/{name}{end}").read_text("utf-8") for end in (".md", ".zh_CN.md")]
    for mark in (r"(?m)^#+ ", r"(?m)^\|"):
        english, chinese = (len(re.findall(mark, page)) for page in pages)
        assert chinese == english


def test_the_pages_are_linked() -> None:
    for page in ("docs/README.md", "README.zh_CN.md"):
        text = (ROOT / page).read_text("utf-8")
        assert "reference/files.zh_CN.md" in text
        assert "replies.zh_CN.md" in text


def test_replies_were_measured_once() -> None:
    """The figures of the two pages are those of the same run."""
    pages = [(ROOT / f"docs/replies{end}").read_text("utf-8") for end in (".md", ".zh_CN.md")]
    english, chinese = (re.findall(r"(?m)^\|.*?\.tsv[^|]*\|(.*)$", page) for page in pages)
    assert chinese == english
