"""Slows sign-ins down that fail again and again.

Failures are counted for a name *and* the network they come from: so no stranger keeps a person out
by failing in their name. A network that fails with many names is slowed as a whole, but for those
who have signed in from it before. Slower, never shut: each further failure doubles the wait, to a
minute at most. A try is counted before its password is looked at and taken back when that was
right, so that tries at once are no way around.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, func, or_, select

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed
from survey_pipeline.i18n import N_
from survey_pipeline.people.networks import network_of
from survey_pipeline.store import audit
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.locks import lock_name
from survey_pipeline.store.tables import sign_in_failures, web_sessions
from survey_pipeline.vocabulary import AuditAction, Audited

WINDOW = timedelta(minutes=15)
"""Failures are counted over so long."""
MOST_FOR_NAME, MOST_FROM_NETWORK = 5, 30
"""Failures within it that cost no wait: with one name from one network, and from one network."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=1)
KNOWN_FOR = timedelta(days=90)
"""So long a network counts as one from which a person signs in."""


class TooManyFailures(CannotProceed):
    """Too many sign-ins failed lately; it is not even looked at whether this one is right."""

    seconds: int = 0
    """Until another try is looked at."""


@dataclass(frozen=True)
class Slowed:
    """A name that has failed from a network so often that it must wait between tries."""

    name: str
    network: str
    failures: int
    latest: datetime


def count_try(context: Context, name: str, address: str) -> None:
    """Count a try as failed before it is looked at; `was_right` takes it back.

    Raises:
        TooManyFailures: it must wait first; this try is not counted.
    """
    network, now = network_of(address), context.now()
    with writing(context.engine) as connection:
        lock_name(connection, "sign-in", network)
        connection.execute(delete(sign_in_failures).where(sign_in_failures.c.at < now - WINDOW))
        _refuse_if_tired(connection, name, network, now)
        connection.execute(sign_in_failures.insert().values(name=name, address=network, at=now))


def was_right(context: Context, name: str, address: str) -> None:
    """Forget the failures of a name from a network: it was they."""
    with writing(context.engine) as connection:
        connection.execute(
            delete(sign_in_failures).where(
                sign_in_failures.c.name == name,
                sign_in_failures.c.address == network_of(address),
            )
        )


def slowed(context: Context) -> Sequence[Slowed]:
    """Return who must wait between tries at the moment."""
    failures = func.count().label("failures")
    query = (
        select(
            sign_in_failures.c.name,
            sign_in_failures.c.address,
            failures,
            func.max(sign_in_failures.c.at).label("latest"),
        )
        .where(sign_in_failures.c.at >= context.now() - WINDOW)
        .group_by(sign_in_failures.c.name, sign_in_failures.c.address)
        .having(failures >= MOST_FOR_NAME)
        .order_by(sign_in_failures.c.name, sign_in_failures.c.address)
    )
    with reading(context.engine) as connection:
        return [Slowed(*row) for row in connection.execute(query)]


def clear_failures(context: Context, name: str) -> int:
    """Let an admin forget the failures of a name; it stands in the audit log. Return how many."""
    with writing(context.engine) as connection:
        gone = forget_failures(connection, name)
        entry = audit.entry(
            at=context.now(),
            actor=context.actor,
            action=AuditAction.UPDATED,
            kind=Audited.USERS,
            key=name,
            after={"failed_sign_ins": "cleared"},
        )
        audit.append(connection, [entry])
    return gone


def forget_failures(connection: Connection, name: str) -> int:
    """Forget the failures of a name, and of the networks they came from; return how many."""
    networks = select(sign_in_failures.c.address).where(sign_in_failures.c.name == name)
    theirs = or_(sign_in_failures.c.name == name, sign_in_failures.c.address.in_(networks))
    return connection.execute(delete(sign_in_failures).where(theirs)).rowcount


def _refuse_if_tired(connection: Connection, name: str, network: str, now: datetime) -> None:
    from_network = sign_in_failures.c.address == network
    for_name = _failures(connection, from_network, sign_in_failures.c.name == name)
    left = _wait_left(*for_name, MOST_FOR_NAME, now)
    if not left:
        left = _wait_left(*_failures(connection, from_network), MOST_FROM_NETWORK, now)
        if left and _signs_in_from(connection, name, network, now):
            return
    if left:
        error = TooManyFailures(
            N_("too many failed sign-ins: try again in {seconds} seconds"), seconds=left
        )
        error.seconds = left
        raise error


def _failures(
    connection: Connection, *conditions: ColumnElement[bool]
) -> tuple[int, datetime | None]:
    query = select(func.count(), func.max(sign_in_failures.c.at)).where(*conditions)
    count, latest = connection.execute(query).one()
    return count, latest


def _wait_left(count: int, latest: datetime | None, most: int, now: datetime) -> int:
    """Return how many seconds are left to wait, rounded up."""
    if latest is None or count < most:
        return 0
    wait = min(FIRST_WAIT * (1 << min(count - most, 10)), LONGEST_WAIT)
    return max(0, -((now - latest - wait) // timedelta(seconds=1)))


def _signs_in_from(connection: Connection, name: str, network: str, now: datetime) -> bool:
    before = select(web_sessions.c.user_name).where(
        web_sessions.c.user_name == name,
        web_sessions.c.network == network,
        web_sessions.c.opened_at >= now - KNOWN_FOR,
    )
    return connection.execute(before.limit(1)).first() is not None
