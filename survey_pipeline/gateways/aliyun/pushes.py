"""What Aliyun pushes to us: receipts (SmsReport) and citizens' texts (SmsUp), JSON arrays of rows.

It signs nothing: the address that it was given carries our token, and may be bound to its own
addresses. It takes an answer that is no 200 as a failure and pushes three times more, after 1, 5
and 10 minutes; then the rows are lost. Sources: Alibaba Cloud's pages on SmsReport and SmsUp.
"""

import hashlib
import hmac
import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from survey_pipeline.calendar import Clock
from survey_pipeline.errors import WebhookRefused, WebhookUnreadable
from survey_pipeline.gateways.aliyun.codes import code_of, meaning, sound_alarm
from survey_pipeline.gateways.callers import Callers
from survey_pipeline.gateways.port import InboundEvent, ReceiptEvent, WebhookRequest
from survey_pipeline.vocabulary import ReceiptState

log = logging.getLogger(__name__)

T = TypeVar("T")

LOCAL = ZoneInfo("Asia/Shanghai")
"""The zone of every date and time that Aliyun writes."""
DELIVERED = frozenset({"DELIVERED", "DELIVRD"})
SUCCESS: Mapping[object, bool] = {True: True, "true": True, False: False, "false": False}

_MOBILE = re.compile(r"(?:\+?86|0086)?(1[0-9]{10})")


class Pushes:
    """Reads pushes.

    A bad row does not refuse the others of its push: the same bytes would come three times more and
    then be dropped with all that is good in them. It raises an alarm. A push of bad rows alone is
    refused, so that it comes again.

    Args:
        label: the gateway's.
        callers: who may push.
        clock: for texts without a time.
    """

    def __init__(self, label: str, callers: Callers, clock: Clock) -> None:
        self._label, self._callers, self._clock = label, callers, clock

    def receipts(self, request: WebhookRequest) -> Sequence[ReceiptEvent]:
        """Read a push of receipts.

        Raises:
            WebhookRefused: it does not carry our token.
            WebhookUnreadable: it does, and cannot be read.
        """
        return self._each(request, self._receipt)

    def texts(self, request: WebhookRequest) -> Sequence[InboundEvent]:
        """Read a push of citizens' texts.

        Raises:
            WebhookRefused: it does not carry our token.
            WebhookUnreadable: it does, and cannot be read.
        """
        return self._each(request, self._text)

    def _each(self, request: WebhookRequest, read: Callable[[Any], T]) -> list[T]:
        events: list[T] = []
        rows = self._rows(request)
        for row in rows:
            try:
                events.append(read(row))
            except (KeyError, TypeError, ValueError, AttributeError):
                continue  # counted below; an exception might quote a number
        if bad := len(rows) - len(events):
            about = {"action": "webhook_rows_unreadable", "gateway": self._label, "rows": bad}
            log.error("aliyun: %d rows of a push cannot be read", bad, extra=about)
            if not events:
                raise WebhookUnreadable("the push cannot be read")
        return events

    def _rows(self, request: WebhookRequest) -> list[Any]:
        """Return the rows of a push that is Aliyun's.

        Raises:
            WebhookRefused: it does not carry our token.
            WebhookUnreadable: it does, and is not a list in JSON.
        """
        if not self._has_token(request):
            raise WebhookRefused("the push does not carry our token")
        try:
            rows = json.loads(request.body.decode("utf-8"))
        except (ValueError, RecursionError):
            rows = None  # the error would quote the body
        if not isinstance(rows, list):
            raise WebhookUnreadable("the push cannot be read")
        return rows

    def _has_token(self, request: WebhookRequest) -> bool:
        """Return whether a request carries our token; what strangers' bytes raise is none."""
        try:
            query = urlsplit(request.target).query
            tokens = parse_qs(query, keep_blank_values=True, errors="strict")["token"]
            return self._callers.include("&".join(tokens).encode(), request.peer)
        except (ValueError, KeyError, TypeError) as error:
            log.info(
                "webhook not read",
                extra={"action": "webhook_unreadable", "error": type(error).__name__},
            )
            return False

    def _receipt(self, row: Any) -> ReceiptEvent:
        biz_id, code = _word(row, "biz_id"), code_of(row.get("err_code"))
        attempt = _word(row, "out_id") if row.get("out_id") else None
        if _delivered(row, code):
            return ReceiptEvent(biz_id, ReceiptState.DELIVERED, attempt)
        known = meaning(code)
        if known is None:
            return ReceiptEvent(biz_id, ReceiptState.UNDELIVERED, attempt, code or None)
        sound_alarm(known, self._label)
        return ReceiptEvent(biz_id, ReceiptState.UNDELIVERED, attempt, known.error, known.reason)

    def _text(self, row: Any) -> InboundEvent:
        sender, text = _word(row, "phone_number"), _word(row, "content", blank=True)
        if row.get("sequence_id") in (None, ""):
            name = self._digest(row)
        else:
            name = _word(row, "sequence_id")
        mobile = _MOBILE.fullmatch(sender)
        at = _moment(row.get("send_time"), self._clock.now())
        return InboundEvent(name, f"+86{mobile[1]}" if mobile else sender, text, at)

    def _digest(self, row: Any) -> str:
        """Name a row that has no number of its own: the same for each push of it, keyed."""
        said = json.dumps(row, sort_keys=True).encode()
        return hmac.new(self._callers.token.encode(), said, hashlib.sha256).hexdigest()


def _word(row: Any, name: str, *, blank: bool = False) -> str:
    """Return a text of a row; the vendor's pages have numbers in some of these places.

    What no database takes (NUL, half a surrogate pair) becomes a replacement character.

    Raises:
        KeyError, TypeError, ValueError: there is none.
    """
    value = row[name]
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not (value or blank):
        raise ValueError(name)
    return value.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def _delivered(row: Any, code: str) -> bool:
    """Return whether a receipt reports success.

    Raises:
        ValueError, TypeError: it does not say.
    """
    said = SUCCESS.get(row.get("success"))
    if said is not None:
        return said
    if not code:
        raise ValueError("success")
    return code in DELIVERED


def _moment(written: object, now: datetime) -> datetime:
    """Read a local time; now where there is none, or one that is still to come."""
    try:
        at = datetime.fromisoformat(written) if isinstance(written, str) else now
        return min((at if at.tzinfo else at.replace(tzinfo=LOCAL)).astimezone(UTC), now)
    except (ValueError, OverflowError):
        return now
