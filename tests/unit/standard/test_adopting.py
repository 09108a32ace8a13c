"""Adoptions in a standard's file: three keys, all or none, written without touching the rest."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from survey_pipeline.errors import CannotProceed, ConfigurationError
from survey_pipeline.standard.adopting import adopted, dotted, undotted, with_adoptions
from survey_pipeline.standard.entry import Adoption, placed_entries
from survey_pipeline.standard.load import FOLDER, read_standard
from survey_pipeline.standard.whose_words import marks, source_of, standing

SHIPPED = Path(__file__).parents[3] / FOLDER / "wenzhou-2023.toml"
TEXT = SHIPPED.read_text("utf-8")
ADOPTION = Adoption("市评议办", date(2023, 5, 4), "温评办〔2023〕3号")
COEFFICIENT = ("satisfaction", "coefficient")
DISMISSAL = ("supervision", "clauses", 15)


def everything() -> dict[tuple[str | int, ...], Adoption | None]:
    standard, _ = read_standard(SHIPPED)
    return {path: ADOPTION for path, entry in placed_entries(standard) if entry.decided}


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / SHIPPED.name
    path.write_bytes(text.encode())
    return path


def test_an_adoption_adds_three_lines_behind_the_page_and_nothing_else() -> None:
    changed = with_adoptions(TEXT, {COEFFICIENT: ADOPTION})
    added = [
        'adopted_by = "市评议办"', "adopted_on = 2023-05-04", 'document_no = "温评办〔2023〕3号"',
    ]  # fmt: skip
    lines = changed.splitlines()
    place = lines.index(added[0])
    assert lines[place - 1] == 'page = "docs/decisions/volume-coefficient.md"'
    assert lines[place : place + 3] == added
    assert lines[:place] + lines[place + 3 :] == TEXT.splitlines()


def test_every_local_decision_of_the_shipped_file_can_be_adopted_and_taken_back(
    tmp_path: Path,
) -> None:
    adoptions = everything()
    changed = with_adoptions(TEXT, adoptions)
    standard, _ = read_standard(written(tmp_path, changed))
    assert not [entry.clause for _, entry in placed_entries(standard) if entry.is_default]
    assert with_adoptions(changed, dict.fromkeys(adoptions)) == TEXT


def test_a_later_adoption_replaces_the_earlier_one() -> None:
    later = Adoption('市评议办 "二科"', date(2023, 6, 1), "No. 7\\b")
    changed = with_adoptions(with_adoptions(TEXT, {DISMISSAL: ADOPTION}), {DISMISSAL: later})
    entry = tomllib.loads(changed)["supervision"]["clauses"][15]
    assert (entry["adopted_by"], entry["document_no"]) == ('市评议办 "二科"', "No. 7\\b")
    assert changed.count("adopted_by") == 1


def test_the_files_line_ends_and_comments_stay() -> None:
    changed = with_adoptions(TEXT.replace("\n", "\r\n"), {COEFFICIENT: ADOPTION})
    assert changed.replace("\r\n", "").count("\n") == 0
    assert changed.replace("\r\n", "\n") == with_adoptions(TEXT, {COEFFICIENT: ADOPTION})


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("上一年度", '"""上一年度', 1) + '"""',
        TEXT.replace("# ---- B.", 'note = """\n# ---- B.', 1).replace("# Points from", '"""\n#', 1),
    ],
)
def test_what_cannot_be_placed_for_sure_is_left_to_the_hand(text: str) -> None:
    with pytest.raises(CannotProceed) as refused:
        with_adoptions(text, {COEFFICIENT: ADOPTION})
    assert "satisfaction.coefficient" in str(refused.value)
    assert "by hand" in str(refused.value)


def test_a_standard_with_adoptions_is_the_one_its_file_would_give(tmp_path: Path) -> None:
    standard, _ = read_standard(SHIPPED)
    adoptions = everything()
    read, _ = read_standard(written(tmp_path, with_adoptions(TEXT, adoptions)))
    assert adopted(standard, adoptions) == read
    assert adopted(read, dict.fromkeys(adoptions)) == standard


def test_the_path_of_an_entry_is_kept_as_text() -> None:
    assert dotted(DISMISSAL) == "supervision.clauses.15"
    assert undotted(dotted(DISMISSAL)) == DISMISSAL


@pytest.mark.parametrize(
    ("header", "added", "key", "problem"),
    [
        ("[rounding]", 'adopted_by = "x"', "rounding.adopted_by", "together, or none"),
        ("[rounding]", "adopted_on = 2023-05-04", "rounding.adopted_on", "together, or none"),
        ("[rounding]", 'adopted_on = "2023-05-04"', "rounding.adopted_on", "2023-05-04"),
        ("[rounding]", 'adopted_by = " "', "rounding.adopted_by", ""),
        (
            "[daily]",
            'adopted_by = "x"\nadopted_on = 2023-05-04\ndocument_no = "1"',
            "daily.adopted_by",
            "only a local decision",
        ),
    ],
)
def test_an_adoption_is_whole_or_refused_with_its_place(
    tmp_path: Path, header: str, added: str, key: str, problem: str
) -> None:
    start = TEXT.index(f"\n{header}")
    end = TEXT.index("\n\n", start)
    text = f"{TEXT[:end]}\n{added}{TEXT[end:]}"
    line = text[: end + 1].count("\n") + 1
    with pytest.raises(ConfigurationError) as refused:
        read_standard(written(tmp_path, text))
    assert key in str(refused.value)
    assert f"line {line}" in str(refused.value)
    assert problem in str(refused.value)


def test_an_entry_says_whose_it_is_in_both_languages() -> None:
    standard, _ = read_standard(SHIPPED)
    confirmed = adopted(standard, {COEFFICIENT: ADOPTION})
    table = confirmed.satisfaction.coefficient
    assert standing(standard.daily).render("zh_CN") == "标准原文"
    assert standing(standard.window).render("zh_CN") == "程序默认，未经市评议办确认"
    assert standing(table).render("zh_CN") == "按温评办〔2023〕3号执行"
    assert source_of(standard.rounding, "计算精确").render("zh_CN") == (
        "标准载明“并根据满意度赋分”；未明确的具体办法按《计算精确》执行（程序默认，未经市评议办确认）"
    )
    assert source_of(table).render("zh_CN").endswith("；未明确的具体办法按温评办〔2023〕3号执行")
    assert "decided by 温评办〔2023〕3号" in source_of(table).render("en")


def test_the_marks_over_a_table_count_what_nobody_has_confirmed() -> None:
    standard, _ = read_standard(SHIPPED)
    adoptions = everything()
    default = [mark.render("en") for mark in marks(standard)]
    assert "is the program's default" in default[0]
    assert f"Of {len(adoptions)} local decisions {len(adoptions)} are" in default[1]
    [said] = [mark.render("en") for mark in marks(adopted(standard, adoptions))]
    assert said == "The table of volume coefficients was adopted by 市评议办 (温评办〔2023〕3号)."
