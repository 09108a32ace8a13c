"""Which settings pages change, and what they are called."""

from collections.abc import Mapping, Sequence

from survey_pipeline.i18n import N_

EDITABLE: Mapping[str, Sequence[str]] = {
    "organisation": ("name", "heading", "objections_within"),
    "sampling": ("rate", "minimum", "monthly_minimum", "maximum", "quiet_days"),
    "sending": ("hours", "hold_for", "max_segments", "unknown_after", "unknown_policy"),
    "survey": ("reply_window", "closes_after", "code_within", "ask_reason"),
    "callbacks": (
        "hours", "plan", "max_attempts", "daily_capacity", "dissatisfied", "verify_satisfied",
    ),
    "schedule": ("daily", "catch_up"),
    "review": ("offices", "representatives", "min_ratings", "seed"),
    "ranking": ("min_ratings",),
    "satisfaction": ("counted_from",),
    "intake": ("max_age_days",),
    "privacy": ("retention_days", "undrawn_retention_days", "min_cell"),
}  # fmt: skip
"""Section -> its keys. What ties the program to its machine is left to the file."""
OF_A_GATEWAY = ("priority", "rate_per_second", "concurrency", "price_per_segment", "currency")

SECTIONS: Mapping[str, str] = {
    "organisation": N_("Your office"),
    "sampling": N_("The draw"),
    "sending": N_("Sending texts"),
    "survey": N_("How long a survey waits"),
    "callbacks": N_("Calls"),
    "schedule": N_("The daily run"),
    "review": N_("Online review"),
    "ranking": N_("Ranking of a month"),
    "satisfaction": N_("Volume of the year"),
    "intake": N_("Case reports"),
    "privacy": N_("Personal data"),
}
KEYS: Mapping[str, str] = {
    "organisation.name": N_("Name of the office that asks"),
    "organisation.heading": N_("Red heading of papers; blank: none"),
    "organisation.objections_within": N_("Time to object, from the day of a statement"),
    "sampling.rate": N_("Share of the cases drawn, from 0 to 1"),
    "sampling.minimum": N_("At least, for each office and day"),
    "sampling.monthly_minimum": N_("Drawn in the month until which all that can be are; 0: off"),
    "sampling.maximum": N_("At most, for each office and day"),
    "sampling.quiet_days": N_("Days until a number may be drawn again"),
    "sending.hours": N_("Hours, as 09:00-12:00, 14:00-20:00"),
    "sending.hold_for": N_("How long a text waits for them, then it is given up"),
    "sending.max_segments": N_("Most segments of a text"),
    "sending.unknown_after": N_("Without a receipt for so long: ask the provider"),
    "sending.unknown_policy": N_("Where it cannot say: phone or resend"),
    "survey.reply_window": N_("How long a reply is waited for, then the phone"),
    "survey.closes_after": N_("When a survey closes"),
    "survey.code_within": N_("How long an unclear reply waits for a reader, then a call"),
    "survey.ask_reason": N_("Ask by text why somebody is not satisfied"),
    "callbacks.hours": N_("Hours, as 09:00-12:00, 14:00-17:30"),
    "callbacks.plan": N_("Waits before the attempts, as 0h 4h 1d"),
    "callbacks.max_attempts": N_("Most attempts"),
    "callbacks.daily_capacity": N_("Calls that your staff can make in a day"),
    "callbacks.dissatisfied": N_("Call to ask why somebody is dissatisfied"),
    "callbacks.verify_satisfied": N_("Share of the satisfied who are called to verify, 0 to 1"),
    "schedule.daily": N_("When it runs: minute, hour, day, month, weekday"),
    "schedule.catch_up": N_("How far back missed days are run"),
    "review.offices": N_("Offices that take part"),
    "review.representatives": N_("Representatives drawn"),
    "review.min_ratings": N_("Rated cases that an office needs to be selected; 0: no such rule"),
    "review.seed": N_("Seed of the draw, to be published before it"),
    "ranking.min_ratings": N_("Ratings that an office needs for a rank in the month; 0: off"),
    "satisfaction.counted_from": N_("First month that counts, as 2023-05; blank: the first draw's"),
    "intake.max_age_days": N_("Days that a case may be old when it is reported"),
    "privacy.retention_days": N_("Days that personal data is kept after a survey closed"),
    "privacy.undrawn_retention_days": N_("Days that cases never drawn keep theirs"),
    "privacy.min_cell": N_("Fewest answers that an office is shown"),
    "gateway.priority": N_("Priority: its part of the sum of priorities; 0: unused"),
    "gateway.rate_per_second": N_("Texts a second; 0: no limit of ours"),
    "gateway.concurrency": N_("Texts handed over at the same time"),
    "gateway.price_per_segment": N_("Price of a segment"),
    "gateway.currency": N_("Currency of the price: its three letters"),
}
"""What each setting is called; those of every gateway alike."""
