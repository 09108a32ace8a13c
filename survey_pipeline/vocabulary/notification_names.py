"""What kinds and states of notifications are called where people read them."""

from collections.abc import Mapping

from survey_pipeline.i18n import N_
from survey_pipeline.vocabulary.notifications import NotificationKind, NotificationState

NOTIFICATIONS: Mapping[str, str] = {
    NotificationKind.MISSING_REPORTS: N_("Daily case reports that are missing"),
    NotificationKind.MONTHLY: N_("What is due on the 25th"),
    NotificationKind.QUARTERLY: N_("What is due after a quarter"),
    NotificationKind.YEARLY: N_("What is due in mid-November"),
    NotificationKind.OBJECTION: N_("A new objection"),
    NotificationKind.DECISION: N_("The decision on an objection"),
    NotificationKind.GATEWAY_STOPPED: N_("A gateway that stopped"),
    NotificationKind.DAY_FAILED: N_("A daily run that failed"),
}
NOTIFICATION_STATES: Mapping[str, str] = {
    NotificationState.SENDING: N_("being sent"),
    NotificationState.SENT: N_("sent"),
    NotificationState.FAILED: N_("not delivered"),
}
