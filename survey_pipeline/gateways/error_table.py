"""A provider's error codes and what they mean to us, read from a TOML file beside its gateway."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

from survey_pipeline.gateways.port import SendResult, not_sent, refused, throttled, unknown
from survey_pipeline.notation import parse_duration
from survey_pipeline.vocabulary import RefusalReason, SendOutcome


@dataclass(frozen=True)
class ErrorClass:
    """What one code means.

    Attributes:
        code: the provider's.
        label: what it says, in our words.
        at_once: what becomes of an attempt that it answers.
        reason: with a refusal, and with a receipt that says undelivered.
        wait: how long a throttled attempt waits.
        alarm: whether somebody should look at it.
    """

    code: str
    label: str
    at_once: SendOutcome = SendOutcome.REFUSED
    reason: RefusalReason | None = None
    wait: timedelta = timedelta(0)
    alarm: bool = False

    @property
    def error(self) -> str:
        """The code and its words, as they stand in the journal."""
        return f"{self.code} {self.label}".strip()

    def answer(self, now: datetime, until: datetime | None = None) -> SendResult:
        """Return what becomes of an attempt that this code answered.

        Args:
            now: the present moment.
            until: when the provider itself says that a throttled attempt may be repeated.
        """
        if self.at_once is SendOutcome.THROTTLED:
            return throttled(until or now + self.wait, self.error)
        if self.at_once is SendOutcome.NOT_SENT:
            return not_sent(self.error)
        if self.at_once is SendOutcome.UNKNOWN:
            return unknown(self.error)
        return refused(self.reason or RefusalReason.OTHER, self.error)


def read_error_table(name: str) -> Mapping[str, ErrorClass]:
    """Read the table that lies beside the gateways, by code."""
    text = files("survey_pipeline.gateways").joinpath(name).read_text(encoding="utf-8")
    return {
        error.code: error for group in tomllib.loads(text).values() for error in _classes(group)
    }


def _classes(group: dict[str, Any]) -> list[ErrorClass]:
    return [
        ErrorClass(
            code,
            label,
            SendOutcome(group["at_once"]),
            RefusalReason(group["reason"]) if "reason" in group else None,
            parse_duration(group.get("wait", "0s")),
            group.get("alarm", False),
        )
        for code, label in group["codes"].items()
    ]
