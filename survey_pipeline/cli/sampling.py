"""`sample` and `verify-draw`: the day's draw, and anybody's check of it."""

from datetime import date
from typing import TYPE_CHECKING

import typer

from survey_pipeline.cli.support import (
    EXIT_CANNOT,
    DateOption,
    JsonOption,
    explained,
    invocation,
    opened,
    print_json,
    stdout,
)

if TYPE_CHECKING:
    from survey_pipeline.stages.sampling import DrawReport, Verification


@explained
def sample(day: DateOption = None, *, as_json: JsonOption = False) -> None:
    """Draw the day's sample. Again changes nothing: the stored draw is shown.

    Example:  survey-pipeline sample --date 2023-05-04
    """
    from survey_pipeline.stages.sampling import draw_day  # noqa: PLC0415 - loads the database

    with opened() as app:
        report = draw_day(app.context, day or app.context.today())
        if as_json:
            print_json(report.to_json())
        else:
            _show_draw(report)


def _show_draw(report: "DrawReport") -> None:
    from rich.table import Table  # noqa: PLC0415 - loads where it is used

    console = stdout()
    again = " (drawn before; nothing changed)" if report.drawn_before else ""
    console.print(f"{report.day}: {len(report.drawn):,} of {report.frame:,} cases drawn{again}")
    table = Table("office", box=None, pad_edge=False)
    for heading in ("in the frame", "eligible N", "drawn n", "n/N"):
        table.add_column(heading, justify="right")
    for office in report.offices:
        share = f"{office.drawn / office.eligible:.1%}" if office.eligible else "-"
        table.add_row(
            office.office_code,
            f"{office.frame:,}",
            f"{office.eligible:,}",
            f"{office.drawn:,}",
            share,
        )
    if report.offices:
        console.print(table)
    console.print(f"frame hash  {report.frame_hash}")
    console.print(f"roll hash   {report.roll_hash}")
    console.print(f"seed hash   {report.seed_hash}")


@explained
def verify(day: DateOption = None, *, as_json: JsonOption = False) -> None:
    """Recompute a day's draw and both hashes, and say whether they match.

    Exit code 4 where the draw does not hold, or there was none.

    Example:  survey-pipeline verify-draw --date 2023-05-04
    """
    from survey_pipeline.stages.sampling import verify_draw  # noqa: PLC0415 - loads the database

    with opened() as app:
        found = verify_draw(app.context, day or app.context.today())
    problems = [problem.render(invocation().locale) for problem in found.problems]
    if as_json:
        print_json({"date": found.day.isoformat(), "ok": found.ok, "problems": problems})
    else:
        _show_verification(found, found.day, problems)
    if not found.ok:
        raise typer.Exit(EXIT_CANNOT)


def _show_verification(found: "Verification", day: date, problems: list[str]) -> None:
    console = stdout()
    if found.ok:
        console.print(f"The draw of {day} holds: hashes, reasons, groups and drawn cases match.")
        return
    console.print(f"The draw of {day} does NOT hold:")
    for problem in problems:
        console.print(f"  - {problem}")
