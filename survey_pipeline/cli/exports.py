"""`export month|year|answers|handover`: to analyse, circulate or call from."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from survey_pipeline.cli.explain import hint_of_change
from survey_pipeline.cli.support import (
    AsOfOption,
    DateOption,
    JsonOption,
    MonthArgument,
    OptionalMonthOption,
    YearArgument,
    explained,
    opened,
    print_json,
    say,
    stderr,
    stdout,
)
from survey_pipeline.errors import UsageError
from survey_pipeline.i18n import N_

export_group = typer.Typer(
    no_args_is_help=True,
    help="Write scores, answers and call lists to files.\n\n"
    "Example:  survey-pipeline export month 2023-05 --format xlsx",
)


class MonthFormat(StrEnum):
    """What a month or a year can be written as."""

    XLSX = "xlsx"
    CSV = "csv"
    JSON = "json"
    HTML = "html"


OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Where to; default: the folder exports/ of the workspace. An older file is replaced.",
    ),
]


@export_group.command("month")
@explained
def export_month(
    month: MonthArgument,
    form: Annotated[
        MonthFormat | None,
        typer.Option("--format", help="Default: by the ending of --output, else xlsx."),
    ] = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a month's stored score: a workbook, a CSV or JSON file, or a page.

    A month that was never scored is scored first; a newer score comes from `score month` alone.

    Example:  survey-pipeline export month 2023-05 --format csv
    """
    from survey_pipeline.appraisal import shown_month
    from survey_pipeline.reports.month_report import read_month
    from survey_pipeline.stages.export.destination import target
    from survey_pipeline.stages.export.downloads import note_export
    from survey_pipeline.stages.export.formats import write_month
    from survey_pipeline.vocabulary import Audited

    form = form or MonthFormat(ending(output, MonthFormat))
    with opened() as app:
        context = app.context
        stored = shown_month(context, month)
        report = read_month(context, month, stored.version)
        hint_of_change(context, stored)
        path = target(context.home, output, f"satisfaction-{month}.{form}")
        write_month(report, form, path, context.settings.locale)
        note_export(context, Audited.MONTH_SCORES, f"{month}/{report.version}", path)
    if as_json:
        print_json(
            {
                "file": str(path),
                "month": month,
                "version": report.version,
                "complete": report.complete,
                "offices": len(report.rows),
            }
        )
        return
    stdout().print(str(path), markup=False)
    if not report.complete:
        stderr().print(
            say("Surveys of this month are open, or cases wait: the figures are provisional.")
        )


@export_group.command("year")
@explained
def export_year(
    year: YearArgument,
    form: Annotated[
        MonthFormat | None,
        typer.Option("--format", help="Default: by the ending of --output, else xlsx."),
    ] = None,
    as_of: AsOfOption = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a year's stored score: rankings, every line, a statement per office.

    A year that was never scored is scored first; a newer score comes from `score year` alone.

    Example:  survey-pipeline export year 2023 --format xlsx
    """
    from survey_pipeline.appraisal import shown_year
    from survey_pipeline.reports.year_report import read_year
    from survey_pipeline.stages.export.destination import target
    from survey_pipeline.stages.export.downloads import note_export
    from survey_pipeline.stages.export.formats import write_year
    from survey_pipeline.vocabulary import Audited

    form = form or MonthFormat(ending(output, MonthFormat))
    with opened() as app:
        context = app.context
        stored = shown_year(context, year, as_of)
        report = read_year(context, year, stored.version)
        hint_of_change(context, stored)
        path = target(context.home, output, f"appraisal-{year}.{form}")
        write_year(report, form, path, context.settings.locale)
        note_export(context, Audited.YEAR_SCORES, f"{year}/{report.version}", path)
    if as_json:
        print_json(
            {
                "file": str(path),
                "year": year,
                "version": report.version,
                "as_of": report.score.as_of.isoformat(),
                "complete": report.complete,
                "offices": len(report.score.offices),
            }
        )
        return
    stdout().print(str(path), markup=False)
    if not report.complete:
        stderr().print(say("It is provisional: something is missing, or not over yet."))


@export_group.command("handover")
@explained
def export_handover(
    category: Annotated[
        str, typer.Option("--category", help="Whose cases; by the shipped standard health alone.")
    ],
    day: DateOption = None,
    output: OutputOption = None,
    reconcile: Annotated[
        bool,
        typer.Option(
            "--reconcile",
            help="Write no list: show what came back of a month's cases (--month).",
        ),
    ] = False,
    month: OptionalMonthOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the unrated cases that others call for us, with full numbers.

    By the shipped standard these are the health offices' cases; the health commission calls. Each
    number written is logged. A case on the list is theirs from then on: a text that comes later is
    kept and not counted. The list of a day can be written again. The list comes back with answer
    and answered_on filled in, and is imported as it stands: import results FILE. With --reconcile
    the command shows, office by office, how many cases of a month were handed over, came back, are
    outstanding, and came back without having been handed over.

    Example:  survey-pipeline export handover --category health --date 2023-05-08
    Example:  survey-pipeline export handover --category health --reconcile --month 2023-05
    """
    from survey_pipeline.stages.export.destination import target
    from survey_pipeline.stages.export.handover import export_handover as write

    if reconcile or month:
        _reconcile(category, month, reconcile=reconcile, lists=bool(day or output), as_json=as_json)
        return
    with opened() as app:
        wanted: date = day or app.context.today()
        path = target(app.context.home, output, f"handover-{category}-{wanted}.xlsx")
        done = write(app.context, category, wanted, path)
    if as_json:
        document = {"file": str(path), "date": str(wanted), "cases": done.cases, "new": done.new}
        print_json(document)
        return
    stdout().print(str(path), markup=False)
    text = N_("{count} cases, {new} of them for the first time; each is logged")
    stderr().print(say(text, count=done.cases, new=done.new))


def _reconcile(
    category: str, month: str | None, *, reconcile: bool, lists: bool, as_json: bool
) -> None:
    """Show what came back of a month's handed-over cases."""
    from survey_pipeline.calendar import last_day
    from survey_pipeline.cli.handover_returns import show_returns
    from survey_pipeline.reports.handover_returns import read_returns
    from survey_pipeline.stages.export.other_callers import callers_of

    if not reconcile or month is None or lists:
        raise UsageError(
            "--reconcile needs --month, without --date and --output; --month needs --reconcile"
        )
    with opened() as app:
        callers_of(app.context, category, last_day(month))
        offices = read_returns(app.context, month, category)
    show_returns(category, month, offices, as_json=as_json)


def ending(output: Path | None, forms: type[StrEnum]) -> str:
    """Return the format that the file's ending names, else the first."""
    ending = output.suffix.lower().lstrip(".") if output else ""
    return ending if ending in set(forms) else next(iter(forms))
