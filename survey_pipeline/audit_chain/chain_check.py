"""Checks the audit log against its chain, and the chain against the heads that were signed.

Read page by page in the order of the chain, in one view of the database. A finding does not hide
the next: each link is compared with the one that is stored before it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, false, func, null, select, true

from survey_pipeline.audit_chain.digests import (
    GENESIS,
    digests_of,
    names_of,
    next_link,
    whole_digest,
)
from survey_pipeline.audit_chain.heads import SignedHead, kept_head
from survey_pipeline.audit_chain.linking import ENTRY_COLUMNS, Progress, link_entries
from survey_pipeline.context import Context
from survey_pipeline.errors import KeyFileError
from survey_pipeline.store.audit import holds_any
from survey_pipeline.store.columnar import collector_off
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import (
    audit_entries,
    audit_heads,
    audit_links,
    audit_log,
    audit_values,
    audit_waiting,
    deletions,
)
from survey_pipeline.vocabulary import ChainFault

LINKS_AT_ONCE = 10_000
MOST_FINDINGS = 100
"""After so many findings no more are kept: the log is no log any more."""


@dataclass(frozen=True)
class ChainFinding:
    """What is wrong, and where, as far as that is known."""

    fault: ChainFault
    position: int | None = None
    entry_id: int | None = None
    at: datetime | None = None
    """Of the entry, as it stands."""
    actor: str | None = None
    count: int | None = None
    """How many entries are concerned, where it is not known which."""


@dataclass
class ChainReport:
    """What a check has found."""

    entries: int = 0
    """Links, one for each entry."""
    position: int = 0
    """The last link's."""
    hash: str = GENESIS.hex()
    """The last link, in hex."""
    heads: int = 0
    """Heads that the chain was compared with."""
    emptied: int = 0
    """Entries whose personal values were deleted; their digests hold the rest."""
    findings: list[ChainFinding] = field(default_factory=list)
    more: int = 0
    """Findings beyond `MOST_FINDINGS`."""

    @property
    def ok(self) -> bool:
        """Whether the log is what the chain says."""
        return not self.findings

    def add(self, finding: ChainFinding) -> None:
        """Keep a finding, or count it."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding)
        else:
            self.more += 1


def verify_log(
    context: Context, heads: Sequence[SignedHead] = (), progress: Progress | None = None
) -> ChainReport:
    """Check the whole log; entries that wait are linked first.

    Args:
        context: the workspace.
        heads: kept elsewhere; those in the database are compared as well.
        progress: is told how many of how many links are checked.
    """
    link_entries(context)
    report = ChainReport()
    with reading(context.engine) as connection, collector_off():
        kept = connection.execute(select(audit_heads).order_by(audit_heads.c.id)).all()
        all_heads = [*heads, *(kept_head(context.keys, row) for row in kept)]
        report.heads = len(all_heads)
        ends = _check_links(connection, report, {head.position for head in all_heads}, progress)
        for finding in (
            *_outside(connection),
            *_removed_before_linking(connection),
            *_unaccounted(connection, report),
            *_against_heads(context, all_heads, ends, report.position),
        ):
            report.add(finding)
    return report


def _check_links(
    connection: Connection, report: ChainReport, wanted: set[int], progress: Progress | None
) -> dict[int, str]:
    """Check link by link; return the links at the wanted positions, in hex."""
    last = int(connection.scalar(select(func.max(audit_links.c.position))) or 0)
    ends = {0: GENESIS.hex()}
    before, position = GENESIS, 0
    for row in _links(connection):
        wrong = list(_findings(row, before, position))
        for finding in wrong:
            report.add(finding)
        before, position = row.link, row.position
        report.emptied += not wrong and row.held is not None and row.salt is None
        report.entries += 1
        if position in wanted:
            ends[position] = before.hex()
        if progress is not None and report.entries % LINKS_AT_ONCE == 0:
            progress(position, last)
    report.position, report.hash = position, before.hex()
    return ends


def _links(connection: Connection) -> Iterator[Row[Any]]:
    """Yield every link with its entry as it is now, by position."""
    position = 0
    while True:
        page = _WITH_ENTRIES.where(audit_links.c.position > position).limit(LINKS_AT_ONCE)
        try:
            rows = connection.execute(page).all()
        except _UNREADABLE:
            rows = _row_by_row(connection, position)
        yield from rows
        if len(rows) < LINKS_AT_ONCE:
            return
        position = rows[-1].position


def _row_by_row(connection: Connection, position: int) -> list[Row[Any]]:
    """Read a page of links of which an entry cannot be read, each with its entry or alone."""
    nothing = (null().label(name) for name in ("at", "actor", "salt"))
    entry_id = audit_links.c.entry_id.label("id")
    alone = select(*_LINK, true().label("unreadable"), entry_id, *nothing)
    after = alone.where(audit_links.c.position > position).order_by(audit_links.c.position)
    rows = []
    for link in connection.execute(after.limit(LINKS_AT_ONCE)).all():
        try:
            query = _WITH_ENTRIES.where(audit_links.c.position == link.position)
            rows.append(connection.execute(query).one())
        except _UNREADABLE:
            rows.append(link)
    return rows


_LINK = (
    audit_links.c.position,
    audit_links.c.entry_id,
    audit_links.c.held,
    audit_links.c.digest,
    audit_links.c.link,
)
_WITH_ENTRIES = (
    select(*_LINK, false().label("unreadable"), *ENTRY_COLUMNS)
    .outerjoin_from(audit_links, audit_entries, audit_entries.c.id == audit_links.c.entry_id)
    .outerjoin(audit_values, audit_values.c.id == audit_links.c.entry_id)
    .order_by(audit_links.c.position)
)
_UNREADABLE = (ValueError, TypeError, KeyFileError)
"""What a value raises that is no moment, no JSON or no ciphertext any more."""


def _findings(row: Row[Any], before: bytes, position: int) -> Iterator[ChainFinding]:
    """Yield what is wrong with a link, and with its entry.

    Args:
        row: both.
        before: the link before it.
        position: that link's.
    """
    if row.position != position + 1:
        missing = row.position - position - 1
        yield ChainFinding(ChainFault.REMOVED, position + 1, count=missing)
    elif next_link(before, row.digest) != row.link:
        yield _finding(ChainFault.MOVED, row)
    if row.id is None:
        yield _finding(ChainFault.REMOVED, row)
    elif row.unreadable or not _as_linked(row):
        yield _finding(ChainFault.CHANGED, row)


def _finding(fault: ChainFault, row: Row[Any]) -> ChainFinding:
    return ChainFinding(fault, row.position, row.entry_id, row.at, row.actor)


def _as_linked(row: Row[Any]) -> bool:
    """Return whether an entry is what was linked, its deleted values apart."""
    if row.salt is not None:
        return digests_of(row) == (row.held, row.digest)
    names = names_of(row)
    return not holds_any(row.before, row.after, row.reason, names) and (
        whole_digest(row, names, row.held) == row.digest
    )


def _outside(connection: Connection) -> Iterator[ChainFinding]:
    """Yield the entries that are neither linked nor waiting for it."""
    query = (
        select(audit_entries)
        .outerjoin(audit_links, audit_links.c.entry_id == audit_entries.c.id)
        .outerjoin(audit_waiting, audit_waiting.c.id == audit_entries.c.id)
        .where(audit_links.c.position.is_(None), audit_waiting.c.id.is_(None))
        .order_by(audit_entries.c.id)
    )
    for row in connection.execute(query):
        yield ChainFinding(ChainFault.INSERTED, None, row.id, row.at, row.actor)


def _removed_before_linking(connection: Connection) -> Iterator[ChainFinding]:
    """Yield numbers that wait to be linked and have no entry any more."""
    query = (
        select(audit_waiting.c.id)
        .outerjoin(audit_entries, audit_entries.c.id == audit_waiting.c.id)
        .where(audit_entries.c.id.is_(None))
        .order_by(audit_waiting.c.id)
    )
    for number in connection.scalars(query):
        yield ChainFinding(ChainFault.REMOVED, None, number)


def _unaccounted(connection: Connection, report: ChainReport) -> Iterator[ChainFinding]:
    """Yield how many entries lost values beyond those that receipts of deletions tell of."""
    counts = connection.scalars(select(deletions.c.counts))
    told = sum(int(count.get(audit_log.name, 0)) for count in counts)
    if report.emptied > told:
        yield ChainFinding(ChainFault.EMPTIED, count=report.emptied - told)


def _against_heads(
    context: Context, heads: Iterable[SignedHead], ends: dict[int, str], last: int
) -> Iterator[ChainFinding]:
    """Yield the heads that do not fit the chain, the shortest first."""
    for head in sorted(heads, key=lambda head: head.position):
        at = datetime.fromisoformat(head.at)
        if not head.is_signed_by(context.keys):
            yield ChainFinding(ChainFault.NOT_SIGNED, head.position, at=at)
        elif head.position > last:
            yield ChainFinding(ChainFault.CUT_OFF, head.position, at=at)
        elif ends.get(head.position, head.hash) != head.hash:
            yield ChainFinding(ChainFault.REWRITTEN, head.position, at=at)
