"""Dispatch: texts are written, handed over exactly once, and followed to the handset.

In reading order: `templates` and `segments` make a text, `composer` renders it, `due_texts` finds
the cases it is due for, `composing` puts it into the outbox; `outbox` claims and records, `sender`
hands over, `shares` divides the traffic between gateways by what `health` makes of their `figures`,
`standing` keeps that on record and `traffic` looks at it during a dispatch; `dispatching` runs all
of it. `polling` and `receipts` learn what became of a text, `asking` asks the provider: `unknown`
for texts with an unknown state, `reconciling` once a day for every text without an end. States are
changed by `survey.lifecycle` alone. `preview` shows what a dispatch would send, `listing` how the
gateways do.
"""

from survey_pipeline.stages.dispatch.dispatching import dispatch
from survey_pipeline.stages.dispatch.listing import (
    GatewayView,
    MoveView,
    gateway_views,
    latest_moves,
    moves_of_shares,
    views_of_gateways,
)
from survey_pipeline.stages.dispatch.polling import poll
from survey_pipeline.stages.dispatch.preview import Preview, preview
from survey_pipeline.stages.dispatch.receipts import apply_receipts
from survey_pipeline.stages.dispatch.reconciling import Reconciled, reconcile
from survey_pipeline.stages.dispatch.report import DispatchReport
from survey_pipeline.stages.dispatch.templates import check_templates

__all__ = [
    "DispatchReport",
    "GatewayView",
    "MoveView",
    "Preview",
    "Reconciled",
    "apply_receipts",
    "check_templates",
    "dispatch",
    "gateway_views",
    "latest_moves",
    "moves_of_shares",
    "poll",
    "preview",
    "reconcile",
    "views_of_gateways",
]
