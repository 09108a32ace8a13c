"""A test text through a gateway, to the phone of the person who sets the gateway up.

It is the survey's own question with made-up values: a provider of approved templates takes nothing
else. No survey and no message of ours stands behind it, so that nothing counts it.
"""

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import Connection, select

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, UnknownRecord
from survey_pipeline.gateways.port import Gateway, OutgoingMessage, SendResult, unknown
from survey_pipeline.gateways.problems import in_words
from survey_pipeline.i18n import N_, Message
from survey_pipeline.phones import masked
from survey_pipeline.stages.dispatch.composer import make_composer
from survey_pipeline.stages.dispatch.templates import SAMPLE
from survey_pipeline.store import audit
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import opt_outs, surveys
from survey_pipeline.vocabulary import AuditAction, Audited, SendOutcome, SurveyState

LONGEST = timedelta(seconds=45)
"""For which a test waits for a gateway: longer than gateways wait for their providers."""

TOLD = {
    SendOutcome.ACCEPTED: N_("{gateway} took the text ({id}). See that it arrives at {number}"),
    SendOutcome.REFUSED: N_("{gateway} refused the text: {why}"),
    SendOutcome.THROTTLED: N_("{gateway} takes nothing more now: {why}. Try again later"),
    SendOutcome.NOT_SENT: N_("the text did not go out: {gateway} was not reached ({why})"),
    SendOutcome.UNKNOWN: N_("{gateway} gave no clear answer ({why}): the text may have gone out"),
}


def result_in_words(label: str, number: str, result: SendResult) -> Message:
    """Return in words what came of a test text; the number is masked."""
    return Message(
        TOLD[result.outcome],
        {
            "gateway": label,
            "number": masked(number),
            "id": result.provider_id or "-",
            "why": in_words(why_not_taken(result) or "-"),
        },
    )


def why_not_taken(result: SendResult) -> str | None:
    """Return why a gateway did not take a text, as far as it says."""
    return result.error or (result.reason.value if result.reason else None)


def send_test(
    context: Context,
    gateways: Mapping[str, Gateway],
    number: str,
    label: str | None = None,
    longest: timedelta = LONGEST,
) -> tuple[str, SendResult]:
    """Hand one test text over, once, whatever the hour.

    Args:
        context: the workspace; its actor stands on record.
        gateways: the configured gateways by label.
        number: a mobile, E.164.
        label: the gateway; the first one.
        longest: for how long its answer is awaited.

    Returns:
        The gateway's label, and what it said.

    Raises:
        CannotProceed: the number has opted out, or has an open survey that a reply would answer.
        ConfigurationError: a template is missing or wrong.
        UnknownRecord: there is no such gateway.
    """
    gateway = gateway_named(gateways, label)
    question = make_composer(context).question(SAMPLE)
    with reading(context.engine) as connection:
        check_may_be_texted(connection, context.keys.phone_hash(number))
    message = OutgoingMessage(
        attempt_id=f"test-{context.new_token()}",
        to=number,
        text=question.body,
        template=question.template.removesuffix(".txt"),
        variables=json.loads(question.variables),
    )
    about = {"gateway": gateway.label, "phone": masked(number)}
    _record(context, AuditAction.CREATED, message.attempt_id, about)
    result = hand_over(gateway, message, longest)
    came = {"outcome": result.outcome.value, "provider_id": result.provider_id}
    _record(context, AuditAction.UPDATED, message.attempt_id, {**about, **came})
    return gateway.label, result


def gateway_named(gateways: Mapping[str, Gateway], label: str | None) -> Gateway:
    """Return a gateway by its label, the first one without a label.

    Raises:
        CannotProceed: no gateway is configured.
        UnknownRecord: there is no such gateway.
    """
    if not gateways:
        raise CannotProceed("no gateway is configured; add a [[gateway]] to config/pipeline.toml")
    if label is None:
        return next(iter(gateways.values()))
    if label not in gateways:
        raise UnknownRecord(
            "there is no gateway {label}; there are: {known}",
            label=label,
            known=", ".join(gateways),
        )
    return gateways[label]


def check_may_be_texted(connection: Connection, phone_hash: bytes) -> None:
    """Make sure that a text to a number of ours disturbs no survey.

    Raises:
        CannotProceed: the number has opted out, or has an open survey that a reply would answer.
    """
    out = select(opt_outs.c.id).where(
        opt_outs.c.phone_hash == phone_hash, opt_outs.c.ended_at.is_(None)
    )
    if connection.execute(out).first() is not None:
        raise CannotProceed("this number has opted out: it gets no text, a test neither")
    survey = select(surveys.c.id).where(
        surveys.c.phone_hash == phone_hash, surveys.c.state == SurveyState.OPEN
    )
    if connection.execute(survey).first() is not None:
        raise CannotProceed(
            "this number has an open survey, which a reply to a test would answer; use another"
        )


def hand_over(
    gateway: Gateway, message: OutgoingMessage, longest: timedelta = LONGEST
) -> SendResult:
    """Hand one text over through a gateway made for it, and wait for the answer."""
    return asyncio.run(_handed_over(gateway, message, longest))


async def _handed_over(
    gateway: Gateway, message: OutgoingMessage, longest: timedelta
) -> SendResult:
    try:
        async with asyncio.timeout(longest.total_seconds()), gateway:
            return await gateway.send(message)
    except TimeoutError:
        return unknown(f"no answer within {longest.total_seconds():g} s")
    except Exception as error:  # a fault of the gateway's code: the text may have gone out
        return unknown(f"the gateway raised {type(error).__name__}")


def _record(context: Context, action: AuditAction, key: str, after: Mapping[str, object]) -> None:
    entry = audit.entry(
        at=context.now(),
        actor=context.actor,
        action=action,
        kind=Audited.GATEWAY_TESTS,
        key=key,
        after=after,
    )
    with writing(context.engine) as connection:
        audit.append(connection, [entry])
