"""`db`: the database of a workspace."""

import typer

from survey_pipeline.cli.support import JsonOption, explained, opened, print_json, stdout

group = typer.Typer(no_args_is_help=True, help="The database: migrations.")


@group.callback()
def root() -> None:
    """The database: migrations."""


@group.command("upgrade")
@explained
def upgrade(*, as_json: JsonOption = False) -> None:
    """Bring the database to this program's version; harmless to repeat.

    Example:  survey-pipeline db upgrade
    """
    from survey_pipeline.store import migrate  # noqa: PLC0415 - loads the migration library

    with opened(check_schema=False) as app:
        before, after = migrate.upgrade(app.context.engine)
    if as_json:
        print_json({"before": before, "after": after})
    elif before == after:
        stdout().print(f"The database is up to date (revision {after}).")
    else:
        stdout().print(f"The database went from revision {before or 'none'} to {after}.")
