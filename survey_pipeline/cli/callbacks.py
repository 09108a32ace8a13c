"""`callbacks list`, `next` and `log`: the phone queue without the web page."""

import shlex
from collections.abc import Iterator, Mapping
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from survey_pipeline.cli.support import (
    JsonOption,
    explained,
    invocation,
    new_table,
    opened,
    print_json,
    say,
    shown,
    stderr,
    stdout,
)
from survey_pipeline.i18n import N_
from survey_pipeline.vocabulary import (
    CallOutcome,
    CallReason,
    CallState,
    DissatisfactionReason,
    Rating,
)
from survey_pipeline.vocabulary.names import CALL_OUTCOMES, CALL_REASONS, RATINGS

if TYPE_CHECKING:
    from survey_pipeline.calendar import Calendar
    from survey_pipeline.stages.callbacks import CallCard, ListedCall, Logged

group = typer.Typer(
    no_args_is_help=True, help="The phone queue: who is to be called, and how it went."
)

OUTCOMES: Mapping[str, str] = {
    **CALL_OUTCOMES,
    CallOutcome.ANSWERED: N_("rated the case: add --answer satisfied, neutral or dissatisfied"),
    CallOutcome.AGAIN: N_("asked for another time: add --again-at 15:00 or 2023-05-04T15:00"),
}
"""With the options that log them."""

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
            print_json({"calls": [_document(call.to_json(), calendar) for call in found]})
        else:
            _show_list(found, calendar)


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
            print_json({"call": call and _document(call.to_json(locale), calendar)})
        elif found.call:
            _show_card(found.call, by, calendar)
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
        result = CallResult(outcome, answer, reason, note, when, correct, no_earlier_time)
        logged = log_result(context, call_id, by, result)
        if as_json:
            print_json(_logged_document(logged, context.calendar))
        else:
            _show_logged(logged, context.calendar)


def _moment(when: datetime | time | None, calendar: "Calendar", now: datetime) -> datetime | None:
    if when is None:
        return None
    if isinstance(when, time):
        when = datetime.combine(calendar.day(now), when)
    return when if when.tzinfo else when.replace(tzinfo=calendar.timezone)


def _document(values: Any, calendar: "Calendar") -> Any:
    """Return values as JSON shows them: moments in local time with their offset."""
    if isinstance(values, Mapping):
        return {name: _document(value, calendar) for name, value in values.items()}
    if isinstance(values, list | tuple):
        return [_document(value, calendar) for value in values]
    if isinstance(values, datetime):
        return calendar.local(values).isoformat(timespec="seconds")
    return values


def _logged_document(logged: "Logged", calendar: "Calendar") -> Any:
    values = {
        "call": logged.call_id,
        "attempt": logged.attempt,
        "state": logged.state,
        "next_at": logged.next_at,
        "rating": logged.rating,
        "rated_by": logged.rated_by,
        "verification": logged.verification,
        "late": logged.late,
        "repeated": logged.repeated,
        "notes": [shown(note) for note in logged.notes],
    }
    return _document(values, calendar)


def _local(moment: datetime, calendar: "Calendar") -> str:
    return calendar.written(moment)


def _show_list(found: "list[ListedCall] | Any", calendar: "Calendar") -> None:
    headings = (
        N_("call"),
        N_("due"),
        N_("why"),
        N_("office"),
        N_("case"),
        N_("phone"),
        N_("attempts"),
        N_("held by"),
    )
    table = new_table(*map(say, headings))
    for call in found:
        table.add_row(
            str(call.id),
            _local(call.due_at, calendar),
            say(CALL_REASONS[call.reason]),
            call.office,
            call.case_no,
            call.phone,
            str(call.attempts),
            call.held_by or "",
        )
    console = stdout()
    if found:
        console.print(table)
    console.print(say(N_("{count} calls."), count=len(found)))


def _show_card(card: "CallCard", by: str, calendar: "Calendar") -> None:
    console = stdout()
    title = say(
        N_("Call {call}: {why} (attempt {attempt} of at most {most})"),
        call=card.id,
        why=say(CALL_REASONS[card.reason]),
        attempt=card.attempt,
        most=card.attempt + card.attempts_left - 1,
    )
    console.print(title, style="bold", markup=False)
    for label, value in _lines(card, calendar):
        console.print(f"  {label}: {value}", markup=False)
    console.print()
    console.print(shown(card.script), style="italic", markup=False)
    console.print()
    if card.meanwhile:
        console.print(shown(card.meanwhile), style="yellow", markup=False)
    _show_keys(card, by)


def _lines(card: "CallCard", calendar: "Calendar") -> Iterator[tuple[str, str]]:
    from survey_pipeline.phones import dialled

    yield say(N_("phone")), dialled(card.phone)
    if card.citizen_name:
        yield say(N_("citizen")), card.citizen_name
    yield say(N_("office")), f"{card.office} ({card.office_code})"
    yield say(N_("case")), f"{card.case_no}, {card.item or '-'}, {card.served_on or '-'}"
    if card.appointment:
        yield say(N_("appointment")), _local(card.appointment, calendar)
    if card.text:
        yield say(N_("the SMS said")), card.text
    for reply in card.replies:
        yield say(N_("the citizen wrote")), f"{reply.text} ({_local(reply.at, calendar)})"
    for earlier in (one for one in card.history if not one.undone):
        note = f": {earlier.note}" if earlier.note else ""
        outcome = say(CALL_OUTCOMES[earlier.outcome])
        yield (
            say(N_("attempt {number}"), number=earlier.number),
            f"{_local(earlier.at, calendar)} {earlier.by}, {outcome}{note}",
        )
    yield say(N_("yours until")), _local(card.lease_until, calendar)


def _show_keys(card: "CallCard", by: str) -> None:
    console = stdout()
    home = invocation().home
    place = "" if home == Path() else f"--home {shlex.quote(str(home))} "
    command = f"survey-pipeline {place}callbacks log {card.id} --by {shlex.quote(by)} --outcome "
    example = command + "answered --answer satisfied"
    console.print(say(N_("Then log it:")))
    console.print(f"  {example}", markup=False)
    console.print(say(N_("The outcomes:")))
    for outcome, words in OUTCOMES.items():
        console.print(f"  {outcome:<15} {say(words)}", markup=False)


def _show_logged(logged: "Logged", calendar: "Calendar") -> None:
    console = stdout()
    if logged.repeated:
        console.print(say(N_("This was logged before: nothing changed.")))
    for line in _outcome_lines(logged, calendar):
        console.print(line, markup=False)
    for note in logged.notes:
        console.print(shown(note), markup=False)


def _outcome_lines(logged: "Logged", calendar: "Calendar") -> Iterator[str]:
    call, attempt = logged.call_id, logged.attempt
    if logged.next_at:
        yield say(
            N_("Call {call}, attempt {attempt}: kept. The next attempt is due at {at}."),
            call=call,
            attempt=attempt,
            at=_local(logged.next_at, calendar),
        )
    else:
        yield say(
            N_("Call {call}, attempt {attempt}: kept. The call is over."),
            call=call,
            attempt=attempt,
        )
    if logged.late:
        yield say(N_("It came after the lease had run out; nobody else had taken the call."))
    if logged.rating:
        words = {
            "sms": N_("The rating of record is {rating}, by SMS."),
            "phone": N_("The rating of record is {rating}, by phone."),
        }
        yield say(words[str(logged.rated_by)], rating=say(RATINGS[logged.rating]))
    if logged.verification:
        yield say(
            N_("The answer beside it is {rating}."),
            rating=say(RATINGS[logged.verification]),
        )
