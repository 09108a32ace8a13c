"""`standard`: the rule book in words, its file checked, next year's made, two compared."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from survey_pipeline.cli.support import (
    EXIT_CANNOT,
    FIRST_YEAR,
    LAST_YEAR,
    JsonOption,
    YearArgument,
    explained,
    invocation,
    opened,
    print_json,
    say,
    shown,
    stdout,
)
from survey_pipeline.i18n import N_

if TYPE_CHECKING:
    from survey_pipeline.context import Context
    from survey_pipeline.standard import InForce
    from survey_pipeline.standard.rule_book.checking_file import FileFault
    from survey_pipeline.standard.rule_book.next_year import MadeYear

group = typer.Typer(
    no_args_is_help=True, help="The rule book: shown in words, checked, compared, made for a year."
)

FileArgument = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help="The standard's file, or its name in config/standards/, as wenzhou-2023.",
    ),
]


@group.command("show")
@explained
def show(
    year: Annotated[
        int | None,
        typer.Option(
            "--year",
            metavar="YYYY",
            min=FIRST_YEAR,
            max=LAST_YEAR,
            help="The appraisal year; default: today's.",
        ),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Show the rule book in words, clause by clause.

    Each clause with what it says, the published words it rests on, and where they leave it open.

    Example:  survey-pipeline standard show --year 2023
    """
    from survey_pipeline.cli import rule_book_view
    from survey_pipeline.standard.rule_book import chapters

    with opened(check_schema=False) as app:
        home, locale = app.context.home, app.context.settings.locale
        in_force = _in_force(app.context, year)
    if as_json:
        print_json(chapters.document(in_force, locale))
        return
    console = stdout()
    width = min(console.width, rule_book_view.WIDEST)
    for part in rule_book_view.rule_book(in_force, home, locale):
        console.print(part, width=width, soft_wrap=False)


def _in_force(context: "Context", year: int | None) -> "InForce":
    """Return the standard of an appraisal year, or the one in force today."""
    from survey_pipeline.standard import standard_for, standard_on
    from survey_pipeline.standard.load import FOLDER

    listed, folder = context.settings.standards, context.home / FOLDER
    if year is None:
        return standard_on(context.today(), listed, folder)
    return standard_for(year, listed, folder)


@group.command("check")
@explained
def check(file: FileArgument, *, as_json: JsonOption = False) -> None:
    """Check a standard's file: every fault with its place and its remedy.

    Exit code 4 where the file may not be used as it is.

    Example:  survey-pipeline standard check config/standards/wenzhou-2023.toml
    """
    from survey_pipeline.standard.rule_book.checking_file import find_faults

    path = standard_file(invocation().home, file)
    found = find_faults(path, invocation().home)
    if as_json:
        print_json(_checked(path, found))
    else:
        _tell_faults(path, found)
    if found:
        raise typer.Exit(EXIT_CANNOT)


def _checked(path: Path, found: "list[FileFault]") -> dict[str, object]:
    return {
        "file": str(path),
        "ok": not found,
        "faults": [
            {
                "key": fault.key,
                "line": fault.line,
                "problem": shown(fault.problem),
                "remedy": shown(fault.remedy),
            }
            for fault in found
        ],
    }


def _tell_faults(path: Path, found: "list[FileFault]") -> None:
    console = stdout()
    if not found:
        console.print(say(N_("{file}: no fault found"), file=path))
        return
    console.print(say(N_("{file}: {count} fault(s)"), file=path, count=len(found)))
    for fault in found:
        place = fault.key
        if fault.line is not None:
            place = say(N_("line {line}, {key}"), line=fault.line, key=fault.key)
        console.print(f"\n  {place}", style="bold")
        console.print(f"    {shown(fault.problem)}")
        console.print(f"    → {shown(fault.remedy)}")


@group.command("new")
@explained
def new(
    year: YearArgument,
    source: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="YEAR|FILE",
            help="The appraisal year or the file of the standard that it is made from.",
        ),
    ],
    *,
    as_json: JsonOption = False,
) -> None:
    """Make a year's standard from another year's file: dates moved, comments kept.

    The file is written beside the other one, and never over another. Tells what to look at next.

    Example:  survey-pipeline standard new 2024 --from 2023
    """
    from survey_pipeline.cli import rule_book_changes, rule_book_view

    with opened(check_schema=False) as app:
        made = _make(app.context, year, source)
        locale = app.context.settings.locale
    if as_json:
        print_json(rule_book_changes.made_document(made, locale))
        return
    console = stdout()
    width = min(console.width, rule_book_view.WIDEST)
    for line in rule_book_changes.made_lines(made, locale):
        console.print(line, width=width, soft_wrap=False)


def _make(context: "Context", year: int, source: str) -> "MadeYear":
    """Write a year's file, and return what is to be said of it."""
    from survey_pipeline.standard.rule_book.next_year import write_next_year

    return write_next_year(_source_file(context, source), year)


def _source_file(context: "Context", source: str) -> Path:
    """Return the file of a year that is listed, or the file that a path or a name stands for."""
    from survey_pipeline.errors import CannotProceed

    if not (source.isdecimal() and len(source) == len(str(LAST_YEAR))):
        return standard_file(context.home, source)
    listed = context.settings.standards.get(int(source))
    if listed is None:
        raise CannotProceed(
            "no standard is listed for {year}. Name its file, or list it under [standards] in "
            "config/pipeline.toml",
            year=source,
        )
    return standard_file(context.home, listed)


@group.command("diff")
@explained
def diff(
    before: Annotated[
        str, typer.Argument(metavar="A", help="The earlier standard: its file, or its name.")
    ],
    after: Annotated[
        str, typer.Argument(metavar="B", help="The later standard: its file, or its name.")
    ],
    *,
    as_json: JsonOption = False,
) -> None:
    """Compare two standards clause by clause: what was, what is.

    Example:  survey-pipeline standard diff wenzhou-2023 wenzhou-2024
    """
    from survey_pipeline.cli import rule_book_changes, rule_book_view
    from survey_pipeline.standard.load import read_standard
    from survey_pipeline.standard.rule_book.differences import find_differences

    called = invocation()
    was, now = (read_standard(standard_file(called.home, name))[0] for name in (before, after))
    found = find_differences(was, now, called.locale)
    if as_json:
        print_json(rule_book_changes.differences_document(was, now, found, called.locale))
        return
    console = stdout()
    width = min(console.width, rule_book_view.WIDEST)
    for part in rule_book_changes.differences(was, now, found, called.locale):
        console.print(part, width=width, soft_wrap=False)


def standard_file(home: Path, name: str) -> Path:
    """Return the file that a path or a name in `config/standards/` stands for."""
    from survey_pipeline.standard.load import FOLDER

    given = Path(name)
    if given.is_file() or not given.name:
        return given
    if given.parent != Path():
        return given
    return home / FOLDER / (given.name if given.suffix == ".toml" else f"{given.name}.toml")
