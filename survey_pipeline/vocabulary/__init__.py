"""The domain's closed word lists, and the tables of allowed moves.

Every word that is stored or exported stands here once, with what it means. The values are the
stored spelling. `moves` has the tables that say which state may follow which: states only move
forward, and whoever changes one asks `may_move`.
"""

from survey_pipeline.vocabulary.calls import (
    BESIDE_RATING,
    RETRIED,
    SPOKE,
    CallOutcome,
    CallReason,
    CallState,
)
from survey_pipeline.vocabulary.deadlines import DeadlineState
from survey_pipeline.vocabulary.evidence import (
    AwardKind,
    AwardLevel,
    Component,
    Decision,
    Duty,
    Grade,
    Per,
    Recipient,
)
from survey_pipeline.vocabulary.messages import (
    InboundUse,
    MessagePurpose,
    MessageState,
    ReaderDecision,
    ReceiptState,
    RefusalReason,
    ReplyClass,
    SendOutcome,
    ShareMove,
)
from survey_pipeline.vocabulary.moves import (
    CALL_MOVES,
    MESSAGE_MOVES,
    SURVEY_MOVES,
    may_move,
)
from survey_pipeline.vocabulary.people import Role
from survey_pipeline.vocabulary.register import (
    AuditAction,
    Category,
    DeliveryMode,
    HotlineGroup,
    RecordKind,
    RowOutcome,
    ScoreSource,
)
from survey_pipeline.vocabulary.surveys import (
    DISPOSITION_GROUPS,
    AnswerRole,
    Disposition,
    DispositionGroup,
    DissatisfactionReason,
    FrameReason,
    Mode,
    PhoneKind,
    Rating,
    SurveyState,
)

__all__ = [
    "BESIDE_RATING",
    "CALL_MOVES",
    "DISPOSITION_GROUPS",
    "MESSAGE_MOVES",
    "RETRIED",
    "SPOKE",
    "SURVEY_MOVES",
    "AnswerRole",
    "AuditAction",
    "AwardKind",
    "AwardLevel",
    "CallOutcome",
    "CallReason",
    "CallState",
    "Category",
    "Component",
    "DeadlineState",
    "Decision",
    "DeliveryMode",
    "Disposition",
    "DispositionGroup",
    "DissatisfactionReason",
    "Duty",
    "FrameReason",
    "Grade",
    "HotlineGroup",
    "InboundUse",
    "MessagePurpose",
    "MessageState",
    "Mode",
    "Per",
    "PhoneKind",
    "Rating",
    "ReaderDecision",
    "ReceiptState",
    "Recipient",
    "RecordKind",
    "RefusalReason",
    "ReplyClass",
    "Role",
    "RowOutcome",
    "ScoreSource",
    "SendOutcome",
    "ShareMove",
    "SurveyState",
    "may_move",
]
