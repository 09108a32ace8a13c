"""What the stored words are called on the pages."""

from collections.abc import Mapping

from survey_pipeline.i18n import N_
from survey_pipeline.vocabulary import AuditAction, Decision, SendOutcome

ACTIONS: Mapping[str, str] = {
    AuditAction.CREATED: N_("came in or was made"),
    AuditAction.UPDATED: N_("was changed"),
    AuditAction.WITHDRAWN: N_("was taken back"),
    AuditAction.DELETED: N_("was deleted"),
    AuditAction.LOOKED: N_("full number seen"),
    AuditAction.EXPORTED: N_("was exported"),
    AuditAction.DECIDED: N_("was decided"),
    AuditAction.PUBLISHED: N_("was published"),
}
DECISIONS: Mapping[str, str] = {
    Decision.UPHELD: N_("upheld"),
    Decision.REJECTED: N_("rejected"),
}
"""On an office's objection."""
OUTCOMES: Mapping[str, str] = {
    SendOutcome.ACCEPTED: N_("taken"),
    SendOutcome.REFUSED: N_("refused"),
    SendOutcome.THROTTLED: N_("too fast for it"),
    SendOutcome.NOT_SENT: N_("not sent"),
    SendOutcome.UNKNOWN: N_("fate unknown"),
}
"""What a gateway said of attempts to send."""
LEVELS: Mapping[str, str] = {
    "ok": N_("ok"),
    "warning": N_("warning"),
    "failed": N_("FAILED"),
}
"""How a check of `doctor` came out."""
