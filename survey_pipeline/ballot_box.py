"""The ballot box of an open review: how ballots go in, on the page or on paper, and who has voted.

A ballot has no provenance: no import, no time, no before and after, no entry in the audit log. A
representative has a mark that they voted, and nothing more (specification, section 10).

Both the review's page and the import of ballots on paper use it, so it stands below the stages.
"""

from collections.abc import Collection, Sequence
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select, update

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed
from survey_pipeline.store import bulk
from survey_pipeline.store.ballot_key import BallotKey, read_key
from survey_pipeline.store.insert import conflict_insert
from survey_pipeline.store.tables import ballots, review_representatives, reviews
from survey_pipeline.store.traces import leave_no_trace
from survey_pipeline.vocabulary import Rating


class Vote(NamedTuple):
    """A representative's answer about an office; kept in memory alone, never stored like this."""

    rep_no: str
    office_code: str
    answer: Rating


def enter_review(connection: Connection, context: Context, year: int) -> BallotKey:
    """Return the key of a year's review, which stays open until this transaction ends.

    Raises:
        CannotProceed: the review is not open.
        KeyFileError: its key is not on this machine.
    """
    found = connection.execute(
        select(reviews).where(reviews.c.year == year).with_for_update(read=True)
    ).one_or_none()
    refuse_unless_open(found, year)
    return read_key(context.home, year)


def refuse_unless_open(review: Row[Any] | None, year: int) -> None:
    """Refuse ballots for a review that does not take any.

    Raises:
        CannotProceed: the review is not open yet, or is closed.
    """
    if review is None or review.opened_at is None:
        raise CannotProceed("the online review of {year} is not open yet", year=year)
    if review.closed_at is not None:
        raise CannotProceed(
            "the online review of {year} is closed; no ballot is taken any more", year=year
        )


def put(connection: Connection, key: BallotKey, year: int, votes: Sequence[Vote]) -> int:
    """Put ballots in; one that was there already under the same voter is replaced.

    Whether its answer is another one than before is not compared, not even here.

    Returns:
        How many were not there before.
    """
    if not votes:
        return 0
    leave_no_trace(connection)
    rows = {}
    for vote in votes:
        voter = key.voter(vote.rep_no, vote.office_code)
        rows[voter] = {"voter": voter, "year": year, "sealed": key.seal(voter, vote.answer)}
    keys = {(voter,) for voter in rows}
    known = sum(1 for _ in bulk.find_by_key(connection, ballots, ("voter",), keys))
    statement = conflict_insert(connection.dialect.name, ballots)
    # in the order of the hashes, which says nothing of the order in which they came
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["voter"], set_={"sealed": statement.excluded.sealed}
        ),
        [rows[voter] for voter in sorted(rows)],
    )
    _mark_voters(connection, year, {vote.rep_no for vote in votes})
    return len(rows) - known


def _mark_voters(connection: Connection, year: int, rep_nos: Collection[str]) -> None:
    ordered = iter(sorted(rep_nos))
    while part := list(islice(ordered, bulk.KEYS_AT_ONCE)):
        connection.execute(
            update(review_representatives)
            .where(
                review_representatives.c.year == year,
                review_representatives.c.rep_no.in_(part),
                review_representatives.c.voted.is_(False),
            )
            .values(voted=True)
        )
