"""`demo`: a month of a made-up city, end to end."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from survey_pipeline.cli.support import (
    JsonOption,
    explained,
    invocation,
    new_table,
    parse_month,
    print_json,
    progress_bar,
    say,
    stdout,
)
from survey_pipeline.i18n import LOCALES, N_

if TYPE_CHECKING:
    from survey_pipeline.simulation.demo import DemoReport
    from survey_pipeline.simulation.driver import Progress

CITY_TIME = ZoneInfo("Asia/Shanghai")
_SIGN_IN = N_(
    "It prints a link that works once: open it, and you are the city's first admin. Callers, "
    "analysts and offices you make there, under Admin."
)
LONGEST_TABLE = 12
"""Offices in the table at the end: the best of the ranking."""


@explained
def demo(
    directory: Annotated[
        Path, typer.Option("--dir", metavar="DIR", help="Where; an earlier demo is made anew.")
    ] = Path("demo-city"),
    month: Annotated[
        str | None,
        typer.Option(
            "--month", parser=parse_month, metavar="YYYY-MM", help="Default: the last full month."
        ),
    ] = None,
    offices: Annotated[int, typer.Option(min=1, max=5000, help="Offices of the city.")] = 60,
    days: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=31,
            help="Days of reports; default the whole month, else from its first working day.",
        ),
    ] = None,
    cases_per_day: Annotated[
        int, typer.Option(min=1, help="Cases a day of an office of middling size.")
    ] = 18,
    seed: Annotated[
        str, typer.Option(help="One seed and month give the same exports, byte for byte.")
    ] = "demo",
    *,
    as_json: JsonOption = False,
) -> None:
    """Live through a month of a made-up city: reports, draw, texts, replies, calls, scores.

    First come reports as offices really send them, with their faults; then the simulated city.
    Nothing leaves the machine.

    Example:  survey-pipeline demo --month 2023-05 --seed wenzhou
    """
    from survey_pipeline.simulation.demo import DemoSize, run_demo

    invocation().locale = _locale(os.environ.get("SURVEY_LOCALE", ""))
    with _watched(quiet=as_json) as progress:
        done = run_demo(
            directory,
            month or _last_full_month(),
            seed,
            DemoSize(offices, days, cases_per_day),
            progress,
        )
    if as_json:
        print_json(_document(done))
    else:
        _show(done)


def _locale(wanted: str) -> str:
    """Return the language to speak: the made-up city's, unless the environment names another."""
    return wanted if wanted in LOCALES else LOCALES[0]


def _last_full_month() -> str:
    local = datetime.now(CITY_TIME)
    return f"{local.replace(day=1) - timedelta(days=1):%Y-%m}"


@contextmanager
def _watched(*, quiet: bool) -> Iterator["Progress"]:
    """Show the imports of real forms, and a progress bar on stderr if it is a terminal."""
    from survey_pipeline.cli.intake import show_summary
    from survey_pipeline.simulation.driver import Progress

    locale = invocation().locale
    bar = nullcontext() if quiet else progress_bar(say(N_("days of the city")))
    with bar as done:
        yield Progress(
            imported=lambda summary: None if quiet else show_summary(summary, locale),
            day=done or (lambda *_: None),
        )


def _document(done: "DemoReport") -> dict[str, Any]:
    return {
        "directory": str(done.directory),
        "month": done.month,
        "year": done.year,
        "seed": done.seed,
        "complete": done.report.complete,
        "offices": len(done.report.rows),
        "days": done.walked.days,
        "texts": done.walked.texts,
        "calls": done.walked.calls,
        "replies_decided": done.walked.decided,
        "refused_rows": done.walked.refused_rows,
        "files": [str(path) for path in done.files],
    }


def _show(done: "DemoReport") -> None:

    console, walked = stdout(), done.walked
    console.print(_table(done))
    console.print(
        say(
            N_(
                "{month}: {days} days, {texts} texts handed over, {calls} calls made, {decided} "
                "unclear replies decided, {refused} rows refused."
            ),
            month=done.month,
            days=walked.days,
            texts=walked.texts,
            calls=walked.calls,
            decided=walked.decided,
            refused=walked.refused_rows,
        ),
        markup=False,
    )
    console.print(say(N_("The scores of the month and of the year:")))
    for path in done.files:
        console.print(f"  {path}", soft_wrap=True)
    program, home = _program(), done.directory
    for text, command in (
        (N_("Look around:"), f"{program} --home {home} status"),
        (
            N_("Defend a score:"),
            f"{program} --home {home} explain {_best(done)} --month {done.month}",
        ),
        (
            N_("Defend a year:"),
            f"{program} --home {home} explain {_best(done)} --year {done.year}",
        ),
        (N_("Serve the city's pages:"), f"{program} --home {home} run"),
    ):
        console.print(say(text))
        console.print(f"  {command}", soft_wrap=True)
    console.print(say(_SIGN_IN), markup=False)


def _program() -> str:
    """Return how this program is called from here: by its name, or by its place in `.venv`."""
    import shutil

    name = "survey-pipeline"
    started = Path(sys.argv[0])
    if shutil.which(name) or started.name != name:
        return name
    here = Path.cwd()
    return str(started.relative_to(here) if started.is_relative_to(here) else started)


def _best(done: "DemoReport") -> str:
    return done.report.ranked[0].office_code


def _table(done: "DemoReport") -> Any:
    from survey_pipeline.reports.month_report import period

    locale = invocation().locale
    title = say(N_("Satisfaction of those served, {month}"), month=period(done.month, locale))
    table = new_table(title=title)
    for heading, numeric in (
        (N_("Rank"), True),
        (N_("Office"), False),
        (N_("Cases reported"), True),
        (N_("Drawn"), True),
        (N_("Rated"), True),
        (N_("Satisfaction rate"), True),
        (N_("Points"), True),
    ):
        table.add_column(say(heading), justify="right" if numeric else "left")
    for row in done.report.ranked[:LONGEST_TABLE]:
        figures = (row.reported, row.drawn, row.rated, row.rate, row.points)
        table.add_row(
            str(row.rank or "-"), row.office, *("-" if f is None else str(f) for f in figures)
        )
    if len(done.report.rows) > LONGEST_TABLE:
        table.add_row("...")
    return table
