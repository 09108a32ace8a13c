"""`sample` and `verify-draw`: the day's draw, and anybody's check of it."""

from datetime import date
from typing import TYPE_CHECKING

import typer

from survey_pipeline.cli.support import (
    EXIT_CANNOT,
    DateOption,
    JsonOption,
    explained,
    new_table,
    opened,
    print_json,
    say,
    shown,
    stdout,
)
from survey_pipeline.i18n import N_

if TYPE_CHECKING:
    from survey_pipeline.stages.sampling import DrawReport, DrawVerification


@explained
def sample(day: DateOption = None, *, as_json: JsonOption = False) -> None:
    """Draw the day's sample. Again changes nothing: the stored draw is shown.

    Example:  survey-pipeline sample --date 2023-05-04
    """
    from survey_pipeline.stages.sampling import draw_day

    with opened() as app:
        report = draw_day(app.context, day or app.context.today())
        if as_json:
            print_json(report.to_json())
        else:
            _show_draw(report)


def _show_draw(report: "DrawReport") -> None:
    console = stdout()
    text = N_("{day}: {drawn} of {frame} cases drawn")
    if report.drawn_before:
        text = N_("{day}: {drawn} of {frame} cases drawn (drawn before; nothing changed)")
    counts = {"drawn": f"{len(report.drawn):,}", "frame": f"{report.frame:,}"}
    console.print(say(text, day=report.day, **counts))
    table = new_table(say("office"))
    for heading in (N_("in the frame"), N_("eligible N"), N_("drawn n"), N_("n/N, inclusion")):
        table.add_column(say(heading), justify="right")
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
    console.print(say("frame hash: {hash}", hash=report.frame_hash))
    console.print(say("roll hash: {hash}", hash=report.roll_hash))
    console.print(say("seed hash: {hash}", hash=report.seed_hash))


@explained
def verify(day: DateOption = None, *, as_json: JsonOption = False) -> None:
    """Recompute a day's draw and both hashes, and say whether they match.

    Exit code 4 where the draw does not hold, or there was none.

    Example:  survey-pipeline verify-draw --date 2023-05-04
    """
    from survey_pipeline.stages.sampling import verify_draw

    with opened() as app:
        found = verify_draw(app.context, day or app.context.today())
    problems = [shown(problem) for problem in found.problems]
    if as_json:
        print_json({"date": found.day.isoformat(), "ok": found.ok, "problems": problems})
    else:
        _show_verification(found, found.day, problems)
    if not found.ok:
        raise typer.Exit(EXIT_CANNOT)


def _show_verification(found: "DrawVerification", day: date, problems: list[str]) -> None:
    console = stdout()
    if found.ok:
        console.print(
            say("The draw of {day} holds: hashes, reasons, groups and drawn cases match.", day=day)
        )
        return
    console.print(say("The draw of {day} does NOT hold:", day=day))
    for problem in problems:
        console.print(f"  - {problem}", markup=False)
