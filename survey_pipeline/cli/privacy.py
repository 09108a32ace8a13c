"""`privacy inventory`, `show` and `forget`: what is held, why, until when; a citizen's requests."""

from typing import TYPE_CHECKING, Annotated

import typer

from survey_pipeline.cli.opt_out_requests import NumberArgument, ReasonOption, read_phone
from survey_pipeline.cli.purge import receipt_document, show_receipt, warn_of_traces
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
    from survey_pipeline.privacy.holding import Holding
    from survey_pipeline.privacy.requests import Forgotten

ByOption = Annotated[str, typer.Option("--by", metavar="NAME", help="Who takes the request.")]

group = typer.Typer(no_args_is_help=True, help="Personal data: what is held, and until when.")


@group.callback()
def root() -> None:
    """Personal data: what is held, and until when."""


@group.command("inventory")
@explained
def inventory(*, as_json: JsonOption = False) -> None:
    """List every column and file that holds personal data: whose, what for, until when.

    Example:  survey-pipeline privacy inventory
    """
    from survey_pipeline.privacy import inventory as held

    with opened(check_schema=False) as app:
        locale = app.context.settings.locale
    columns, files = list(held.held_columns(locale)), list(held.held_files(locale))
    ends = list(held.ends(locale))
    if as_json:
        print_json(
            {
                "columns": [column._asdict() for column in columns],
                "ends": dict(ends),
                "files": [file._asdict() for file in files],
            }
        )
        return
    shown = ((held.HEADINGS, columns), (held.END_HEADINGS, ends), (held.FILE_HEADINGS, files))
    for headings, rows in shown:
        table = new_table(*map(say, headings))
        for row in rows:
            table.add_row(*row)
        stdout().print(table)


@group.command("show")
@explained
def show(number: NumberArgument, *, by: ByOption, as_json: JsonOption = False) -> None:
    """Show a citizen what is held of their number: cases, texts, replies, calls, answers.

    Where the number itself is gone, what its keyed hash still finds. That it was shown is logged.

    Example:  survey-pipeline privacy show 13812345678 --by Li
    """
    from survey_pipeline.phones import masked
    from survey_pipeline.privacy.holding import show_citizen

    phone = read_phone(number)
    with opened(actor=by) as app:
        holding = show_citizen(app.context, phone, by)
    if as_json:
        print_json({"number": masked(phone), **vars(holding)})
    else:
        _show_holding(holding, masked(phone))


@group.command("forget")
@explained
def forget(
    number: NumberArgument, *, by: ByOption, reason: ReasonOption, as_json: JsonOption = False
) -> None:
    """Delete at once all that is held of a number, at its citizen's request. It cannot be undone.

    Open surveys end. Counts and ratings stay, and so does an opt-out, as a keyed hash.

    Example:  survey-pipeline privacy forget 13812345678 --by Li --reason "letter of 3 May"
    """
    from survey_pipeline.phones import masked
    from survey_pipeline.privacy.requests import forget_citizen

    phone = read_phone(number)
    with opened(actor=by) as app:
        done = forget_citizen(app.context, phone, by, reason)
    if as_json:
        receipt = None if done.receipt is None else receipt_document(done.receipt)
        hash_until = done.hash_until and done.hash_until.isoformat()
        document = {**vars(done), "receipt": receipt, "hash_until": hash_until}
        print_json({"number": masked(phone), **document})
    else:
        _show_forgotten(done, masked(phone))


def _show_holding(holding: "Holding", number: str) -> None:
    from survey_pipeline.privacy.deletion_words import COUNTED

    for kind, rows in holding.found.items():
        for place, row in enumerate(rows, 1):
            stdout().print(f"{say(COUNTED[kind])} {place}")
            for name, value in row.items():
                stdout().print(f"  {name}: {value}")
    count = sum(holding.counts.values())
    text = (
        N_("Shown of {number}: {count} records. Journal {receipt}, SHA-256 {hash}")
        if count
        else N_("Nothing is held of {number}. Journal {receipt}, SHA-256 {hash}")
    )
    said = {"number": number, "count": count, "receipt": holding.receipt, "hash": holding.sha256}
    stdout().print(say(text, **said))


def _show_forgotten(done: "Forgotten", number: str) -> None:
    if done.receipt is None:
        stdout().print(say(N_("Nothing was held of {number}."), number=number))
    else:
        show_receipt(done.receipt)
    if done.hash_until is not None:
        text = N_(
            "A keyed hash of the number stays until {day}, so that it is not asked again before."
        )
        stdout().print(say(text, day=done.hash_until))
    if done.still_representative:
        text = N_("The number is a representative's in an open review: it is deleted after it.")
        stdout().print(say(text))
    files = N_("Uploads and rejected files are not searched: they are deleted after some days.")
    stdout().print(say(files))
    if not done.traces_gone:
        warn_of_traces()
