"""Deadlines: who owes what by when, what came, what is late (specification, section 14.H).

In reading order: `plan` works out the dates of a year, `register` who is appraised, `arrivals` what
has come; `owing` says who owes each date and `judging` where it stands, `reports` does so for the
daily case reports; `gathering` puts a day's list together, and `rows` says it in words.
"""

from survey_pipeline.reports.deadlines.gathering import (
    LOOK_AHEAD,
    REMIND_AHEAD,
    DeadlineReport,
    gather_deadlines,
)
from survey_pipeline.reports.deadlines.judging import Deadline, Who
from survey_pipeline.reports.deadlines.plan import Term, terms

__all__ = [
    "LOOK_AHEAD",
    "REMIND_AHEAD",
    "Deadline",
    "DeadlineReport",
    "Term",
    "Who",
    "gather_deadlines",
    "terms",
]
