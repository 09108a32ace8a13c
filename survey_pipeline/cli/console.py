"""Rich's console, made so that no text from outside steers the terminal or is read as markup."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from survey_pipeline.cli.terminal import visible

WIDE = 1000
"""Columns of output that goes to a file or another program: no line is cut there."""


class Terminal(Console):
    """A console that shows texts as they are: no markup, no emoji codes, nothing that steers."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Turn a text into what is printed; escaped before its width is measured."""
        return super().render_str(visible(text), **options)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Render anything; a text with markup is escaped here."""
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield segment._replace(text=visible(segment.text))

    def on_broken_pipe(self) -> None:
        """Leave it to the border of the command: nothing was at fault."""
        raise BrokenPipeError


def stdout() -> Terminal:
    """Return the console for results; wide where it is no terminal, so that nothing is cut."""
    if sys.stdout.isatty():
        return Terminal(highlight=False, markup=False, emoji=False)
    return Terminal(soft_wrap=True, width=WIDE, highlight=False, markup=False, emoji=False)


def stderr() -> Terminal:
    """Return the console for progress, warnings and errors."""
    wrap = not sys.stderr.isatty()
    return Terminal(stderr=True, soft_wrap=wrap, highlight=False, markup=False, emoji=False)


def new_table(*headings: str, title: str | None = None, narrow: bool = False) -> Table:
    """Return an empty table in the one style of all commands.

    Args:
        headings: of the first columns, which hold words; figures get columns of their own.
        title: what stands above it.
        narrow: without blanks between the columns, so that many fit into 80 columns.
    """
    padding = 0 if narrow else (0, 1)
    return Table(*headings, title=title, title_justify="left", box=SIMPLE_HEAD, padding=padding)


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int], None] | None]:
    """Show a progress bar on stderr while long work runs, if stderr is a terminal.

    Yields:
        A function to call with how much of how much is done; None without a terminal.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    named = TextColumn("{task.description}", markup=False)
    with Progress(named, *columns, console=stderr(), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
