"""Sampling: the day's frame, the draw, and the check of it (specification, section 4).

`algorithm` is the public promise, pure; `frame` reads what a case's reason depends on; `draw` runs
and stores a day; `roll` is the document that a draw publishes; `verify` checks it years later.
"""

from survey_pipeline.stages.sampling.draw import check_drawable, draw_day
from survey_pipeline.stages.sampling.draw_report import DrawnCase, DrawReport, OfficeDraw
from survey_pipeline.stages.sampling.rehearsing import Rehearsal, rehearse_draw
from survey_pipeline.stages.sampling.verify import DrawVerification, verify_draw

__all__ = [
    "DrawReport",
    "DrawVerification",
    "DrawnCase",
    "OfficeDraw",
    "Rehearsal",
    "check_drawable",
    "draw_day",
    "rehearse_draw",
    "verify_draw",
]
