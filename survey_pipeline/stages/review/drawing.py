"""The draw of the representatives: the lowest SHA-256 of `seed:year:rep_no`."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed
from survey_pipeline.stages.review.steps import found, locked, log, note
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import representatives, review_representatives


@dataclass(frozen=True)
class DrawnRepresentative:
    """A representative who was drawn, and by what."""

    rep_no: str
    rank_hash: str


@dataclass(frozen=True)
class RepresentativeDraw:
    """A year's draw, made now or before."""

    year: int
    done_before: bool
    seed: str
    pool: int
    roll_hash: str
    wanted: int
    by: str
    drawn: tuple[DrawnRepresentative, ...]
    """The lowest hash first."""


def rank_hash(seed: str, year: int, rep_no: str) -> str:
    """Return SHA-256(`seed:year:rep_no`), in hex."""
    return hashlib.sha256(f"{seed}:{year}:{rep_no}".encode()).hexdigest()


def roll_hash(rep_nos: Iterable[str]) -> str:
    """Return the SHA-256, in hex, of the pool: numbers by code point, a line each, no final one."""
    return hashlib.sha256("\n".join(sorted(rep_nos)).encode()).hexdigest()


def lowest(seed: str, year: int, rep_nos: Sequence[str], wanted: int) -> list[DrawnRepresentative]:
    """Return the drawn ones, the lowest hash first; all of a pool that is not larger."""
    ranked = (DrawnRepresentative(rep_no, rank_hash(seed, year, rep_no)) for rep_no in rep_nos)
    return sorted(ranked, key=lambda representative: representative.rank_hash)[:wanted]


def draw_representatives(context: Context, year: int) -> RepresentativeDraw:
    """Draw the year's representatives; what is drawn already is only shown.

    Raises:
        CannotProceed: the pool is empty.
    """
    settings = context.settings.review
    with writing(context.engine) as connection:
        review = locked(connection, year)
        if review.drawn_at is not None:
            return _stored(connection, review)
        pool = _pool(connection, year)
        if not pool:
            raise CannotProceed(
                "there are no representatives to draw from in {year}. Import them first: "
                "survey-pipeline import representatives FILE --year {year}",
                year=year,
            )
        drawn = lowest(settings.seed, year, pool, settings.representatives)
        _store(connection, context, year, pool, drawn)
    return RepresentativeDraw(
        year=year,
        done_before=False,
        seed=settings.seed,
        pool=len(pool),
        roll_hash=roll_hash(pool),
        wanted=settings.representatives,
        by=context.actor,
        drawn=tuple(drawn),
    )


def drawn_before(context: Context, year: int) -> RepresentativeDraw | None:
    """Return a draw that was made already, or nothing."""
    with reading(context.engine) as connection:
        review = found(connection, year)
        if review is None or review.drawn_at is None:
            return None
        return _stored(connection, review)


def _pool(connection: Connection, year: int) -> Sequence[str]:
    return connection.scalars(
        select(representatives.c.rep_no).where(
            representatives.c.year == year, representatives.c.withdrawn_at.is_(None)
        )
    ).all()


def _store(
    connection: Connection,
    context: Context,
    year: int,
    pool: Sequence[str],
    drawn: Sequence[DrawnRepresentative],
) -> None:
    settings = context.settings.review
    connection.execute(
        review_representatives.insert(),
        [{"year": year, "voted": False, **vars(representative)} for representative in drawn],
    )
    kept: dict[str, Any] = {
        "seed": settings.seed,
        "pool": len(pool),
        "roll_hash": roll_hash(pool),
        "wanted_representatives": settings.representatives,
    }
    note(connection, year, drawn_at=context.now(), drawn_by=context.actor, **kept)
    log(
        connection,
        context,
        year,
        "draw",
        {**kept, "drawn": [representative.rep_no for representative in drawn]},
    )


def _stored(connection: Connection, review: Row[Any]) -> RepresentativeDraw:
    rows = connection.execute(
        select(review_representatives.c.rep_no, review_representatives.c.rank_hash)
        .where(review_representatives.c.year == review.year)
        .order_by(review_representatives.c.rank_hash)
    )
    return RepresentativeDraw(
        year=review.year,
        done_before=True,
        seed=review.seed,
        pool=review.pool,
        roll_hash=review.roll_hash,
        wanted=review.wanted_representatives,
        by=review.drawn_by,
        drawn=tuple(DrawnRepresentative(row.rep_no, row.rank_hash) for row in rows),
    )
