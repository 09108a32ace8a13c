"""`privacy`: what is held, why and until when; a citizen's requests; another data key."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from survey_pipeline.cli.opt_out_requests import NumberArgument, ReasonOption, read_phone
from survey_pipeline.cli.purge import receipt_document, show_receipt, warn_of_traces
from survey_pipeline.cli.support import (
    JsonOption,
    explained,
    new_table,
    opened,
    print_json,
    progress_bar,
    say,
    stderr,
    stdout,
)
from survey_pipeline.i18n import N_

if TYPE_CHECKING:
    from survey_pipeline.privacy.holding import Holding
    from survey_pipeline.privacy.key_rotation import Rotation
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


@group.command("rotate-key")
@explained
def rotate_key(*, as_json: JsonOption = False) -> None:
    """Change the data key: everything that is encrypted is encrypted under a new one.

    Nothing else works meanwhile, on any host. It may be stopped, killed and called again: it goes
    on where it stopped. Opt-outs, draws and pseudonyms stay: they have keys of their own.

    Example:  survey-pipeline privacy rotate-key
    """
    from survey_pipeline.privacy.key_rotation import rotate_key as change_key

    with opened(check_schema=False) as app, progress_bar(say(N_("Encrypting"))) as progress:
        done = change_key(app.context, progress)
    if as_json:
        print_json(_rotation_document(done))
    else:
        _show_rotation(done)
    if not done.traces_gone:
        warn_of_traces()


def _rotation_document(done: "Rotation") -> dict[str, Any]:
    resealed = done.resealed
    return {
        "done": done.done,
        "key_file": str(done.key_file),
        "old_key_file": done.old_key_file and str(done.old_key_file),
        "in_variable": done.in_variable,
        "values": resealed.values if resealed else 0,
        "unreadable": resealed.unreadable if resealed else 0,
        "traces_gone": done.traces_gone,
    }


def _show_rotation(done: "Rotation") -> None:
    if not done.done:
        _tell(PUT_BOTH, file=done.key_file)
        return
    if (resealed := done.resealed) is None:
        _tell(N_("The data key was changed before; the key file is in order now."))
    else:
        _tell(N_("The data key is changed: {count} values are under it."), count=resealed.values)
    if resealed and resealed.unreadable:
        text = say(UNREADABLE, count=resealed.unreadable)
        stderr().print(text, markup=False, soft_wrap=True)
    _tell(PUT_NEW if done.in_variable else COPY_FILE, file=done.key_file)
    if done.old_key_file:
        _tell(OLD_FILE, file=done.old_key_file)


KEY_VARIABLE = "SURVEY_PRIVACY__KEY"
PUT_BOTH = N_(
    "Keys come from {variable}. Put the text of {file} into it on every host, keep a copy "
    "of the text, and run rotate-key again."
)
PUT_NEW = N_(
    "Put the text of {file} into {variable} on every host, start the program anew "
    "everywhere, and delete the file."
)
COPY_FILE = N_(
    "Copy {file} to every other host, start the program anew everywhere, and keep a copy apart "
    "from the backups."
)
OLD_FILE = N_(
    "The old key is in {file}: backups from before open with it. Delete it with the last of them."
)
UNREADABLE = N_("{count} values could be read with neither key, and stay as they are.")


def _tell(text: str, **values: object) -> None:
    stdout().print(say(text, variable=KEY_VARIABLE, **values), markup=False, soft_wrap=True)


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
    for file in done.files:
        _tell(N_("Deleted, because it held the number: {file}"), file=file)
    if not done.traces_gone:
        warn_of_traces()
