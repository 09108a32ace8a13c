"""A Chinese sentence has no English word, unless readers type it or Chinese writes it so too."""

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer.main
from babel.messages.pofile import read_po

from survey_pipeline.cli.main import app
from survey_pipeline.scoring.month_row import MonthRow
from survey_pipeline.scoring.year_rows import OfficeRow
from survey_pipeline.stages.intake.kinds import KINDS
from survey_pipeline.vocabulary import FrameReason, Rating, RecordKind
from survey_pipeline.vocabulary.stored_names import frame_reason_named, stored_value_named

ROOT = Path(__file__).parents[2]
PO = ROOT / "survey_pipeline/locale/zh_CN/LC_MESSAGES/survey_pipeline.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{[^{}]*\}(?:_(?:env|file)\b)?|`[^`]*`|</?\w[^<>]*>")
OPTION = re.compile(
    r"--[a-z][a-z-]*(?: [A-Z]+(?![a-z])| [a-z]+(?=[。 ]|$))?"
    r"|(?<![A-Za-z])(?:FILE|NAME|OFFICE|KEY|SYSTEM)(?![A-Za-z])"
)
SETTING = re.compile(r"\[\[?[a-z]+\]\]?|[a-z]+(?:[._][a-z]+)+")
"""Of the configuration, which explains each in Chinese; names of files are of the same form."""
PATH = re.compile(r"https?://|[\w.-]*/[\w./-]*|\w+\+\w+|\.[a-z]+")
BESIDE = re.compile(r"[\u4e00-\u9fff]”?[（(][A-Za-z_-]+[）)]|[a-z_]+（[\u4e00-\u9fff]+）")
"""A code in brackets behind its Chinese word, or the other way round."""
WORD = re.compile(r"[A-Za-z][A-Za-z-]*")

KNOWN = frozenset(
    """
    CSV Code GB GBK HTML HTTP JSON NUL PDF SHA- TOML UTF- XLSX XML csv dBASE docx null xlsx zip

    AAPOR Bonferroni Definitions Kish Standard

    AccessKey Apprise Authorization Bearer DuckDB Excel Host ID Kannel LibreOffice Messaging
    Numbers OpenDocument Parquet PostgreSQL SQLite Secret Service Spark Twilio WPS Wilson Word
    Writer chinesecalendar cron sendsms

    CON COOP Ctrl-C E I KiB MiB N NC NE O R REF RR T U UH UO d e eU h m ms n s x

    address auth decided false file for holidays id impolite least locally maximum mended minimum
    most page phone points polite resend sendsms-user sqlite templates text title token true
    user-allow-ip username wenzhou- window working year

    apt chmod go-rwx install openpyxl p pip tr
    """.split()  # noqa: SIM905 - a list of words is read as words
)
"""Formats; a cited publication; products; signs of statistics, units and keys; what operators write
into the files that they edit; another program."""


def commands(command: Any) -> Iterator[str]:
    for name, below in getattr(command, "commands", {}).items():
        yield name
        yield from commands(below)


TYPED = frozenset({"survey-pipeline", *commands(typer.main.get_command(app)), *RecordKind, *Rating})


def english_words(sentence: str) -> list[str]:
    """Return the words of a sentence that a reader of Chinese cannot be expected to know."""
    for form in (PLACEHOLDER, OPTION, SETTING, PATH, BESIDE):
        sentence = form.sub(" ", sentence)
    return [word for word in WORD.findall(sentence) if word not in KNOWN | TYPED]


def test_no_chinese_sentence_has_an_english_word() -> None:
    with PO.open("rb") as file:
        texts = [one.string for one in read_po(file) if one.id]
    sentences = [text if isinstance(text, str) else text[-1] for text in texts]
    assert {one: words for one in sentences if (words := english_words(one))} == {}


BETTER = {
    r"考核办|考评办": "市评议办",
    r"考核年度|考评年度|评议期间": "评议年度",
    r"群众来信": "群众回复短信",
    r"网关|(?<!短信)通道": "短信通道",
    r"分户": "各单位得分明细",
    r"外部报送|自行调查|外部评价": "牵头单位报送、市评议办调查、报送评价数",
    r"国企事业": "国有企事业单位",
    r"参评率": "参与率",
    r"选票|投票": "评议票、评议",
    r"结案": "已办结",
    r"话术": "回访用语",
    r"之后 ?0 ?位": "在前20名以内，不扣分",
    r"扣完": "应扣5分，限扣4分，本项得0分",
    r"由.{1,20}取代": "……不计入，或以……为准",
    r"四处看看|人人皆知": "可继续执行、不具保密性",
    r"领用|领走": "受理、由他人受理",
    r"可用值": "取值、可填",
    r"不参评|免于评议": "免评",
    r"抽样框": "可抽办件",
    r"欠": "缺报",
    r"主管评价": "主管单位评价",
    r"异议": "申诉",
    r"原文未作规定": "标准载明“…”；未明确的具体办法按《…》执行",
}
"""Words that people of the trade do not accept -> the word to write."""
SHARE = re.compile(r"满意率")
SAYS_SHARE = {"满意率", "satisfied ratings / all ratings", "Share satisfied"}
"""满意率 is the share of satisfied answers alone; R is 满意度."""


def chinese_by_english() -> dict[str, str]:
    with PO.open("rb") as file:
        return {str(text.id): str(text.string) for text in read_po(file) if text.id}


@pytest.mark.parametrize("word", BETTER)
def test_no_text_has_a_word_that_people_do_not_accept(word: str) -> None:
    found = [chinese for chinese in chinese_by_english().values() if re.search(word, chinese)]
    assert not found, f"write {BETTER[word]}"


def test_the_share_of_satisfied_answers_is_the_only_one_called_so() -> None:
    found = {english for english, chinese in chinese_by_english().items() if SHARE.search(chinese)}
    others = {text for text in found if not any(text.startswith(said) for said in SAYS_SHARE)}
    assert not others, "write 满意度: 满意率 is the share of satisfied answers"


@pytest.mark.parametrize("reason", FrameReason)
def test_a_reason_of_the_roll_is_a_word_in_chinese_and_a_code_in_english(
    reason: FrameReason,
) -> None:
    assert frame_reason_named(reason).render("en") == reason
    assert not re.search("[A-Za-z]", frame_reason_named(reason).render("zh_CN"))


def test_every_value_of_a_stored_score_has_a_chinese_word() -> None:
    names = {*MonthRow.__dataclass_fields__, *(field.name for field in fields(OfficeRow))}
    names -= {"notes", "facts"}
    told = {name: stored_value_named(f"facts.{name}").render("zh_CN") for name in names}
    assert {name: word for name, word in told.items() if re.search("[A-Za-z]{4}", word)} == {}
    assert stored_value_named("facts.satisfied").render("en") == "facts.satisfied"


def test_a_code_alone_is_found() -> None:
    assert english_words("单元格为空，但 outcome 为必填项") == ["outcome"]
    assert english_words("或登记结果 refused") == ["refused"]
    assert english_words("请写结果“已评价”（answered）") == []


def test_a_column_code_is_no_setting() -> None:
    """Files of offices have headings; their codes look like keys of the configuration."""
    codes = {
        column.name for kind in KINDS.values() for column in kind.columns if "_" in column.name
    }
    with PO.open("rb") as file:
        texts = [one.string for one in read_po(file) if one.id and isinstance(one.string, str)]
    named = {
        text: code
        for text in texts
        for code in re.findall(r"[a-z]+(?:_[a-z]+)+", BESIDE.sub("", PLACEHOLDER.sub("", text)))
        if code in codes
    }
    assert named == {}
