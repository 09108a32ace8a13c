"""How a year's review stands: its steps, who took them, the turnout."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from survey_pipeline.context import Context
from survey_pipeline.scoring.facts import Answers
from survey_pipeline.stages.review.selection import Selection, stored_selection
from survey_pipeline.stages.review.steps import found
from survey_pipeline.stages.review.tallies import counted
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import (
    ballots,
    representatives,
    review_offices,
    review_representatives,
    reviews,
)

STEPS = ("selected", "drawn", "opened", "closed")


@dataclass(frozen=True)
class ReviewStep:
    """A step that was taken."""

    at: datetime
    by: str


@dataclass(frozen=True)
class ReviewStatus:
    """A year's review."""

    year: int
    steps: Mapping[str, ReviewStep | None]
    """By the words of `STEPS`."""
    cleared: bool
    """The key is destroyed."""
    closes_on: date | None
    """The closing day that the ballots announce."""
    offices: int
    pool: int
    """Representatives that were imported and not withdrawn."""
    drawn: int
    linked: int
    """Drawn ones whose link is valid."""
    invited: int
    voted: int
    ballots: int
    tallies: Mapping[str, Answers]
    """Once it is closed, by office."""
    selection: Selection | None = None

    @property
    def state(self) -> str:
        """Return `none`, or the last step in one word."""
        return next((step for step in reversed(STEPS) if self.steps[step]), "none")

    @property
    def turnout(self) -> str | None:
        """Return the share of the drawn ones who voted, to four places, half up."""
        if not self.drawn:
            return None
        share = (20_000 * self.voted + self.drawn) // (2 * self.drawn)
        return f"{share // 10_000}.{share % 10_000:04d}"

    def to_json(self) -> dict[str, Any]:
        """Return the document of `review status --json`."""
        return {
            "year": self.year,
            "state": self.state,
            "steps": {
                name: {"at": step.at.isoformat(), "by": step.by} if step else None
                for name, step in self.steps.items()
            },
            "cleared": self.cleared,
            "closes_on": self.closes_on.isoformat() if self.closes_on else None,
            "offices": self.offices,
            "selection": self.selection.found_json() if self.selection else None,
            "representatives": {
                "pool": self.pool,
                "drawn": self.drawn,
                "linked": self.linked,
                "invited": self.invited,
                "voted": self.voted,
            },
            "turnout": self.turnout,
            "ballots": self.ballots,
            "tallies": [
                {"office_code": code, **vars(answers)}
                for code, answers in sorted(self.tallies.items())
            ],
        }


def review_status(context: Context, year: int) -> ReviewStatus:
    """Look at a year's review; one that nobody has begun is empty."""
    reps = review_representatives.c
    with reading(context.engine) as connection:
        review = found(connection, year)
        counts = counted(connection, year)
        stored = _number(connection, ballots.c.year == year)
        return ReviewStatus(
            year=year,
            steps={name: _step(review, name) for name in STEPS},
            cleared=review is not None and review.cleared_at is not None,
            closes_on=review.closes_on if review else None,
            offices=_number(connection, review_offices.c.year == year),
            pool=_number(
                connection,
                representatives.c.year == year,
                representatives.c.withdrawn_at.is_(None),
            ),
            drawn=_number(connection, reps.year == year),
            linked=_number(connection, reps.year == year, reps.token_hash.is_not(None)),
            invited=_number(connection, reps.year == year, reps.invited_at.is_not(None)),
            voted=_number(connection, reps.year == year, reps.voted.is_(True)),
            ballots=stored or sum(answers.rated for answers in counts.values()),
            tallies=counts,
            selection=_selection(connection, review),
        )


def _selection(connection: Connection, review: Row[Any] | None) -> Selection | None:
    if review is None or review.selected_at is None:
        return None
    return stored_selection(connection, review, done_before=True)


def last_closed(context: Context) -> tuple[int, datetime] | None:
    """Return the last closed review, its year and when; nothing while a later one is under way.

    Closing forgets whose a link was. Where no review is left that takes links, every one of them is
    void, and any visitor may be told so.
    """
    with reading(context.engine) as connection:
        last = connection.execute(
            select(reviews.c.year, reviews.c.closed_at)
            .where(reviews.c.drawn_at.is_not(None))
            .order_by(reviews.c.closed_at.is_not(None), reviews.c.year.desc())
            .limit(1)
        ).one_or_none()
    return (last.year, last.closed_at) if last and last.closed_at else None


def _step(review: Row[Any] | None, name: str) -> ReviewStep | None:
    at = review and review._mapping[f"{name}_at"]
    return ReviewStep(at, review._mapping[f"{name}_by"]) if review and at else None


def _number(connection: Connection, *where: ColumnElement[bool]) -> int:
    return connection.scalar(select(func.count()).where(*where)) or 0
