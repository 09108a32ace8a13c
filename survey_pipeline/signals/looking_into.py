"""A person looks into what stands out, and says what they found. No score follows from it."""

from sqlalchemy import select, update

from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord, UsageError
from survey_pipeline.store import audit
from survey_pipeline.store.engine import writing
from survey_pipeline.store.locks import hold_rows
from survey_pipeline.store.tables import signals
from survey_pipeline.vocabulary import AuditAction, Audited, SignalState

LONGEST_REASON = 500
"""Characters (specification, section 12.1)."""


def decide_signal(
    context: Context, number: int, state: SignalState, *, reason: str, by: str | None = None
) -> None:
    """Keep what a person found of a signal; a later finding replaces it, both on record.

    Args:
        context: the workspace.
        number: the signal's.
        state: `nothing_wrong` or `confirmed`.
        reason: why, up to 500 characters.
        by: who looked into it; the context's actor unless named.

    Raises:
        UsageError: the reason is missing or too long, or the state is `open`.
        UnknownRecord: there is no such signal.
    """
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise UsageError("give a reason of 1 to {most} characters", most=LONGEST_REASON)
    if state is SignalState.OPEN:
        raise UsageError("say what was found: nothing_wrong or confirmed")
    who = (by or "").strip() or context.actor
    values = {"state": state, "reason": reason, "decided_by": who, "decided_at": context.now()}
    with writing(context.engine) as connection:
        hold_rows(connection, signals.c.id, signals.c.id == number)
        before = connection.execute(select(signals).where(signals.c.id == number)).one_or_none()
        if before is None:
            raise UnknownRecord("there is no signal {id}", id=number)
        connection.execute(update(signals).where(signals.c.id == number).values(**values))
        entry = audit.entry(
            at=context.now(),
            actor=who,
            action=AuditAction.DECIDED,
            kind=Audited.SIGNALS,
            key=str(number),
            before={"state": before.state},
            after={
                "state": state.value,
                "office_code": before.office_code,
                "month": before.month,
                "kind": before.kind,
            },
            reason=reason,
        )
        audit.append(connection, [entry])
