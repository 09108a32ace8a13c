"""What values of stored scores and draws are called where a check of them is told in Chinese."""

from collections.abc import Mapping

from survey_pipeline.i18n import N_, Message, coded
from survey_pipeline.vocabulary.names import COMPONENTS
from survey_pipeline.vocabulary.surveys import FrameReason

STORED_VALUES: Mapping[str, str] = {
    **{str(component): name for component, name in COMPONENTS.items()},
    "approval_service": N_("Approval service"),
    "appraised": N_("Appraised"),
    "by_mode": N_("Answers by SMS and by phone"),
    "called": N_("Called"),
    "category": N_("Category"),
    "coefficient": N_("Volume coefficient"),
    "compared_on": N_("Compared on"),
    "complete": N_("Complete or not"),
    "components": N_("Components"),
    "daily": N_("Daily"),
    "delivered": N_("Texts delivered"),
    "delivered_by_case": N_("Results delivered case by case"),
    "delivered_by_others": N_("Delivered results"),
    "dissatisfied": N_("Dissatisfied"),
    "drawn": N_("Drawn"),
    "head": N_("What holds for all offices"),
    "lines": N_("Lines of the points"),
    "missing": N_("Missing components"),
    "month": N_("Month"),
    "name": N_("Office"),
    "neutral": N_("Neutral"),
    "note": N_("Note"),
    "office": N_("Office"),
    "office_code": N_("Office code"),
    "open": N_("Open surveys"),
    "outcomes": N_("Outcomes of the drawn cases"),
    "parent": N_("Parent department"),
    "parent_code": N_("Parent code"),
    "points": N_("Points"),
    "provisional_rank": N_("Provisional rank"),
    "rank": N_("Rank"),
    "rank_in_category": N_("Rank in the category"),
    "rate": N_("Satisfaction rate"),
    "rate_high": N_("Rate, upper bound"),
    "rate_low": N_("Rate, lower bound"),
    "rated": N_("Rated"),
    "rated_by_phone": N_("Rated by phone"),
    "rated_by_sms": N_("Rated by SMS"),
    "rated_elsewhere": N_("Rated elsewhere"),
    "reached": N_("Reached by phone"),
    "reasons": N_("Reasons of those who were not satisfied"),
    "replied": N_("Replied"),
    "reported": N_("Cases reported"),
    "response_rate": N_("Response rate"),
    "satisfied": N_("Satisfied"),
    "selected": N_("Selected for the online review"),
    "source": N_("Source"),
    "texted": N_("Texted"),
    "to_date": N_("The appraisal year so far"),
    "total": N_("Total"),
    "verification": N_("Asked by both"),
}
"""By the name under which a stored score keeps them."""
FRAME_REASONS: Mapping[str, str] = {
    FrameReason.EXEMPT: N_("the office is exempt"),
    FrameReason.NOT_OURS: N_("others ask for this office"),
    FrameReason.TOO_OLD: N_("served too long ago"),
    FrameReason.HEALTH_LANDLINE: N_("landline of a health office"),
    FrameReason.OPTED_OUT: N_("opted out"),
    FrameReason.OPEN_SURVEY: N_("another survey of this number is open"),
    FrameReason.QUIET: N_("asked a short while ago"),
    FrameReason.ELIGIBLE: N_("eligible"),
}
"""Why a case of the frame can be drawn or not."""


def stored_value_named(name: str) -> Message:
    """Return a stored value for a sentence: in Chinese its word, in English its name."""
    word = STORED_VALUES.get(name.removeprefix("facts."), name)
    return coded(name, Message(word))


def frame_reason_named(reason: str) -> Message:
    """Return a reason of the roll for a sentence: in Chinese its word, in English its code."""
    return coded(reason, Message(FRAME_REASONS.get(reason, reason)))
