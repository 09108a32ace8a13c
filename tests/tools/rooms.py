"""The table of rooms in docs/architecture.md: the layers of pyproject.toml, top first.

`scripts/reference` runs it. A room's words are the first line of its docstring.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/architecture.md"
BEGIN, END = "<!-- rooms: scripts/reference -->", "<!-- /rooms -->"


def layers() -> list[list[str]]:
    """Return the rooms of each layer, top first, without the package's name."""
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    [contract] = [
        contract
        for contract in tool["importlinter"]["contracts"]
        if contract["type"] == "layers" and "containers" not in contract  # those of one room
    ]
    return [
        [room.strip().removeprefix("survey_pipeline.") for room in layer.split("|")]
        for layer in contract["layers"]
    ]


def words_of(room: str) -> str:
    """Return the first line of a room's docstring, without what stands in brackets at its end."""
    path = ROOT / "survey_pipeline" / room.replace(".", "/")
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    first = (ast.get_docstring(ast.parse(source.read_text("utf-8"))) or "").partition("\n")[0]
    return re.sub(r" \([^()]*\)\.$", ".", first)


def path_of(room: str) -> str:
    path = f"survey_pipeline/{room.replace('.', '/')}"
    return f"{path}/" if (ROOT / path).is_dir() else f"{path}.py"


def table() -> Iterator[str]:
    """Yield the lines of the table."""
    yield "| layer | room | what it is |"
    yield "|---|---|---|"
    for number, rooms in enumerate(layers(), 1):
        for room in rooms:
            yield f"| {number} | `{path_of(room)}` | {words_of(room)} |"


def page() -> str:
    """Return the page with the table as it should be."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    return "\n".join([f"{before}{BEGIN}", "", *table(), "", f"{END}{after}"])


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
