"""`callbacks list`, `next` and `log`: the phone queue without the web page."""

from datetime import datetime, time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from survey_pipeline.cli.callback_views import (
    document,
    logged_document,
    show_card,
    show_list,
    show_logged,
)
from survey_pipeline.cli.support import (
    JsonOption,
    explained,
    invocation,
    opened,
    print_json,
    say,
    shown,
    stderr,
    stdout,
)
from survey_pipeline.vocabulary import (
    CallOutcome,
    CallReason,
    CallState,
    DissatisfactionReason,
    Rating,
)

if TYPE_CHECKING:
    from survey_pipeline.calendar import Calendar

group = typer.Typer(
    no_args_is_help=True, help="The phone queue: who is to be called, and how it went."
)

ByOption = Annotated[str, typer.Option("--by", metavar="NAME", help="Who is calling.")]


def parse_when(text: str) -> datetime | time:
    """Read `15:00` (today) or `2023-05-04T15:00`; the zone is the workspace's unless given."""
    for read in (time.fromisoformat, datetime.fromisoformat):
        try:
            return read(text)
        except ValueError:
            continue
    raise typer.BadParameter(say("{time} is no time; write 15:00 or 2023-05-04T15:00", time=text))


@group.command("list")
@explained
def list_queue(
    reason: Annotated[CallReason | None, typer.Option(help="Only those with this reason.")] = None,
    state: Annotated[CallState, typer.Option(help="Only those in this state.")] = CallState.OPEN,
    by: Annotated[
        str | None, typer.Option("--by", metavar="NAME", help="Only those this person holds.")
    ] = None,
    *,
    due: Annotated[bool, typer.Option("--due", help="Only those that could be made now.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List the phone queue, numbers masked.

    Example:  survey-pipeline callbacks list --due
    """
    from survey_pipeline.stages.callbacks import list_calls

    with opened() as app:
        calendar = app.context.calendar
        found = list_calls(
            app.context, state=state, reason=reason, held_by=by, due=due, limit=limit
        )
        if as_json:
            print_json({"calls": [document(call.to_json(), calendar) for call in found]})
        else:
            show_list(found, calendar)


@group.command("next")
@explained
def next_one(by: ByOption, *, as_json: JsonOption = False) -> None:
    """Take the next call, or see again the one you hold.

    The call is yours until its lease runs out; the number stands in full, and the look is logged.

    Example:  survey-pipeline callbacks next --by Li
    """
    from survey_pipeline.stages.callbacks import next_call

    with opened(actor=by) as app:
        found, calendar = next_call(app.context, by), app.context.calendar
        locale = invocation().locale
        if as_json:
            call = found.call
            print_json({"call": call and document(call.to_json(locale), calendar)})
        elif found.call:
            show_card(found.call, by, calendar)
        if found.why_none:
            console = stderr() if as_json else stdout()
            console.print(shown(found.why_none), markup=False)


@group.command("log")
@explained
def log_one(  # noqa: PLR0913 - one option for each thing a caller may say
    call_id: Annotated[int, typer.Argument(metavar="ID", help="The call, as `next` showed it.")],
    by: ByOption,
    *,
    outcome: Annotated[CallOutcome, typer.Option(help="What came of the attempt.")],
    answer: Annotated[Rating | None, typer.Option(help="The rating, if answered.")] = None,
    reason: Annotated[
        DissatisfactionReason | None, typer.Option(help="Why they are not satisfied.")
    ] = None,
    note: Annotated[str | None, typer.Option(help="In your own words, no names.")] = None,
    again_at: Annotated[
        Any, typer.Option(parser=parse_when, metavar="TIME", help="When to call again.")
    ] = None,
    no_earlier_time: Annotated[
        bool,
        typer.Option(
            "--no-earlier-time",
            help="No time before the survey's end suits: kept as asked for another time.",
        ),
    ] = False,
    correct: Annotated[
        str | None,
        typer.Option(metavar="WHY", help="The SMS was misread: the citizen's words. Rare."),
    ] = None,
    never_again: Annotated[
        bool,
        typer.Option(
            "--never-again",
            help="With refused: they never want to be asked again. An opt-out, like one by SMS.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Log what came of a call that you hold.

    Logging the same once more changes nothing. Exit code 4 where somebody else holds the call.

    Example:  survey-pipeline callbacks log 12 --by Li --outcome answered --answer satisfied
    """
    from survey_pipeline.stages.callbacks import (
        CallResult,
        log_result,
    )

    with opened(actor=by) as app:
        context = app.context
        when = _moment(again_at, context.calendar, context.now())
        result = CallResult(
            outcome, answer, reason, note, when, correct, no_earlier_time, never_again
        )
        logged = log_result(context, call_id, by, result)
        if as_json:
            print_json(logged_document(logged, context.calendar))
        else:
            show_logged(logged, context.calendar)


def _moment(when: datetime | time | None, calendar: "Calendar", now: datetime) -> datetime | None:
    if when is None:
        return None
    if isinstance(when, time):
        when = datetime.combine(calendar.day(now), when)
    return when if when.tzinfo else when.replace(tzinfo=calendar.timezone)
