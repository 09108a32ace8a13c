"""What `doctor` looks at in online reviews: is the key where it must be, and gone where it must."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, select

from survey_pipeline.app import App
from survey_pipeline.checks.check import Check, failed, ok
from survey_pipeline.i18n import N_, Message
from survey_pipeline.store.ballot_key import has_key, key_path, read_key
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import reviews


def look_at_reviews(app: App) -> Iterator[Check]:
    """Look at every review that is open, or whose closing was cut off.

    Raises:
        KeyFileError: a key can be read by others, or is damaged.
    """
    unfinished = select(reviews).where(
        reviews.c.opened_at.is_not(None), reviews.c.cleared_at.is_(None)
    )
    with reading(app.context.engine) as connection:
        found = connection.execute(unfinished.order_by(reviews.c.year)).all()
    for review in found:
        yield _closing(review) if review.closed_at else _open(app, review)


def _open(app: App, review: Row[Any]) -> Check:
    home, year = app.context.home, review.year
    if has_key(home, year):
        read_key(home, year)
        return ok("review", N_("the online review of {year} is open, its key is here"), year=year)
    return failed(
        "review",
        Message(N_("the online review of {year} is open, and its key is not here"), {"year": year}),
        Message(
            N_(
                "put {file} back, or take ballots where it lies; if it is lost: survey-pipeline "
                "review open --restart"
            ),
            {"file": key_path(home, year).name},
        ),
    )


def _closing(review: Row[Any]) -> Check:
    values = {"year": review.year}
    return failed(
        "review",
        Message(N_("the closing of the online review of {year} was cut off"), values),
        Message(N_("run survey-pipeline review close --year {year} once more"), values),
    )
