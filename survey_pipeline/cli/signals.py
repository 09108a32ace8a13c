"""`signals list`, `signals decide` and `export signals`: what stands out, and what was found."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from survey_pipeline.cli.exports import OutputOption, ending
from survey_pipeline.cli.support import (
    JsonOption,
    MonthArgument,
    OptionalMonthOption,
    explained,
    new_table,
    opened,
    print_json,
    say,
    shown,
    stdout,
)
from survey_pipeline.i18n import N_
from survey_pipeline.vocabulary import SignalState
from survey_pipeline.vocabulary.signal_names import SIGNAL_STATES, SIGNALS

if TYPE_CHECKING:
    from survey_pipeline.signals.signal_table import SignalRow

group = typer.Typer(
    no_args_is_help=True,
    help="Integrity signals: what stands out of offices' months. Hints, never points.",
)
HEADINGS = (
    N_("signal"),
    N_("month"),
    N_("office"),
    N_("what is counted"),
    N_("found"),
)


class SignalFormat(StrEnum):
    """What a month's signals can be written as."""

    XLSX = "xlsx"
    CSV = "csv"


class SignalFinding(StrEnum):
    """What a person can find of a signal."""

    NOTHING_WRONG = SignalState.NOTHING_WRONG.value
    CONFIRMED = SignalState.CONFIRMED.value


@group.command("list")
@explained
def list_all(
    *,
    month: OptionalMonthOption = None,
    only_open: Annotated[
        bool, typer.Option("--open", help="Only those that nobody has looked into.")
    ] = False,
    every: Annotated[
        bool, typer.Option("--all", help="Every count of --month, not only what stands out.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List what stands out, for a person to look into; with --month it is counted anew first.

    An office stands out where its share is well beyond that of all other offices together; of
    those named, signals.level may be named by chance. No score follows from it.

    Example:  survey-pipeline signals list --month 2023-05 --open
    """
    from survey_pipeline.errors import UsageError
    from survey_pipeline.signals.day_counts import count_frames
    from survey_pipeline.signals.month_signals import refresh_signals
    from survey_pipeline.signals.signal_table import listed_rows, signal_rows

    if every and month is None:
        raise UsageError("--all needs --month")
    with opened() as app:
        context = app.context
        if month is not None:
            count_frames(context)
            refresh_signals(context, month)
        if every and month is not None:
            found: Sequence[SignalRow] = signal_rows(context, month)
        else:
            found = listed_rows(context, month=month, only_open=only_open)
    if as_json:
        print_json({"signals": [row.to_dict() for row in found]})
    else:
        _show(found)


@group.command("decide")
@explained
def decide(
    signal: Annotated[int, typer.Argument(metavar="ID", help="The signal's number.")],
    finding: Annotated[SignalFinding, typer.Argument(help="What was found.")],
    reason: Annotated[str, typer.Option(help="Why; it stays on record.")],
    by: Annotated[
        str | None, typer.Option("--by", metavar="NAME", help="Who; default: you.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Put on record what a person found of a signal. It changes no score.

    Example:  survey-pipeline signals decide 3 nothing_wrong --reason "the system was moved"
    """
    from survey_pipeline.signals.looking_into import decide_signal

    state = SignalState(finding.value)
    with opened() as app:
        decide_signal(app.context, signal, state, reason=reason, by=by)
    if as_json:
        print_json({"id": signal, "state": state.value})
        return
    word = say(SIGNAL_STATES[state])
    stdout().print(say("Signal {id}: {state}.", id=signal, state=word), markup=False)


@explained
def export_signals(
    month: MonthArgument,
    form: Annotated[
        SignalFormat | None,
        typer.Option("--format", help="Default: by the ending of --output, else xlsx."),
    ] = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write every integrity signal of a month, with counts, intervals and findings.

    Example:  survey-pipeline export signals 2023-05 --format csv
    """
    from survey_pipeline.signals.signal_file import write_signals
    from survey_pipeline.stages.export.destination import target

    form = form or SignalFormat(ending(output, SignalFormat))
    with opened() as app:
        path = target(app.context.home, output, f"signals-{month}.{form}")
        count = write_signals(app.context, month, form, path, app.context.settings.locale)
    if as_json:
        print_json({"file": str(path), "month": month, "counts": count})
        return
    stdout().print(str(path), markup=False)


def _show(found: "Sequence[SignalRow]") -> None:
    from survey_pipeline.signals.signal_table import sentences

    table = new_table(*(say(heading) for heading in HEADINGS))
    for row in found:
        listed = row.listed
        counted, beside = sentences(row)
        state = [say(SIGNAL_STATES[listed.state]), listed.reason or ""] if listed else []
        table.add_row(
            f"{listed.id if listed else ''} {say(SIGNALS[row.kind])}".strip(),
            row.month,
            f"{row.office} {row.office_code}",
            f"{shown(counted)} {shown(beside)}",
            " ".join(filter(None, state)),
        )
    if found:
        stdout().print(table)
    stdout().print(say("{count} signals.", count=len(found)), markup=False)
