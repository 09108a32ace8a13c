"""The loader of awards (part G); an award to a parent department is shared among its offices.

The rows of such an award are valid together: their shares must add up to 1.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from survey_pipeline.i18n import N_, Message
from survey_pipeline.likeness import NearRecords, same_words
from survey_pipeline.stages.intake.file_summary import CellReason
from survey_pipeline.stages.intake.loaders.chunk_writes import ChunkWrites, RowValues
from survey_pipeline.stages.intake.loaders.evidence_loaders import EvidenceLoader
from survey_pipeline.stages.intake.loaders.loader import CurrentImport, GroupsRefused
from survey_pipeline.store import bulk
from survey_pipeline.store.tables import awards
from survey_pipeline.vocabulary import AwardKind, Recipient, RecordKind


class AwardLoader(EvidenceLoader):
    """Loads awards; the groups of rows are awards."""

    table = awards
    kind = RecordKind.AWARDS
    in_pieces = False
    key = ("year", "award_no", "office_code")
    contents = (
        "work",
        "level",
        "recipient",
        "parent_code",
        "share",
        "document_no",
        "issued_on",
        "kind",
        "confirmed",
        "core_function",
    )
    revivable = True

    def __init__(self, run: CurrentImport) -> None:
        super().__init__(run)
        self._near = NearRecords()
        """Works by office, to name those that differ by little."""
        self._changed: set[str] = set()
        """Numbers of the awards that this file changes."""

    def prepare(self, connection: Connection, rows: Sequence[RowValues]) -> None:
        """Fill in what was left blank."""
        super().prepare(connection, rows)
        for row in rows:
            row["kind"] = row["kind"] or AwardKind.COMMENDATION.value
            row["confirmed"] = bool(row["confirmed"])
        self._learn(connection, {row["office_code"] for row in rows})
        for row in rows:
            self._near.add(row["office_code"], row["award_no"], (same_words(row["work"]),))

    def _learn(self, connection: Connection, codes: Iterable[str]) -> None:
        """Read the works of offices that this file names for the first time."""
        new = sorted(code for code in codes if code not in self._near)
        for start in range(0, len(new), bulk.KEYS_AT_ONCE):
            stored = connection.execute(
                select(awards.c.office_code, awards.c.award_no, awards.c.work).where(
                    awards.c.year == self.run.year,
                    awards.c.office_code.in_(new[start : start + bulk.KEYS_AT_ONCE]),
                    awards.c.withdrawn_at.is_(None),
                )
            )
            for code, award_no, work in stored:
                self._near.add(code, award_no, (same_words(work),))
        for code in new:
            self._near.begin(code)

    def refusal(self, row: Mapping[str, Any]) -> CellReason | None:
        """Refuse unknown offices, those of another department, days to come, wrong shares."""
        return (
            self.office_refusal(row)
            or (self.parent_refusal(row) if row["parent_code"] else None)
            or self._other_department(row)
            or self.future_refusal(row, "issued_on")
            or self.run.refused_groups.get(row["award_no"])
        )

    def _other_department(self, row: Mapping[str, Any]) -> CellReason | None:
        """Refuse an office that does not belong to the department that got the award."""
        own = self.offices[row["office_code"]].parent_code
        if row["parent_code"] in (None, "", own):
            return None
        return "office_code", Message(
            "the office {code} belongs to the parent department {own}, not to {parent}",
            {"code": row["office_code"], "own": own, "parent": row["parent_code"]},
        )

    def warnings(self, row: Mapping[str, Any]) -> Iterable[CellReason]:
        """Warn of documents outside the window, and of offices that are not appraised."""
        yield from self.window_warnings(row, "issued_on")
        yield from self.office_warnings(row)
        if (near := self._near.near(row["office_code"], row["award_no"])) is not None:
            key, (work,) = near
            yield "work", Message(NEAR_WORK, {"key": key, "work": work})

    def _write(self, connection: Connection, writes: ChunkWrites) -> None:
        super()._write(connection, writes)
        self._changed.update(row["award_no"] for row in writes.rows())

    def finish(self, connection: Connection) -> None:
        """Add up the shares of the awards that changed.

        Raises:
            GroupsRefused: the shares of some awards do not add up to 1.
        """
        uneven = self._uneven(connection)
        if new := {name: uneven[name] for name in uneven if name not in self.run.refused_groups}:
            raise GroupsRefused(new)

    def _uneven(self, connection: Connection) -> dict[str, CellReason]:
        """Return the awards whose shares do not add up, as they stand after the file."""
        shares: dict[tuple[str, str], list[str | None]] = defaultdict(list)
        wanted = sorted(self._changed)
        for start in range(0, len(wanted), bulk.KEYS_AT_ONCE):
            found = connection.execute(
                select(awards.c.award_no, awards.c.parent_code, awards.c.share).where(
                    awards.c.year == self.run.year,
                    awards.c.award_no.in_(wanted[start : start + bulk.KEYS_AT_ONCE]),
                    awards.c.recipient == Recipient.PARENT,
                    awards.c.withdrawn_at.is_(None),
                )
            )
            for award_no, parent_code, share in found:
                shares[award_no, parent_code].append(share)
        uneven: dict[str, CellReason] = {}
        # one award may go to several departments, each with shares of its own
        for (award_no, _), given in shares.items():
            if (reason := _share_problem(award_no, given)) is not None:
                uneven.setdefault(award_no, ("share", reason))
        return uneven


NEAR_WORK = N_(
    "possible duplicate: the work differs by little from that of {key} ({work}). If it is the "
    "same, write both alike: the highest award for it alone counts. Nothing was merged"
)


def _share_problem(award_no: str, shares: Sequence[str | None]) -> Message | None:
    """Return why the shares of one department's offices are refused; None if they are not.

    Args:
        award_no: the award.
        shares: the share of each office as a decimal, None where the cell is blank. All may be
            blank: then the award is shared equally.
    """
    given = [Decimal(share) for share in shares if share is not None]
    total = sum(given, Decimal(0))
    if not given or (len(given) == len(shares) and total == 1):
        return None
    if len(given) < len(shares):
        return Message(
            "{count} offices of the award {award} have a share and {blank} have none; give all of "
            "them or leave all blank",
            {"count": len(given), "award": award_no, "blank": len(shares) - len(given)},
        )
    return Message(
        "the shares of the award {award} add up to {sum}, not to 1; bring all its offices in one "
        "file",
        {"award": award_no, "sum": f"{total.normalize():f}"},
    )
