"""`dispatch`: sends what is due, or shows what it would send."""

from typing import TYPE_CHECKING, Annotated

import typer

from survey_pipeline.cli.support import (
    DateOption,
    JsonOption,
    explained,
    invocation,
    opened,
    print_json,
    stdout,
)
from survey_pipeline.i18n import N_, Message, translate

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
    from survey_pipeline.stages import dispatch as stage  # noqa: PLC0415 - loads the database

    with opened() as app:
        context = app.context
        if dry_run:
            planned = stage.preview(context, day=day)
            print_json(planned.to_json()) if as_json else _show_preview(planned)
            return
        stage.poll(context, app.gateways)
        stage.apply_receipts(context)
        report = stage.dispatch(context, app.gateways, day=day, ignore_hours=now)
    print_json(report.to_json()) if as_json else _show_report(report)


def _show_report(report: "DispatchReport") -> None:
    console, locale = stdout(), invocation().locale
    for line in report.lines():
        console.print(line.render(locale), markup=False)


def _show_preview(planned: "Preview") -> None:
    from rich.markup import escape  # noqa: PLC0415 - loads where it is used
    from rich.table import Table  # noqa: PLC0415 - as above

    console, locale = stdout(), invocation().locale
    headings = (N_("office"), N_("case"), N_("phone"), N_("segments"), N_("text"))
    table = Table(*(translate(one, locale) for one in headings), box=None, pad_edge=False)
    for one in planned.texts[:TEXTS_SHOWN]:
        cells = (one.office_code, one.case_no, one.phone, f"{one.segments} {one.encoding}")
        table.add_row(*map(escape, (*cells, one.text)))
    if planned.texts:
        console.print(table)
    if len(planned.texts) > TEXTS_SHOWN:
        console.print("  ...")
    for line in _sums(planned):
        console.print(line.render(locale), markup=False)


def _sums(planned: "Preview") -> list[Message]:
    lines = [
        Message(
            "{count} texts, {segments} segments, cost {cost}. Nothing was sent.",
            {"count": len(planned.texts), "segments": planned.segments, "cost": planned.cost},
        )
    ]
    if planned.too_long:
        lines.append(
            Message(
                "too long even in the short form: {count}; these cases are called",
                {"count": planned.too_long},
            )
        )
    return lines
