"""`objections add`, `list` and `decide`: what offices object to, and what was decided."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from survey_pipeline.cli.intake import YearOption
from survey_pipeline.cli.support import (
    JsonOption,
    OfficeArgument,
    explained,
    new_table,
    opened,
    parse_month,
    print_json,
    say,
    stdout,
)
from survey_pipeline.i18n import N_
from survey_pipeline.vocabulary import Decision, RecordKind
from survey_pipeline.vocabulary.names import OBJECTION_DECISIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survey_pipeline.calendar import Calendar
    from survey_pipeline.stages.evidence import ListedObjection

group = typer.Typer(
    no_args_is_help=True, help="Objections of offices to a record or a month, and decisions."
)

HEADINGS = (
    N_("objection"),
    N_("came"),
    N_("office"),
    N_("against"),
    N_("text"),
    N_("decision"),
    N_("reason"),
)
ByOption = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who; default: you.")]


@group.command("add")
@explained
def add(
    office: OfficeArgument,
    *,
    text: Annotated[str, typer.Option(help="What the office says.")],
    record: Annotated[
        tuple[RecordKind, str] | None,
        typer.Option(metavar="KIND KEY", help="The record that it objects to, as in withdraw."),
    ] = None,
    year: YearOption = None,
    month: Annotated[
        str | None,
        typer.Option(
            parser=parse_month, metavar="YYYY-MM", help="The month whose score it objects to."
        ),
    ] = None,
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """Note an office's objection to a record or to a month's score.

    Example:  survey-pipeline objections add WZ-AG-001 --record supervision S-17 --text "not ours"
    """
    from survey_pipeline.stages.evidence import add_objection

    with opened() as app:
        done = add_objection(
            app.context, office, text=text, record=record, year=year, month=month, by=by
        )
        if as_json:
            print_json(_document(done, app.context.calendar))
        else:
            stdout().print(say("Objection {id} is noted.", id=done.id), markup=False)


@group.command("list")
@explained
def list_all(
    *,
    only_open: Annotated[
        bool, typer.Option("--open", help="Only those that wait for a decision.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List objections and what was decided, oldest first.

    Example:  survey-pipeline objections list --open
    """
    from survey_pipeline.stages.evidence import list_objections

    with opened() as app:
        found, calendar = list_objections(app.context, only_open=only_open), app.context.calendar
    if as_json:
        print_json({"objections": [_document(objection, calendar) for objection in found]})
    else:
        _show(found, calendar)


@group.command("decide")
@explained
def decide(
    objection: Annotated[int, typer.Argument(metavar="ID", help="The objection's number.")],
    decision: Annotated[Decision, typer.Argument(help="What is decided.")],
    reason: Annotated[str, typer.Option(help="Why; the office will read it.")],
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decide an objection, once. It changes no record: an update or withdrawal may follow it.

    Example:  survey-pipeline objections decide 3 upheld --reason "the file named another office"
    """
    from survey_pipeline.stages.evidence import decide_objection

    with opened() as app:
        done = decide_objection(app.context, objection, decision, reason=reason, by=by)
        if as_json:
            print_json(_document(done, app.context.calendar))
            return
        out = stdout()
        word = say(OBJECTION_DECISIONS[done.decision] if done.decision else N_("open"))
        out.print(say("Objection {id}: {decision}.", id=done.id, decision=word), markup=False)
        if decision is Decision.UPHELD:
            out.print(
                say(
                    "No record has changed. Correct it with import or withdraw, and name the "
                    "objection there: --objection {id}",
                    id=done.id,
                ),
                markup=False,
            )


def _document(objection: "ListedObjection", calendar: "Calendar") -> dict[str, Any]:
    document = objection.to_dict()
    for name in ("at", "decided_at"):
        if document[name] is not None:
            document[name] = calendar.local(document[name]).isoformat(timespec="seconds")
    return document


def _show(found: "Sequence[ListedObjection]", calendar: "Calendar") -> None:
    table = new_table(*(say(heading) for heading in HEADINGS))
    for objection in found:
        cells = (
            str(objection.id),
            f"{calendar.day(objection.at)}",
            objection.office_code,
            objection.month or _record(objection),
            objection.text,
            say(OBJECTION_DECISIONS[objection.decision] if objection.decision else N_("open")),
            objection.reason or "",
        )
        table.add_row(*cells)
    if found:
        stdout().print(table)
    stdout().print(say("{count} objections.", count=len(found)), markup=False)


def _record(objection: "ListedObjection") -> str:
    """Return the record that an objection names: kind, year and key."""
    parts = (objection.kind, objection.year, objection.key)
    return " ".join(str(part) for part in parts if part)
