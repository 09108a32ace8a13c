"""What the stored words are called where people read them."""

from collections.abc import Mapping

from survey_pipeline.i18n import N_, translate
from survey_pipeline.vocabulary import (
    CallReason,
    Category,
    Component,
    Disposition,
    DispositionGroup,
    DissatisfactionReason,
    Mode,
    Rating,
    ScoreSource,
)

CATEGORIES: Mapping[str, str] = {
    Category.AGENCY: N_("Agencies"),
    Category.EDUCATION: N_("Education"),
    Category.HEALTH: N_("Health"),
    Category.FINANCE: N_("Banks and insurers"),
    Category.SOE: N_("State-owned enterprises"),
    Category.SOCIAL: N_("Social services"),
}
COMPONENTS: Mapping[str, str] = {
    Component.SATISFACTION: N_("Satisfaction"),
    Component.PERFORMANCE: N_("Performance"),
    Component.SUPERVISION: N_("Supervision"),
    Component.HOTLINE: N_("Hotline 12345"),
    Component.PARENT_RATING: N_("Parent rating"),
    Component.ONLINE: N_("Online review"),
    Component.BONUS: N_("Bonus"),
    Component.MATERIAL_PENALTY: N_("Missing material"),
}
RATINGS: Mapping[str, str] = {
    Rating.SATISFIED: N_("Satisfied"),
    Rating.NEUTRAL: N_("Neutral"),
    Rating.DISSATISFIED: N_("Dissatisfied"),
}
MODES: Mapping[str, str] = {Mode.SMS: N_("SMS"), Mode.PHONE: N_("Phone")}
SOURCES: Mapping[str, str] = {
    ScoreSource.OWN: N_("Own survey"),
    ScoreSource.DELIVERED: N_("Delivered"),
    ScoreSource.MIXED: N_("Own and delivered"),
}
REASONS: Mapping[str, str] = {
    DissatisfactionReason.ATTITUDE: N_("Attitude"),
    DissatisfactionReason.EFFICIENCY: N_("Speed of handling"),
    DissatisfactionReason.CLARITY: N_("Requirements not told clearly"),
    DissatisfactionReason.RESULT: N_("Result of the matter"),
    DissatisfactionReason.RULES: N_("Rules and procedure"),
    DissatisfactionReason.FACILITIES: N_("Place and facilities"),
    DissatisfactionReason.INTEGRITY: N_("Integrity"),
    DissatisfactionReason.OTHER: N_("Other reason"),
}
DISPOSITIONS: Mapping[str, str] = {
    Disposition.COMPLETE: N_("Rated, by SMS or phone"),
    Disposition.UNCLASSIFIABLE: N_("A reply that nobody could classify"),
    Disposition.REFUSAL: N_("Opted out, or refused on the phone"),
    Disposition.HUNG_UP: N_("Hung up before the question"),
    Disposition.CALL_AGAIN: N_("Asked for another time, never completed"),
    Disposition.LANGUAGE: N_("No common language"),
    Disposition.NEVER_ATTEMPTED: N_("Never attempted"),
    Disposition.BUSY: N_("Busy"),
    Disposition.NO_ANSWER: N_("No answer"),
    Disposition.SWITCHED_OFF: N_("Switched off, or a fault of the carrier"),
    Disposition.NOTHING_BACK: N_("Texted, nothing came back, never called"),
    Disposition.TEXT_UNDELIVERED: N_("Text not delivered, never called"),
    Disposition.BAD_CONTACT: N_("Dead number, wrong person, or not their case"),
    Disposition.WITHDRAWN: N_("Withdrawn"),
    Disposition.DUPLICATE: N_("Duplicate"),
    Disposition.NEVER_A_CASE: N_("Never a case, proved"),
}
GROUPS: Mapping[str, str] = {
    DispositionGroup.COMPLETE: N_("complete"),
    DispositionGroup.REFUSAL: N_("refusal"),
    DispositionGroup.NON_CONTACT: N_("non-contact"),
    DispositionGroup.OTHER: N_("other, eligible"),
    DispositionGroup.UNKNOWN_HOUSEHOLD: N_("unknown"),
    DispositionGroup.UNKNOWN_OTHER: N_("unknown, other"),
    DispositionGroup.NOT_ELIGIBLE: N_("not eligible"),
}
CALL_REASONS: Mapping[str, str] = {
    CallReason.NO_REPLY: N_("No reply"),
    CallReason.UNCLEAR: N_("Unclear reply"),
    CallReason.UNDELIVERED: N_("Text not delivered"),
}

AAPOR_VERSION = (
    "AAPOR Standard Definitions 10th ed., own mapping (text-message table not consulted)"
)
"""Whose codes `aapor_like` follows, and what we could not read (specification, section 13.1)."""


def named(words: Mapping[str, str], value: str, locale: str) -> str:
    """Return what `value` is called in `locale`; a value of a later program stays as it is."""
    return translate(words[value], locale) if value in words else value
