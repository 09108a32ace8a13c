"""`deadlines`: who owes what by when, what came, and what is late."""

from typing import TYPE_CHECKING, Annotated

import typer

from survey_pipeline.cli.support import (
    DateOption,
    JsonOption,
    explained,
    invocation,
    opened,
    print_json,
    say,
    stdout,
)
from survey_pipeline.i18n import N_

if TYPE_CHECKING:
    from survey_pipeline.reports.deadlines import DeadlineReport

YearOption = Annotated[
    int | None,
    typer.Option(
        "--year", min=2000, max=2999, metavar="YYYY", help="One appraisal year; default: the day's."
    ),
]
AllOption = Annotated[
    bool, typer.Option("--all", help="Every deadline, one a row, what has come included.")
]


@explained
def deadlines(
    on: DateOption = None,
    year: YearOption = None,
    *,
    everything: AllOption = False,
    as_json: JsonOption = False,
) -> None:
    """Say who owes what: what is overdue, and what falls due in the next 30 days.

    With a date, as it stood on that day, by what had been delivered until then.

    Example:  survey-pipeline deadlines --date 2023-05-26
    """
    from survey_pipeline.cli import deadline_tables
    from survey_pipeline.reports.deadlines import LOOK_AHEAD, gather_deadlines

    with opened() as app:
        report = gather_deadlines(app.context, on or app.context.today(), year=year)
    if not everything:
        report = report.within(LOOK_AHEAD)
    if as_json:
        print_json(deadline_tables.document(report, invocation().locale))
        return
    _show(report, everything=everything)


def _show(report: "DeadlineReport", *, everything: bool) -> None:
    from survey_pipeline.cli import deadline_tables
    from survey_pipeline.reports.deadlines import LOOK_AHEAD

    console = stdout()
    years = say(", ").join(str(year.standard.year) for year in report.years)
    console.print(say("Deadlines on {day}, appraisal year {years}", day=report.day, years=years))
    if not report.deadlines:
        text = N_("Nothing is overdue, and nothing falls due in the next {count} days.")
        console.print(say(text, count=LOOK_AHEAD), markup=False)
        return
    console.print(deadline_tables.table(report, everything=everything))
    for sentence in deadline_tables.notes(report, everything=everything):
        console.print(sentence, markup=False)
