"""A morning with one call to make; `context` is its workspace."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from survey_pipeline.stages.callbacks import queue_calls
from survey_pipeline.store.engine import reading
from survey_pipeline.testing import NOON, SetContext, add_offices, add_survey, add_text
from survey_pipeline.vocabulary import MessageState

MORNING = NOON - timedelta(hours=2)
"""Thursday 4 May 2023, 10:00 in Shanghai."""
MOBILE = "+8613812345678"
SENT = "Were you content with your licence? 1 good 2 fair 3 bad"


@pytest.fixture
def context(site: Any) -> SetContext:
    """A morning on which one text was not delivered: one call is due."""
    made: SetContext = site.context
    made.clock.at = MORNING
    office, *_ = add_offices(made, "agency")
    survey = add_survey(made, office, "K-1", MOBILE)
    add_text(made, survey, text=SENT, state=MessageState.UNDELIVERED)
    queue_calls(made)
    return made


class Desk:
    """What callers do at their desk, and what the workspace holds afterwards."""

    def __init__(self, context: SetContext) -> None:
        self._context = context

    def later(self, **span: float) -> None:
        self._context.clock.at += timedelta(**span)

    def rows(self, table: Any) -> list[Any]:
        with reading(self._context.engine) as connection:
            return list(connection.execute(select(table).order_by(table.c.id)))

    def press(self, page: Page, *keys: str) -> int:
        """Press keys as a caller does: each once the page has come that far; return how many."""
        for key in keys:
            page.keyboard.press(key)
            if key == "n":
                expect(page.locator("#script")).to_be_visible()
        return len(keys)

    def logged(self, page: Page) -> None:
        expect(page.locator("#last")).to_be_visible()
        expect(page.locator("#next")).to_be_visible()


@pytest.fixture
def desk(context: SetContext) -> Desk:
    return Desk(context)
