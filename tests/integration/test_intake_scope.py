"""What a person may bring: rows outside their scope are refused, each with its reason."""

from typing import Any

import pytest

from survey_pipeline.errors import CannotProceed
from survey_pipeline.stages.intake import import_file
from survey_pipeline.stages.intake.scope import EVERYTHING, Scope
from survey_pipeline.testing import SetContext, workspace
from survey_pipeline.vocabulary import Category, RecordKind

KINDS = frozenset(RecordKind)
PARENTS = "parent_code,name,hotline_group\nP1,Health,city_agency\nP2,Education,city_agency\n"
OFFICES = "office_code,name,category,parent_code\nA-1,Ward,health,P1\nB-1,School,education,P2\n"


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Any:
    context = workspace(tmp_path_factory.mktemp("scope"))
    for kind, text in ((RecordKind.PARENTS, PARENTS), (RecordKind.OFFICES, OFFICES)):
        path = context.home / "register.csv"
        path.write_text(text)
        import_file(context, kind, path)
    return context


def refusals(context: SetContext, kind: RecordKind, scope: Scope, text: str) -> Any:
    path = context.home / "file.csv"
    path.write_text(text)
    summary = import_file(context, kind, path, scope=scope, dry_run=True)
    return [(problem.row, problem.column, str(problem.reason)) for problem in summary.problems]


@pytest.mark.parametrize(
    ("kind", "text", "refused"),
    [
        (
            RecordKind.PERFORMANCE,
            "office_code,points,source\nA-1,9,X\nB-1,9,X\nZ-9,9,X\n",
            [
                (3, "office_code", "B-1 is no office of P1"),
                (4, "office_code", "there is no office Z-9"),
            ],
        ),
        (
            RecordKind.OFFICES,
            "office_code,name,category,parent_code\nB-1,School,education,P1\nA-2,Ward,health,P2\n",
            [
                (2, "office_code", "B-1 is no office of P1"),
                (3, "office_code", "A-2 is no office of P1"),
            ],
        ),
        (
            RecordKind.HOTLINE_RANK,
            "parent_code,rank\nP1,1\nP2,2\n",
            [(3, "parent_code", "P2 is another department; bring the rows of P1 alone")],
        ),
    ],
)
def test_a_department_brings_rows_of_its_own_offices(
    context: SetContext, kind: RecordKind, text: str, refused: Any
) -> None:
    found = refusals(context, kind, Scope(KINDS, parent_code="P1"), text)
    assert [one[:2] for one in found] == [one[:2] for one in refused]
    assert all(told[2].startswith(wanted[2]) for told, wanted in zip(found, refused, strict=True))


def test_an_agency_brings_rows_of_its_categories(context: SetContext) -> None:
    health = Scope(KINDS, categories={Category.HEALTH})
    points = "office_code,points,source\nA-1,10,Agency\nB-1,10,Agency\n"
    (found,) = refusals(context, RecordKind.PERFORMANCE, health, points)
    assert found[:2] == (3, "office_code")
    assert found[2].startswith("B-1 is in a category that is not yours to bring")
    (found,) = refusals(context, RecordKind.HOTLINE_RANK, health, "parent_code,rank\nP1,1\n")
    assert found[2] == "the row names no office of your categories; name the office"


def test_a_kind_outside_the_scope_is_refused_as_a_whole(context: SetContext) -> None:
    with pytest.raises(CannotProceed, match="you may not bring files of offices"):
        refusals(context, RecordKind.OFFICES, Scope(frozenset({RecordKind.CASES})), OFFICES)


def test_an_operator_brings_rows_of_every_body(context: SetContext) -> None:
    assert refusals(context, RecordKind.OFFICES, EVERYTHING, OFFICES) == []
