"""What signals are called, and what each counts, where people read them."""

from collections.abc import Mapping

from survey_pipeline.i18n import N_
from survey_pipeline.vocabulary.signals import SignalKind, SignalState

SIGNALS: Mapping[str, str] = {
    SignalKind.NOT_THEIR_CASE: N_("Not their case"),
    SignalKind.NO_SUCH_NUMBER: N_("Numbers that do not exist"),
    SignalKind.REPEATED_NUMBER: N_("One number on many cases"),
    SignalKind.SHARED_NUMBER: N_("One number across many offices"),
    SignalKind.CONSECUTIVE_NUMBERS: N_("Consecutive numbers"),
    SignalKind.ALIKE: N_("Identical contents"),
    SignalKind.MISSING_CASES: N_("Gaps in the case numbers"),
    SignalKind.DAYS_WITHOUT_REPORT: N_("Days without a report"),
    SignalKind.VOLUME_ROSE: N_("Volume rose"),
    SignalKind.VOLUME_FELL: N_("Volume fell"),
    SignalKind.DELIVERED_VOLUME: N_("Delivery: more cases than reported"),
    SignalKind.DELIVERED_ALL_CONTENT: N_("Delivery: no dissatisfied answer"),
    SignalKind.DELIVERED_FEW_ASKED: N_("Delivery: fewer asked"),
}
"""Each kind in a few words."""
SIGNAL_SENTENCES: Mapping[str, str] = {
    SignalKind.NOT_THEIR_CASE: N_(
        "{count} of {of} citizens who answered said that it was not their case."
    ),
    SignalKind.NO_SUCH_NUMBER: N_(
        "{count} of {of} numbers that were texted or called do not exist, are out of reach for "
        "good, or are somebody else's."
    ),
    SignalKind.REPEATED_NUMBER: N_(
        "{count} of {of} cases have a number that the office had reported already within a week."
    ),
    SignalKind.SHARED_NUMBER: N_(
        "{count} of {of} cases have a number that four or more offices reported within a week."
    ),
    SignalKind.CONSECUTIVE_NUMBERS: N_(
        "{count} of {of} cases have a number that stands in a run of three or more consecutive "
        "ones on the same day."
    ),
    SignalKind.ALIKE: N_(
        "{count} of {of} cases have the same name or remark and the same item as two or more "
        "others of the day, under other numbers."
    ),
    SignalKind.MISSING_CASES: N_(
        "{count} of {of} case numbers are missing between the first and the last of each day."
    ),
    SignalKind.DAYS_WITHOUT_REPORT: N_("On {count} of {of} working days no report came."),
    SignalKind.VOLUME_ROSE: N_(
        "{count} of the {of} cases of this month and the three before it were reported this month."
    ),
    SignalKind.VOLUME_FELL: N_(
        "{count} of the {of} cases of this month and the three before it were reported before "
        "this month."
    ),
    SignalKind.DELIVERED_VOLUME: N_(
        "{count} of the {of} cases that the delivery counts were never reported to us."
    ),
    SignalKind.DELIVERED_ALL_CONTENT: N_(
        "{count} of {of} delivered answers are not dissatisfied: there is not one."
    ),
    SignalKind.DELIVERED_FEW_ASKED: N_(
        "We asked {of} citizens or more; the delivery rests on {count} fewer."
    ),
}
"""What is counted, with the counts."""
SIGNAL_STATES: Mapping[str, str] = {
    SignalState.OPEN: N_("to look into"),
    SignalState.NOTHING_WRONG: N_("looked into: nothing wrong"),
    SignalState.CONFIRMED: N_("looked into: confirmed"),
}
"""What a person found."""
