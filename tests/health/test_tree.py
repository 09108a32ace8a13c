"""The source tree itself: sizes, what it may name, and pages that agree with the code."""

import ast
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from survey_pipeline.stages.intake.kinds import KINDS
from survey_pipeline.stages.intake.kinds.file_kind import FileColumn
from survey_pipeline.standard.entry import entries
from survey_pipeline.standard.load import read_standard
from survey_pipeline.standard.rule_book.checking_file import find_faults

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "survey_pipeline"
MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if "migrations" not in path.parts]
LONGEST_FILE, LONGEST_FUNCTION = 300, 50

LONG_FILES = {
    "gateways/aliyun/gateway.py": "the port as one provider's API has it, call by call",
    "gateways/kit/checks.py": "the list of checks that every gateway passes, in the port's order",
    "gateways/twilio.py": "a gateway in one file, as the example of a third party's is",
    "store/migrations/versions/0001_create_every_table.py": "a migration is never edited",
}
"""Files that may be longer, and why."""
STANDARDS = sorted((ROOT / "config/standards").glob("*.toml"))
PAGES = {
    str(path.relative_to(ROOT))
    for path in (ROOT / "docs/decisions").glob("*.md")
    if "." not in path.stem  # else it is a page's translation
}
EXACT = re.compile(r"\d+\.\d+|\b[A-H]\d+(?:\.\d+[a-z]*)?|\d+ %")
"""Figures, clauses and shares: they are the same in every language."""

MACHINE = re.compile(
    r"(?<![\w./-])/(?:work|root|home|Users|tmp|opt)/[\w.]|pyp[i][.]org|python[h]osted"
    r"|--index[-]url|--find[-]links"
)
"""Paths of one machine, and where packages come from."""

SPOKEN_OF = {"scripts/lock", "tests/health/test_tree.py"}
"""They must name the options that they leave out."""


def test_no_file_is_too_long() -> None:
    long = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if len(path.read_text("utf-8").splitlines()) > LONGEST_FILE
    }
    assert long == LONG_FILES.keys()


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path.relative_to(ROOT)}:{node.name}", node


def test_no_function_is_too_long() -> None:
    """Docstring apart; an entry with many options is long by its options."""
    long = {}
    for name, node in functions():
        body = node.body[1:] if ast.get_docstring(node) else node.body
        lines = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
        if lines > LONGEST_FUNCTION:
            long[name] = lines
    assert long == {}


def tracked(need: Callable[[str], None]) -> list[Path]:
    need("git")
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


def test_no_committed_file_names_a_machine_or_an_index(need: Callable[[str], None]) -> None:
    found = {}
    for path in tracked(need):
        name = str(path.relative_to(ROOT))
        if name in SPOKEN_OF or not path.is_file():
            continue
        text = path.read_bytes().decode("utf-8", errors="ignore")
        if hit := MACHINE.search(text):
            found[name] = hit[0]
    assert found == {}


@pytest.mark.parametrize("path", STANDARDS, ids=lambda path: path.stem)
def test_places_are_quoted_and_decisions_have_their_page(path: Path) -> None:
    assert find_faults(path, ROOT) == []
    standard = read_standard(path)[0]
    assert {str(entry.page) for entry in entries(standard) if entry.decided} <= PAGES


def test_every_decision_page_is_named_where_it_holds(need: Callable[[str], None]) -> None:
    texts = [
        path.read_text("utf-8", errors="ignore")
        for path in tracked(need)
        if path.is_file() and path.suffix in {".py", ".toml", ".md"}
    ]
    assert [page for page in sorted(PAGES) if not any(page in text for text in texts)] == []


@pytest.mark.parametrize("page", sorted(PAGES))
def test_a_decision_takes_half_a_page(page: str) -> None:
    lines = (ROOT / page).read_text("utf-8").splitlines()
    assert lines[0].startswith("# ")
    assert len(lines) <= 40


REFERENCE = (ROOT / "docs/reference/files.md").read_text("utf-8")


def rows_of(kind: str) -> dict[str, tuple[str, bool]]:
    """The reference's columns of a kind: headings as written, and whether it is optional."""
    section = REFERENCE.split(f"**{kind}** (key: ")[1].split("\n**")[0].split("\n## ")[0]
    found = {}
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and cells[0] != "column":
            for name in cells[0].split(", "):
                found[name.rstrip("?")] = (cells[1], name.endswith("?"))
    return found


def heads(column: FileColumn, written: str) -> bool:
    """Whether the reference names the column's headings, or says where they stand."""
    if written == "as above" or "also with" in written:
        return True
    return all(label in written for label in column.labels)


@pytest.mark.parametrize("kind", KINDS)
def test_the_reference_names_every_column_and_heading(kind: str) -> None:
    rows = rows_of(kind)
    columns = KINDS[kind].columns
    assert list(rows) == [column.name for column in columns]
    assert [name for name, row in rows.items() if row[1]] == [
        column.name for column in columns if not column.required
    ]
    assert [column.name for column in columns if not heads(column, rows[column.name][0])] == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_reference_names_every_key(kind: str) -> None:
    assert f"**{kind}** (key: {' + '.join(KINDS[kind].key)})" in REFERENCE


@pytest.mark.parametrize("page", sorted(PAGES))
def test_a_decision_says_the_same_in_chinese(page: str) -> None:
    original = (ROOT / page).read_text("utf-8")
    translated = (ROOT / page).with_suffix(".zh_CN.md").read_text("utf-8")
    assert translated.startswith("# ")
    assert translated.count("\n#") == original.count("\n#")
    assert translated.count("\n|") == original.count("\n|")
    plain = translated.replace(" ", "")
    figures = {found.strip(".").replace(" ", "") for found in EXACT.findall(original)}
    assert {found for found in figures if found not in plain} == set()
