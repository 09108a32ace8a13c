"""The result that a day's draw would have now, found without writing."""

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
    require_begun,
    seed_of,
)
from survey_pipeline.stages.sampling.draw_report import read_report
from survey_pipeline.stages.sampling.earlier import drawn_earlier
from survey_pipeline.stages.sampling.frame import circumstances
from survey_pipeline.store.columnar import collector_off
from survey_pipeline.store.engine import reading


@dataclass(frozen=True)
class Rehearsal:
    """The result of a day's draw: as it would be now, or as it was if the day is drawn."""

    day: date
    drawn_before: bool
    frame: int
    drawn: Sequence[tuple[str, str]]
    """Office and case number."""


def rehearse_draw(context: Context, day: date) -> Rehearsal:
    """Return the result that a day's draw would have; stores nothing and blocks no writer.

    Raises:
        DrawError: the day has not begun, or a later day is already drawn.
    """
    require_begun(context, day)
    with reading(context.engine) as connection, collector_off():
        if is_drawn(connection, day):
            found = read_report(connection, day, drawn_before=True)
            done = [(case.office_code, case.case_no) for case in found.drawn]
            return Rehearsal(day, drawn_before=True, frame=found.frame, drawn=done)
        policy = policy_on(context, day)
        around = circumstances(connection, day, context.now(), policy)
        frame = read_frame(connection, day, policy)
        reasons, groups = around.all_reasons(frame), group_phones(frame.phones)
        seed, earlier = seed_of(context, day), drawn_earlier(connection, day)
        _, result = choose(frame, reasons, groups, seed, day, policy, earlier=earlier)
    lines = [frame.lines[index].partition(",") for office in result for index in office.drawn]
    drawn = [(office, case_no) for office, _, case_no in lines]
    return Rehearsal(day, drawn_before=False, frame=len(frame.lines), drawn=drawn)
