"""A representative's paper by personal link: what it lists, and how it is cast."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from survey_pipeline.ballot_box import Vote, put, refuse_unless_open
from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UnknownRecord
from survey_pipeline.store import bulk
from survey_pipeline.store.ballot_key import BallotKey, has_key, read_key
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import (
    ballots,
    offices,
    parents,
    representatives,
    review_offices,
    review_representatives,
    reviews,
)
from survey_pipeline.vocabulary import Category, Rating


@dataclass(frozen=True)
class PaperOffice:
    """A line of the paper."""

    office_code: str
    name: str
    parent: str
    """Its parent department's name: offices of several may be called alike."""
    category: str
    answer: Rating | None
    """What this representative has answered so far."""


@dataclass(frozen=True)
class Paper:
    """What a representative is shown."""

    year: int
    offices: tuple[PaperOffice, ...]
    """By category and office_code."""
    closes_on: date | None = None
    """The day on which the review is to close, if it was announced."""


@dataclass(frozen=True)
class _Holder:
    """Whose link it is; never leaves this module."""

    review: Row[Any]
    rep_no: str
    key: BallotKey


def paper(context: Context, token: str) -> Paper:
    """Return the paper of a personal link, with the answers given so far.

    Raises:
        UnknownRecord: there is no such link, or its review is closed.
        CannotProceed: the review is not open yet.
    """
    with reading(context.engine) as connection:
        holder = _holder(_reviews(connection), connection, context, token)
        lines = _lines(connection, holder.review.year)
        given = _given(connection, holder, lines)
    order = [category.value for category in Category]
    found = [
        PaperOffice(
            line.office_code, line.name, line.parent, line.category, given.get(line.office_code)
        )
        for line in lines
    ]
    found.sort(key=lambda office: (order.index(office.category), office.office_code))
    return Paper(holder.review.year, tuple(found), holder.review.closes_on)


def cast(context: Context, token: str, answers: Mapping[str, Rating | str]) -> int:
    """Cast ballots by a personal link: all of them or none; earlier ones are replaced.

    Args:
        context: the workspace.
        token: of the link.
        answers: office_code -> answer; offices that are left out keep what they have.

    Returns:
        How many ballots were taken.

    Raises:
        UnknownRecord: there is no such link, or its review is closed.
        CannotProceed: the review is not open yet, or an office does not take part.
        ValueError: an answer is not one of the three.
    """
    given = {code: Rating(answer) for code, answer in answers.items()}
    with writing(context.engine) as connection:
        # the review takes ballots until this transaction ends
        holder = _holder(_reviews(connection, keep_open=True), connection, context, token)
        year = holder.review.year
        listed = {line.office_code for line in _lines(connection, year)}
        for code in given:
            if code not in listed:
                raise CannotProceed(
                    "the office {code} takes no part in the online review of {year}",
                    code=code,
                    year=year,
                )
        votes = [Vote(holder.rep_no, code, answer) for code, answer in given.items()]
        put(connection, holder.key, year, votes)
    return len(votes)


def _reviews(connection: Connection, *, keep_open: bool = False) -> Sequence[Row[Any]]:
    """Return the reviews that are drawn and not closed."""
    query = select(reviews).where(reviews.c.drawn_at.is_not(None), reviews.c.closed_at.is_(None))
    return connection.execute(query.with_for_update(read=True) if keep_open else query).all()


def _holder(
    current: Sequence[Row[Any]], connection: Connection, context: Context, token: str
) -> _Holder:
    """Find out whose link it is."""
    for review in current:
        if not has_key(context.home, review.year):
            continue
        key = read_key(context.home, review.year)
        rep_no = connection.scalar(_by_token(review.year, key.token_hash(token)))
        if rep_no is not None:
            refuse_unless_open(review, review.year)
            return _Holder(review, rep_no, key)
    raise UnknownRecord("this link is not valid, or its review is closed")


def _by_token(year: int, token_hash: bytes) -> Any:
    return (
        select(review_representatives.c.rep_no)
        .join(
            representatives,
            (representatives.c.year == review_representatives.c.year)
            & (representatives.c.rep_no == review_representatives.c.rep_no),
        )
        .where(
            review_representatives.c.year == year,
            review_representatives.c.token_hash == token_hash,
            representatives.c.withdrawn_at.is_(None),
        )
    )


def _lines(connection: Connection, year: int) -> list[Row[Any]]:
    return list(
        connection.execute(
            select(
                review_offices.c.office_code,
                review_offices.c.category,
                offices.c.name,
                parents.c.name.label("parent"),
            )
            .join(offices, offices.c.office_code == review_offices.c.office_code)
            .join(parents, parents.c.parent_code == offices.c.parent_code)
            .where(review_offices.c.year == year)
        )
    )


def _given(connection: Connection, holder: _Holder, lines: list[Row[Any]]) -> dict[str, Rating]:
    voters = {holder.key.voter(holder.rep_no, line.office_code): line.office_code for line in lines}
    rows = bulk.find_by_key(connection, ballots, ("voter",), {(voter,) for voter in voters})
    return {voters[row.voter]: holder.key.unseal(row.voter, row.sealed) for row in rows}
