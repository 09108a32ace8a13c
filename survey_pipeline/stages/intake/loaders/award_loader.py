"""The keeper of awards (part G): an award to the parent department is handed out in shares."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.loaders.evidence_loaders import EvidenceKeeper
from survey_pipeline.stages.intake.loaders.loader import NotTogether, Run, Writes
from survey_pipeline.stages.intake.problems import Found
from survey_pipeline.store import bulk
from survey_pipeline.store.tables import awards
from survey_pipeline.vocabulary import AwardKind, Recipient, RecordKind


class AwardKeeper(EvidenceKeeper):
    """Keeps awards; rows of one award whose shares do not add up fall together."""

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

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self._changed: set[str] = set()

    def prepare(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
        """Fill in what was left blank."""
        super().prepare(connection, rows)
        for row in rows:
            row["kind"] = row["kind"] or AwardKind.COMMENDATION.value
            row["confirmed"] = bool(row["confirmed"])

    def objection(self, row: Mapping[str, Any]) -> Found | None:
        """Refuse unknown offices, those of another department, days to come, wrong shares."""
        return (
            self.office_problem(row["office_code"])
            or (self.parent_problem(row["parent_code"]) if row["parent_code"] else None)
            or self._stranger(row)
            or self.future(row, "issued_on")
            or self.run.barred.get(row["award_no"])
        )

    def _stranger(self, row: Mapping[str, Any]) -> Found | None:
        own = self.offices[row["office_code"]].parent_code
        if row["parent_code"] in (None, "", own):
            return None
        return "office_code", Message(
            "the office {code} belongs to the parent department {own}, not to {parent}",
            {"code": row["office_code"], "own": own, "parent": row["parent_code"]},
        )

    def warnings(self, row: Mapping[str, Any]) -> Iterable[Found]:
        """Warn of documents outside the window, and of offices that are not appraised."""
        if (found := self.date_warning(row, "issued_on")) is not None:
            yield found
        if (found := self.office_warning(row["office_code"])) is not None:
            yield found

    def _write(self, connection: Connection, writes: Writes) -> None:
        super()._write(connection, writes)
        self._changed.update(row["award_no"] for row, _ in writes.new)
        self._changed.update(row["award_no"] for row, _, _ in writes.changed)

    def finish(self, connection: Connection) -> None:
        """Add up the shares of the awards that changed.

        Raises:
            NotTogether: some do not add up to 1.
        """
        fallen = self._uneven(connection)
        if new := {name: fallen[name] for name in fallen if name not in self.run.barred}:
            raise NotTogether(new)

    def _uneven(self, connection: Connection) -> dict[str, Found]:
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
        problems = {award: _share_problem(award, given) for (award, _), given in shares.items()}
        return {award: ("share", why) for award, why in problems.items() if why is not None}


def _share_problem(award_no: str, shares: Sequence[str | None]) -> Message | None:
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
