"""The keepers of the online review: the pool of representatives, and ballots on paper."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from survey_pipeline.ballot_box import Vote, enter_review, put
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.checking import Checked
from survey_pipeline.stages.intake.loaders.loader import (
    SAME_KEY,
    Kept,
    Needed,
    Objection,
    RecordKeeper,
    Run,
)
from survey_pipeline.stages.intake.problems import Found
from survey_pipeline.stages.intake.values.phones import kind_of
from survey_pipeline.store.tables import (
    ballots,
    representatives,
    review_offices,
    review_representatives,
    reviews,
)
from survey_pipeline.vocabulary import Rating, RecordKind

_PERSONAL = ("name", "phone", "phone_hash")


class RepresentativeKeeper(RecordKeeper):
    """Keeps the pool from which a year's representatives are drawn."""

    table = representatives
    kind = RecordKind.REPRESENTATIVES
    beside = (reviews,)
    key = ("year", "rep_no")
    contents = ("name", "phone", "phone_hash", "phone_kind", "group")
    provenance = True

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self._pool: set[str] | None = None

    def prepare(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
        """Give the rows their year, encrypt what is personal, and see whether the draw is over."""
        keys = self.run.context.keys
        for row in rows:
            number = row["phone"]
            row["year"] = self.run.year
            row["name"], row["phone"] = keys.encrypt_all([row["name"], number])
            row["phone_hash"], row["phone_kind"] = keys.phone_hash(number), kind_of(number)
        if self._pool is None:
            self._pool = self._drawn_from(connection)

    def _drawn_from(self, connection: Connection) -> set[str]:
        """Return those who were in the pool at the draw; nobody where it is still to come."""
        review = connection.execute(
            select(reviews.c.drawn_at).where(reviews.c.year == self.run.year)
        ).one_or_none()
        self._is_drawn = review is not None and review.drawn_at is not None
        query = select(representatives.c.rep_no).where(representatives.c.year == self.run.year)
        return set(connection.scalars(query)) if self._is_drawn else set()

    def warning(self, row: Mapping[str, Any]) -> Found | None:
        """Warn of somebody who comes after the draw."""
        if not self._is_drawn or row["rep_no"] in (self._pool or ()):
            return None
        return "rep_no", Message(
            "the representatives of {year} are drawn already; this one can no longer be among them",
            {"year": self.run.year},
        )

    def _held(self, record: Row[Any], row: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return what is compared; a representative whose data was deleted comes back as it was."""
        held = dict(zip(self.contents, self._contents_of(record), strict=True))
        if record.phone is None:
            held |= {name: row[name] for name in _PERSONAL}
        return tuple(held.values())


class BallotKeeper:
    """Puts ballots on paper into the box; see `loader.Keeper` and `survey_pipeline.ballot_box`.

    A ballot that was there counts as updated, the same answer or another: the summary of a file
    must not be a way of asking how somebody voted.
    """

    in_pieces = False
    tables = (reviews, representatives, review_representatives, review_offices, ballots)

    def __init__(self, run: Run) -> None:
        self._run = run
        self._supplied = False
        self._seen: dict[tuple[str, str], str] = {}
        self._voters: set[str] = set()
        self._offices: set[str] = set()

    def needs(self, connection: Connection, checked: Checked) -> Needed:
        """Yield the review as it is, once; the ballots stay sealed."""
        if not self._supplied:
            self._supplied = True
            for table in self.tables:
                yield table, connection.execute(select(table)).all()

    def keep(self, connection: Connection, checked: Checked) -> Kept:
        """Put the ballots of a chunk in.

        Raises:
            CannotProceed: the review is not open.
            KeyFileError: its key is not on this machine.
        """
        key = enter_review(connection, self._run.context, self._run.year)
        if not self._voters:
            self._look_up(connection)
        kept, votes = Kept(), []
        columns = (checked.values[name] for name in ("rep_no", "office_code", "answer"))
        for index, (rep_no, office_code, answer) in enumerate(zip(*columns, strict=True)):
            if (problem := self._problem(rep_no, office_code, answer)) is not None:
                kept.refused.append(Objection(index, *problem))
            elif (rep_no, office_code) in self._seen:
                kept.unchanged += 1
            else:
                self._seen[rep_no, office_code] = answer
                votes.append(Vote(rep_no, office_code, Rating(answer)))
        kept.accepted = put(connection, key, self._run.year, votes)
        kept.updated = len(votes) - kept.accepted
        return kept

    def finish(self, connection: Connection) -> None:
        """Do nothing more."""

    def _look_up(self, connection: Connection) -> None:
        year = self._run.year
        drawn = review_representatives
        self._voters = set(
            connection.scalars(
                select(drawn.c.rep_no)
                .join(
                    representatives,
                    (representatives.c.year == drawn.c.year)
                    & (representatives.c.rep_no == drawn.c.rep_no),
                )
                .where(drawn.c.year == year, representatives.c.withdrawn_at.is_(None))
            )
        )
        self._offices = set(
            connection.scalars(
                select(review_offices.c.office_code).where(review_offices.c.year == year)
            )
        )

    def _problem(self, rep_no: str, office_code: str, answer: str) -> Found | None:
        """Say why a ballot is refused, repeating nothing that its row says."""
        if rep_no not in self._voters:
            return "rep_no", Message(
                "no such representative is drawn for the online review of {year}",
                {"year": self._run.year},
            )
        if office_code not in self._offices:
            return "office_code", Message(
                "this office takes no part in the online review of {year}", {"year": self._run.year}
            )
        if self._seen.get((rep_no, office_code), answer) != answer:
            return "rep_no", SAME_KEY
        return None
