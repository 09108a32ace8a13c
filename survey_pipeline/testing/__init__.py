"""Builders and fakes for tests: the project's own and those of gateway authors.

Nothing in the product imports this room.
"""

from survey_pipeline.testing.builders import (
    add_case,
    add_cases,
    add_inbound,
    add_offices,
    add_representatives,
    add_survey,
    add_text,
    inserted,
    month_row,
    select_every_office,
)
from survey_pipeline.testing.fakes import FakeGateway
from survey_pipeline.testing.workspaces import NOON, SetContext, reopened, workspace

__all__ = [
    "NOON",
    "FakeGateway",
    "SetContext",
    "add_case",
    "add_cases",
    "add_inbound",
    "add_offices",
    "add_representatives",
    "add_survey",
    "add_text",
    "inserted",
    "month_row",
    "reopened",
    "select_every_office",
    "workspace",
]
