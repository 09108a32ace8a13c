"""What `doctor` looks at in the draws: are this and the next month's seeds committed, and kept."""

from collections.abc import Iterator
from datetime import timedelta

from survey_pipeline.app import App
from survey_pipeline.calendar import first_day, month_of, next_month
from survey_pipeline.checks.check import Check, failed, ok, warning
from survey_pipeline.i18n import N_, Message
from survey_pipeline.stages.sampling import Commitment, find_commitment, month_seed_hash
from survey_pipeline.store.engine import reading

NAME = "draws"


SOON = timedelta(days=7)


def look_at_draws(app: App) -> Iterator[Check]:
    """Compare the seeds of this and the next month with what was committed."""
    today = app.context.today()
    for month in (month_of(today), month_of(next_month(today))):
        with reading(app.context.engine) as connection:
            committed = find_commitment(connection, app.context, month)
        if committed is not None:
            yield _kept(app, committed)
        elif today < first_day(month) <= today + SOON:
            values: dict[str, object] = {"month": month}
            yield warning(
                NAME,
                Message(N_("the seed of {month} is not committed"), values),
                Message(N_("run survey-pipeline draw commit --month {month}"), values),
            )


def _kept(app: App, committed: Commitment) -> Check:
    month = committed.month
    if committed.seed_hash == month_seed_hash(app.context, month):
        return ok(NAME, N_("the seed of {month} is committed"), month=month)
    return failed(
        NAME,
        Message(N_("the seed of {month} is not the committed one"), {"month": month}),
        Message(
            N_("put back the key file of {day}, and undo a change of sampling.seed made since"),
            {"day": app.context.calendar.written(committed.committed_at)},
        ),
    )
