"""What would become of an appointment, said before it is logged: the citizen is still there."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord
from survey_pipeline.stages.callbacks.call_plan import may_appoint
from survey_pipeline.stages.callbacks.queueing import schedule_of
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import calls


@dataclass(frozen=True)
class Proposal:
    """A time the citizen asks for, and the time at which the call could be made."""

    asked_at: datetime
    start: datetime
    """The first moment from then on within calling hours."""
    last_at: datetime
    """The survey's last moment."""
    passed: bool
    """It is no longer in the future."""
    used_up: bool
    """All attempts are used: no appointment can be kept."""

    @property
    def beyond_end(self) -> bool:
        """Whether the survey has ended by the time at which the call could be made."""
        return self.start >= self.last_at

    @property
    def moved(self) -> bool:
        """Whether it would be another time than the one asked for."""
        return self.start != self.asked_at and not (self.passed or self.beyond_end or self.used_up)


def propose(context: Context, call_id: int, asked_at: datetime) -> Proposal:
    """Return what would become of an appointment, without making it.

    Args:
        context: the workspace.
        call_id: the call.
        asked_at: the time the citizen asks for.

    Raises:
        UnknownRecord: there is no such call.
    """
    with reading(context.engine) as connection:
        call = connection.execute(select(calls).where(calls.c.id == call_id)).one_or_none()
    if call is None:
        raise UnknownRecord("there is no call {call}", call=call_id)
    most = context.settings.callbacks.max_attempts
    return Proposal(
        asked_at=asked_at,
        start=schedule_of(context).appointment(asked_at).start,
        last_at=call.last_at,
        passed=asked_at <= context.now(),
        used_up=not may_appoint(call.attempts + 1, most, call.extra_attempts),
    )
