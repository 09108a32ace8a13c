"""`opt-outs add`, `list` and `remove`: people who asked not to be asked again."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from survey_pipeline.cli.support import (
    JsonOption,
    explained,
    new_table,
    opened,
    print_json,
    say,
    stdout,
)
from survey_pipeline.i18n import N_

if TYPE_CHECKING:
    from survey_pipeline.calendar import Calendar
    from survey_pipeline.survey.opt_out_list import ListedOptOut

group = typer.Typer(
    no_args_is_help=True,
    help="People who asked by phone, letter or at the counter not to be asked again.",
)

NumberArgument = Annotated[str, typer.Argument(metavar="NUMBER", help="A mobile or a landline.")]
ByOption = Annotated[str, typer.Option("--by", metavar="NAME", help="Who takes the request.")]
ReasonOption = Annotated[
    str, typer.Option("--reason", metavar="R", help="How they asked, or why it ends.")
]
HEADINGS = (N_("phone"), N_("since"), N_("how"), N_("by"), N_("reason"))
WAYS = {"sms": N_("by SMS"), "phone": N_("on the phone"), "by_hand": N_("by hand")}


@group.command("add")
@explained
def add(
    number: NumberArgument, *, by: ByOption, reason: ReasonOption, as_json: JsonOption = False
) -> None:
    """Ask a number no more: no texts and no calls, for any office, as after an SMS opt-out.

    It ends when the person sends START or 恢复, or with `opt-outs remove`. Again changes nothing.

    Example:  survey-pipeline opt-outs add 13812345678 --by Li --reason "letter of 3 May"
    """
    from survey_pipeline.phones import masked
    from survey_pipeline.survey.opt_out_list import add_opt_out

    phone = read_phone(number)
    with opened(actor=by) as app:
        added = add_opt_out(app.context, phone, by, reason)
    if as_json:
        print_json({"number": masked(phone), "added": added})
        return
    words = (
        say("{number} is asked no more.", number=masked(phone))
        if added
        else say("{number} was on the list already: nothing changed.", number=masked(phone))
    )
    stdout().print(words, markup=False)


@group.command("list")
@explained
def list_all(
    number: Annotated[
        str | None, typer.Argument(metavar="[NUMBER]", help="Whether this number is on the list.")
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """List who is asked no more, numbers masked. A number that was deleted is not shown.

    Example:  survey-pipeline opt-outs list
    """
    from survey_pipeline.survey.opt_out_list import list_opt_outs

    phone = None if number is None else read_phone(number)
    with opened() as app:
        calendar = app.context.calendar
        found = list_opt_outs(app.context, phone)
    if as_json:
        print_json({"opt_outs": [_document(opt_out, calendar) for opt_out in found]})
    else:
        _show(found, calendar)


@group.command("remove")
@explained
def remove(
    number: NumberArgument, *, by: ByOption, reason: ReasonOption, as_json: JsonOption = False
) -> None:
    """Let a number be asked again, from the next draw on. What was cancelled stays cancelled.

    Exit code 4 where the number is not on the list.

    Example:  survey-pipeline opt-outs remove 13812345678 --by Li --reason "wrong number entered"
    """
    from survey_pipeline.phones import masked
    from survey_pipeline.survey.opt_out_list import remove_opt_out

    phone = read_phone(number)
    with opened(actor=by) as app:
        remove_opt_out(app.context, phone, by, reason)
    if as_json:
        print_json({"number": masked(phone), "removed": True})
    else:
        stdout().print(say("{number} may be asked again.", number=masked(phone)), markup=False)


def read_phone(text: str) -> str:
    """Read a number as people type it; return it as E.164.

    Raises:
        UsageError: it is none.
    """
    from survey_pipeline.errors import UsageError
    from survey_pipeline.i18n import Message
    from survey_pipeline.phones.typed_numbers import read_number

    number = read_number(text)
    if isinstance(number, Message):
        raise UsageError("{number}: {problem}", number=text, problem=number)
    return number.e164


def _document(opt_out: "ListedOptOut", calendar: "Calendar") -> dict[str, object]:
    since = calendar.local(opt_out.since).isoformat(timespec="seconds")
    return {**vars(opt_out), "since": since}


def _show(found: "Sequence[ListedOptOut]", calendar: "Calendar") -> None:
    table = new_table(*map(say, HEADINGS))
    for opt_out in found:
        table.add_row(
            opt_out.number or say("deleted"),
            calendar.written(opt_out.since),
            say(WAYS[opt_out.how]),
            opt_out.by or "",
            opt_out.reason or "",
        )
    if found:
        stdout().print(table)
    stdout().print(say(N_("{count} numbers."), count=len(found)), markup=False)
