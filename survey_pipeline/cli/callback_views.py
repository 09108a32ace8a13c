"""The phone queue as tables, cards and JSON documents."""

import shlex
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey_pipeline.cli.support import invocation, new_table, say, shown, stdout
from survey_pipeline.i18n import N_
from survey_pipeline.vocabulary import CallOutcome
from survey_pipeline.vocabulary.names import CALL_OUTCOMES, CALL_REASONS, RATINGS

if TYPE_CHECKING:
    from survey_pipeline.calendar import Calendar
    from survey_pipeline.stages.callbacks import CallCard, ListedCall, Logged

OUTCOMES: Mapping[str, str] = {
    **CALL_OUTCOMES,
    CallOutcome.ANSWERED: N_("rated the case: add --answer satisfied, neutral or dissatisfied"),
    CallOutcome.AGAIN: N_("asked for another time: add --again-at 15:00 or 2023-05-04T15:00"),
}
"""With the options that log them."""


def document(values: Any, calendar: "Calendar") -> Any:
    """Return values as JSON shows them: moments in local time with their offset."""
    if isinstance(values, Mapping):
        return {name: document(value, calendar) for name, value in values.items()}
    if isinstance(values, list | tuple):
        return [document(value, calendar) for value in values]
    if isinstance(values, datetime):
        return calendar.local(values).isoformat(timespec="seconds")
    return values


def logged_document(logged: "Logged", calendar: "Calendar") -> Any:
    """Return `callbacks log --json`."""
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
    return document(values, calendar)


def _local(moment: datetime, calendar: "Calendar") -> str:
    return calendar.written(moment)


def show_list(found: "list[ListedCall] | Any", calendar: "Calendar") -> None:
    """Print the queue as a table."""
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


def show_card(card: "CallCard", by: str, calendar: "Calendar") -> None:
    """Print the call that the caller holds, and how to log its result."""
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
    console.print(card.script, style="italic", markup=False)
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
    for earlier in (attempt for attempt in card.history if not attempt.undone):
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


def show_logged(logged: "Logged", calendar: "Calendar") -> None:
    """Print what was logged and what follows from it."""
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
        yield say(N_("It came after your lease had ended; no colleague had taken the call."))
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
