"""A wrong file of a standard: every fault at once, each with its place and its remedy."""

from pathlib import Path

import pytest

from survey_pipeline.edited import shipped
from survey_pipeline.errors import ConfigurationError
from survey_pipeline.standard.load import FOLDER
from survey_pipeline.standard.rule_book.checking_file import FileFault, find_faults

TEXT = (shipped() / FOLDER / "wenzhou-2023.toml").read_text("utf-8")


def faults(home: Path, text: str, name: str = "wenzhou-2023.toml") -> list[FileFault]:
    path = home / name
    path.write_text(text, "utf-8")
    return find_faults(path, home)


def line_of(text: str, words: str) -> int:
    [line] = [number for number, line in enumerate(text.splitlines(), 1) if words in line]
    return line


def test_the_shipped_standard_has_none(tmp_path: Path) -> None:
    assert faults(tmp_path, TEXT) == []


def test_all_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = TEXT.replace("points = 85", "pionts = 85 # MARK")
    text = text.replace("factor = 1.5", "factor = 0.5 # HERE")
    text = text.replace('"一项工作获多层级表彰', '"一项工程获多层级表彰')
    text = text.replace('page = "docs/decisions/core-function.md"', 'page = "docs/decisions/c.md"')
    found = faults(tmp_path, text)
    assert [(fault.key, fault.line) for fault in found] == [
        ("daily.pionts", line_of(text, "# MARK")),
        ("supervision.head.factor", line_of(text, "# HERE")),
        ("bonus.highest.place", line_of(text, "一项工程")),
        ("bonus.core_function.page", line_of(text, "decisions/c.md")),
    ]
    assert [str(fault.remedy) for fault in found] == [
        "Write points, or remove it.",
        "Change it to what is asked for; '0.5' stands there now.",
        (
            "Copy them from docs/standard/wenzhou-2023.zh.txt as they stand there. If the page "
            "damaged them, put its words together as they must have read, and write mended = true "
            "below."
        ),
        "Write the page, or name one that is there.",
    ]


def test_a_missing_key_is_shown_as_the_shipped_file_has_it(tmp_path: Path) -> None:
    [fault] = faults(tmp_path, TEXT.replace("points = 85\n", ""))
    assert (fault.key, str(fault.problem)) == ("daily.points", "Field required")
    assert str(fault.remedy) == "Add it, such as: points = 85"


def test_a_missing_table_is_shown_as_the_shipped_file_has_it(tmp_path: Path) -> None:
    before, _, after = TEXT.partition("[hotline.period]")
    [fault] = faults(tmp_path, before + after[after.index("\n[") :])
    assert fault.key == "hotline.period"
    assert str(fault.remedy) == "Add it, such as: [hotline.period]"


def test_sums_between_parts_are_looked_at_too(tmp_path: Path) -> None:
    [fault] = faults(tmp_path, TEXT.replace("points = 85", "points = 86"))
    assert fault.key == "daily.points"
    assert str(fault.problem) == "the daily components add up to 85"


def test_an_id_that_is_not_the_files_name_is_told(tmp_path: Path) -> None:
    [fault] = faults(tmp_path, TEXT, "wenzhou-2024.toml")
    assert (fault.key, str(fault.remedy)) == (
        "id",
        'Write id = "wenzhou-2024", or rename the file.',
    )


def test_a_text_that_is_not_there_is_told_once(tmp_path: Path) -> None:
    [fault] = faults(tmp_path, TEXT.replace("docs/standard/wenzhou-2023.zh.txt", "docs/none.txt"))
    assert fault.key == "text"


def test_a_citys_own_text_and_pages_are_found_in_its_workspace(tmp_path: Path) -> None:
    text = TEXT.replace("docs/standard/wenzhou-2023.zh.txt", "docs/standard/ours.txt")
    (tmp_path / "docs/standard").mkdir(parents=True)
    published = (shipped() / "docs/standard/wenzhou-2023.zh.txt").read_text("utf-8")
    (tmp_path / "docs/standard/ours.txt").write_text(published, "utf-8")
    assert faults(tmp_path, text) == []


def test_what_is_no_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="line"):
        faults(tmp_path, TEXT.replace("points = 85", "points = 8,5"))


def test_a_mended_quotation_is_made_of_the_pages_own_words(tmp_path: Path) -> None:
    [fault] = faults(tmp_path, TEXT.replace('"监督检查评价(25分)"', '"监督检查评价(26分)"'))
    assert fault.key == "supervision.total.place"
    assert str(fault.problem) == "the published text does not have these words"


def test_words_that_stand_there_are_not_marked_as_mended(tmp_path: Path) -> None:
    place = 'place = "日常评议(85分)"\n'
    [fault] = faults(tmp_path, TEXT.replace(place, f"{place}mended = true\n"))
    assert (fault.key, str(fault.remedy)) == ("daily.place", "Remove mended.")


def test_a_mended_quotation_without_its_mark_is_told(tmp_path: Path) -> None:
    text = TEXT.replace('place = "(分项2分封顶)"\nmended = true\n', 'place = "(分项2分封顶)"\n')
    assert [fault.key for fault in faults(tmp_path, text)] == ["bonus.total.place"]


def test_a_document_whose_file_is_not_there_is_told(tmp_path: Path) -> None:
    text = TEXT.replace('address = "http', 'file = "docs/none.pdf"\naddress = "http', 1)
    assert [fault.key for fault in faults(tmp_path, text)] == ["documents.0.file"]


def test_a_document_is_somewhere(tmp_path: Path) -> None:
    text = TEXT.replace('address = "http://py.wzlzw.gov.cn/"\n', "", 1)
    [fault] = faults(tmp_path, text)
    assert (fault.key, str(fault.problem)) == (
        "documents.0",
        "say where the document is: its file, or its address",
    )
