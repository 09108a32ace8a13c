"""What became of a day's texts: each group with its count, what it means, and what to do.

Of the present day, whatever waits in the outbox is counted, whenever it was drawn; what has ended
is counted of the texts of the cases drawn on the day.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from survey_pipeline.context import Context
from survey_pipeline.errors import UsageError
from survey_pipeline.i18n import N_, Message
from survey_pipeline.reports.standstill import Obstacle, Standstill
from survey_pipeline.reports.text_group_words import EXPIRED, FAILED, REFUSED, UNDELIVERED
from survey_pipeline.store.tables import messages, surveys
from survey_pipeline.vocabulary import ENDED_BADLY, MessageState

WAITING = (MessageState.QUEUED, MessageState.SENDING, MessageState.UNKNOWN)
"""States that are not the end; in the index that the outbox is claimed by."""


@dataclass(frozen=True)
class TextGroup:
    """Texts with one state and reason."""

    name: str
    """Stable, for programs and tests."""
    count: int
    title: Message
    meaning: Message
    remedy: Message
    bad: bool = True
    """Whether an operator should look at it; else its texts are on their way."""

    @property
    def ended(self) -> bool:
        """Return whether its texts have ended, so that `ended_badly` finds them by its name."""
        return self.name.partition("_")[0] in ENDED_BADLY


def text_groups(
    connection: Connection, context: Context, day: date, stands: Standstill | None
) -> list[TextGroup]:
    """Return the groups that are not empty: what waits first, then what ended badly.

    Args:
        connection: a transaction that reads.
        context: the workspace.
        day: the day; on the present one all that waits is counted.
        stands: why no text goes out, where none does: remedies depend on it.
    """
    whole = day == context.today()
    waiting = _waiting(connection, context.now(), None if whole else day)
    found = [
        _held(context, waiting["held"], stands),
        _later(waiting["later"], stands),
        _under_way(waiting["sending"]),
        _unknown(context, waiting["unknown"], stands),
        *_ended(connection, day),
    ]
    return [group for group in found if group.count]


def _waiting(connection: Connection, now: datetime, day: date | None) -> Counter[str]:
    counted: Counter[str] = Counter()
    due = and_(messages.c.state == MessageState.QUEUED, messages.c.not_before <= now)
    query = _of_day(
        select(messages.c.state, due, func.count()).where(messages.c.state.in_(WAITING)), day
    )
    for state, is_due, count in connection.execute(query.group_by(messages.c.state, due)):
        queued = "held" if is_due else "later"
        counted[queued if state == MessageState.QUEUED else state] += count
    return counted


def _of_day(query: Select[Any], day: date | None) -> Select[Any]:
    if day is None:
        return query.select_from(messages)
    joined = messages.join(surveys, surveys.c.id == messages.c.survey_id)
    return query.select_from(joined).where(surveys.c.drawn_on == day)


def _held(context: Context, count: int, stands: Standstill | None) -> TextGroup:
    hours, now = context.settings.sending.hours, context.now()
    if stands is not None:
        return _kept_back("held", count, N_("Due, kept back"), stands)
    if context.calendar.is_open(now, hours, working_days=False):
        return TextGroup(
            "due",
            count,
            Message(N_("Due")),
            Message(N_("They go out with the next round, within a minute or so.")),
            Message(
                N_(
                    "If the number does not fall, check that survey-pipeline run or worker is "
                    "running."
                )
            ),
            bad=False,
        )
    opens = context.calendar.next_open(now, hours, working_days=False)
    return TextGroup(
        "held",
        count,
        Message(N_("Held")),
        Message(N_("They are due and wait for the sending hours.")),
        Message(N_("Nothing: they go out from {at} on."), {"at": context.calendar.written(opens)}),
        bad=False,
    )


def _later(count: int, stands: Standstill | None) -> TextGroup:
    if stands is not None:
        return _kept_back("later", count, N_("To be tried again, kept back"), stands)
    return TextGroup(
        "later",
        count,
        Message(N_("To be tried again")),
        Message(N_("A gateway did not take them; nothing went out.")),
        Message(
            N_("Nothing: they are tried again automatically; if that fails, the cases are called.")
        ),
        bad=False,
    )


def _kept_back(name: str, count: int, title: str, stands: Standstill) -> TextGroup:
    """Return texts that cannot go out: they wait for what the alert asks for."""
    return TextGroup(name, count, Message(title), stands.why, stands.remedy)


def _under_way(count: int) -> TextGroup:
    return TextGroup(
        "sending",
        count,
        Message(N_("Being sent")),
        Message(N_("A sender is handing them over.")),
        Message(N_("Nothing: if the sender dies, they count as unknown.")),
        bad=False,
    )


def _unknown(context: Context, count: int, stands: Standstill | None) -> TextGroup:
    if stands is not None and stands.obstacle in _CANNOT_ASK:
        remedy = N_("The provider cannot be asked until the gateway works; receipts still count.")
    elif context.settings.sending.unknown_policy == "phone":
        remedy = N_(
            "Wait for receipts; the provider is asked. Cases whose text stays unknown are called."
        )
    else:
        remedy = N_("Wait for receipts; the provider is asked. Otherwise they are sent once more.")
    return TextGroup(
        "unknown",
        count,
        Message(N_("Delivery unknown")),
        Message(N_("They may or may not have gone out: the gateway did not say.")),
        Message(remedy),
    )


_CANNOT_ASK = (Obstacle.NO_GATEWAY, Obstacle.STOPPED, Obstacle.FAILING)


def _ended(connection: Connection, day: date) -> list[TextGroup]:
    query = _of_day(
        select(messages.c.state, messages.c.reason, func.count().label("texts")).where(
            messages.c.state.in_(ENDED_BADLY)
        ),
        day,
    )
    rows = connection.execute(query.group_by(messages.c.state, messages.c.reason)).all()
    counted: Counter[tuple[str, str]] = Counter()
    for state, reason, count in rows:
        known = reason if state == MessageState.FAILED and reason in FAILED else ""
        counted[state, known] += count
    return [_failed(*plight, count) for plight, count in counted.most_common()]


def ended_badly(group: str = "") -> ColumnElement[bool]:
    """Return the condition that a text ended badly, in the group named or in any.

    Raises:
        UsageError: there is no such group.
    """
    if not group:
        return messages.c.state.in_(ENDED_BADLY)
    state, _, reason = group.partition("_")
    if state not in ENDED_BADLY or (reason and reason not in FAILED):
        raise UsageError("there is no group {name}", name=group)
    if state != MessageState.FAILED:
        return messages.c.state == state
    known = func.coalesce(messages.c.reason, "")
    of_reason = known == reason if reason else known.not_in(FAILED)
    return and_(messages.c.state == state, of_reason)


def title_of_group(group: str) -> Message:
    """Return what a group of texts that ended badly is called; all of them if it is empty.

    Raises:
        UsageError: there is no such group.
    """
    if not group:
        return Message(N_("Failed, undelivered or given up"))
    ended_badly(group)
    state, _, reason = group.partition("_")
    return title_of(state, reason)


def title_of(state: str, reason: str) -> Message:
    """Return how a text that ended badly is called."""
    known = reason if state == MessageState.FAILED and reason in FAILED else ""
    return _failed(state, known, 1).title


def _failed(state: str, reason: str, count: int) -> TextGroup:
    words = {MessageState.UNDELIVERED: UNDELIVERED, MessageState.EXPIRED: EXPIRED}.get(
        MessageState(state), FAILED.get(reason, REFUSED)
    )
    title, meaning, remedy = map(Message, words)
    return TextGroup(f"{state}_{reason}".rstrip("_"), count, title, meaning, remedy)
