"""A name means one thing in the whole package: file names and public classes that stand twice."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "survey_pipeline"
MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if "migrations" not in path.parts]

BY_SUBJECT = frozenset(
    ("checks", "cli", "reports", "scoring", "simulation", "standard/parts", "store/tables",
     "vocabulary", "web", "web/pages")
)  # fmt: skip
"""Rooms that have a file for each subject: its tables, words, rules, points, figures, commands and
pages bear one name, so that a reader finds them all by it."""

SECTION = "a section of pipeline.toml has the name of its key"
ROW = "a row of a table, and the value that is read from it"
LIFE = "the subject has its file among the moves of its life too"

CLASSES: Mapping[str, str] = {
    "Gateway": SECTION,
    "GatewayState": ROW,
    "HotlineRank": ROW,
    "HotlineRecord": ROW,
    "OfficeYearScore": ROW,
    "Pause": ROW,
    "Ranking": SECTION,
    "Review": SECTION,
    "SupervisionRecord": ROW,
    "Satisfaction": SECTION,
    "Survey": SECTION,
    "YearScore": ROW,
}
"""Public classes that stand in several files, and why."""

FILES: Mapping[str, str] = {
    "audit": "the audit log: its tables, the one place that writes it, and its commands",
    "desk": "the reader's desk, and what the pages of both desks share",
    "findings": "what a gateway's own check found, and the kinds that all of them report",
    "gateway": "each gateway that is a folder keeps its port's implementation there",
    "gather": "where a stage gathers the facts of a score",
    "listing": "what each desk's list command shows",
    "objections": "offices' objections (申诉): kept by evidence, and their commands and pages",
    "outbox": LIFE,
    "calls": LIFE,
    "messages": LIFE,
    "surveys": LIFE,
    "tallies": "counts of answers: of the month's citizens, and of the review's representatives",
    "workspace": "what a workspace is made of, and its commands",
    "year": "an appraisal year: its satisfaction, and its score",
}
"""File names that stand in several rooms, those of `BY_SUBJECT` aside, and why."""


def public_classes() -> Iterator[tuple[str, str]]:
    """Each public class of the package, and its file."""
    for path in MODULES:
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield node.name, str(path.relative_to(PACKAGE))


def file_names() -> Iterator[tuple[str, str]]:
    """Each file name of the package, and its room."""
    for path in MODULES:
        if path.stem != "__init__":
            yield path.stem, str(path.parent.relative_to(PACKAGE))


def several(places: Iterator[tuple[str, str]]) -> dict[str, list[str]]:
    """Names that stand in several places."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, place in places:
        found[name].append(place)
    return {name: each for name, each in found.items() if len(each) > 1}


def test_a_public_class_has_a_name_of_its_own() -> None:
    twice = several(public_classes())
    assert {name: files for name, files in twice.items() if name not in CLASSES} == {}


def test_a_file_name_means_one_thing() -> None:
    twice = {
        name: rooms for name, rooms in several(file_names()).items() if not set(rooms) <= BY_SUBJECT
    }
    assert {name: rooms for name, rooms in twice.items() if name not in FILES} == {}


def test_the_lists_name_nothing_that_stands_once() -> None:
    assert CLASSES.keys() - several(public_classes()).keys() == set()
    assert FILES.keys() - several(file_names()).keys() == set()


def test_names_that_stand_twice_are_found() -> None:
    places = iter([("month", "reports"), ("month", "scoring"), ("year", "scoring")])
    assert several(places) == {"month": ["reports", "scoring"]}
    assert several(public_classes()).keys() & {"YearScore"}
