"""The one door through which messages, calls and surveys change state.

Every move is one conditional statement for any number of rows. It repeats the states that it
leaves, so that of two transactions at once only the first one moves a row; the second finds it in
another state and leaves it alone. `leaving` asks the tables of allowed moves
(`vocabulary.ALLOWED_MOVES`) when the statement is built. The journal gets a line for each row that
moved, in the same transaction: `message_events` for messages, `survey_events` for surveys. A call
has no journal: `why` and `ended_at` stand on it, and its attempts beside it.

Nothing else inserts into these tables or writes their `state` (tests/health/test_lifecycle.py).
"""

from survey_pipeline.survey.lifecycle.calls import add_calls, end_calls, reopen_calls
from survey_pipeline.survey.lifecycle.held_surveys import hold_surveys, of_messages, of_phones
from survey_pipeline.survey.lifecycle.leaving import leaving
from survey_pipeline.survey.lifecycle.messages import Move, cancel_messages, move_messages
from survey_pipeline.survey.lifecycle.outbox import Lease, add_messages, claim_messages
from survey_pipeline.survey.lifecycle.surveys import add_surveys, end_surveys

__all__ = [
    "Lease",
    "Move",
    "add_calls",
    "add_messages",
    "add_surveys",
    "cancel_messages",
    "claim_messages",
    "end_calls",
    "end_surveys",
    "hold_surveys",
    "leaving",
    "move_messages",
    "of_messages",
    "of_phones",
    "reopen_calls",
]
