"""The personal links: a file for whoever hands them out. The database keeps keyed hashes alone."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed
from survey_pipeline.formulas import disarmed
from survey_pipeline.i18n import N_, translate
from survey_pipeline.phones import masked
from survey_pipeline.settings import Settings
from survey_pipeline.stages.review.steps import locked, log
from survey_pipeline.store.ballot_key import BallotKey, has_key, make_key, read_key
from survey_pipeline.store.engine import writing
from survey_pipeline.store.files import written_whole
from survey_pipeline.store.tables import representatives, review_representatives
from survey_pipeline.validation import os_problem
from survey_pipeline.vocabulary import AuditAction

HEADINGS = {
    "rep_no": N_("Representative"),
    "name": N_("Name"),
    "phone": N_("Phone"),
    "group": N_("Group"),
    "link": N_("Personal link"),
}


@dataclass(frozen=True)
class LinksFile:
    """What was written."""

    year: int
    path: Path
    links: int


def write_links(context: Context, year: int, path: Path, address: str) -> LinksFile:
    """Write each drawn representative's personal link into a file, mode 0600.

    Written again before closing, the links are the same.

    Args:
        context: the workspace.
        year: the appraisal year.
        path: the CSV file.
        address: where representatives reach the pages, as `https://surveys.example.org`.

    Raises:
        CannotProceed: the representatives are not drawn, the review is closed, or the file cannot
            be written.
    """
    with writing(context.engine) as connection:
        key = key_for_links(connection, context, year)
        drawn = drawn_representatives(connection, year)
        store_hashes(connection, year, key, [representative.rep_no for representative in drawn])
        log(connection, context, year, "links", {"links": len(drawn)}, AuditAction.EXPORTED)
        _write(path, list(_rows(context, key, drawn, address)))
    return LinksFile(year, path, len(drawn))


def known_address(settings: Settings) -> str | None:
    """Return where representatives reach the pages, as far as the configuration names it."""
    named = (str(gateway.own.get("public_url") or "") for gateway in settings.gateway)
    return next((address for address in (*named, settings.web.public_url) if address), None)


def link(address: str, token: str) -> str:
    """Return the address of a paper."""
    return f"{address.rstrip('/')}/review/{token}"


def key_for_links(connection: Connection, context: Context, year: int) -> BallotKey:
    """Return the review's key, made here if the links come before the opening.

    Raises:
        CannotProceed: the representatives are not drawn, or the review is closed.
        KeyFileError: the review is open and its key is not on this machine.
    """
    review = locked(connection, year)
    if review.drawn_at is None:
        raise CannotProceed(
            "the representatives of {year} are not drawn. Run: survey-pipeline review draw "
            "--year {year}",
            year=year,
        )
    if review.closed_at is not None:
        raise CannotProceed("the online review of {year} is closed: its links are void", year=year)
    if review.opened_at is None and not has_key(context.home, year):
        return make_key(context.home, year)
    return read_key(context.home, year)


def drawn_representatives(connection: Connection, year: int) -> Sequence[Row[Any]]:
    """Return the drawn representatives who were not withdrawn, by number."""
    return connection.execute(
        select(representatives, review_representatives.c.invited_at)
        .join(
            review_representatives,
            (representatives.c.year == review_representatives.c.year)
            & (representatives.c.rep_no == review_representatives.c.rep_no),
        )
        .where(representatives.c.year == year, representatives.c.withdrawn_at.is_(None))
        .order_by(representatives.c.rep_no)
    ).all()


def store_hashes(connection: Connection, year: int, key: BallotKey, rep_nos: Sequence[str]) -> None:
    """Keep the hashes by which the links are found again."""
    if rep_nos:
        connection.execute(
            update(review_representatives)
            .where(
                review_representatives.c.year == year,
                review_representatives.c.rep_no == bindparam("number"),
            )
            .values(token_hash=bindparam("hash")),
            [{"number": rep_no, "hash": key.token_hash(key.token(rep_no))} for rep_no in rep_nos],
        )


def _rows(
    context: Context, key: BallotKey, drawn: Sequence[Row[Any]], address: str
) -> Iterator[list[str]]:
    locale = context.settings.locale
    yield [translate(text, locale) for text in HEADINGS.values()]
    for representative in drawn:
        cells = (
            representative.rep_no,
            context.keys.decrypt(representative.name) if representative.name else "",
            masked(context.keys.decrypt(representative.phone)) if representative.phone else "",
            representative.group or "",
        )
        yield [*map(disarmed, cells), link(address, key.token(representative.rep_no))]


def _write(path: Path, rows: list[list[str]]) -> None:
    """Write the file whole or not at all."""
    try:
        with (
            written_whole(path) as temporary,
            temporary.open("w", encoding="utf-8-sig", newline="") as file,
        ):
            csv.writer(file).writerows(rows)
    except OSError as error:
        raise CannotProceed(
            "{path} cannot be written: {problem}", path=path, problem=os_problem(error)
        ) from error
