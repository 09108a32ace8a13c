"""`key`: the keys with which the systems of offices report cases."""

from pathlib import Path
from typing import Annotated

import typer

from survey_pipeline.cli.people import print_made
from survey_pipeline.cli.support import JsonOption, explained, opened, print_json, say, stdout
from survey_pipeline.errors import UsageError
from survey_pipeline.typed import as_key

key_group = typer.Typer(no_args_is_help=True, help="Keys with which offices' systems report cases.")


@key_group.command("add")
@explained
def add_key(
    office: Annotated[
        str | None,
        typer.Argument(parser=as_key, metavar="[OFFICE]", help="The office's code."),
    ] = None,
    *,
    label: Annotated[str, typer.Option("--label", help="Which system uses it.")] = "",
    offices: Annotated[
        bool,
        typer.Option("--offices", help="A key for every office that has none with this label."),
    ] = False,
    keys: Annotated[
        Path,
        typer.Option(
            "--keys", metavar="FILE", help="With --offices: a new file for the keys, for you alone."
        ),
    ] = Path("keys.csv"),
) -> None:
    """Make a key for an office's system, or for all of them. It is shown once; it can be revoked.

    Example:  survey-pipeline key add WZ-AG-001 --label "window system"
    """
    if (office is not None) == offices:
        raise UsageError("give an OFFICE, or --offices for all of them")
    from survey_pipeline.people import api_keys
    from survey_pipeline.people import many_accounts as bulk

    with opened() as app:
        if office is None:
            made = bulk.add_keys(app.context, label, keys)
            stdout().print(say("{count} keys made.", count=f"{made.count:,}"))
            print_made(keys, made)
            return
        number, key = api_keys.add_key(app.context, office, label)
        stdout().print(
            say("Key {number} of {office}, shown this once:", number=number, office=office)
        )
        stdout().print(key, markup=False)


@key_group.command("list")
@explained
def list_keys(*, as_json: JsonOption = False) -> None:
    """List the keys, without themselves.

    Example:  survey-pipeline key list
    """
    from survey_pipeline.people import api_keys

    with opened() as app:
        found = api_keys.list_keys(app.context)
    if as_json:
        print_json({"keys": [vars(key) for key in found]})
        return
    for key in found:
        state = say("revoked") if key.revoked_at else ""
        words = (str(key.id), key.office_code, key.label, state)
        stdout().print("  ".join(filter(None, words)), markup=False)
    if not found:
        stdout().print(say("No keys yet. Next: survey-pipeline key add OFFICE"))


@key_group.command("revoke")
@explained
def revoke(
    number: Annotated[int, typer.Argument(metavar="ID", help="The key's number, from `key list`.")],
) -> None:
    """Make a key useless at once.

    Example:  survey-pipeline key revoke 3
    """
    from survey_pipeline.people import api_keys

    with opened() as app:
        api_keys.revoke_key(app.context, number)
        stdout().print(say("Key {number} is revoked.", number=number))
