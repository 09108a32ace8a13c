"""Every decision page has one form in both languages, and is changed in a file, never in code."""

import re
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from survey_pipeline.settings import Settings
from survey_pipeline.standard.model import Standard

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path for path in (ROOT / "docs/decisions").glob("*.md") if not path.name.endswith(".zh_CN.md")
)
HEADINGS = {
    "en": (
        "The text", "The question", "What we propose", "Why", "What else would be reasonable",
        "To change it",
    ),
    "zh_CN": ("标准原文", "问题", "程序提出的办法", "理由", "其他合理做法", "如何更改"),
}  # fmt: skip
PUBLISHED = "".join((ROOT / "docs/standard/wenzhou-2023.zh.txt").read_text("utf-8").split())
TABLE = re.compile(r"`\[\[?([a-z_.]+)\]\]?`")
KEY = re.compile(r"`([a-z_]+)`")

both = pytest.mark.parametrize("locale", list(HEADINGS))
every = pytest.mark.parametrize("path", PAGES, ids=[path.stem for path in PAGES])


def sections(path: Path, locale: str) -> dict[str, str]:
    """Return heading -> text of a page."""
    written = path if locale == "en" else path.with_suffix(".zh_CN.md")
    first, *rest = written.read_text("utf-8").split("\n## ")
    assert first.startswith("# ")
    return {part.partition("\n")[0]: part.partition("\n")[2].strip() for part in rest}


@every
@both
def test_a_page_has_the_six_parts_in_order_and_none_is_empty(path: Path, locale: str) -> None:
    found = sections(path, locale)
    assert tuple(found) == HEADINGS[locale]
    assert all(found.values())


@every
@both
def test_a_page_quotes_the_published_text(path: Path, locale: str) -> None:
    quoted = sections(path, locale)[HEADINGS[locale][0]]
    quotations = [line.removeprefix("> ") for line in quoted.splitlines() if line.startswith("> ")]
    assert quotations
    for quotation in quotations:
        assert "".join(quotation.split()) in PUBLISHED


@every
@both
def test_alternatives_are_shown_on_an_example_in_figures(path: Path, locale: str) -> None:
    text = sections(path, locale)[HEADINGS[locale][4]]
    assert ("example" if locale == "en" else "举例") in text
    assert len(re.findall(r"\d+", text)) > 1


@every
@both
def test_what_changes_it_is_a_key_of_a_file(path: Path, locale: str) -> None:
    text = sections(path, locale)[HEADINGS[locale][5]]
    tables = TABLE.findall(text)
    assert tables or "`templates/" in text
    models = [model for table in tables for model in found_at(table)]
    assert len({table for table in tables if any(found_at(table))}) == len(set(tables))
    for key in KEY.findall(text):
        assert any(key in model.model_fields for model in models), key


def test_both_languages_name_the_same_tables_and_keys() -> None:
    for path in PAGES:
        said = [sections(path, locale)[HEADINGS[locale][5]] for locale in HEADINGS]
        tables, keys = ([set(form.findall(text)) for text in said] for form in (TABLE, KEY))
        assert tables[0] == tables[1], path.stem
        assert keys[0] == keys[1], path.stem


def found_at(table: str) -> list[type[BaseModel]]:
    """Return the models of a table in a standard's file, or in pipeline.toml."""
    return [found for root in (Standard, Settings) if (found := _within(root, table.split(".")))]


def _within(model: type[BaseModel] | None, names: list[str]) -> type[BaseModel] | None:
    for name in names:
        if model is None or name not in model.model_fields:
            return None
        model = next(_models(model.model_fields[name].annotation), None)
    return model


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the models in an annotation: its own, those of a list, or of something optional."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from _models(inner)
