"""How far the clock of this machine is from the database server's: leases of all hosts rest on it.

What begins and ends by the clock (leases, windows, the day's run) is told by each host's own.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, text

from survey_pipeline.calendar import Clock, SetClock
from survey_pipeline.i18n import N_, Message
from survey_pipeline.store.engine import reading

TOLERATED = timedelta(seconds=30)
"""Less is no harm: the shortest lease is longer."""
_APART = N_("the clock of this machine is {seconds} s off from the database server's")


def clock_is_off(engine: Engine, clock: Clock) -> Message | None:
    """Return how far the clock is off, in words; nothing where that is tolerated.

    SQLite has no clock of its own; a clock that stands (`SetClock`) is compared with none.

    Raises:
        DatabaseFault: the server cannot be asked.
    """
    if engine.dialect.name != "postgresql" or isinstance(clock, SetClock):
        return None
    apart = _server_now(engine) - clock.now()
    if abs(apart) <= TOLERATED:
        return None
    return Message(_APART, {"seconds": round(abs(apart).total_seconds())})


def _server_now(engine: Engine) -> datetime:
    with reading(engine) as connection:
        found: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return found.astimezone(UTC)
