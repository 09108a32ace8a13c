"""Every provision of a standard is said in words, and no figure of the file is left unsaid."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from survey_pipeline.standard.load import FOLDER, read_standard
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.rule_book.chapters import chapters
from survey_pipeline.standard.rule_book.provisions import figures, provisions
from survey_pipeline.standard.rule_book.sentences import sentences

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / FOLDER / "wenzhou-2023.toml"
FILES = [SHIPPED, *sorted((ROOT / "tests/data/standards").glob("*.toml"))]
WENZHOU: Standard = read_standard(SHIPPED)[0]


def said(key: str, locale: str = "en") -> str:
    [found] = [found for found in provisions(WENZHOU) if found.key == key]
    return " ".join(message.render(locale) for message in sentences(WENZHOU, found))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_provision_is_said_in_both_languages(path: Path) -> None:
    standard = read_standard(path)[0]
    for found in provisions(standard):
        for message in sentences(standard, found):
            assert " = " not in message.render("en"), f"{found.table} has no words yet"
            assert re.search(r"[\u4e00-\u9fff]|：", message.render("zh_CN")), found.key


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_figure_is_left_unsaid(path: Path) -> None:
    standard = read_standard(path)[0]
    for found in provisions(standard):
        words = " ".join(message.render("en") for message in sentences(standard, found))
        for name, value in figures(found.entry).items():
            if isinstance(value, int | Decimal) and not isinstance(value, bool):
                assert re.search(rf"(?<![\d.]){re.escape(str(value))}(?![\d.]*\d)", words), (
                    f"{found.key}.{name}"
                )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_key_names_one_provision(path: Path) -> None:
    keys = [found.key for found in provisions(read_standard(path)[0])]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("supervision.clauses.C1.1", "3 to 5 off for each case."),
        ("supervision.clauses.C2.1b", "4.5 off for each person, each time."),
        ("hotline.caps.D2", "D2.5, D2.6, D2.7 together: 4 at most in a year."),
        ("supervision.intermediaries", "hold for these categories alone: Social services."),
        ("satisfaction.carried_out.A.7", "Holds for: Agencies, with approval services."),
        ("satisfaction.coefficient", "from 10 on: times 0.96 below 10: times 0.95"),
    ],
)
def test_clauses_read_aloud(key: str, words: str) -> None:
    assert words in said(key)


def test_clauses_that_follow_one_another_are_said_as_from_and_to() -> None:
    assert said("supervision.head").startswith("C2.1a-C2.1e, C2.2a-C2.2e: ")
    assert said("supervision.head", "zh_CN").startswith("C2.1a-C2.1e、C2.2a-C2.2e：")


def test_the_chapters_follow_the_standard() -> None:
    titles = [chapter.title for chapter in chapters(WENZHOU, "en")]
    assert titles == [
        "In general",
        "Satisfaction",
        "Performance",
        "Supervision",
        "Hotline 12345",
        "Parent rating",
        "Online review",
        "Bonus",
        "Deadlines",
        "Implementing rules",
    ]
