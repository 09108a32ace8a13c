"""`gateway`: one test text through a gateway."""

from typing import TYPE_CHECKING, Annotated

import typer

from survey_pipeline.cli.support import (
    EXIT_CANNOT,
    JsonOption,
    explained,
    opened,
    print_json,
    say,
    stdout,
)
from survey_pipeline.i18n import N_

if TYPE_CHECKING:
    from survey_pipeline.gateways.port import SendResult

group = typer.Typer(no_args_is_help=True, help="The gateways that carry texts.")

TOLD = {
    "accepted": N_("{gateway} took the text ({id}). See that it arrives at {number}"),
    "refused": N_("{gateway} refused the text: {why}"),
    "throttled": N_("{gateway} takes nothing more now: {why}. Try again later"),
    "not_sent": N_("the text did not go out: {gateway} was not reached ({why})"),
    "unknown": N_("{gateway} gave no clear answer ({why}): the text may have gone out"),
}


@group.callback()
def root() -> None:
    """The gateways that carry texts."""


@group.command("test")
@explained
def send_test_text(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="Your own mobile.")],
    *,
    name: Annotated[
        str | None,
        typer.Option("--gateway", metavar="NAME", help="Which gateway; default the first one."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Send one test text: the survey's question with made-up values, whatever the hour.

    It counts as no survey text, stands in the audit log, and goes to nobody who has opted out.
    Exit code 4 where the gateway did not take it.

    Example:  survey-pipeline gateway test 13812345678 --gateway kannel
    """
    from survey_pipeline.stages.dispatch.trial import send_test
    from survey_pipeline.survey.phones import masked

    mobile = _mobile(number)
    with opened() as app:
        label, result = send_test(app.context, app.gateways, mobile, name)
    if as_json:
        print_json(
            {
                "gateway": label,
                "number": masked(mobile),
                "outcome": result.outcome.value,
                "provider_id": result.provider_id,
                "reason": _why(result),
            }
        )
    else:
        values = {"gateway": label, "number": masked(mobile), "id": result.provider_id or "-"}
        stdout().print(say(TOLD[result.outcome.value], why=_why(result) or "-", **values))
    if result.outcome.value != "accepted":
        raise typer.Exit(EXIT_CANNOT)


def _why(result: "SendResult") -> str | None:
    return result.error or (result.reason.value if result.reason else None)


def _mobile(number: str) -> str:
    from survey_pipeline.errors import UsageError
    from survey_pipeline.i18n import Message
    from survey_pipeline.stages.intake.phones import kind_of, read_phone
    from survey_pipeline.vocabulary import PhoneKind

    read = read_phone(number)
    if isinstance(read, Message):
        raise UsageError("{number}: {problem}", number=number, problem=read)
    found = str(getattr(read, "value", read))
    if kind_of(found) != PhoneKind.MOBILE:
        raise UsageError("{number} is no mobile; texts go to mobiles alone", number=number)
    return found
