"""`gateway`: one test text through a gateway."""

from typing import Annotated

import typer

from survey_pipeline.cli.support import (
    EXIT_CANNOT,
    JsonOption,
    explained,
    opened,
    print_json,
    shown,
    stdout,
)

group = typer.Typer(no_args_is_help=True, help="The gateways that carry texts.")


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
    from survey_pipeline.phones import masked
    from survey_pipeline.stages.dispatch.trial_text import result_in_words, send_test, why_not_taken

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
                "reason": why_not_taken(result),
            }
        )
    else:
        stdout().print(shown(result_in_words(label, mobile, result)))
    if result.outcome.value != "accepted":
        raise typer.Exit(EXIT_CANNOT)


def _mobile(number: str) -> str:
    from survey_pipeline.errors import UsageError
    from survey_pipeline.i18n import Message
    from survey_pipeline.phones.typed_numbers import read_mobile

    read = read_mobile(number)
    if isinstance(read, Message):
        raise UsageError("{number}: {problem}", number=number, problem=read)
    return read
