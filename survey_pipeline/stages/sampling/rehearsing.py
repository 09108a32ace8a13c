"""What a day's draw would come to, found by reading alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from survey_pipeline.context import Context
from survey_pipeline.stages.sampling.algorithm import group_phones
from survey_pipeline.stages.sampling.draw import (
    choose,
    is_drawn,
    policy_on,
    read_frame,
    report,
    require_begun,
    seed_of,
)
from survey_pipeline.stages.sampling.frame import circumstances
from survey_pipeline.store.columnar import collector_off
from survey_pipeline.store.engine import reading


@dataclass(frozen=True)
class Rehearsal:
    """What the draw of a day would come to now; of a day that is drawn, what it came to."""

    day: date
    drawn_before: bool
    frame: int
    drawn: Sequence[tuple[str, str]]
    """Office and case number."""


def rehearse_draw(context: Context, day: date) -> Rehearsal:
    """Return what a day's draw would come to; nothing is stored, and no writer waits.

    Raises:
        DrawError: the day has not begun, or a later day is already drawn.
    """
    require_begun(context, day)
    with reading(context.engine) as connection, collector_off():
        if is_drawn(connection, day):
            found = report(connection, day, drawn_before=True)
            done = [(one.office_code, one.case_no) for one in found.drawn]
            return Rehearsal(day, drawn_before=True, frame=found.frame, drawn=done)
        policy = policy_on(context, day)
        around = circumstances(connection, day, context.now(), policy)
        frame = read_frame(connection, day, policy)
        reasons, groups = around.all_reasons(frame), group_phones(frame.phones)
        _, result = choose(frame, reasons, groups, seed_of(context, day), day, policy)
    lines = [frame.lines[index].partition(",") for one in result for index in one.drawn]
    drawn = [(office, case_no) for office, _, case_no in lines]
    return Rehearsal(day, drawn_before=False, frame=len(frame.lines), drawn=drawn)
