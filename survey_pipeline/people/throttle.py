"""Throttles sign-ins that fail repeatedly.

Failures are counted by name *and* network, so that no stranger can lock a user out by failing in
their name. A network that fails with many names is throttled as a whole, except for users who have
signed in from it before. No sign-in is blocked: each further failure doubles the wait, up to a
minute. An attempt is counted before its password is checked, and forgotten if that is right, so
that concurrent attempts do not get around the limit.

Codes of second factors are counted with the passwords, and by name from all networks together too:
somebody who tries codes knows the password, so waiting protects its owner.
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
"""The time in which failures are counted."""
MOST_FOR_NAME, MOST_FROM_NETWORK = 5, 30
"""Failures without a wait: of one name from one network, and of all names from one network."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=1)
ANYWHERE = "*"
"""Stands for the network where codes of one name are counted from all networks together."""
KNOWN_FOR = timedelta(days=90)
"""How long a network is known as one from which a user signs in."""


class TooManyFailures(CannotProceed):
    """Too many sign-ins failed lately; the password is not checked."""

    seconds: int = 0
    """Until another attempt is accepted."""


@dataclass(frozen=True)
class ThrottledName:
    """A name that has failed so often from a network that it must wait between attempts."""

    name: str
    network: str
    failures: int
    latest: datetime


def count_attempt(context: Context, name: str, address: str) -> None:
    """Count an attempt as failed, before its password is checked; see `forget_own_failures`.

    Raises:
        TooManyFailures: the client must wait; this attempt is not counted.
    """
    network, now = network_of(address), context.now()
    with writing(context.engine) as connection:
        lock_name(connection, "sign-in", network)
        connection.execute(delete(sign_in_failures).where(sign_in_failures.c.at < now - WINDOW))
        _refuse_if_throttled(connection, name, network, now)
        connection.execute(sign_in_failures.insert().values(name=name, address=network, at=now))


def count_code(context: Context, name: str, address: str) -> None:
    """Count a code as wrong before it is checked: for its network, and wherever it comes from.

    Users who have signed in from the network before do not wait for what comes from elsewhere.

    Raises:
        TooManyFailures: the client must wait.
    """
    count_attempt(context, name, address)
    with reading(context.engine) as connection:
        known = _signs_in_from(connection, name, network_of(address), context.now())
    if not known:
        count_attempt(context, name, ANYWHERE)


def forget_own_failures(context: Context, name: str, address: str) -> None:
    """Forget the failures of a name from a network, because password and code were right."""
    with writing(context.engine) as connection:
        connection.execute(
            delete(sign_in_failures).where(
                sign_in_failures.c.name == name,
                sign_in_failures.c.address.in_((network_of(address), ANYWHERE)),
            )
        )


def throttled_names(context: Context) -> Sequence[ThrottledName]:
    """Return the names that must wait between attempts at the moment."""
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
        return [ThrottledName(*row) for row in connection.execute(query)]


def clear_failures(context: Context, name: str) -> int:
    """Forget the failures of a name on an admin's order, which is audited; return how many."""
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
    networks = select(sign_in_failures.c.address).where(
        sign_in_failures.c.name == name, sign_in_failures.c.address != ANYWHERE
    )
    theirs = or_(sign_in_failures.c.name == name, sign_in_failures.c.address.in_(networks))
    return connection.execute(delete(sign_in_failures).where(theirs)).rowcount


def _refuse_if_throttled(connection: Connection, name: str, network: str, now: datetime) -> None:
    from_network = sign_in_failures.c.address == network
    for_name = _failures(connection, from_network, sign_in_failures.c.name == name)
    left = _wait_left(*for_name, MOST_FOR_NAME, now)
    if not left and network != ANYWHERE:
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
    """Return the seconds left to wait, rounded up."""
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
