"""Draws for tests: days on which offices share numbers, and a month whose surveys have ended."""

from datetime import timedelta

from survey_pipeline.calendar import ONE_DAY
from survey_pipeline.stages.sampling import draw_day
from survey_pipeline.store.engine import writing
from survey_pipeline.survey.closing import close_due
from survey_pipeline.testing.builders import add_cases
from survey_pipeline.testing.workspaces import SetContext


def draw_days(context: SetContext, count: int) -> None:
    """Draw days from the clock's on: three offices, some of the numbers on several cases.

    Args:
        context: a workspace with the offices AG-1, HE-1 and SO-1.
        count: of days.
    """
    for number in range(count):
        context.clock.advance(ONE_DAY if number else timedelta())
        begin = 1000 * number
        rows = [
            (office, f"{office}-{number}-{case}", f"+86138{begin + case * place % 17:08d}")
            for place, office in enumerate(("AG-1", "HE-1", "SO-1"), 1)
            for case in range(9)
        ]
        add_cases(context, rows)
        draw_day(context, context.today())


def close_everything(context: SetContext) -> None:
    """Let 60 days pass, so that every survey ends."""
    context.clock.advance(timedelta(days=60))
    with writing(context.engine) as connection:
        close_due(connection, context.now())
