"""`dispatch`: sends what is due, or shows what it would send."""

from typing import TYPE_CHECKING, Annotated

import typer

from survey_pipeline.cli.days import planned_lines
from survey_pipeline.cli.support import (
    DateOption,
    JsonOption,
    explained,
    new_table,
    opened,
    print_json,
    progress_bar,
    say,
    shown,
    stdout,
)
from survey_pipeline.i18n import N_

if TYPE_CHECKING:
    from survey_pipeline.stages.dispatch import DispatchReport, Preview

TEXTS_SHOWN = 20
"""Texts that a dry run prints; `--json` has all."""


@explained
def dispatch(
    day: DateOption = None,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show texts, segments and cost; send nothing.")
    ] = False,
    now: Annotated[bool, typer.Option("--now", help="Ignore the sending hours.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Send what is due, and come back when nothing due is left untried.

    May be stopped and repeated at any time: no text goes out twice. With --date only what was
    drawn that day.

    Example:  survey-pipeline dispatch --dry-run
    """
    from survey_pipeline.pipeline import hear
    from survey_pipeline.stages import dispatch as stage

    with opened() as app:
        context = app.context
        if dry_run:
            planned = stage.preview(context, day=day)
            print_json(planned.to_json()) if as_json else _show_preview(planned)
            return
        hear(context, app.gateways)
        with progress_bar(say("texts sent")) as progress:
            report = stage.dispatch(
                context,
                app.gateways,
                day=day,
                ignore_hours=now,
                progress=progress,
                meanwhile=lambda: hear(context, app.gateways),
            )
    print_json(report.to_json()) if as_json else _show_report(report)


def _show_report(report: "DispatchReport") -> None:
    console = stdout()
    for line in report.lines():
        console.print(shown(line), markup=False)


def _show_preview(planned: "Preview") -> None:
    console = stdout()
    headings = (N_("office"), N_("case"), N_("phone"), N_("segments"), N_("text"))
    table = new_table()
    for heading in headings:
        table.add_column(say(heading), overflow="fold")
    for text in planned.texts[:TEXTS_SHOWN]:
        size = f"{text.segments} {text.encoding}"
        cells = (text.office_code, text.case_no, text.phone, size, text.text)
        table.add_row(*cells)
    if planned.texts:
        console.print(table)
    if len(planned.texts) > TEXTS_SHOWN:
        console.print("  ...")
    for line in planned_lines(planned):
        console.print(shown(line))
    console.print(say("Nothing was sent: this was a dry run."))
