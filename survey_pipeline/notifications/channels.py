"""How a notification reaches a contact: an address in the manner of Apprise, or an SMS.

An address may hold a password or a token: it stands in no log, no message and no page.
Source of the addresses: the documentation of Apprise (https://github.com/caronc/apprise).
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from survey_pipeline.context import Context
from survey_pipeline.errors import SurveyPipelineError, UsageError
from survey_pipeline.gateways.port import Gateway, OutgoingMessage
from survey_pipeline.i18n import N_, Message
from survey_pipeline.phones import masked
from survey_pipeline.phones.typed_numbers import read_mobile
from survey_pipeline.stages.dispatch.segments import measure
from survey_pipeline.stages.dispatch.trial_text import (
    check_may_be_texted,
    gateway_named,
    hand_over,
    why_not_taken,
)
from survey_pipeline.store.engine import reading
from survey_pipeline.troubles import told
from survey_pipeline.vocabulary import SendOutcome

SMS_SEGMENTS = 2
SMS = N_("{organisation}: {lines}")
MORE = N_("{count} more, see the pages")
LONGEST_ADDRESS = 500
_SHORTEST_SECRET = 6
_LONGEST_REASON = 160


@dataclass(frozen=True)
class Text:
    """What one contact is told at once."""

    title: str
    lines: tuple[str, ...]
    locale: str

    @property
    def body(self) -> str:
        """The lines, one below the other."""
        return "\n".join(self.lines)

    def short(self) -> str:
        """Return an SMS: as many lines as fit into `SMS_SEGMENTS`, and how many more there are."""
        count = len(self.lines)
        fitting = (self._first(shown) for shown in range(count, 0, -1))
        return next((text for text in fitting if _fits(text)), self._first(0))

    def _first(self, count: int) -> str:
        parts = list(self.lines[:count])
        if left := len(self.lines) - count:
            parts.append(Message(MORE, {"count": left}).render(self.locale))
        return Message(SMS, {"lines": "; ".join(parts)}).render(self.locale)


def _fits(text: str) -> bool:
    return measure(text).segments <= SMS_SEGMENTS


def is_number(address: str) -> bool:
    """Return whether an address is a phone number (E.164)."""
    return address.startswith("+")


def read_address(typed: str) -> str:
    """Return an address as it is stored: a mobile number as E.164, another as it was typed.

    Raises:
        UsageError: it is neither a Chinese mobile number nor an address that Apprise knows.
    """
    typed = typed.strip()
    if len(typed) > LONGEST_ADDRESS or not typed.isprintable():
        raise UsageError("an address has at most {most} characters", most=LONGEST_ADDRESS)
    if "://" in typed:
        if _service(typed) is None:
            raise UsageError(
                "this address cannot be read. Write it as mailto://name:password@example.org, "
                "dingtalk://token, wecombot://key or feishu://token; the documentation of Apprise "
                "lists others"
            )
        return typed
    number = read_mobile(typed)
    if isinstance(number, Message):
        raise UsageError(
            "{problem}. Give a mobile number, or an address as dingtalk://token", problem=number
        )
    return number


def masked_address(address: str) -> str:
    """Return an address without what opens it: its service and place, or a masked number."""
    if is_number(address):
        return masked(address)
    parts = urlsplit(address)
    place = (parts.hostname or "") if parts.scheme.startswith(("mailto", "json", "xml")) else ""
    return f"{parts.scheme}://{place or '****'}"


def deliver(
    context: Context, gateways: Mapping[str, Gateway], address: str, text: Text
) -> Message | None:
    """Hand a text over to an address; return why it was not taken, None if it was."""
    if is_number(address):
        return _send_sms(context, gateways, address, text)
    return _notify(address, text)


def _send_sms(
    context: Context, gateways: Mapping[str, Gateway], number: str, text: Text
) -> Message | None:
    try:
        gateway = gateway_named(gateways, None)
        with reading(context.engine) as connection:
            check_may_be_texted(connection, context.keys.phone_hash(number))
    except SurveyPipelineError as error:
        return told(error)
    words = text.short()
    outgoing = OutgoingMessage(
        attempt_id=f"notification-{context.new_token()}",
        to=number,
        text=words,
        template="notification",
        variables={"text": words},
    )
    result = hand_over(gateway, outgoing)
    if result.outcome in {SendOutcome.ACCEPTED, SendOutcome.UNKNOWN}:
        return None  # unknown may have gone out, and is not sent again
    why = why_not_taken(result) or result.outcome.value
    return Message(N_("{gateway} did not take it ({why})"), {"gateway": gateway.label, "why": why})


def _notify(address: str, text: Text) -> Message | None:
    import apprise  # noqa: PLC0415 - loads slowly, and is needed here alone

    service = _service(address)
    if service is None:
        return Message(N_("the address cannot be read any more"))
    sender = apprise.Apprise()
    sender.add(service)
    capture = apprise.LogCapture(level=logging.WARNING, fmt="%(message)s")  # type: ignore[no-untyped-call]  # the package has no types there
    with capture as captured:
        if sender.notify(title=text.title, body=text.body):
            return None
        reason = _last_line(captured.getvalue(), address)
    values: dict[str, object] = {"service": str(service.service_name), "why": reason}
    return Message(N_("{service} did not take it ({why})"), values)


def _last_line(captured: str, address: str) -> str:
    """Return the last line of what was logged, unless it holds a part of the address."""
    line = (captured.strip().splitlines() or ["-"])[-1][:_LONGEST_REASON]
    place = urlsplit(address).hostname or ""
    parts = re.split(r"[/:@?&=,]+", address.partition("://")[2])
    secrets = [part for part in parts if len(part) >= _SHORTEST_SECRET and part != place]
    return "-" if any(secret in line for secret in secrets) else line


@lru_cache(64)
def _service(address: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - Apprise's own class
    import apprise  # noqa: PLC0415 - loads slowly

    return apprise.Apprise.instantiate(address)
