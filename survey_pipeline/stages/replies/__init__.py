"""How citizens' replies are read, kept and decided (product.md section 6).

`reading` says what a text means, pure; `inbox` reads what came in, `booking` does what follows;
`listing` shows it, and `coding` keeps a reader's decision on what is unclear.
"""

from survey_pipeline.stages.replies.coding import Coded, code_reply
from survey_pipeline.stages.replies.inbox import ReadReplies, read_inbound
from survey_pipeline.stages.replies.listing import ListedReply, list_replies
from survey_pipeline.stages.replies.reading import Reading, read_reply

__all__ = [
    "Coded",
    "ListedReply",
    "ReadReplies",
    "Reading",
    "code_reply",
    "list_replies",
    "read_inbound",
    "read_reply",
]
