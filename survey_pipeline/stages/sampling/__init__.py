"""Sampling: the day's frame, the draw, and the check of it (specification, section 4).

`algorithm` is the public promise, pure; `frame` reads what a case's reason depends on; `draw` runs
and stores a day; `roll` is the document that a draw publishes; `verify` checks it years later.
`commitments` publishes the hash of a month's seed before it, `package` is what an auditor gets.
"""

from survey_pipeline.stages.sampling.commitments import (
    Commitment,
    commit_next_month,
    commit_seed,
    find_commitment,
    month_seed_hash,
)
from survey_pipeline.stages.sampling.draw import check_drawable, draw_day
from survey_pipeline.stages.sampling.draw_report import DrawnCase, DrawReport, OfficeDraw
from survey_pipeline.stages.sampling.published_draws import PublishedMonth, published_months
from survey_pipeline.stages.sampling.rehearsing import Rehearsal, rehearse_draw
from survey_pipeline.stages.sampling.revealing import Reveal, reveal_month
from survey_pipeline.stages.sampling.verify import DrawVerification, verify_draw

__all__ = [
    "Commitment",
    "DrawReport",
    "DrawVerification",
    "DrawnCase",
    "OfficeDraw",
    "PublishedMonth",
    "Rehearsal",
    "Reveal",
    "check_drawable",
    "commit_next_month",
    "commit_seed",
    "draw_day",
    "find_commitment",
    "month_seed_hash",
    "published_months",
    "rehearse_draw",
    "reveal_month",
    "verify_draw",
]
