"""The command line's root: options that stand before every command, and the list of commands."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
import typer.main

from survey_pipeline import __version__
from survey_pipeline.cli import (
    answer_exports,
    audit,
    callbacks,
    database,
    days,
    deadlines,
    demo,
    dispatch,
    explain,
    exports,
    figure_exports,
    gateways,
    hotline_exports,
    intake,
    keys,
    local_decisions,
    nothing,
    notifications,
    objections,
    opt_out_requests,
    papers,
    people,
    privacy,
    purge,
    replies,
    review,
    sampling,
    scores,
    service,
    signals,
    standard,
    workspace,
)
from survey_pipeline.cli.border import run
from survey_pipeline.cli.help_words import name_choices, shows_help, speak
from survey_pipeline.cli.support import called_with, invocation, stdout
from survey_pipeline.store.files import OTHERS

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,  # they would print local values: numbers and texts
    help="Satisfaction surveys by SMS and phone, scored by a published appraisal standard.",
)


def _show_version(*, wanted: bool) -> None:
    if wanted:
        stdout().print(__version__)
        raise typer.Exit


@app.callback()
def root(
    home: Annotated[
        Path,
        typer.Option(
            "--home", envvar="SURVEY_HOME", help="The workspace.", file_okay=False, metavar="DIR"
        ),
    ] = Path(),
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=lambda value: _show_version(wanted=value),
            is_eager=True,
            help="Print the version and stop.",
        ),
    ] = False,
) -> None:
    """Satisfaction surveys by SMS and phone, scored by a published appraisal standard."""
    os.umask(OTHERS)  # whatever the caller's: no file of ours is for others
    called_with(home)


app.command("init")(workspace.init)
app.command("demo")(demo.demo)
app.command("import")(intake.import_files)
app.command("withdraw")(intake.withdraw)
intake.report_group.add_typer(nothing.group, name="nothing")
app.add_typer(intake.report_group, name="report")
app.command("sample")(sampling.sample)
app.command("verify-draw")(sampling.verify)
app.add_typer(sampling.draw_group, name="draw")
app.command("dispatch")(dispatch.dispatch)
app.command("day")(days.day)
app.add_typer(callbacks.group, name="callbacks")
app.add_typer(replies.group, name="replies")
app.add_typer(opt_out_requests.group, name="opt-outs")
app.add_typer(objections.group, name="objections")
app.add_typer(signals.group, name="signals")
app.add_typer(notifications.group, name="notifications")
app.add_typer(scores.score_group, name="score")
app.command("publish")(scores.publish)
app.add_typer(standard.group, name="standard")
standard.group.command("decisions")(local_decisions.decisions)
standard.group.command("adopt")(local_decisions.adopt)
app.command("explain")(explain.explain)
exports.export_group.command("answers")(answer_exports.export_answers)
exports.export_group.command("outcomes")(figure_exports.export_outcomes)
exports.export_group.command("estimates")(figure_exports.export_estimates)
exports.export_group.command("breakdowns")(figure_exports.export_breakdowns)
exports.export_group.command("hotline")(hotline_exports.export_hotline)
exports.export_group.command("signals")(signals.export_signals)
exports.export_group.command("notice")(papers.export_notice)
exports.export_group.command("statement")(papers.export_statement)
exports.export_group.command("reminder")(papers.export_reminder)
app.add_typer(exports.export_group, name="export")
app.add_typer(review.group, name="review")
app.command("deadlines")(deadlines.deadlines)
app.command("run")(service.run)
app.command("worker")(service.worker)
app.command("serve")(service.serve)
app.command("status")(workspace.status)
app.command("doctor")(workspace.doctor)
app.add_typer(people.user_group, name="user")
app.add_typer(keys.key_group, name="key")
app.add_typer(gateways.group, name="gateway")
app.add_typer(database.group, name="db")
app.command("purge")(purge.purge)
app.add_typer(privacy.group, name="privacy")
app.add_typer(audit.group, name="audit")


def main() -> None:
    """Run the command line, its help in the language of the workspace."""
    command = typer.main.get_command(app)
    arguments, home = _home_first(sys.argv[1:])
    called_with(home)
    if shows_help(command, arguments):  # else Typer's page of help is not even loaded
        speak(command, invocation().locale)
        name_choices(command, invocation().locale)
    sys.exit(run(command, arguments, "survey-pipeline"))


def _home_first(arguments: Sequence[str]) -> tuple[list[str], Path]:
    """Put `--home` before the command, wherever it was typed; return it apart, too.

    Help and mistakes are told in the language of that workspace, before options are parsed.
    """
    before, rest = list[str](), list(arguments)
    end = rest.index("--") if "--" in rest else len(rest)
    for place, argument in enumerate(rest[:end]):
        if argument == "--home" or argument.startswith("--home="):
            count = 2 if argument == "--home" else 1
            before = rest[place : place + count]
            del rest[place : place + count]
            break
    named = before[-1].removeprefix("--home=") if before else os.environ.get("SURVEY_HOME", "")
    return [*before, *rest], Path(named)
