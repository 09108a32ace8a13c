"""`db`: the database of a workspace."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from survey_pipeline.cli.support import (
    EXIT_CANNOT,
    JsonOption,
    explained,
    opened,
    parse_date,
    print_json,
    progress_bar,
    say,
    shown,
    stderr,
    stdout,
    written,
)
from survey_pipeline.i18n import N_

if TYPE_CHECKING:
    from survey_pipeline.upkeep.backing_up import Backup
    from survey_pipeline.upkeep.restoring import Restored

group = typer.Typer(no_args_is_help=True, help="The database: migrations, backups, another engine.")


@group.callback()
def root() -> None:
    """The database: migrations, backups, another engine."""


@group.command("upgrade")
@explained
def upgrade(*, as_json: JsonOption = False) -> None:
    """Bring the database to this program's version; harmless to repeat.

    Example:  survey-pipeline db upgrade
    """
    from survey_pipeline.audit_chain.linking import link_entries
    from survey_pipeline.privacy.sealing import seal_stored
    from survey_pipeline.store import migrate

    with opened(check_schema=False) as app:
        before, after = migrate.upgrade(app.context.engine)
        seal_stored(app.context)
        link_entries(app.context)
    if as_json:
        print_json({"before": before, "after": after})
    elif before == after:
        stdout().print(say("The database is up to date (revision {revision}).", revision=after))
    else:
        text = N_("The database went from revision {before} to {after}.")
        stdout().print(say(text, before=before or "-", after=after))


@group.command("check")
@explained
def check(*, as_json: JsonOption = False) -> None:
    """Look into the whole database: its file, what its rows refer to, its revision and the keys.

    Nothing is changed. Exit code 4 if anything is wrong.

    Example:  survey-pipeline db check
    """
    from survey_pipeline.upkeep.soundness import look_into

    with opened() as app:
        found = look_into(app.context.engine)
    problems = [shown(problem) for problem in found.problems]
    if as_json:
        print_json({"revision": found.revision, "tables": dict(found.tables), "problems": problems})
    elif not problems:
        text = N_("The database is sound: revision {revision}, {tables} tables, {rows} rows.")
        rows = sum(found.tables.values())
        stdout().print(say(text, revision=found.revision, tables=len(found.tables), rows=rows))
    for problem in problems:
        stderr().print(problem)
    if problems:
        raise typer.Exit(EXIT_CANNOT)


@group.command("backup")
@explained
def backup(
    target: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE|DIR]",
            help="A new file, or a folder; default: the workspace's backups/.",
            show_default=False,
        ),
    ] = None,
    *,
    keep: Annotated[
        int | None,
        typer.Option(
            "--keep", min=1, help="Keep so many of the folder's backups, remove the older ones."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Copy the database into one file, consistent, while everything runs.

    On both engines the backup is a SQLite file. It is checked before it gets its name. No key is in
    it: keep the key file in another place.

    Example:  survey-pipeline db backup /var/backups/survey --keep 14
    """
    from survey_pipeline.upkeep.backing_up import make_backup

    with opened() as app, progress_bar(say(N_("copied"))) as progress:
        made = make_backup(app.context, target, keep=keep, progress=progress)
    print_json(_backup_document(made)) if as_json else _show_backup(made)


def _backup_document(made: "Backup") -> dict[str, Any]:
    return {
        **vars(made),
        "file": str(made.file),
        "tables": dict(made.tables),
        "removed": [str(path) for path in made.removed],
    }


def _show_backup(made: "Backup") -> None:
    rows, size = sum(made.tables.values()), -(-made.size >> 10)
    text = N_("{file}: {rows} rows, {size} KiB, SHA-256 {hash}")
    stdout().print(say(text, file=made.file, rows=rows, size=size, hash=made.sha256))
    data_key, *review_keys = made.keys
    text = N_("Not in it: {file}, without which no number in it can be read. Keep it elsewhere.")
    stdout().print(say(text, file=data_key))
    for name in review_keys:
        text = N_("Nor is {file}, the key of an open review, which must be in no backup.")
        stdout().print(say(text, file=name))
    if made.removed:
        text = N_("Older backups removed: {count}.")
        stdout().print(say(text, count=len(made.removed)))


@group.command("restore")
@explained
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
    *,
    until: Annotated[
        date | None,
        typer.Option(
            "--until",
            parser=parse_date,
            metavar="YYYY-MM-DD",
            help="The last day on which the lost database may have drawn or sent; default today.",
        ),
    ] = None,
    unused: Annotated[
        bool,
        typer.Option(
            "--unused", help="The database was not used after the backup: no text is in doubt."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Put a backup into an empty workspace, with sending paused.

    Texts that may have gone out after the backup are not sent again: the provider is asked, and
    citizens whose texts are not found are called. The key file must be in its place.

    Example:  survey-pipeline db restore /var/backups/survey/survey-20230504T100000Z.backup
    """
    from survey_pipeline.upkeep.restoring import restore as put_back

    with opened(check_schema=False) as app, progress_bar(say(N_("copied"))) as progress:
        last_day = None if unused else until or app.context.today()
        found = put_back(app.context, file, until=last_day, progress=progress)
    if as_json:
        days = {"last_entry": found.last_entry, "until": found.until}
        print_json({**vars(found), **{name: day and day.isoformat() for name, day in days.items()}})
    else:
        _show_restored(found, file)


def _show_restored(found: "Restored", file: Path) -> None:
    last = written(found.last_entry) if found.last_entry else "-"
    text = N_("{file} is the database now: {rows} rows, the last entry of {at}.")
    stdout().print(say(text, file=file, rows=found.rows, at=last))
    stdout().print(say(N_("Sending is paused.")))
    if found.until is not None:
        text = N_(
            "{count} texts may have gone out after the backup and are not sent again. The provider "
            "is asked, and citizens whose texts are not found are called. The same holds for "
            "services up to {day} whose texts are still to be written."
        )
        stdout().print(say(text, count=found.doubted, day=found.until))
        text = N_(
            "Now bring in what came after the backup (files, opt-outs), then resume sending on the "
            "page of the day."
        )
        stdout().print(say(text))
    for year in found.open_reviews:
        text = N_("The review of {year} is open: ballots are taken only with its key {file}.")
        stdout().print(say(text, year=year, file=f"review-{year}.key"))


@group.command("copy")
@explained
def copy(
    *,
    to: Annotated[
        str,
        typer.Option("--to", metavar="URL", help="The database to copy to, as in database.url."),
    ],
    source: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="URL", help="The one to copy from; default: the workspace's."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Copy the database to another engine: SQLite to PostgreSQL, or back.

    May be killed and run again. Every table is compared at the end. Stop the program first: what it
    writes after the copy is missing there. Keys and files are not copied.

    Example:  survey-pipeline db copy --to postgresql+psycopg://survey@localhost/survey
    """
    from survey_pipeline.upkeep.moving import move_to

    with opened(check_schema=source is None) as app, progress_bar(say(N_("copied"))) as progress:
        done = move_to(app.context, to, source=source, progress=progress)
    if as_json:
        tables = {
            name: {"rows": found.rows, "digest": f"{found.digest:064x}"}
            for name, found in done.tables.items()
        }
        print_json({"rows": done.rows, "tables": tables})
        return
    text = N_("{tables} tables with {rows} rows were copied, and are equal.")
    stdout().print(say(text, tables=len(done.tables), rows=done.rows))
    text = N_("Set database.url in config/pipeline.toml, and start the program with it alone.")
    stdout().print(say(text))
