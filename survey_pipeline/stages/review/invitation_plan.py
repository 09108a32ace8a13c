"""Whether the invitations can go out now, to how many, and with which text; nothing is sent."""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed
from survey_pipeline.i18n import Message
from survey_pipeline.settings import Gateway as GatewaySettings
from survey_pipeline.stages.review.links import drawn_representatives, link
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import gateway_states, opt_outs, review_representatives
from survey_pipeline.survey.pausing import sending_pause
from survey_pipeline.text_templates import TextTemplate, parse_text_template, read_text_template
from survey_pipeline.vocabulary import PhoneKind

TEMPLATE = "review_invite"
FOLDER = Path("templates/sms")
SAMPLE_TOKEN = "x" * 43
"""As long as the token of a link (`store.ballot_key`)."""


@dataclass(frozen=True)
class InvitationPlan:
    """What sending the invitations now would do."""

    drawn: int
    before: int
    """Invited already."""
    reached: int
    """They would get a text."""
    by_file: int
    """No mobile number, or opted out: their links are in the file alone."""
    gateway: str | None
    text: str
    """The text with a made-up link; empty where it cannot be written."""
    outcomes: Mapping[str, int]
    """How many invitations came out how, by `SendOutcome`; blank: under way, or cut off."""
    refusal: Message | None
    """Why none could go out now."""


def plan_invitations(
    context: Context, year: int, gateways: Container[str], address: str
) -> InvitationPlan:
    """Return what sending the invitations now would do.

    Args:
        context: the workspace.
        year: the appraisal year.
        gateways: the labels of those that can be used.
        address: where representatives reach the pages.
    """
    settings, text, refusal = None, "", None
    try:
        settings, template = ready_to_invite(context, gateways, ignore_hours=False)
        text = template.render(variables_of(context, year, link(address, SAMPLE_TOKEN)))
    except CannotProceed as error:
        refusal = error.message
    with reading(context.engine) as connection:
        drawn = drawn_representatives(connection, year)
        left = [representative for representative in drawn if representative.invited_at is None]
        reached = reached_by_text(connection, left)
        outcomes = _outcomes(connection, year)
    return InvitationPlan(
        drawn=len(drawn),
        before=len(drawn) - len(left),
        reached=len(reached),
        by_file=len(left) - len(reached),
        gateway=settings.label if settings else None,
        text=text,
        outcomes=outcomes,
        refusal=refusal,
    )


def _outcomes(connection: Connection, year: int) -> Counter[str]:
    query = select(review_representatives.c.invite_outcome).where(
        review_representatives.c.year == year, review_representatives.c.invited_at.is_not(None)
    )
    return Counter(outcome or "" for outcome in connection.scalars(query))


def ready_to_invite(
    context: Context, gateways: Container[str], *, ignore_hours: bool
) -> tuple[GatewaySettings, TextTemplate]:
    """Return the gateway and the text with which invitations go out.

    Raises:
        CannotProceed: it is no sending hour, sending is paused, or no gateway can be used.
        ConfigurationError: the text's template is missing or wrong.
    """
    _refuse_out_of_hours(context, ignore_hours=ignore_hours)
    _refuse_paused(context)
    return _gateway(context, gateways), _template(context)


def variables_of(context: Context, year: int, address: str) -> dict[str, str]:
    """Return what an invitation is filled with; `address` is the personal link."""
    name = context.settings.organisation.name
    return {"organisation": name, "year": str(year), "link": address}


def rehearse_invitation(source: str, variables: Mapping[str, str]) -> str:
    """Return an invitation as a source would write it.

    Raises:
        ConfigurationError: the source cannot be used.
    """
    return parse_text_template(FOLDER / f"{TEMPLATE}.txt", source).render(variables)


def reached_by_text(connection: Connection, left: Sequence[Row[Any]]) -> list[Row[Any]]:
    """Return the representatives with a mobile number that did not opt out."""
    query = select(opt_outs.c.phone_hash).where(opt_outs.c.ended_at.is_(None))
    stopped = set(connection.scalars(query))
    return [
        representative
        for representative in left
        if representative.phone
        and representative.phone_kind == PhoneKind.MOBILE
        and representative.phone_hash not in stopped
    ]


def _refuse_out_of_hours(context: Context, *, ignore_hours: bool) -> None:
    hours, calendar = context.settings.sending.hours, context.calendar
    if ignore_hours or calendar.is_open(context.now(), hours, working_days=False):
        return
    following = calendar.next_open(context.now(), hours, working_days=False)
    raise CannotProceed(
        "texts go out in sending hours, again from {at} on. Wait, or send now with --now",
        at=calendar.written(following),
    )


def _refuse_paused(context: Context) -> None:
    pause = sending_pause(context)
    if pause is not None:
        raise CannotProceed(
            "sending is paused since {at} by {who}. Resume it on the page of the day",
            at=context.calendar.written(pause.at),
            who=pause.by,
        )


def _gateway(context: Context, gateways: Container[str]) -> GatewaySettings:
    """Return the gateway of the highest priority that is not stopped."""
    with reading(context.engine) as connection:
        query = select(gateway_states.c.gateway).where(gateway_states.c.stopped_at.is_not(None))
        stopped = set(connection.scalars(query))
    usable = [
        gateway
        for gateway in context.settings.gateway
        if gateway.priority and gateway.label in gateways and gateway.label not in stopped
    ]
    if not usable:
        raise CannotProceed(
            "no gateway can send: none is configured, or all are stopped. survey-pipeline doctor "
            "says what to do"
        )
    return max(usable, key=lambda gateway: gateway.priority)


def _template(context: Context) -> TextTemplate:
    template = read_text_template(context.home / FOLDER / f"{TEMPLATE}.txt")
    template.render({"organisation": "", "year": 0, "link": ""})
    return template
