"""What operators read of texts that ended badly, by state and reason: title, meaning, remedy."""

from collections.abc import Mapping

from survey_pipeline.i18n import N_
from survey_pipeline.vocabulary import MessageWhy, RefusalReason

NOTHING = N_("Nothing: these cases are called.")


FAILED: Mapping[str, tuple[str, str, str]] = {
    RefusalReason.BAD_NUMBER: (
        N_("Failed: bad number"),
        N_("The number does not exist, or takes no SMS."),
        N_("Nothing: these cases are called. If many are one office's, ask it to check its file."),
    ),
    RefusalReason.OPTED_OUT: (
        N_("Failed: opted out"),
        N_("The citizen wants no texts."),
        N_("Nothing: no text and no call follows."),
    ),
    RefusalReason.FILTERED: (
        N_("Failed: filtered"),
        N_("The carrier blocked the text or the sender."),
        N_("Ask the provider why, and change the text under templates/sms/. The cases are called."),
    ),
    RefusalReason.TOO_LONG: (
        N_("Failed: too long"),
        N_("Even the short form takes more parts than sending.max_segments allows."),
        N_("Shorten templates/sms/survey_short.txt. These cases are called."),
    ),
    MessageWhy.NOT_SENT: (
        N_("Failed: accepted by no gateway"),
        N_("No gateway accepted them after repeated attempts."),
        N_("Look at the gateways; the admin page checks them. The cases are called."),
    ),
    MessageWhy.PROVIDER_NEVER_HAD_IT: (
        N_("Failed: never arrived at the provider"),
        N_("The provider was asked and never had them, however often they were tried."),
        N_("Look at the gateways; the admin page checks them. The cases are called."),
    ),
    MessageWhy.POLICY_RESEND: (
        N_("Failed: fate unknown too often"),
        N_("No gateway said what became of them, however often they were tried."),
        N_("Look at the gateways; the admin page checks them. The cases are called."),
    ),
    MessageWhy.ANSWERED: (
        N_("Cancelled: answered already"),
        N_("The citizen answered before the text was sent again."),
        N_("Nothing."),
    ),
    MessageWhy.NOT_MY_CASE: (
        N_("Cancelled: not their case"),
        N_("The citizen said before the text went out that it was not their case."),
        N_("Nothing: the citizen is not asked."),
    ),
    MessageWhy.WITHDRAWN: (
        N_("Cancelled: case withdrawn"),
        N_("The office took the case back before its text went out."),
        N_("Nothing: the citizen is not asked."),
    ),
    MessageWhy.SURVEY_CLOSED: (
        N_("Cancelled: survey over"),
        N_("The survey ended before its text went out."),
        N_("Find out why sending stood still for so long."),
    ),
    MessageWhy.FORGOTTEN: (
        N_("Cancelled: data deleted"),
        N_("The citizen had their data deleted before the text went out."),
        N_("Nothing: the citizen is not asked."),
    ),
    MessageWhy.NOT_NEEDED: (
        N_("Cancelled: not needed"),
        N_("The citizen changed the answer to satisfied before we asked for the reason."),
        N_("Nothing."),
    ),
}


REFUSED = (
    N_("Failed: refused"),
    N_("The provider refused them for good."),
    N_("The program's log has the provider's code. The cases are called."),
)


UNDELIVERED = (
    N_("Undelivered"),
    N_("The network could not deliver them: phones off for days, or out of reach."),
    NOTHING,
)


EXPIRED = (
    N_("Given up"),
    N_("They waited longer than sending.hold_for."),
    N_("See why sending stood still, or widen sending.hours. The cases are called."),
)
