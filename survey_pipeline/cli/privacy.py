"""`privacy inventory`: what personal data is held, why, and until when."""

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
