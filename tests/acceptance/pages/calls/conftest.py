"""A morning with one call to make; `context` is its workspace."""

from datetime import timedelta
from typing import Any

import pytest

from survey_pipeline.stages.callbacks import queue_calls
from survey_pipeline.survey.context import Context
from survey_pipeline.testing import NOON, add_offices, add_survey, add_text
from survey_pipeline.vocabulary import MessageState

MORNING = NOON - timedelta(hours=2)
"""Thursday 4 May 2023, 10:00 in Shanghai."""
MOBILE = "+8613812345678"
SENT = "Were you content with your licence? 1 good 2 fair 3 bad"


@pytest.fixture
def context(site: Any) -> Context:
    """A morning on which one text was not delivered: one call is due."""
    made: Context = site.context
    made.clock.at = MORNING  # type: ignore[attr-defined] # tests set the clock
    office, *_ = add_offices(made, "agency")
    survey = add_survey(made, office, "K-1", MOBILE)
    add_text(made, survey, text=SENT, state=MessageState.UNDELIVERED)
    queue_calls(made)
    return made
