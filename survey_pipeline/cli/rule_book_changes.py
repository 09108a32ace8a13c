"""What `standard new` and `standard diff` print: the file that was made, and what differs."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from survey_pipeline.cli.rule_book_view import clause_grid
from survey_pipeline.i18n import N_, Message, translate
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.rule_book.differences import RuleDifference, aspect_named
from survey_pipeline.standard.rule_book.next_year import MadeYear, next_steps
from survey_pipeline.standard.rule_book.provisions import provisions


def made_document(made: MadeYear, locale: str) -> dict[str, Any]:
    """Return a new file for `--json`."""
    window = made.made.window
    return {
        "file": str(made.target),
        "from": str(made.source),
        "window": {"after": window.after, "until": window.until},
        "no_longer_adopted": [
            {"clause": found.entry.clause, "label": found.entry.label.in_locale(locale)}
            for found in provisions(made.before)
            if found.path in made.made.no_longer_adopted
        ],
        "next": [step.render(locale) for step in next_steps(made)],
    }


def made_lines(made: MadeYear, locale: str) -> Iterator[RenderableType]:
    """Yield what is printed of a new file: where it is, and what to look at next."""
    written = Message("{file} was written, from {source}.", {
        "file": made.target, "source": made.source
    })  # fmt: skip
    yield Text(written.render(locale), style="bold")
    yield Text(translate(N_("Look at these next:"), locale))
    for number, step in enumerate(next_steps(made), 1):
        yield Padding(Text(f"{number}. {step.render(locale)}"), (0, 0, 0, 2))
    for found in provisions(made.before):
        if found.path in made.made.no_longer_adopted:
            clause, label = found.entry.clause, found.entry.label.in_locale(locale)
            yield Padding(Text(f"{clause}  {label}"), (0, 0, 0, 5))


def differences_document(
    before: Standard, after: Standard, found: Sequence[RuleDifference], locale: str
) -> dict[str, Any]:
    """Return a comparison for `--json`."""
    return {
        "from": _head(before, locale),
        "to": _head(after, locale),
        "differences": [difference.to_json() for difference in found],
    }


def _head(standard: Standard, locale: str) -> dict[str, Any]:
    return {
        "standard": standard.id,
        "year": standard.year,
        "title": standard.title.in_locale(locale),
    }


def differences(
    before: Standard, after: Standard, found: Sequence[RuleDifference], locale: str
) -> Iterator[RenderableType]:
    """Yield what is printed of a comparison, a clause at a time."""
    names: dict[str, object] = {"before": before.id, "after": after.id, "count": len(found)}
    if not found:
        said = Message(N_("{before} and {after} say the same."), names)
        yield Text(said.render(locale))
        return
    title = Message(N_("{before} → {after}: {count} difference(s)"), names)
    yield Text(f"{title.render(locale)}\n", style="bold")
    grid = clause_grid()
    for difference in found:
        grid.add_row(difference.clause, _difference(difference, locale))
    yield grid


def _difference(found: RuleDifference, locale: str) -> Group:
    """Return one difference: what it is of, and beside each other what was and what is."""
    aspect = aspect_named(found.aspect, locale)
    sides = Table.grid(padding=(0, 1, 0, 0))
    sides.add_column(no_wrap=True)
    sides.add_column(ratio=1, overflow="fold")
    for name, said, others, style in (
        (N_("was"), found.was, found.now, "red"),
        (N_("is"), found.now, found.was, "green"),
    ):
        words = _unlike(said, others) or translate(N_("nothing"), locale)
        sides.add_row(translate(name, locale), Text(words), style=style)
    return Group(Text.assemble((found.label, "bold"), f"  {aspect}"), sides, Text())


def _unlike(said: Sequence[str], others: Sequence[str]) -> str:
    """Return the sentences that the other side does not say, a line for each."""
    return "\n".join(sentence for sentence in said if sentence not in others)
