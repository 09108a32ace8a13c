"""How the cases of one day's draw ended, or stand as long as they are open."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from survey_pipeline.i18n import N_, Message
from survey_pipeline.store.tables import surveys
from survey_pipeline.vocabulary import (
    DISPOSITION_GROUPS,
    Disposition,
    DispositionGroup,
    Mode,
    Rating,
)
from survey_pipeline.vocabulary.names import RATINGS

WAITING = "waiting"
"""Of cases that are open and of which nothing is known: they may answer yet."""
_UNKNOWN = (DispositionGroup.UNKNOWN_HOUSEHOLD, DispositionGroup.UNKNOWN_OTHER)
_UNRATED: Sequence[tuple[Sequence[str], str]] = (
    ((DispositionGroup.COMPLETE,), N_("rated, the answer was delivered by others")),
    ((DispositionGroup.REFUSAL,), N_("does not want to be asked")),
    ((DispositionGroup.OTHER, DispositionGroup.NON_CONTACT), N_("reached, but not rated")),
    ((WAITING,), N_("still open, no answer yet")),
    (_UNKNOWN, N_("not reached")),
    ((DispositionGroup.NOT_ELIGIBLE,), N_("not to be asked: withdrawn, or no case")),
)
"""Outcomes without a rating, by AAPOR's groups (specification, section 13.1)."""


@dataclass(frozen=True)
class Outcome:
    """Cases of one outcome."""

    title: Message
    count: int
    by_sms: int | None = None
    """Of ratings alone, as `by_phone`."""
    by_phone: int | None = None


def outcomes_of(connection: Connection, drawn_on: date) -> Sequence[Outcome]:
    """Return the outcomes of a day's cases: the three ratings, then what is not empty of the rest.

    Args:
        connection: a transaction that reads.
        drawn_on: the day of the draw.
    """
    is_open = surveys.c.closed_at.is_(None)
    columns = (surveys.c.rating, surveys.c.rated_by, surveys.c.disposition, is_open)
    rows = connection.execute(
        select(*columns, func.count()).where(surveys.c.drawn_on == drawn_on).group_by(*columns)
    ).all()
    if not rows:
        return ()
    rated = {
        (rating, mode): sum(row[-1] for row in rows if row[:2] == (rating, mode))
        for rating in Rating
        for mode in Mode
    }
    unrated = Counter[str]()
    for rating, _, disposition, open_still, count in rows:
        if rating is None:
            group = DISPOSITION_GROUPS[Disposition(disposition)]
            unrated[WAITING if open_still and group in _UNKNOWN else group] += count
    return [
        *(_rated(rating, rated[rating, Mode.SMS], rated[rating, Mode.PHONE]) for rating in Rating),
        *(
            Outcome(Message(title), count)
            for groups, title in _UNRATED
            if (count := sum(unrated[group] for group in groups))
        ),
    ]


def _rated(rating: Rating, by_sms: int, by_phone: int) -> Outcome:
    return Outcome(Message(RATINGS[rating]), by_sms + by_phone, by_sms, by_phone)
