"""`score`, `publish` and `explain`: scores are computed, stored, verified, frozen and explained."""

from datetime import date
from typing import Annotated

import typer

from survey_pipeline.cli.standard import standard_file
from survey_pipeline.cli.support import (
    EXIT_CANNOT,
    AsOfOption,
    JsonOption,
    MonthArgument,
    YearArgument,
    explained,
    opened,
    parse_month,
    print_json,
    say,
    shown,
    stderr,
    stdout,
)
from survey_pipeline.errors import CannotProceed, UnknownRecord
from survey_pipeline.i18n import N_

score_group = typer.Typer(
    no_args_is_help=True,
    help="Compute scores and store them.\n\nExample:  survey-pipeline score month 2023-05",
)

MonthChoice = Annotated[
    str | None,
    typer.Option("--month", parser=parse_month, metavar="YYYY-MM", help="The month."),
]
YearChoice = Annotated[
    int | None,
    typer.Option("--year", min=2000, max=2999, metavar="YYYY", help="The appraisal year."),
]
VersionOption = Annotated[
    int | None,
    typer.Option("--version", min=1, help="The stored version; default the latest."),
]


@score_group.command("month")
@explained
def score_month(month: MonthArgument, as_json: JsonOption = False) -> None:
    """Compute a month's satisfaction scores, store them and print the table.

    A new version is stored only where the inputs, the standard or the program have changed.

    Example:  survey-pipeline score month 2023-05
    """
    from survey_pipeline.appraisal import score_month as score
    from survey_pipeline.appraisal import standard_for_month
    from survey_pipeline.cli import score_tables

    with opened() as app:
        context = app.context
        stored, in_force = score(context, month), standard_for_month(context, month)
        locale = context.settings.locale
    if as_json:
        print_json(score_tables.month_document(stored, in_force, locale))
        return
    console = stdout()
    for part in score_tables.month_tables(stored, in_force, locale):
        console.print(part)


@score_group.command("year")
@explained
def score_year(
    year: YearArgument,
    as_of: AsOfOption = None,
    standard: Annotated[
        str | None,
        typer.Option(
            "--standard",
            metavar="FILE",
            help="Try another standard on the same evidence: a file, or a name in "
            "config/standards/. Shows the difference per office and stores nothing.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Compute the scores of an appraisal year, store them and print the ranking.

    A new version is stored only where the inputs, the standard or the program have changed.

    Example:  survey-pipeline score year 2023 --as-of 2023-06-30
    """
    from survey_pipeline.appraisal import score_year as score
    from survey_pipeline.appraisal import standard_of_year
    from survey_pipeline.cli import year_tables
    from survey_pipeline.reports.possible_duplicates import possible_duplicates

    if standard is not None:
        _try_standard(year, as_of, standard, as_json=as_json)
        return
    with opened() as app:
        context = app.context
        stored, in_force = score(context, year, as_of), standard_of_year(context, year)
        locale = context.settings.locale
        duplicates = () if as_json else possible_duplicates(context, year)
    if as_json:
        print_json(stored.document(locale))
        return
    console = stdout()
    for part in year_tables.year_tables(stored, in_force, locale):
        console.print(part)
    for said in duplicates:
        console.print(say("Possible duplicate: {what}.", what=said.render(locale)))


def _try_standard(year: int, as_of: date | None, name: str, *, as_json: bool) -> None:
    from survey_pipeline.appraisal import standard_of_year, try_standard
    from survey_pipeline.cli import year_tables
    from survey_pipeline.standard.load import read_standard

    with opened() as app:
        context = app.context
        other, _ = read_standard(standard_file(context.home, name))
        found = try_standard(context, year, other, as_of)
        in_force, locale = standard_of_year(context, year), context.settings.locale
    if as_json:
        print_json(year_tables.trial_document(year, in_force, other, found))
        return
    console = stdout()
    for part in year_tables.trial_tables(year, in_force, other, found, locale):
        console.print(part)


@score_group.command("verify")
@explained
def verify(
    month: MonthChoice = None,
    year: YearChoice = None,
    version: VersionOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compute a stored score anew and compare; exit code 4, and what differs, where it does.

    Example:  survey-pipeline score verify --year 2023
    """
    from survey_pipeline.appraisal import verify_score

    with opened() as app:
        found = verify_score(app.context, parse_period(month, year), version)
    problems = [shown(problem) for problem in found.problems]
    notes = [shown(note) for note in found.notes]
    if as_json:
        print_json(
            {
                "period": found.period,
                "version": found.version,
                "ok": found.ok,
                "problems": problems,
                "notes": notes,
            }
        )
    else:
        text = (
            N_("version {version} of {period} is what its inputs give")
            if found.ok
            else N_("version {version} of {period} differs from what its inputs give now:")
        )
        stdout().print(say(text, version=found.version, period=found.period), markup=False)
        for sentence in (*problems, *notes):
            stdout().print(f"  {sentence}", markup=False)
    if not found.ok:
        raise typer.Exit(EXIT_CANNOT)


@score_group.command("diff")
@explained
def diff(
    month: MonthChoice = None,
    year: YearChoice = None,
    before: Annotated[
        int, typer.Option("--before", min=0, help="The earlier version; default the last but one.")
    ] = 0,
    after: Annotated[
        int, typer.Option("--after", min=0, help="The later version; default the latest.")
    ] = 0,
    as_json: JsonOption = False,
) -> None:
    """Compare two stored versions: which offices moved, by which lines, and why.

    Example:  survey-pipeline score diff --month 2023-05 --before 1 --after 3
    """
    from survey_pipeline.cli import score_diff
    from survey_pipeline.reports.score_versions import changes_between, last_two, versions_of

    period = parse_period(month, year)
    with opened() as app:
        context = app.context
        earlier, later = last_two(versions_of(context, period), before, after)
        _require_two(period, earlier, later)
        changes = changes_between(context, period, earlier, later)
        locale = context.settings.locale
    if as_json:
        print_json(score_diff.document(changes, str(period), locale))
        return
    for part in score_diff.difference(changes, str(period), locale):
        stdout().print(part)


def _require_two(period: str | int, earlier: int, later: int) -> None:
    if not later:
        raise UnknownRecord("there is no score of {period}", period=period)
    if not earlier or earlier == later:
        raise CannotProceed(
            "{period} has version {version} and none to compare it with",
            period=period,
            version=later,
        )


@explained
def publish(
    month: MonthChoice = None,
    year: YearChoice = None,
    version: VersionOption = None,
    as_json: JsonOption = False,
) -> None:
    """Freeze a stored score: it stays as it is, and later changes make a new version.

    It is computed anew first; what its inputs do not give any more is not published.

    Example:  survey-pipeline publish --month 2023-05
    """
    from survey_pipeline.appraisal import publish_score

    with opened() as app:
        done = publish_score(app.context, parse_period(month, year), version)
        day = app.context.calendar.written(done.at)
    if as_json:
        print_json(
            {
                "period": done.period,
                "version": done.version,
                "published_at": done.at.isoformat(),
                "published_by": done.by,
                "complete": done.complete,
                "published_before": not done.is_new,
            }
        )
        return
    text = (
        N_("version {version} of {period} is published, by {by}, {day}")
        if done.is_new
        else N_("version {version} of {period} was published before, by {by}, {day}")
    )
    said = say(text, version=done.version, period=done.period, by=done.by, day=day)
    stdout().print(said, markup=False)
    if not done.complete:
        stderr().print(say("It is provisional: something is missing, or not over yet."))


def parse_period(month: str | None, year: int | None) -> str | int:
    """Return the month or the year, whichever was given.

    Raises:
        UsageError: neither was given, or both.
    """
    from survey_pipeline.errors import UsageError

    if month is not None and year is None:
        return month
    if year is not None and month is None:
        return year
    raise UsageError("name either --month or --year")
