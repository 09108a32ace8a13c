"""A Chinese sentence has no English word, unless readers type it or Chinese writes it so too."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main
from babel.messages.pofile import read_po

from survey_pipeline.cli.main import app
from survey_pipeline.stages.intake.kinds import KINDS
from survey_pipeline.vocabulary import Rating, RecordKind

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
    CSV Code GB GBK HTML HTTP JSON NUL PDF SHA- TOML UTF- XLSX XML csv dBASE null xlsx

    AAPOR Definitions Standard

    AccessKey Authorization Bearer Excel Host ID Kannel Messaging Numbers OpenDocument PostgreSQL
    SQLite Secret Service Twilio WPS Wilson chinesecalendar cron sendsms

    CON COOP Ctrl-C KiB MiB N R REF RR T U d h m ms n s x

    auth decided false for holidays id impolite least locally maximum minimum most page phone points
    polite resend sendsms-user sqlite templates text token true user-allow-ip username wenzhou-
    working

    chmod go-rwx install openpyxl pip
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
