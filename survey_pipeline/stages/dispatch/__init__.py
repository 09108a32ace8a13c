"""Dispatch: texts are written, handed over exactly once, and followed to the handset.

In reading order: `templates` and `segments` make a text, `composer` renders it, `due_texts` finds
the cases it is due for, `composing` puts it into the outbox. `outbox` claims and records, `sender`
hands over and keeps `pending_results` until they are recorded. `shares` divides the traffic between
gateways by what `gateway_health` makes of the `gateway_figures`; `gateway_states` stores it, and
`traffic` reads it during a dispatch; `dispatching` runs all of it. `polling` and `receipts` learn
what became of a text, `provider_lookup` asks the provider: `unknown` for texts with an unknown
state, `reconciling` once a day for every text without an end. States are changed by
`survey.lifecycle` alone. `preview` shows what a dispatch would send, `gateway_views` the gateways'
states, and `trial_text` sends a test.
"""

from survey_pipeline.stages.dispatch.dispatching import dispatch
from survey_pipeline.stages.dispatch.gateway_views import (
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
