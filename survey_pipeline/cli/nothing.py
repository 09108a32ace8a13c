"""`report nothing filings|hotline`: there is nothing to bring for a month or a quarter."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from survey_pipeline.cli.support import (
    JsonOption,
    MonthArgument,
    QuarterArgument,
    QuarterYearOption,
    explained,
    opened,
    print_json,
    say,
    stdout,
)
from survey_pipeline.i18n import N_

if TYPE_CHECKING:
    from survey_pipeline.context import Context
    from survey_pipeline.stages.intake.nothing_reports import NothingToBring

group = typer.Typer(
    no_args_is_help=True,
    help="There is nothing to bring for a month or a quarter, so that nothing is outstanding.",
)

ByOption = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help="Who says so; default: you.")
]
UndoOption = Annotated[
    bool,
    typer.Option("--undo", help="Take it back, within 30 minutes and under the same name."),
]


@group.command("filings")
@explained
def filings(
    parent: Annotated[str, typer.Argument(metavar="PARENT", help="The department's code.")],
    month: MonthArgument,
    *,
    by: ByOption = None,
    undo: UndoOption = False,
    as_json: JsonOption = False,
) -> None:
    """Record that a department's own checks found nothing in a month; again changes nothing.

    Example:  survey-pipeline report nothing filings P-01 2023-05 --by Li
    """
    from survey_pipeline.stages.intake.nothing_reports import no_filing
    from survey_pipeline.typed import as_key

    with opened(actor=by) as app:
        _report(app.context, no_filing(as_key(parent), month), undo=undo, as_json=as_json)


@group.command("hotline")
@explained
def hotline(
    quarter: QuarterArgument,
    *,
    year: QuarterYearOption = None,
    by: ByOption = None,
    undo: UndoOption = False,
    as_json: JsonOption = False,
) -> None:
    """Record that a quarter has no hotline record; again changes nothing.

    The appraisal window cuts quarters: the part that is meant is told with its days.

    Example:  survey-pipeline report nothing hotline 2023-Q1 --by Li
    """
    from survey_pipeline.stages.intake.nothing_reports import no_hotline_record

    with opened(actor=by) as app:
        nothing = no_hotline_record(app.context, quarter, year)
        _report(app.context, nothing, undo=undo, as_json=as_json)


def _report(context: "Context", nothing: "NothingToBring", *, undo: bool, as_json: bool) -> None:
    from survey_pipeline.stages.intake.nothing_reports import report_nothing, take_nothing_back

    is_new = False
    if undo:
        take_nothing_back(context, nothing)
        text = N_("{what}: taken back, so that it is outstanding again.")
    elif is_new := report_nothing(context, nothing):
        text = N_("{what}: nothing to bring, recorded.")
    else:
        text = N_("{what}: that there is nothing was recorded before.")
    if as_json:
        print_json({**_document(nothing), "new": is_new, "undone": undo})
    else:
        stdout().print(say(text, what=_named(nothing)), markup=False)


def _named(nothing: "NothingToBring") -> str:
    period = nothing.period
    if nothing.parent_code:
        return say("{parent}, {period}", parent=nothing.parent_code, period=period.name)
    return say(
        "{period} ({first} to {last})", period=period.name, first=period.first, last=period.last
    )


def _document(nothing: "NothingToBring") -> dict[str, Any]:
    return {
        "duty": nothing.duty,
        "parent_code": nothing.parent_code or None,
        "period": nothing.period.name,
        "first": nothing.period.first.isoformat(),
        "last": nothing.period.last.isoformat(),
    }
