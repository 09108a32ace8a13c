"""`sample`, `verify-draw`, `draw`: a day's draw, its check, and what outsiders are shown."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from survey_pipeline.cli.support import (
    EXIT_CANNOT,
    DateOption,
    JsonOption,
    MonthOption,
    explained,
    new_table,
    opened,
    print_json,
    say,
    shown,
    stderr,
    stdout,
)
from survey_pipeline.i18n import N_

if TYPE_CHECKING:
    from survey_pipeline.i18n import Message
    from survey_pipeline.stages.sampling import Commitment, DrawReport, DrawVerification, Reveal

draw_group = typer.Typer(
    no_args_is_help=True,
    help="What outsiders are shown of the draws: the seed's hash before, everything after.",
)


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


@draw_group.command("commit")
@explained
def commit(
    month: MonthOption,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Also write it to a file, for a time stamp."
        ),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Publish the hash of a month's seed before the month begins. Again changes nothing.

    The daily run does this for the month that follows. Have the file or the hash time-stamped or
    printed elsewhere: then nobody can doubt when it was known.

    Example:  survey-pipeline draw commit --month 2023-06 --output commitment-2023-06.json
    """
    import json

    from survey_pipeline.stages.export.destination import replaced
    from survey_pipeline.stages.sampling import commit_seed

    with opened() as app:
        made = commit_seed(app.context, month)
        day = app.context.calendar.written(made.committed_at)
    if output is not None:
        with replaced(output) as temporary:
            document = json.dumps(made.to_json(), ensure_ascii=False, indent=2)
            temporary.write_text(document + "\n", encoding="utf-8")
    if as_json:
        print_json({**made.to_json(), "committed_before": not made.is_new})
        return
    _show_commitment(made, day, output)


def _show_commitment(made: "Commitment", day: str, output: Path | None) -> None:
    text = N_("{month} was committed before, {day}, by {by}; nothing changed")
    if made.is_new:
        text = N_("{month} is committed: {day}, by {by}")
    said = say(text, month=made.month, day=day, by=made.committed_by)
    stdout().print(said, markup=False)
    stdout().print(say("seed hash: {hash}", hash=made.seed_hash))
    if output is not None:
        stdout().print(str(output), markup=False)
    _show_remarks(made.remarks())


def _show_remarks(remarks: "list[Message]") -> None:
    for remark in remarks:
        stderr().print(f"  - {shown(remark)}", markup=False)


@draw_group.command("reveal")
@explained
def reveal(
    month: MonthOption,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to; default: the folder exports/ of the workspace. An older file is "
            "replaced.",
        ),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Write the auditor's package of a closed month: seed, rolls, drawn cases, how to check.

    It names no citizen, but it tells which cases were drawn: it is for auditors, not for offices.
    They run `python3 verify_draw.py draws-2023-05.zip`; the program is in the package.

    Example:  survey-pipeline draw reveal --month 2023-05
    """
    from survey_pipeline.stages.export.destination import replaced, target
    from survey_pipeline.stages.sampling import reveal_month

    with opened() as app:
        path = target(app.context.home, output, f"draws-{month}.zip")
        with replaced(path) as temporary:
            done = reveal_month(app.context, month, temporary)
    if as_json:
        print_json(_reveal_document(done, path))
        return
    stdout().print(str(path), markup=False)
    stdout().print(say("{days} days, package hash: {hash}", days=done.days, hash=done.package_hash))
    if done.package_hash != done.first_hash:
        text = N_("It differs from the package first revealed, whose hash is {hash}.")
        stderr().print(say(text, hash=done.first_hash))
    _show_remarks(done.remarks)


def _reveal_document(done: "Reveal", path: Path) -> dict[str, object]:
    return {
        "file": str(path),
        "month": done.month,
        "days": done.days,
        "package_hash": done.package_hash,
        "first_package_hash": done.first_hash,
        "first_revealed_at": done.first_at.isoformat(),
        "first_revealed_by": done.first_by,
        "remarks": [shown(remark) for remark in done.remarks],
    }
