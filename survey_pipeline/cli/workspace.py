"""`init`, `doctor` and `status`: the workspace itself."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from survey_pipeline.cli.support import (
    EXIT_CANNOT,
    JsonOption,
    explained,
    invocation,
    opened,
    print_json,
    stdout,
)

if TYPE_CHECKING:
    from survey_pipeline.overview import Overview

MARKS = {
    "ok": "[green]ok[/green]",
    "warning": "[yellow]warning[/yellow]",
    "failed": "[red]FAILED[/red]",
}


@explained
def init(
    directory: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="The folder; default the workspace.")
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Make a workspace: shipped configuration and templates, keys, database. Never overwrites.

    Example:  survey-pipeline init wenzhou
    """
    from survey_pipeline.workspace import create_workspace  # noqa: PLC0415 - loads the database

    made = create_workspace(directory or invocation().home)
    if as_json:
        print_json({"directory": str(made.directory), "made": made.made, "kept": made.kept})
        return
    console = stdout()
    for name in made.made:
        console.print(f"  made  {name}")
    for name in made.kept:
        console.print(f"  kept  {name} (was there; unchanged)")
    console.print(
        f"Keep a copy of the key file in a safe: without it no number can be read again.\n"
        f"Next: survey-pipeline --home {made.directory} doctor"
    )


@explained
def doctor(*, as_json: JsonOption = False) -> None:
    """Check configuration, database, keys, templates, calendar, clock and gateways.

    Each finding comes with its remedy; exit code 4 where something is broken.

    Example:  survey-pipeline doctor
    """
    from survey_pipeline.checks import Level, run_checks  # noqa: PLC0415 - loads the database

    found = run_checks(invocation().home, os.environ)
    locale = invocation().locale
    failed = any(check.level is Level.FAILED for check in found)
    if as_json:
        print_json(
            {
                "ok": not failed,
                "checks": [
                    {
                        "name": check.name,
                        "level": check.level,
                        "found": check.found.render(locale),
                        "remedy": check.remedy.render(locale) if check.remedy else None,
                    }
                    for check in found
                ],
            }
        )
    else:
        console = stdout()
        for check in found:
            console.print(f"{MARKS[check.level]:<9} {check.name}: {check.found.render(locale)}")
            if check.remedy:
                console.print(f"          -> {check.remedy.render(locale)}")
    if failed:
        raise typer.Exit(EXIT_CANNOT)


@explained
def status(*, as_json: JsonOption = False) -> None:
    """Show what happened and what waits: imports, draws, texts, replies, calls.

    Example:  survey-pipeline status
    """
    from survey_pipeline.overview import overview  # noqa: PLC0415 - loads the database

    with opened() as app:
        found = overview(app.context)
        now = f"{app.context.calendar.local(found.at):%Y-%m-%d %H:%M}"
    if as_json:
        print_json(found.to_json())
    else:
        _show(found, now)


def _show(found: "Overview", now: str) -> None:
    console = stdout()
    console.print(f"[bold]{now}[/bold]   last daily run: {found.last_day_run or 'none yet'}")
    if not found.imports and not found.draws:
        console.print("Nothing yet. Next: survey-pipeline import parents FILE, offices, cases")
        return
    for one in found.imports:
        console.print(
            f"  imported  {one['file_name']} ({one['kind']}): {one['accepted']:,} accepted, "
            f"{one['updated']:,} updated, {one['unchanged']:,} unchanged, {one['refused']:,} refused"
        )
    for one in found.draws:
        console.print(f"  drawn     {one['day']}: {one['drawn']:,} of {one['frame']:,}")
    for title, counts in (
        ("surveys", found.surveys),
        ("texts", found.messages),
        ("replies", found.replies),
        ("calls", found.calls),
    ):
        text = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in counts.items())
        console.print(f"  {title:<9} {text or 'none'}")
    _show_remedies(found)
    for load in found.load:
        console.print(f"  calls on  {load.day}: {load.calls:,} of {load.capacity:,}")


def _show_remedies(found: "Overview") -> None:
    console = stdout()
    if found.replies.get("reader"):
        console.print(
            "  -> unclear replies wait for a reader: survey-pipeline replies list --unclear"
        )
    if found.calls.get("due"):
        console.print("  -> calls are due: survey-pipeline callbacks next --by NAME")
    if found.messages.get("queued"):
        console.print("  -> texts wait to be sent: survey-pipeline dispatch")
