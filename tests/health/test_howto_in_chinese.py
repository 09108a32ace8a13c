"""README and how-tos stand in Chinese too, with the same commands and configuration."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "howto"
FOR_PROGRAMMERS = {"write-a-gateway"}
PAGES = sorted(
    {path.stem for path in FOLDER.glob("*.md") if "." not in path.stem} - FOR_PROGRAMMERS
)
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
        (FOLDER / f"{name}{ending}").read_text("utf-8") for ending in (".md", ".zh_CN.md")
    )
    assert HAN.search(chinese.splitlines()[0])
    assert code(chinese) == code(english)
    assert first_cells(chinese) == first_cells(english)
    headings = [len(re.findall(r"(?m)^#+ ", page)) for page in (chinese, english)]
    assert headings[0] == headings[1]


def test_the_readme_for_staff_has_the_commands_of_the_english_one() -> None:
    english, chinese = (
        [line for line in code(re.sub(r"(?s)```.*?```", "", page)) if line.strip()]
        for page in ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh_CN.md"))
    )
    assert len(english) > 30
    assert chinese == english
