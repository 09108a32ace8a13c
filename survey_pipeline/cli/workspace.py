"""`init`, `doctor` and `status`: the workspace itself."""

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from survey_pipeline.cli.counts import CALLS, counted
from survey_pipeline.cli.days import show_load
from survey_pipeline.cli.support import (
    EXIT_CANNOT,
    JsonOption,
    called_with,
    explained,
    invocation,
    opened,
    print_json,
    say,
    shown,
    stdout,
)
from survey_pipeline.i18n import N_
from survey_pipeline.vocabulary.names import (
    CHECK_NAMES,
    INBOUND_USES,
    MESSAGE_STATES,
    SHARE_MOVES,
    SURVEY_STATES,
)
from survey_pipeline.vocabulary.record_names import kind_named

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from survey_pipeline.checks import Check
    from survey_pipeline.reports.standstill import Standstill
    from survey_pipeline.reports.status import WorkspaceStatus
    from survey_pipeline.stages.dispatch import MoveView

    Local = Callable[[datetime], str]
    """Words a moment in local time."""

MARKS = {
    "ok": ("green", N_("ok")),
    "warning": ("yellow", N_("warning")),
    "failed": ("red", N_("FAILED")),
}
"""The colour and the word of each level."""


IMPORT_COUNTS = ("accepted", "updated", "unchanged", "refused")
UNWELL = ("failing", "late")
"""Moves that are shown with their figures."""


@explained
def init(
    directory: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="The folder; default the workspace.")
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Make a workspace: shipped configuration and templates, keys, database. Never overwrites.

    Example:  survey-pipeline init wenzhou
    """
    from survey_pipeline.workspace import create_workspace

    made = create_workspace(directory or invocation().home, environ=os.environ)
    called_with(made.directory)  # from here on in the language of its configuration
    if as_json:
        print_json({"directory": str(made.directory), "made": made.made, "kept": made.kept})
        return
    console = stdout()
    for name in made.made:
        line = say("made: {name}", name=name)
        console.print(f"  {line}", markup=False)
    for name in made.kept:
        line = say("kept: {name} (was there; unchanged)", name=name)
        console.print(f"  {line}", markup=False)
    console.print(
        say("Keep a copy of the key file in a safe: without it no number can be read again.")
    )
    next_command = f"survey-pipeline --home {shlex.quote(str(made.directory))} doctor"
    console.print(say("Next: {command}", command=next_command), markup=False)


@explained
def doctor(*, as_json: JsonOption = False) -> None:
    """Check configuration, database, keys, templates, calendar, clock and gateways.

    Each finding comes with its remedy; exit code 4 where something is broken.

    Example:  survey-pipeline doctor
    """
    from survey_pipeline.checks import Level, run_checks

    found = run_checks(invocation().home, os.environ)
    failed = any(check.level is Level.FAILED for check in found)
    if as_json:
        print_json(
            {
                "ok": not failed,
                "checks": [
                    {
                        "name": check.name,
                        "level": check.level,
                        "found": shown(check.found),
                        "remedy": shown(check.remedy) if check.remedy else None,
                        "page": _page(check) if check.level is not Level.OK else None,
                    }
                    for check in found
                ],
            }
        )
    else:
        for check in found:
            _show_check(check)
    if failed:
        raise typer.Exit(EXIT_CANNOT)


def _page(check: "Check") -> str:
    """Return the how-to of a finding, in the language of the workspace."""
    language = "" if invocation().locale == "en" else f".{invocation().locale}"
    return f"docs/howto/{check.page}{language}.md"


def _show_check(check: "Check") -> None:
    from rich.text import Text

    console = stdout()
    colour, word = MARKS[check.level]
    name = say(CHECK_NAMES.get(check.name, check.name))
    found = say("{name}: {found}", name=name, found=shown(check.found))
    console.print(Text.assemble((say(word), colour), f"  {found}"))
    if check.remedy:
        console.print(f"    -> {shown(check.remedy)}", markup=False)
    if check.level != "ok":
        console.print(f"       {_page(check)}")


@explained
def status(*, as_json: JsonOption = False) -> None:
    """Show what happened and what waits: imports, draws, texts, replies, calls, gateways.

    Example:  survey-pipeline status
    """
    from survey_pipeline.reports.status import read_status

    with opened() as app:
        found = read_status(app.context)
        calendar = app.context.calendar
    if as_json:
        print_json(found.to_json())
    else:
        _show(found, calendar.written)


def _show(found: "WorkspaceStatus", local: "Local") -> None:
    from rich.text import Text

    console, now = stdout(), local(found.at)
    last = say("last daily run: {day}", day=found.last_day_run or say("none yet"))
    console.print(Text.assemble((now, "bold"), f"  {last}"))
    if found.paused:
        text = N_("sending is paused since {at} by {who}. Resume it on the page of the day")
        _line(say(text, at=local(found.paused.at), who=found.paused.by))
    if found.standstill and not found.paused:
        _show_standstill(found.standstill, local)
    if not found.imports and not found.draws:
        console.print(say("Nothing yet. Next: survey-pipeline import parents FILE, offices, cases"))
        return
    _show_latest(found)
    for text, words, counts in (
        (N_("surveys: {what}"), SURVEY_STATES, found.surveys),
        (N_("texts: {what}"), MESSAGE_STATES, found.messages),
        (N_("replies: {what}"), INBOUND_USES, found.replies),
        (N_("calls: {what}"), CALLS, found.calls),
    ):
        console.print(f"  {say(text, what=counted(words, counts))}", markup=False)
    _show_gateways(found, local)
    _show_remedies(found, local)
    show_load(found.load)


def _show_standstill(stands: "Standstill", local: "Local") -> None:
    head = say("No text goes out")
    if stands.since:
        head = say("No text goes out since {at}", at=local(stands.since))
    stdout().print(f"  {head}", style="bold red", markup=False)
    _line(shown(stands.why), indent=4)
    if stands.given_up_from:
        text = N_("{count} texts wait; from {at} on they are given up, and their cases called.")
        _line(say(text, count=f"{stands.waiting:,}", at=local(stands.given_up_from)), indent=4)
    _line(f"-> {shown(stands.remedy)}", indent=4)


def _show_latest(found: "WorkspaceStatus") -> None:

    console = stdout()
    for run in found.imports:
        counts = {name: f"{run[name]:,}" for name in IMPORT_COUNTS}
        text = say(
            "imported {file} ({kind}): {accepted} accepted, {updated} updated, {unchanged} "
            "unchanged, {refused} refused",
            file=run["file_name"],
            kind=kind_named(run["kind"]),
            **counts,
        )
        console.print(f"  {text}", markup=False)
    for draw in found.draws:
        counts = {name: f"{draw[name]:,}" for name in ("drawn", "frame")}
        text = say("{day}: {drawn} of {frame} cases drawn", day=draw["day"], **counts)
        console.print(f"  {text}")


def _show_gateways(found: "WorkspaceStatus", local: "Local") -> None:
    for gateway in found.gateways:
        text = N_("gateway {gateway}: {share} of 100 points of traffic")
        if gateway.part != gateway.configured:
            text = N_(
                "gateway {gateway}: {share} of 100 points of traffic, {configured} by priority"
            )
        _line(say(text, gateway=gateway.gateway, share=gateway.part, configured=gateway.configured))
        if gateway.stopped_at:
            text = N_("stopped since {at}: {why}. survey-pipeline doctor checks it")
            _line(say(text, at=local(gateway.stopped_at), why=gateway.stopped_why), indent=4)
        if gateway.rests_until:
            text = N_("rests until {at}: its provider takes nothing more now")
            _line(say(text, at=local(gateway.rests_until)), indent=4)
    for move in found.moves:
        told = {"at": local(move.at), "gateway": move.gateway, "why": say(SHARE_MOVES[move.why])}
        _line(say(_move_text(move), before=move.before, after=move.after, **told), indent=4)
        if move.why in UNWELL:
            text = N_("{failed} of {attempts} attempts failed, {late} of {receipts} receipts late")
            _line(say(text, **move.figures), indent=6)


def _move_text(move: "MoveView") -> str:
    if move.before == move.after:
        return N_("{at} {gateway}: {why}")
    return N_("{at} {gateway}: {before} to {after} points, {why}")


def _line(text: str, indent: int = 2) -> None:
    stdout().print(f"{'':{indent}}{text}", markup=False)


def _show_remedies(found: "WorkspaceStatus", local: "Local") -> None:
    """Print what to do next, as it fits this moment."""
    if found.replies.get("reader"):
        _remedy(N_("unclear replies wait for a reader: survey-pipeline replies list --unclear"))
    if found.calls.get("due") and found.calls_from:
        _remedy(N_("calls are due when the calling hours begin: {at}"), at=local(found.calls_from))
    elif found.calls.get("due"):
        _remedy(N_("calls are due: survey-pipeline callbacks next --by NAME"))
    if not found.messages.get("queued") or found.standstill:
        return  # why no text goes out, and what helps, stands above
    if found.texts_from:
        text = N_("texts wait for the sending hours: from {at} on, survey-pipeline dispatch")
        _remedy(text, at=local(found.texts_from))
    else:
        _remedy(N_("texts wait to be sent: survey-pipeline dispatch"))


def _remedy(text: str, **values: object) -> None:
    _line(f"-> {say(text, **values)}")
