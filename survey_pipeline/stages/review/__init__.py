"""The online review (part F): offices, representatives, a secret ballot, counts.

In reading order: `quota` says how many offices of each category take part, `quota_selection`
which, `selecting` selects them (`gaps` is what stands in the way, `selection` what was made,
`manual` reads a list instead), `drawing` draws the representatives, `conduct` opens and closes,
`links`, `invitation_plan`, `inviting` and `casting` are the way of a ballot in, `tallies` is what
comes out, `forgetting` lets names go in time, `standing` is how it all stands, `step_history` who
did what. `daily` fetches the points that select; `steps` is what all share.

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
from survey_pipeline.stages.review.drawing import (
    RepresentativeDraw,
    draw_representatives,
    drawn_before,
)
from survey_pipeline.stages.review.forgetting import forget_representatives, representatives_due
from survey_pipeline.stages.review.invitation_plan import InvitationPlan, plan_invitations
from survey_pipeline.stages.review.inviting import Invitations, invite
from survey_pipeline.stages.review.links import LinksFile, known_address, write_links
from survey_pipeline.stages.review.manual import NamedOffice, read_list, read_typed_list
from survey_pipeline.stages.review.quota_selection import preview_selection, selection_rule
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
from survey_pipeline.stages.review.step_history import TakenStep, steps_taken
from survey_pipeline.stages.review.tallies import tallies

__all__ = [
    "Closing",
    "DailyPoints",
    "DailyScore",
    "InvitationPlan",
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
    "TakenStep",
    "cast",
    "close_review",
    "draw_representatives",
    "drawn_before",
    "forget_representatives",
    "invite",
    "known_address",
    "last_closed",
    "latest_daily",
    "open_review",
    "paper",
    "plan_invitations",
    "preview_selection",
    "read_list",
    "read_typed_list",
    "representatives_due",
    "review_status",
    "select_by_hand",
    "select_offices",
    "selected",
    "selected_before",
    "selection_rule",
    "steps_taken",
    "tallies",
    "write_links",
]
