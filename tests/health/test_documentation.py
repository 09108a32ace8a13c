"""The pages hold together: links, paths, the menu, the rooms, and what is said to be missing."""

import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from survey_pipeline.cli.main import app
from survey_pipeline.settings import Settings
from survey_pipeline.stages.intake.kinds import KINDS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
LINK = re.compile(r"(?<!\\)\[[^\]]*\]\(([^)\s]+)\)")
PATH = re.compile(
    r"`((?:\.ci|bench|config|deploy|docs|scripts|survey_pipeline|templates|tests)/[\w./*-]*)`"
)
HISTORY = {"CHANGELOG.md"}
"""Pages that tell of paths as they were."""
MADE_LATER = {"config/calendar", "config/pipeline.toml"}
"""What only a workspace has, or has too."""
SPECIFICATION = DOCS / "specification"


def ids(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def prose(page: Path) -> str:
    """Return a page without its fenced blocks."""
    return re.sub(r"(?sm)^```.*?^```", "", page.read_text("utf-8"))


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub and MkDocs both make them."""
    headings = re.findall(r"(?m)^#+ (.*)$", prose(page))
    plain = (re.sub(r"[^\w\s-]", "", heading).strip().lower() for heading in headings)
    return {re.sub(r"\s", "-", heading) for heading in plain}


def dead_links(page: Path) -> Iterator[str]:
    for target in LINK.findall(prose(page)):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        if not found.exists() or (anchor and anchor not in anchors(found)):
            yield target


@pytest.mark.parametrize("page", PAGES, ids=ids(PAGES))
def test_no_link_is_dead(page: Path) -> None:
    assert list(dead_links(page)) == []


def test_a_dead_link_and_a_dead_anchor_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A heading (1)\n[a](#a-heading-1) [b](#none) [c](none.md) [d](page.md)\n")
    assert list(dead_links(page)) == ["#none", "none.md"]


@pytest.mark.parametrize("page", PAGES, ids=ids(PAGES))
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    if page.name in HISTORY:
        return
    missing = [
        path
        for path in PATH.findall(page.read_text("utf-8"))
        if not list(ROOT.glob(path.rstrip("/"))) and not path.startswith(tuple(MADE_LATER))
    ]
    assert missing == []


def in_menu(entry: Any) -> Iterator[str]:
    """Yield the pages of the site's menu."""
    if isinstance(entry, str):
        yield entry
    for below in entry.values() if isinstance(entry, dict) else ():
        yield from in_menu(below)
    for below in entry if isinstance(entry, list) else ():
        yield from in_menu(below)


def test_the_sites_menu_has_every_page_once() -> None:
    text = (ROOT / "mkdocs.yml").read_text("utf-8")
    menu = yaml.safe_load(text.partition("\nnav:\n")[2])  # above stand names of Python objects
    assert sorted(in_menu(menu)) == sorted(
        str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")
    )


def rooms_of(text: str) -> list[str]:
    """Return the rows of the table of rooms without their words."""
    return re.findall(r"(?m)^\| \d+ \| `[^`]+` \|", text)


def test_the_page_of_the_architecture_has_the_layers_that_are_checked() -> None:
    """After a change of the layers: scripts/reference."""
    tool = runpy.run_path(str(ROOT / "tests/tools/rooms.py"))
    assert rooms_of(tool["PAGE"].read_text("utf-8")) == rooms_of("\n".join(tool["table"]()))


def commands(command: Any, path: str = "") -> Iterator[str]:
    """Yield the commands below a group; groups themselves do nothing."""
    for name, below in getattr(command, "commands", {}).items():
        words = f"{path} {name}".strip()
        if getattr(below, "commands", None):
            yield from commands(below, words)
        else:
            yield words


def promised() -> set[str]:
    """Return the commands of the specification."""
    section = (SPECIFICATION / "commands.md").read_text("utf-8").split("## 2.1 Commands\n")[1]
    rows = re.findall(r"(?m)^\| (`.*?) \|", section.split("\n## ")[0])
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def test_the_promised_commands_are_those_that_are_there() -> None:
    assert promised() == set(commands(typer.main.get_command(app)))


def test_the_promised_kinds_are_those_that_are_there() -> None:
    text = (SPECIFICATION / "files.md").read_text("utf-8").split("## 3.2 Kinds\n")[1]
    kinds = set(re.findall(r"(?m)^\| `([a-z-]+)`", text.split("\n## ")[0]))
    assert kinds == set(KINDS)


def specified_kinds() -> dict[str, tuple[list[str], str]]:
    """Return kind -> its columns as written, and its key."""
    text = (SPECIFICATION / "files.md").read_text("utf-8").split("## 3.2 Kinds\n")[1]
    rows = re.findall(r"(?m)^\| `([a-z-]+)` \| (.*) \| (.*) \|$", text.split("\n## ")[0])
    return {
        kind: (
            [name.strip() for name in re.sub(r"\([^)]*\)", "", columns).split(",")],
            key,
        )
        for kind, columns, key in rows
    }


def test_the_specification_has_the_columns_of_every_kind() -> None:
    there = {
        str(name): (
            [column.name if column.required else f"{column.name}?" for column in kind.columns],
            " + ".join(kind.key),
        )
        for name, kind in KINDS.items()
    }
    assert specified_kinds() == there


def settings() -> set[str]:
    return {
        f"{section}.{key}"
        for section, field in Settings.model_fields.items()
        for key in getattr(field.annotation, "model_fields", ())
    }


def test_every_setting_is_in_the_specification() -> None:
    page = (SPECIFICATION / "configuration.md").read_text("utf-8")
    rows = dict(re.findall(r"(?m)^\| `(\w+)`.*? \| (.*) \|$", page))
    unknown = [
        name
        for name in sorted(settings())
        if f"`{name.partition('.')[2]}`" not in rows.get(name.partition(".")[0], "")
    ]
    assert unknown == []
