"""Aliyun's codes: what may be quoted of one, and what it means (`aliyun_errors.toml`)."""

import logging
import re

from survey_pipeline.gateways.error_table import ErrorClass, read_error_table

log = logging.getLogger(__name__)

OK = "OK"
ERRORS = read_error_table("aliyun_errors.toml")

_CODE = re.compile(r"(?!.*[0-9]{7})[A-Za-z0-9_.:-]{1,64}")
"""A code, and nothing that could be a number or a text."""


def code_of(value: object) -> str:
    """Return a code as it may be quoted; empty where it is none."""
    return value if isinstance(value, str) and _CODE.fullmatch(value) else ""


def meaning(code: str) -> ErrorClass | None:
    """Return what a code means, by itself or by its part before the first dot."""
    return ERRORS.get(code) or ERRORS.get(code.partition(".")[0])


def not_listed(code: str) -> ErrorClass:
    """Return the meaning of a code that the table does not have: refused, with an alarm."""
    return ErrorClass(code, "not in our table", alarm=True)


def sound_alarm(found: ErrorClass, label: str) -> None:
    """Log an alarm for a code that operators must know of."""
    if found.alarm:
        about = {"action": "gateway_alarm", "gateway": label}
        log.error("aliyun: %s", found.error, extra=about)
