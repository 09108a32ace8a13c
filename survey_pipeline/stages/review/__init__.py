"""The online review (part F): offices, representatives, a secret ballot, counts.

In reading order: `quota` says how many offices of each category take part, `selecting` selects them
(`gaps` is what stands in the way, `selection` what was made, `manual` reads a list instead),
`drawing` draws the representatives, `conduct` opens and closes, `links`, `inviting` and `casting`
are the way of a ballot in, `tallies` is what comes out, `forgetting` lets names go in time,
`standing` is how it all stands. `daily` fetches the points that select; `steps` is what all share.

How a ballot is kept secret: docs/decisions/ballot-secrecy.md, `store.ballot_key` and
`survey_pipeline.ballot_box`.
"""

from survey_pipeline.stages.review.casting import Paper, PaperOffice, cast, paper
from survey_pipeline.stages.review.conduct import (
    Closing,
    ReviewOpening,
    close_review,
    open_review,
)
from survey_pipeline.stages.review.daily import DailyPoints, DailyScore, latest_daily
from survey_pipeline.stages.review.drawing import RepresentativeDraw, draw_representatives
from survey_pipeline.stages.review.forgetting import forget_representatives, representatives_due
from survey_pipeline.stages.review.inviting import Invitations, invite
from survey_pipeline.stages.review.links import LinksFile, write_links
from survey_pipeline.stages.review.manual import NamedOffice, read_list
from survey_pipeline.stages.review.selecting import select_by_hand, select_offices
from survey_pipeline.stages.review.selection import (
    PassedOver,
    SelectedOffice,
    Selection,
    SelectionRequest,
    selected,
    selected_before,
)
from survey_pipeline.stages.review.standing import ReviewStatus, last_closed, review_status
from survey_pipeline.stages.review.tallies import tallies

__all__ = [
    "Closing",
    "DailyPoints",
    "DailyScore",
    "Invitations",
    "LinksFile",
    "NamedOffice",
    "Paper",
    "PaperOffice",
    "PassedOver",
    "RepresentativeDraw",
    "ReviewOpening",
    "ReviewStatus",
    "SelectedOffice",
    "Selection",
    "SelectionRequest",
    "cast",
    "close_review",
    "draw_representatives",
    "forget_representatives",
    "invite",
    "last_closed",
    "latest_daily",
    "open_review",
    "paper",
    "read_list",
    "representatives_due",
    "review_status",
    "select_by_hand",
    "select_offices",
    "selected",
    "selected_before",
    "tallies",
    "write_links",
]
