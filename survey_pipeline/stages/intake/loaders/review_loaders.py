"""Loaders of the online review: the pool of representatives, and ballots on paper."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from survey_pipeline.ballot_box import Vote, enter_review, put
from survey_pipeline.i18n import Message
from survey_pipeline.phones import kind_of
from survey_pipeline.stages.intake.checking import CheckedChunk
from survey_pipeline.stages.intake.file_summary import CellReason
from survey_pipeline.stages.intake.loaders.chunk_writes import RowValues
from survey_pipeline.stages.intake.loaders.loader import (
    SAME_KEY,
    ChunkOutcome,
    CurrentImport,
    RowReason,
    StoredRows,
)
from survey_pipeline.stages.intake.loaders.record_loader import Contents, RecordLoader
from survey_pipeline.store.tables import (
    ballots,
    representatives,
    review_offices,
    review_representatives,
    reviews,
)
from survey_pipeline.vocabulary import Rating, RecordKind

_PERSONAL = ("name", "phone", "phone_hash")


class RepresentativeLoader(RecordLoader):
    """Loads the pool from which a year's representatives are drawn."""

    table = representatives
    kind = RecordKind.REPRESENTATIVES
    compared_with = (reviews,)
    key = ("year", "rep_no")
    contents = ("name", "phone", "phone_hash", "phone_kind", "group")
    provenance = True

    def __init__(self, run: CurrentImport) -> None:
        super().__init__(run)
        self._drawn_from: set[str] | None = None
        """Numbers of all representatives who were in the pool at the draw; empty before it."""
        self._is_drawn = False

    def prepare(self, connection: Connection, rows: Sequence[RowValues]) -> None:
        """Give the rows their year, encrypt what is personal, and look whether the draw is over."""
        keys = self.run.context.keys
        for row in rows:
            number = row["phone"]
            row["year"] = self.run.year
            row["name"], row["phone"] = keys.encrypt_all([row["name"], number])
            row["phone_hash"], row["phone_kind"] = keys.phone_hash(number), kind_of(number)
        if self._drawn_from is None:
            self._is_drawn = self._find_is_drawn(connection)
            self._drawn_from = self._pool(connection) if self._is_drawn else set()

    def _find_is_drawn(self, connection: Connection) -> bool:
        query = select(reviews.c.drawn_at).where(reviews.c.year == self.run.year)
        return connection.scalar(query) is not None

    def _pool(self, connection: Connection) -> set[str]:
        query = select(representatives.c.rep_no).where(representatives.c.year == self.run.year)
        return set(connection.scalars(query))

    def warnings(self, row: Mapping[str, Any]) -> Iterable[CellReason]:
        """Warn of a representative who comes after the draw."""
        if self._is_drawn and row["rep_no"] not in (self._drawn_from or ()):
            yield (
                "rep_no",
                Message(
                    "the representatives of {year} are drawn already; this one can no longer be "
                    "among them",
                    {"year": self.run.year},
                ),
            )

    def contents_beside(self, record: Row[Any], row: Mapping[str, Any]) -> Contents:
        """Return a record's contents; deleted personal values count as the row has them."""
        contents = dict(zip(self.contents, self.contents_of(record), strict=True))
        if record.phone is None:
            contents |= {name: row[name] for name in _PERSONAL}
        return tuple(contents.values())


class BallotLoader:
    """Puts ballots on paper into the box; see `loader.Loader` and `survey_pipeline.ballot_box`.

    A ballot that was there counts as updated, whether its answer is the same or another one:
    otherwise the summary of a file would show how a representative voted.
    """

    in_pieces = False
    tables = (reviews, representatives, review_representatives, review_offices, ballots)

    def __init__(self, run: CurrentImport) -> None:
        self._run = run
        self._copied = False
        self._answers: dict[tuple[str, str], str] = {}
        """Representative and office -> the answer of the first such row of this file."""
        self._voters: set[str] = set()
        self._offices: set[str] = set()

    def rehearsal_rows(self, connection: Connection, checked: CheckedChunk) -> StoredRows:
        """Yield the review as it is, once per file; the ballots stay sealed."""
        if not self._copied:
            self._copied = True
            for table in self.tables:
                yield table, connection.execute(select(table)).all()

    def load(self, connection: Connection, checked: CheckedChunk) -> ChunkOutcome:
        """Put the ballots of a chunk in.

        Raises:
            CannotProceed: the review is not open.
            KeyFileError: its key is not on this machine.
        """
        key = enter_review(connection, self._run.context, self._run.year)
        if not self._voters:
            self._find_electorate(connection)
        outcome, votes = ChunkOutcome(), []
        columns = (checked.values[name] for name in ("rep_no", "office_code", "answer"))
        for position, (rep_no, office_code, answer) in enumerate(zip(*columns, strict=True)):
            if (reason := self._refusal(rep_no, office_code, answer)) is not None:
                outcome.refused.append(RowReason(position, *reason))
            elif (rep_no, office_code) in self._answers:
                outcome.unchanged += 1
            else:
                self._answers[rep_no, office_code] = answer
                votes.append(Vote(rep_no, office_code, Rating(answer)))
        outcome.accepted = put(connection, key, self._run.year, votes)
        outcome.updated = len(votes) - outcome.accepted
        return outcome

    def finish(self, connection: Connection) -> None:
        """Do nothing more."""

    def _find_electorate(self, connection: Connection) -> None:
        """Find who may vote, and for which offices."""
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

    def _refusal(self, rep_no: str, office_code: str, answer: str) -> CellReason | None:
        """Return why a ballot is refused, without a word of what its row says."""
        if rep_no not in self._voters:
            return "rep_no", Message(
                "no such representative is drawn for the online review of {year}",
                {"year": self._run.year},
            )
        if office_code not in self._offices:
            return "office_code", Message(
                "this office takes no part in the online review of {year}", {"year": self._run.year}
            )
        if self._answers.get((rep_no, office_code), answer) != answer:
            return "rep_no", SAME_KEY
        return None
