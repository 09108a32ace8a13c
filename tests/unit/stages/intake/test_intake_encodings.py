"""Short texts whose bytes are well-formed in GB18030 and in UTF-8."""

import re
from pathlib import Path
from typing import Any

import pytest

from survey_pipeline.stages.intake.formats.encodings import choose

ROOT = Path(__file__).parents[4]
ROW = "AG-1,N1,2026-11-20,13812340001,{}\n"


def chosen(*texts: Any, encoding: Any) -> Any:
    return choose(ROW.format(text).encode(encoding) for text in texts)


def is_both(text: Any) -> Any:
    try:
        return not text.encode("gb18030").decode("utf-8").isascii()
    except UnicodeDecodeError:
        return False


@pytest.fixture(scope="module")
def words() -> Any:
    """Pieces of one to four characters of the standard's text and of our translations."""
    texts = [*ROOT.glob("docs/standard/*.txt"), *ROOT.glob("survey_pipeline/locale/*/*/*.po")]
    said = "\n".join(path.read_text(encoding="utf-8") for path in texts)
    runs = re.findall("[一-鿿]+", said)
    return {
        run[start : start + size]
        for run in runs
        for size in (1, 2, 3, 4)
        for start in range(len(run) - size + 1)
    }


def test_real_utf8_is_never_taken_for_anything_else(words: Any) -> None:
    assert len(words) > 10_000
    assert [word for word in words if chosen(word, encoding="utf-8") != ("utf-8", None)] == []


def test_short_gbk_is_read_right_or_told(words: Any) -> None:
    ambiguous = sorted(filter(is_both, words))
    assert len(ambiguous) > 100
    found = {word: chosen(word, encoding="gb18030") for word in ambiguous}
    right = [word for word in ambiguous if found[word].name == "gb18030"]
    assert all(found[word].note for word in right)
    silent = [word for word in ambiguous if found[word].name != "gb18030" and not found[word].note]
    assert silent == [word for word in silent if set(word) <= set("位未为味尾委")]
    assert len(right) >= 0.97 * len(ambiguous)


@pytest.mark.parametrize(
    "text",
    [
        "café",
        "Zürich",
        "naïve",
        "Łódź",
        "İstanbul",
        "Nguyễn",
        "é",
        "lǜ",
        "Иванов",
        "Москва",
        "да",
        "Ελλάδα",
        "שלום",
        "«да»",
        "138\xad12340001",
        "\xa0",
        "×",
        "Éé",
        "Й",
    ],
)
def test_other_scripts_are_utf8_without_a_word(text: str) -> None:
    assert chosen(text, encoding="utf-8") == ("utf-8", None)


@pytest.mark.parametrize("text", ["20°C", "m²", "¥100", "·", "A·B", "50µm", "α-1", "§"])
def test_signs_are_utf8_and_told(text: str) -> None:
    found = chosen(text, encoding="utf-8")
    assert found.name == "utf-8"
    assert found.note is not None


def test_one_sure_piece_decides() -> None:
    assert chosen("\u0368", "办证", encoding="utf-8") == ("utf-8", None)
    assert chosen("通", "退", "事", encoding="gb18030").name == "gb18030"
    assert choose([]) == ("utf-8", None)
