"""A workspace in the middle of November 2023, a small register, and files written line by line."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from survey_pipeline.stages.intake import import_file
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import offices, parents
from survey_pipeline.testing import SetContext, workspace
from survey_pipeline.vocabulary import RecordKind

MID_NOVEMBER = datetime(2023, 11, 15, 4, 0, tzinfo=UTC)
"""Wednesday 15 November 2023, noon in Shanghai: the window is over, nothing delivered is late."""


class Evidence:
    """What a test does to the workspace, in few words."""

    def __init__(self, context: SetContext) -> None:
        self.context = context

    def bring(self, kind: Any, header: Any, *lines: Any, name: Any = None, **options: Any) -> Any:
        """Import a file of these lines for 2023; return its summary."""
        path = self.context.home / (name or f"{kind}.csv")
        path.write_text("\n".join([header, *lines]), encoding="utf-8")
        return import_file(self.context, RecordKind(kind), path, **{"year": 2023, **options})

    def rows(self, table: Any, *where: Any) -> Any:
        with reading(self.context.engine) as connection:
            return connection.execute(select(table).where(*where).order_by(table.c.id)).all()

    def change(self, statement: Any) -> None:
        with writing(self.context.engine) as connection:
            connection.execute(statement)

    def numbers(self, summary: Any) -> Any:
        """Accepted, updated, unchanged, refused."""
        return (summary.accepted, summary.updated, summary.unchanged, summary.refused)

    def reasons(self, summary: Any) -> Any:
        """(row, column, sentence) of every problem."""
        return [(one.row, one.column, str(one.reason)) for one in summary.problems]


@pytest.fixture
def evidence(tmp_path: Path) -> Any:
    """P-1 with three agency offices, P-2 with a school and a hospital, P-3 with ten offices."""
    made = Evidence(workspace(tmp_path, at=MID_NOVEMBER))
    groups = {"P-1": "city_agency", "P-2": "soe_institution", "P-3": "city_agency"}
    register = [
        *((f"A-{number}", "agency", "P-1") for number in (1, 2, 3)),
        ("E-1", "education", "P-2"),
        ("H-1", "health", "P-2"),
        *((f"T-{number:02}", "agency", "P-3") for number in range(1, 11)),
    ]
    with writing(made.context.engine) as connection:
        for code, group in groups.items():
            connection.execute(
                parents.insert().values(parent_code=code, name=code, hotline_group=group)
            )
        for code, category, parent in register:
            connection.execute(
                offices.insert().values(
                    office_code=code, name=code, category=category, parent_code=parent
                )
            )
    return made
