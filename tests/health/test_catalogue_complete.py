"""Every sentence that the program says is in the catalogue, in good order, and in the wheel."""

import ast
import re
import tomllib
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "survey_pipeline"
PO = PACKAGE / "locale" / "zh_CN" / "LC_MESSAGES" / "survey_pipeline.po"
REMEDY = "run scripts/catalogue, write the missing translations into the .po file, run it again"
SHOWN_BY = {"print", "add_column", "BadParameter"}
"""Calls whose literal text a user would see."""


@pytest.fixture(scope="module")
def kept() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file)


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Set[str]:
    """Extract the texts as scripts/catalogue does."""
    template = tmp_path_factory.mktemp("catalogue") / "texts.pot"
    options = ["--mapping-file", str(ROOT / "pyproject.toml"), "--output", str(template)]
    interface: Any = CommandLineInterface()  # a package without types
    interface.run(["pybabel", "--quiet", "extract", *options, str(PACKAGE)])
    with template.open("rb") as file:
        return texts(read_po(file)).keys()


def texts(catalog: Catalog) -> dict[str, str]:
    """Text -> its Chinese; of a text with a plural its plural: Chinese has one form."""
    return {last(one.id): last(one.string) for one in catalog if one.id and one.string is not None}


def last(text: str | Sequence[str]) -> str:
    return text if isinstance(text, str) else text[-1]


def fields(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field is not None}


def test_the_catalogue_has_every_text_that_the_code_says(kept: Catalog, said: Set[str]) -> None:
    assert sorted(said - texts(kept).keys()) == [], REMEDY


def test_the_catalogue_has_nothing_that_the_code_no_longer_says(
    kept: Catalog, said: Set[str]
) -> None:
    assert sorted(texts(kept).keys() - said) == [], REMEDY
    assert not kept.obsolete, REMEDY


def test_every_text_is_translated_and_none_is_a_guess(kept: Catalog) -> None:
    assert [text for text, chinese in texts(kept).items() if not chinese] == [], REMEDY
    assert [message.id for message in kept if message.id and message.fuzzy] == []


def test_a_translation_has_the_placeholders_of_its_text(kept: Catalog) -> None:
    differing = [
        text for text, chinese in texts(kept).items() if chinese and fields(text) != fields(chinese)
    ]
    assert differing == []


def test_a_chinese_sentence_ends_where_the_english_one_does(kept: Catalog) -> None:
    differing = [
        text
        for text, chinese in texts(kept).items()
        if text.rstrip().endswith((".", ":")) != chinese.endswith(("。", "：", "？"))
        and not text.endswith(("?", '"'))
    ]
    assert differing == []


def test_commands_and_options_survive_the_translation(kept: Catalog) -> None:
    named = re.compile(r"--[a-z][a-z-]+|survey-pipeline [a-z-]+|config/\w+\.toml")
    lost = [
        (text, word)
        for text, chinese in texts(kept).items()
        for word in named.findall(text)
        if word not in chinese
    ]
    assert lost == []


def test_the_compiled_catalogue_is_the_written_one(kept: Catalog) -> None:
    with PO.with_suffix(".mo").open("rb") as file:
        assert texts(read_mo(file)) == texts(kept), REMEDY


def trees(folder: Path) -> Iterator[tuple[Path, ast.AST]]:
    for path in sorted(folder.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def literal_calls(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield each call's name and its first argument."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            function = node.func
            name = str(getattr(function, "attr", None) or getattr(function, "id", ""))
            yield name, node.args[0]


def test_no_marked_text_escapes_the_extraction(kept: Catalog) -> None:
    """Babel reads tokens: it does not see a text inside an f-string or doubled parentheses."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    keywords = {word for mapping in mappings for word in mapping.get("keywords", ())}
    escaped = [
        (path.name, argument.value)
        for path, tree in trees(PACKAGE)
        for name, argument in literal_calls(tree)
        if name in keywords and isinstance(argument, ast.Constant)
        if isinstance(argument.value, str) and argument.value
        if argument.value not in texts(kept)
    ]
    assert escaped == [], f"write the text as a plain literal, then {REMEDY}"


def test_the_command_line_prints_no_text_of_its_own() -> None:
    """A word in a literal that is printed is English in a Chinese workspace."""
    word = re.compile(r"(?<![\w-])[A-Za-z]{3,}")
    printed = [
        (path.name, text)
        for path, tree in trees(PACKAGE / "cli")
        for name, argument in literal_calls(tree)
        if name in SHOWN_BY
        for text in [literal(argument)]
        if word.search(re.sub(r"\[/?\w+\]", "", text))
    ]
    assert printed == [], "print say(...) of cli/support.py"


def literal(argument: ast.expr) -> str:
    """Return the fixed part of a literal or an f-string, without markup tags."""
    if isinstance(argument, ast.Constant):
        return argument.value if isinstance(argument.value, str) else ""
    if isinstance(argument, ast.JoinedStr):
        return " ".join(literal(part) for part in argument.values)
    return ""


def test_the_wheel_carries_the_compiled_catalogue(tmp_path: Path) -> None:
    [wheel] = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    packed = zipfile.ZipFile(wheel).read(str(PO.with_suffix(".mo").relative_to(ROOT)))
    assert packed == PO.with_suffix(".mo").read_bytes()


def test_every_text_of_a_page_can_be_written_in_chinese(kept: Catalog) -> None:
    """A page fills its texts with `%`: a lone per cent sign in a translation breaks the page."""
    shown = _texts_of_pages()
    chinese_of_pages = [chinese for text, chinese in texts(kept).items() if text in shown]
    assert [chinese for chinese in chinese_of_pages if not _can_be_written(chinese)] == []


def _texts_of_pages() -> Set[str]:
    found = extract_from_dir(
        PACKAGE / "web" / "templates", [("**.html", "jinja2")], {"**.html": {"trimmed": "true"}}
    )
    return {last(message) for _, _, message, *_ in found}


def _can_be_written(text: str) -> bool:
    try:
        text % defaultdict(str)
    except ValueError:
        return False
    return True
