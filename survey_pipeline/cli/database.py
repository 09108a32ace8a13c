"""`db`: the database of a workspace."""

import typer

from survey_pipeline.cli.support import JsonOption, explained, opened, print_json, say, stdout
from survey_pipeline.i18n import N_

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
    from survey_pipeline.privacy.sealing import seal_stored
    from survey_pipeline.store import migrate

    with opened(check_schema=False) as app:
        before, after = migrate.upgrade(app.context.engine)
        seal_stored(app.context)
    if as_json:
        print_json({"before": before, "after": after})
    elif before == after:
        stdout().print(say("The database is up to date (revision {revision}).", revision=after))
    else:
        text = N_("The database went from revision {before} to {after}.")
        stdout().print(say(text, before=before or "-", after=after))
