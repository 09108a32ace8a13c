"""What every command shares: the workspace, options, words, the console and exit codes."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec, TypeVar

import typer

from survey_pipeline.cli import terminal
from survey_pipeline.errors import SurveyPipelineError, UsageError
from survey_pipeline.i18n import LOCALES, N_, Message
from survey_pipeline.typed import as_key

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from rich.table import Table

    from survey_pipeline.app import App
    from survey_pipeline.calendar import Calendar
    from survey_pipeline.cli.console import Terminal

P = ParamSpec("P")
R = TypeVar("R")

CONFIG_FILE = Path("config/pipeline.toml")
"""As in `settings`, which is loaded only where it is used: commands start fast."""
_LOCALE = re.compile(r"""^\s*locale\s*=\s*["'](\w+)["']""", re.MULTILINE)

FIRST_YEAR, LAST_YEAR = 2000, 2999
"""Of all dates, months and appraisal years that a command takes."""

EXIT_DONE, EXIT_FAULT, EXIT_USAGE, EXIT_REFUSED_ROWS, EXIT_CANNOT = 0, 1, 2, 3, 4
EXIT_INTERRUPTED, EXIT_BROKEN_PIPE = 130, 141
"""Exit codes as shells count them: ended by Ctrl-C, or because the output is read no more."""


@dataclass
class Invocation:
    """What the options before the command said."""

    home: Path = field(default_factory=Path)
    locale: str = "en"
    calendar: "Calendar | None" = None
    """The opened workspace's, which knows its time zone."""


_CALLED: ContextVar[Invocation] = ContextVar("invocation")


def called_with(home: Path) -> None:
    """Remember what the options before the command said."""
    _CALLED.set(Invocation(home, first_locale(home, os.environ)))


def invocation() -> Invocation:
    """Return what the options before the command said."""
    if _CALLED.get(None) is None:
        called_with(Path())
    return _CALLED.get()


def first_locale(home: Path, environ: Mapping[str, str]) -> str:
    """Return the locale to speak until the settings are read, and where they cannot be.

    A mistake in the configuration is explained in the language that the file asks for, so the file
    is looked at, not parsed. Where there is no workspace, the machine's language decides.
    """
    try:
        written = (home / CONFIG_FILE).read_bytes()
    except OSError:
        machine = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
        return "zh_CN" if machine.startswith("zh") else "en"
    found = _LOCALE.search(written.replace(b"\0", b"").decode("utf-8", "replace"))  # UTF-16 too
    wanted = environ.get("SURVEY_LOCALE", found[1] if found else LOCALES[0]).strip("\"'")
    return wanted if wanted in LOCALES else LOCALES[0]


def say(text: str, /, **values: object) -> str:
    """Return a text of the catalogue in the workspace's locale, its values filled in."""
    return shown(Message(text, values))


def written(moment: datetime) -> str:
    """Return a stored moment as people read it, in the opened workspace's local time."""
    calendar = invocation().calendar
    if calendar is None:
        raise AssertionError("no workspace is open")
    return calendar.written(moment)


def shown(message: Message) -> str:
    """Return a message in the workspace's locale."""
    return message.render(invocation().locale)


JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document and nothing else.")
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Check everything, change nothing.")]


def parse_date(text: str) -> date:
    """Read `YYYY-MM-DD` from the command line."""
    try:
        return _of_this_age(date.fromisoformat(as_key(text)))
    except ValueError as error:
        raise typer.BadParameter(say("{day} is no date; write 2023-05-04", day=text)) from error


def parse_month(text: str) -> str:
    """Read `YYYY-MM` from the command line."""
    try:
        return f"{_of_this_age(date.fromisoformat(as_key(text) + '-01')):%Y-%m}"
    except ValueError as error:
        raise typer.BadParameter(say("{month} is no month; write 2023-05", month=text)) from error


def parse_period(text: str) -> str:
    """Read `YYYY-MM` or `YYYY` from the command line."""
    period = as_key(text)
    if period.isdecimal() and FIRST_YEAR <= int(period) <= LAST_YEAR:
        return period
    return parse_month(text)


def parse_quarter(text: str) -> str:
    """Read `2023Q1` or `2023-Q1` from the command line; return `2023-Q1`."""
    from survey_pipeline.standard.quarters import read_quarter

    quarter = read_quarter(text)
    if quarter is None or not FIRST_YEAR <= int(quarter[:4]) <= LAST_YEAR:
        raise typer.BadParameter(say("{quarter} is no quarter; write 2023-Q1", quarter=text))
    return quarter


def _of_this_age(day: date) -> date:
    """Refuse years at the ends of the calendar, where a day before or after does not exist."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError
    return day


OfficeArgument = Annotated[
    str, typer.Argument(parser=as_key, metavar="OFFICE", help="The office's code.")
]
DateOption = Annotated[
    date | None,
    typer.Option("--date", parser=parse_date, metavar="YYYY-MM-DD", help="The day; default today."),
]
MonthOption = Annotated[
    str, typer.Option("--month", parser=parse_month, metavar="YYYY-MM", help="The month.")
]
OptionalMonthOption = Annotated[
    str | None, typer.Option("--month", parser=parse_month, metavar="YYYY-MM", help="The month.")
]
MonthArgument = Annotated[
    str, typer.Argument(parser=parse_month, metavar="MONTH", help="The month, as 2023-05.")
]
QuarterArgument = Annotated[
    str, typer.Argument(parser=parse_quarter, metavar="QUARTER", help="The quarter, as 2023-Q1.")
]
QuarterYearOption = Annotated[
    int | None,
    typer.Option(
        "--year",
        metavar="YYYY",
        min=FIRST_YEAR,
        max=LAST_YEAR,
        help="The appraisal year, where two share the quarter; default: of the part that ended "
        "last.",
    ),
]
YearArgument = Annotated[
    int,
    typer.Argument(
        metavar="YEAR", min=FIRST_YEAR, max=LAST_YEAR, help="The appraisal year, as 2023."
    ),
]
AsOfOption = Annotated[
    date | None,
    typer.Option(
        "--as-of",
        parser=parse_date,
        metavar="YYYY-MM-DD",
        help="The day up to which months have ended and dated records count; default today, at "
        "most the end of the window.",
    ),
]


@contextmanager
def opened(
    *,
    actor: str | None = None,
    check_schema: bool = True,
    when_key_changed: Callable[[], None] | None = None,
) -> Iterator["App"]:
    """Open the workspace of this call; the actor is the user of the machine unless named."""
    import getpass

    from survey_pipeline.app import open_app

    called = invocation()
    app = open_app(
        called.home,
        actor=actor or getpass.getuser(),
        check_schema=check_schema,
        when_key_changed=when_key_changed,
    )
    called.locale, called.calendar = app.context.settings.locale, app.context.calendar
    try:
        yield app
    finally:
        app.close()


def stdout() -> "Terminal":
    """Return the console for results; wide where it is no terminal, so that nothing is cut."""
    from survey_pipeline.cli import console

    return console.stdout()


def stderr() -> "Terminal":
    """Return the console for progress, warnings and errors."""
    from survey_pipeline.cli import console

    return console.stderr()


def new_table(*headings: str, title: str | None = None, narrow: bool = False) -> "Table":
    """Return an empty table in the one style of all commands."""
    from survey_pipeline.cli import console

    return console.new_table(*headings, title=title, narrow=narrow)


def progress_bar(title: str) -> "AbstractContextManager[Callable[[int, int], None] | None]":
    """Show a progress bar on stderr while long work runs, if stderr is a terminal."""
    from survey_pipeline.cli import console

    return console.progress_bar(title)


def print_json(document: Any) -> None:
    """Print one JSON document on stdout."""
    terminal.print_json(document)


def explained(command: Callable[P, R]) -> Callable[P, R]:
    """Turn what a user can put right into one line on stderr and its exit code."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except UsageError as error:
            raise typer.BadParameter(_whole(error)) from error
        except SurveyPipelineError as error:
            for line in (_whole(error), *map(shown, error.others)):
                terminal.tell(line)
            raise typer.Exit(error.exit_code) from error
        except BrokenPipeError as error:
            terminal.silence()
            raise typer.Exit(EXIT_BROKEN_PIPE) from error
        except OSError as error:
            terminal.tell(_of_system(error))
            raise typer.Exit(EXIT_CANNOT) from error

    return run


def _whole(error: SurveyPipelineError) -> str:
    """Return what went wrong and, where it has one, the command that helps."""
    if error.remedy is None:
        return shown(error.message)
    parts = {"problem": shown(error.message), "remedy": shown(error.remedy)}
    return say(N_("{problem}. {remedy}"), **parts)


def _of_system(error: OSError) -> str:
    from survey_pipeline.validation import os_problem

    problem = shown(os_problem(error))
    if error.filename is None:
        return problem
    return say(N_("{file}: {problem}"), file=error.filename, problem=problem)
