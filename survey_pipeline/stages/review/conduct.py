"""Opening and closing a review: the key is made with the one and destroyed with the other.

At closing the ballots become counts per office, and nothing else is kept of them: no row that could
be held against another, no order, no hash. Then the key goes, and with it every copy of the ballots
that a backup or a log may hold. A closing that was cut off is finished by closing again.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, select, update

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, KeyFileError, UsageError
from survey_pipeline.stages.review.steps import locked, log, note
from survey_pipeline.store.ballot_key import BallotKey, destroy_key, has_key, make_key, read_key
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import ballots, review_offices, review_representatives
from survey_pipeline.store.traces import empty_log, leave_no_trace
from survey_pipeline.vocabulary import Rating


@dataclass(frozen=True)
class ReviewOpening:
    """What opening did."""

    year: int
    done_before: bool
    links_renewed: bool = False
    """The links that were written earlier are void: their key was gone."""


@dataclass(frozen=True)
class Closing:
    """What closing did."""

    year: int
    done_before: bool
    ballots: int
    """Counted over all offices."""


def open_review(
    context: Context, year: int, *, restart: bool = False, closes_on: date | None = None
) -> ReviewOpening:
    """Let a year's review take ballots; an open one stays as it is, but for its closing day.

    Args:
        context: the workspace.
        year: the appraisal year.
        restart: the key is lost: throw the ballots away that nobody can read any more, and begin
            anew. Refused where the key is there.
        closes_on: the day on which it is to close, announced on every ballot; nothing leaves what
            was announced before.

    Raises:
        UsageError: the closing day has passed.
        CannotProceed: the offices or the representatives are missing, or it was closed.
        KeyFileError: it is open, but its key is lost.
    """
    if closes_on is not None and closes_on < context.today():
        raise UsageError("the closing day {day} has passed", day=closes_on)
    with writing(context.engine) as connection:
        review = locked(connection, year)
        _refuse_to_open(context, review, restart=restart)
        _announce(connection, context, review, closes_on)
        lost = not has_key(context.home, year)
        if review.opened_at is not None and not lost:
            return ReviewOpening(year, done_before=True)
        renewed = lost and _drop_links(connection, year)
        if restart:
            _drop_ballots(connection, year)
            _forget_voters(connection, year)
        if lost:
            make_key(context.home, year)
        note(connection, year, opened_at=context.now(), opened_by=context.actor)
        log(connection, context, year, "open", {"restart": True} if restart else None)
    return ReviewOpening(year, done_before=False, links_renewed=renewed)


def _announce(
    connection: Connection, context: Context, review: Row[Any], closes_on: date | None
) -> None:
    if closes_on is not None and closes_on != review.closes_on:
        note(connection, review.year, closes_on=closes_on)
        log(connection, context, review.year, "closing day", {"closes_on": closes_on.isoformat()})


def _refuse_to_open(context: Context, review: Row[Any], *, restart: bool) -> None:
    year = review.year
    if review.closed_at is not None:
        raise CannotProceed(
            "the online review of {year} is closed, and a closed one is not opened again", year=year
        )
    if review.selected_at is None or review.drawn_at is None:
        raise CannotProceed(
            "the online review of {year} lacks its offices or its representatives. Run: "
            "survey-pipeline review select, then survey-pipeline review draw",
            year=year,
        )
    lost = review.opened_at is not None and not has_key(context.home, year)
    if lost and not restart:
        raise KeyFileError(
            "the key of the open review of {year} is not on this machine. Put it back; if it is "
            "lost, its ballots are too: survey-pipeline review open --restart begins anew",
            year=year,
        )
    if restart and not lost:
        raise CannotProceed(
            "the key of the online review of {year} is there, or it is not open: nothing was lost, "
            "so there is nothing to restart",
            year=year,
        )


def close_review(context: Context, year: int) -> Closing:
    """Count the ballots, destroy the key and all that came from it; no ballot comes in after.

    Raises:
        CannotProceed: it was never opened, or something stood in the way of clearing up: then the
            ballots are counted, and closing again finishes the rest.
        KeyFileError: the key is not on this machine, or not the one of these ballots.
    """
    with writing(context.engine) as connection:
        review = locked(connection, year)
        if review.opened_at is None:
            raise CannotProceed("the online review of {year} was never opened", year=year)
        done_before = review.cleared_at is not None
        if review.closed_at is None:
            _count(connection, context, year)
            _drop_ballots(connection, year)
            _drop_links(connection, year)
            note(connection, year, closed_at=context.now(), closed_by=context.actor)
            log(connection, context, year, "close")
    if not done_before:
        _clear(context, year)
    with writing(context.engine) as connection:
        return Closing(year, done_before, _counted(connection, year))


def _count(connection: Connection, context: Context, year: int) -> None:
    """Turn the ballots into counts; an office without one has none of each."""
    query = select(ballots.c.voter, ballots.c.sealed).where(ballots.c.year == year)
    sealed = {row.voter: row.sealed for row in connection.execute(query)}
    codes = _column(connection, review_offices.c.office_code, year)
    counts = {code: Counter[Rating]() for code in codes}
    if sealed:
        key = read_key(context.home, year)
        rep_nos = _column(connection, review_representatives.c.rep_no, year)
        _open_all(key, sealed, rep_nos, counts)
    for code, answers in counts.items():
        connection.execute(
            update(review_offices)
            .where(review_offices.c.year == year, review_offices.c.office_code == code)
            .values(**{rating.value: answers[rating] for rating in Rating})
        )


def _column(connection: Connection, column: Any, year: int) -> list[str]:
    return list(connection.scalars(select(column).where(column.table.c.year == year)))


def _open_all(
    key: BallotKey,
    sealed: Mapping[bytes, bytes],
    rep_nos: list[str],
    counts: Mapping[str, Counter[Rating]],
) -> None:
    """Open every ballot that a drawn representative can have cast for a selected office."""
    opened = 0
    for code, answers in counts.items():
        for rep_no in rep_nos:
            voter = key.voter(rep_no, code)
            if voter in sealed:
                answers[key.unseal(voter, sealed[voter])] += 1
                opened += 1
    if opened < len(sealed):
        raise KeyFileError(
            "the review's key file does not fit the ballots. Put back the one they were cast "
            "with; if that is lost, remove this one and run: survey-pipeline review open --restart"
        )


def _drop_ballots(connection: Connection, year: int) -> None:
    leave_no_trace(connection)
    connection.execute(delete(ballots).where(ballots.c.year == year))
    if not connection.scalar(select(exists(select(ballots.c.voter)))):
        # SQLite then writes zeros over the whole of what is left of the table
        connection.execute(delete(ballots))


def _drop_links(connection: Connection, year: int) -> bool:
    """Empty the hashes of the links; say whether there were any."""
    emptied = connection.execute(
        update(review_representatives)
        .where(
            review_representatives.c.year == year, review_representatives.c.token_hash.is_not(None)
        )
        .values(token_hash=None)
    )
    return emptied.rowcount > 0


def _forget_voters(connection: Connection, year: int) -> None:
    connection.execute(
        update(review_representatives)
        .where(review_representatives.c.year == year)
        .values(voted=False)
    )


def _clear(context: Context, year: int) -> None:
    """Destroy the key, then let the database forget what it has deleted."""
    destroy_key(context.home, year)
    if not empty_log(context.engine):
        raise CannotProceed(
            "the online review of {year} is closed and its key destroyed, but another program is "
            "reading the database, so that its log could not be emptied. Run: survey-pipeline "
            "review close --year {year} once more",
            year=year,
        )
    with writing(context.engine) as connection:
        note(connection, year, cleared_at=context.now())


def _counted(connection: Connection, year: int) -> int:
    answers = sum((review_offices.c[rating.value] for rating in Rating), start=0)
    return (
        connection.scalar(
            select(func.coalesce(func.sum(answers), 0)).where(review_offices.c.year == year)
        )
        or 0
    )
