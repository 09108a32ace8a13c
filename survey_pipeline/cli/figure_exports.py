"""`export outcomes|estimates|breakdowns`: figures about the survey itself, for analysts."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from survey_pipeline.cli.explain import hint_of_change
from survey_pipeline.cli.exports import OutputOption, ending
from survey_pipeline.cli.support import (
    JsonOption,
    MonthArgument,
    explained,
    opened,
    parse_period,
    print_json,
    stdout,
)

if TYPE_CHECKING:
    from survey_pipeline.context import Context
    from survey_pipeline.reports.breakdowns import Breakdowns
    from survey_pipeline.reports.month_report import MonthReport
    from survey_pipeline.reports.survey_figures.figure_table import FigureFile, MonthFigures


class FigureFormat(StrEnum):
    """What figures about the survey can be written as."""

    XLSX = "xlsx"
    CSV = "csv"
    JSON = "json"


FormatOption = Annotated[
    FigureFormat | None,
    typer.Option("--format", help="Default: by the ending of --output, else xlsx."),
]
ShareOption = Annotated[
    list[str] | None,
    typer.Option(
        "--e",
        metavar="SHARE",
        help="The share of cases of unknown eligibility that is taken as eligible: 0.5, or UH=0.5 "
        "and UO=0.5 for each class. Default: E / (E + NE).",
    ),
]
PeriodArgument = Annotated[
    str,
    typer.Argument(
        parser=parse_period, metavar="PERIOD", help="The month, as 2023-05, or the appraisal year."
    ),
]


@explained
def export_outcomes(
    month: MonthArgument,
    form: FormatOption = None,
    *,
    e: ShareOption = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a month's outcome codes and outcome rates (AAPOR), for statisticians.

    By office, category, parent department, month, mode and caller: RR1 to RR6, COOP1 to COOP4,
    REF1 to REF3 and CON1 to CON3. The workbook has the checksums of what the month's stored score
    rests on. With --json the rates themselves are printed too.

    Example:  survey-pipeline export outcomes 2023-05

    Example:  survey-pipeline export outcomes 2023-05 --e UH=0.9 --e UO=0.5 --format csv
    """
    from survey_pipeline.reports.survey_figures.eligible_shares import read_shares
    from survey_pipeline.reports.survey_figures.outcome_rates import outcome_rates
    from survey_pipeline.stages.export.formats import write_outcomes

    given = read_shares(e or ())
    form = form or FigureFormat(ending(output, FigureFormat))
    with opened() as app:
        figures = outcome_rates(app.context, _scores(app.context, month), given)
        path = _write(app.context, figures, write_outcomes, f"outcomes-{month}.{form}", output)
        _say(app.context, figures, path, as_json=as_json)


@explained
def export_estimates(
    month: MonthArgument,
    form: FormatOption = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a month's estimates beside the points: modes, weights, and what they do not know.

    Rates by SMS, phone and delivery; the gap between SMS and phone on the same people; corrected
    ratings by caller; plain and design-weighted rates; bands of offices that cannot be told apart.
    The CSV has a row for each group; no figure changes a score. With --json the figures themselves
    are printed too.

    Example:  survey-pipeline export estimates 2023-05
    """
    from survey_pipeline.reports.survey_figures.estimates import survey_estimates
    from survey_pipeline.stages.export.formats import write_estimates

    form = form or FigureFormat(ending(output, FigureFormat))
    with opened() as app:
        figures = survey_estimates(app.context, _scores(app.context, month))
        path = _write(app.context, figures, write_estimates, f"estimates-{month}.{form}", output)
        _say(app.context, figures, path, as_json=as_json)


@explained
def export_breakdowns(
    period: PeriodArgument,
    form: FormatOption = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a month's or year's ratings by channel, subject type, item and parent department.

    With --json the figures themselves are printed too.

    Example:  survey-pipeline export breakdowns 2023-05

    Example:  survey-pipeline export breakdowns 2023 --format json
    """
    from survey_pipeline.reports.breakdowns import month_breakdowns, year_breakdowns
    from survey_pipeline.stages.export.formats import write_breakdowns

    form = form or FigureFormat(ending(output, FigureFormat))
    with opened() as app:
        context = app.context
        is_month = "-" in period
        figures = (
            month_breakdowns(context, period) if is_month else year_breakdowns(context, int(period))
        )
        path = _write(context, figures, write_breakdowns, f"breakdowns-{period}.{form}", output)
        _say(context, figures, path, as_json=as_json)


def _scores(context: "Context", month: str) -> "MonthReport":
    """Return a month's stored scores; a month that was never scored is scored first."""
    from survey_pipeline.appraisal import shown_month
    from survey_pipeline.reports.month_report import read_month

    stored = shown_month(context, month)
    hint_of_change(context, stored)
    return read_month(context, month, stored.version)


def _write(
    context: "Context",
    figures: "MonthFigures | Breakdowns",
    writer: Callable[..., None],
    name: str,
    output: Path | None,
) -> Path:
    """Write figures to the file asked for, in the form that its name ends with; note it."""
    from survey_pipeline.stages.export.destination import target
    from survey_pipeline.stages.export.downloads import note_figures

    path = target(context.home, output, name)
    writer(figures, name.rpartition(".")[2], path, context.settings.locale)
    note_figures(context, figures, path)
    return path


def _say(context: "Context", figures: "FigureFile", path: Path, *, as_json: bool) -> None:
    """Print where the file is; with `--json` the figures as well."""
    from survey_pipeline.stages.export.figures_data import figures_document

    if as_json:
        print_json({"file": str(path), **figures_document(figures, context.settings.locale)})
    else:
        stdout().print(str(path), markup=False)
