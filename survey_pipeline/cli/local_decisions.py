"""`standard decisions` and `adopt`: what the published text leaves open, and who adopted it."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from survey_pipeline.cli.support import (
    FIRST_YEAR,
    LAST_YEAR,
    JsonOption,
    explained,
    new_table,
    opened,
    parse_date,
    print_json,
    say,
    shown,
    stdout,
)
from survey_pipeline.errors import UsageError
from survey_pipeline.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from survey_pipeline.adoption import Adopted, LocalDecision
    from survey_pipeline.context import Context

YearOption = Annotated[
    int | None,
    typer.Option(
        "--year",
        metavar="YYYY",
        min=FIRST_YEAR,
        max=LAST_YEAR,
        help="The appraisal year; default: today's.",
    ),
]


@explained
def decisions(
    *,
    year: YearOption = None,
    only_open: Annotated[
        bool, typer.Option("--open", help="Only those that are still the program's default.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List what the published text leaves open, and who has adopted it.

    Example:  survey-pipeline standard decisions --open
    """
    from survey_pipeline.adoption import in_force, local_decisions

    with opened() as app:
        standard = in_force(app.context, year).standard
        locale = app.context.settings.locale
    found = [
        decision
        for decision in local_decisions(standard)
        if decision.entry.is_default or not only_open
    ]
    if as_json:
        print_json({"standard": standard.id, "decisions": _documents(found, locale)})
        return
    _show(found, locale)
    open_ones = sum(decision.entry.is_default for decision in found)
    text = N_("{standard}: {count} local decisions are the program's default, not confirmed.")
    stdout().print(say(text, standard=standard.id, count=open_ones), markup=False)


@explained
def adopt(  # noqa: PLR0913 - an option each, all named
    clauses: Annotated[
        list[str] | None,
        typer.Argument(metavar="CLAUSE...", help="Clauses of local decisions, as A.2."),
    ] = None,
    *,
    every: Annotated[
        bool, typer.Option("--all", help="Every local decision that is not adopted yet.")
    ] = False,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who adopted it.")] = "",
    on: Annotated[
        date | None,
        typer.Option(
            "--on", parser=parse_date, metavar="YYYY-MM-DD", help="The day of the document."
        ),
    ] = None,
    document: Annotated[
        str,
        typer.Option(
            "--document", metavar="NO", help="Its number, or title and number, as it is cited."
        ),
    ] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take an adoption back.")] = False,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why it is taken back.")
    ] = "",
    year: YearOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write into the standard's file who adopted local decisions, when, by which document.

    No figure changes. What is published stays as it was; scores computed from now on cite the
    document.

    Example:  survey-pipeline standard adopt A.2 --by 领导小组 --on 2023-05-04 --document 3号
    """
    named = _named(clauses, every=every)
    with opened() as app:
        if undo:
            done = _taken_back(app.context, year, named, reason)
        else:
            done = _adopted(app.context, year, named, by, on, document)
        locale = app.context.settings.locale
    if as_json:
        print_json(
            {
                "standard": done.standard,
                "hash_before": done.hash_before,
                "hash_after": done.hash_after,
                "decisions": _documents(done.decisions, locale),
            }
        )
        return
    _tell(done, undo=undo, locale=locale)


def _named(clauses: "Sequence[str] | None", *, every: bool) -> "list[str] | None":
    """Return the clauses that are meant; None: all."""
    if bool(clauses) == every:
        raise UsageError(
            "name clauses, or say --all. survey-pipeline standard decisions lists them"
        )
    return None if every else [clause.strip() for clause in clauses or ()]


def _adopted(
    context: "Context",
    year: int | None,
    clauses: "list[str] | None",
    by: str,
    on: date | None,
    document: str,
) -> "Adopted":
    from survey_pipeline.adoption import adopt as write
    from survey_pipeline.standard.entry import Adoption

    if on is None:
        raise UsageError("give the day of the document that adopts it (--on)")
    return write(context, year, clauses, Adoption(by, on, document))


def _taken_back(
    context: "Context", year: int | None, clauses: "list[str] | None", reason: str
) -> "Adopted":
    from survey_pipeline.adoption import take_back

    return take_back(context, year, clauses, reason)


def _tell(done: "Adopted", *, undo: bool, locale: str) -> None:
    if not done.decisions:
        stdout().print(say("Nothing to change in {standard}.", standard=done.standard))
        return
    _show(done.decisions, locale)
    text = (
        N_("{count} adoptions in {standard} are taken back; the audit log keeps them.")
        if undo
        else N_("{count} local decisions of {standard} are adopted. No figure has changed.")
    )
    count = len(done.decisions)
    stdout().print(say(text, count=count, standard=done.standard), markup=False)


def _show(found: "Iterable[LocalDecision]", locale: str) -> None:
    from survey_pipeline.standard.whose_words import standing

    headings = (N_("clause"), N_("what"), N_("standing"), N_("since"), N_("page"))
    table = new_table(*(say(heading) for heading in headings))
    for decision in found:
        entry = decision.entry
        table.add_row(
            entry.clause,
            entry.label.in_locale(locale),
            shown(standing(entry)),
            entry.adopted_on.isoformat() if entry.adopted_on else "",
            (entry.page or "").removeprefix("docs/decisions/").removesuffix(".md"),
        )
    stdout().print(table)


def _documents(found: "Iterable[LocalDecision]", locale: str) -> list[dict[str, Any]]:
    from survey_pipeline.standard.whose_words import decision_document

    return [decision_document(decision.entry, locale) for decision in found]
