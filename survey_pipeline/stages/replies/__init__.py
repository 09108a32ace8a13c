"""How citizens' replies are read, kept and decided (specification, section 6).

`reading` says what a text means, pure; `inbox` reads what came in, `booking` does what follows;
`listing` shows it, `desk` hands what is unclear to one reader at a time, `coding` keeps the
reader's decision, and `revising` takes it back or corrects it.
"""

from survey_pipeline.stages.replies.coding import Coded, code_reply
from survey_pipeline.stages.replies.desk import (
    Decided,
    ReadingList,
    UnclearText,
    decided_today,
    decision_on,
    held_text,
    keep_text,
    reading_list,
    take_text,
    text_waits,
)
from survey_pipeline.stages.replies.inbox import ReadReplies, read_inbound
from survey_pipeline.stages.replies.listing import ListedReply, list_replies
from survey_pipeline.stages.replies.reading import Reading, read_reply
from survey_pipeline.stages.replies.revising import (
    LastDecision,
    correct_decision,
    last_decision,
    undo_decision,
)

__all__ = [
    "Coded",
    "Decided",
    "LastDecision",
    "ListedReply",
    "ReadReplies",
    "Reading",
    "ReadingList",
    "UnclearText",
    "code_reply",
    "correct_decision",
    "decided_today",
    "decision_on",
    "held_text",
    "keep_text",
    "last_decision",
    "list_replies",
    "read_inbound",
    "read_reply",
    "reading_list",
    "take_text",
    "text_waits",
    "undo_decision",
]
