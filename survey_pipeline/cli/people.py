"""`user`: who may sign in to the pages."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from survey_pipeline.cli.support import (
    EXIT_REFUSED_ROWS,
    JsonOption,
    explained,
    opened,
    print_json,
    progress_bar,
    say,
    shown,
    stderr,
    stdout,
)
from survey_pipeline.errors import UsageError
from survey_pipeline.i18n import N_
from survey_pipeline.typed import as_key
from survey_pipeline.vocabulary import Role

if TYPE_CHECKING:
    from survey_pipeline.people.accounts import Account
    from survey_pipeline.people.many_accounts import BulkResult

user_group = typer.Typer(no_args_is_help=True, help="People who sign in to the pages.")

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="As it is typed to sign in.")]
PasswordOption = Annotated[
    bool,
    typer.Option("--password-stdin", help="Read the password from stdin instead of asking for it."),
]


@user_group.command("add")
@explained
def add(  # noqa: PLR0913 - the options of the command
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="As it is typed to sign in.")
    ] = None,
    *,
    role: Annotated[
        Role | None,
        typer.Option(
            "--role",
            help="operator, caller, analyst, office, lead_agency, department, hotline_centre, "
            "leader or admin.",
        ),
    ] = None,
    office: Annotated[
        str | None,
        typer.Option(
            "--office", parser=as_key, metavar="CODE", help="With the role office: whose cases."
        ),
    ] = None,
    parent: Annotated[
        str | None,
        typer.Option(
            "--parent", parser=as_key, metavar="CODE", help="With the role department: which."
        ),
    ] = None,
    agency: Annotated[
        str | None,
        typer.Option(
            "--agency",
            metavar="NAME",
            help="With the role lead_agency: which, as the standard names it.",
        ),
    ] = None,
    from_stdin: PasswordOption = False,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            metavar="CSV",
            help="Many people: columns name, role, and office, parent or agency.",
        ),
    ] = None,
    offices: Annotated[
        bool,
        typer.Option("--offices", help="An account for every office that nobody signs in for."),
    ] = False,
    departments: Annotated[
        bool,
        typer.Option("--departments", help="The same for every parent department."),
    ] = False,
    agencies: Annotated[
        bool,
        typer.Option("--agencies", help="The same for every lead agency of the standard."),
    ] = False,
    passwords: Annotated[
        Path,
        typer.Option(
            "--passwords",
            metavar="FILE",
            help="For many people: a new file for the first passwords, for you alone.",
        ),
    ] = Path("first-passwords.csv"),
) -> None:
    """Let somebody sign in to the pages, or many at once. There is no default password.

    One person's is asked for. Of many, passwords are made up and written to a file; each chooses
    another one at the first sign-in.

    Example:  survey-pipeline user add li --role caller
    Example:  survey-pipeline user add chen --role department --parent P-01
    """
    if (name is not None) + (file is not None) + offices + departments + agencies != 1:
        raise UsageError("give one: a NAME, --file, --offices, --departments or --agencies")
    if name is None:
        _add_many(file, passwords, departments=departments, agencies=agencies)
        return
    if role is None:
        raise UsageError("say which role with --role: {roles}", roles=", ".join(Role))
    from survey_pipeline.people.accounts import add_user, check_new_user
    from survey_pipeline.people.user_bodies import only_body
    from survey_pipeline.vocabulary.names import role_named

    body = only_body(role, office_code=office, parent_code=parent, lead_agency=agency)
    with opened() as app:
        check_new_user(app.context, name, role, body)
        made = add_user(app.context, name, role, _password(from_stdin=from_stdin), body)
        stdout().print(say("{name} may sign in as {role}.", name=made.name, role=role_named(role)))


def _add_many(file: Path | None, passwords: Path, *, departments: bool, agencies: bool) -> None:
    from survey_pipeline.people import many_accounts as bulk

    with opened() as app, progress_bar(say("making accounts")) as progress:
        if file is not None:
            people = bulk.read_people(file)
        elif departments:
            people = bulk.departments_without_account(app.context)
        elif agencies:
            people = bulk.agencies_without_account(app.context)
        else:
            people = bulk.offices_without_account(app.context)
        if not people:
            stdout().print(say("Nobody is to be added."))
            return
        made = bulk.add_people(app.context, people, passwords, progress or _unseen)
    stdout().print(say("{count} people may sign in.", count=f"{made.count:,}"))
    print_made(passwords, made)


def _unseen(done: int, total: int) -> None:
    """Take the progress of a command without a terminal."""


def print_made(path: Path, made: "BulkResult") -> None:
    """Print where the secrets are and who was refused; exit 3 if anyone was refused."""
    if made.count:
        text = N_(
            "{file} holds what is kept nowhere else: pass each line on, then delete the file."
        )
        stdout().print(say(text, file=path), markup=False)
    else:
        path.unlink()
    for refusal in made.refused:
        stderr().print(
            say("{name}: {why}", name=refusal.name, why=shown(refusal.why)), markup=False
        )
    if made.refused:
        raise typer.Exit(EXIT_REFUSED_ROWS)


@user_group.command("password")
@explained
def password(name: NameArgument, *, from_stdin: PasswordOption = False) -> None:
    """Give somebody another password; whoever is signed in with the old one is signed out.

    Example:  survey-pipeline user password li
    """
    from survey_pipeline.people.authentication import change_password

    with opened() as app:
        change_password(app.context, name, _password(from_stdin=from_stdin))
        stdout().print(say("{name} has another password.", name=name))


@user_group.command("list")
@explained
def list_people(*, as_json: JsonOption = False) -> None:
    """List who may sign in.

    Example:  survey-pipeline user list
    """
    from survey_pipeline.people.accounts import list_users

    with opened() as app:
        found = list_users(app.context)
    if as_json:
        print_json({"users": [_document(user) for user in found]})
        return
    for user in found:
        state = say("disabled") if user.disabled_at else ""
        words = (user.name, user.role.value, user.body.name or "", state)
        stdout().print("  ".join(filter(None, words)), markup=False)
    if not found:
        stdout().print(say("Nobody yet. Next: survey-pipeline user add NAME --role admin"))


def _document(user: "Account") -> dict[str, object]:
    return {
        "name": user.name,
        "role": user.role.value,
        **vars(user.body),
        "created_at": user.created_at,
        "disabled_at": user.disabled_at,
        "second_factor": user.second_factor,
    }


@user_group.command("disable")
@explained
def disable(name: NameArgument) -> None:
    """Let somebody sign in no more; their sessions end at once, what they did stays on record.

    Example:  survey-pipeline user disable li
    """
    from survey_pipeline.people.accounts import disable_user

    with opened() as app:
        disable_user(app.context, name)
        stdout().print(say("{name} may sign in no more.", name=name))


@user_group.command("enable")
@explained
def enable(name: NameArgument) -> None:
    """Let somebody who was disabled sign in again, with the password that they had.

    Example:  survey-pipeline user enable li
    """
    from survey_pipeline.people.accounts import enable_user

    with opened() as app:
        enable_user(app.context, name)
        stdout().print(say("{name} may sign in again.", name=name))


@user_group.command("unblock")
@explained
def unblock(name: NameArgument) -> None:
    """Forget the failed sign-ins of a name, so that the next one need not wait.

    Example:  survey-pipeline user unblock li
    """
    from survey_pipeline.people.account_names import fold_name
    from survey_pipeline.people.throttle import clear_failures

    with opened() as app:
        count = clear_failures(app.context, fold_name(name))
        text = say("{count} failed sign-ins of {name} are forgotten.", count=count, name=name)
        stdout().print(text, markup=False)


@user_group.command("reset-factor")
@explained
def reset_factor(name: NameArgument) -> None:
    """Remove the second factor of somebody who has lost app and recovery codes.

    Their sessions end at once, and their password alone lets them in until they set up another
    one. Make sure that it is they who ask.

    Example:  survey-pipeline user reset-factor li
    """
    from survey_pipeline.people.second_factor import reset_factor as reset

    with opened() as app:
        reset(app.context, name)
        stdout().print(say("{name} has no second factor any more.", name=name))


def _password(*, from_stdin: bool) -> str:
    if not from_stdin and not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask for the password at; use --password-stdin")
    if not from_stdin:
        return str(typer.prompt(say("Password"), hide_input=True, confirmation_prompt=True))
    try:
        return sys.stdin.buffer.readline().decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise UsageError("the password on stdin is no text in UTF-8") from error
