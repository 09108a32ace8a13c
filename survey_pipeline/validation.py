"""What a check of outside data found wrong, in words of the catalogue."""

import errno
from collections.abc import Mapping
from typing import Any

from survey_pipeline.i18n import N_, Message


def problem_of(found: Any) -> Message:
    """Return what is wrong in words of the catalogue: our validators', or for Pydantic's own."""
    context = dict(found.get("ctx", {}))
    if found["type"] == "value_error":
        said = context["error"].args[0]
        return said if isinstance(said, Message) else Message(said)
    text = _PROBLEMS.get(found["type"])
    if " or " in context.get("expected", ""):  # Pydantic says "'a', 'b' or 'c'", in English alone
        text = N_("Input should be one of {expected}")
        context["expected"] = context["expected"].replace(" or ", ", ")
    return Message(text, context) if text else Message("{problem}", {"problem": found["msg"]})


_PROBLEMS: Mapping[str, str] = {
    "missing": N_("Field required"),
    **dict.fromkeys(("literal_error", "enum"), N_("Input should be {expected}")),
    "greater_than": N_("Input should be greater than {gt}"),
    "greater_than_equal": N_("Input should be greater than or equal to {ge}"),
    "less_than": N_("Input should be less than {lt}"),
    "less_than_equal": N_("Input should be less than or equal to {le}"),
    **dict.fromkeys(
        ("int_type", "int_parsing", "int_from_float"), N_("Input should be an integer")
    ),
    **dict.fromkeys(("decimal_type", "decimal_parsing"), N_("Input should be a decimal number")),
    "finite_number": N_("Input should be a finite number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), N_("Input should be true or false")),
    "string_type": N_("Input should be a text"),
    "string_pattern_mismatch": N_("Input should have the form {pattern}"),
    "string_too_short": N_("Input should not be empty"),
    "too_short": N_("Input should have at least one entry"),
    **dict.fromkeys(
        ("date_type", "date_from_datetime_inexact"), N_("Input should be a date, as 2023-10-31")
    ),
    "tuple_type": N_("Input should be a list"),
    **dict.fromkeys(("model_type", "dict_type"), N_("Input should be a table of keys")),
}
"""By Pydantic's type of error; types that are not listed keep Pydantic's own words."""


def os_problem(error: OSError) -> Message:
    """Return what the system refused, in words of the catalogue; else in the system's own."""
    text = _SYSTEM.get(error.errno or 0)
    return Message(text) if text else Message("{problem}", {"problem": error.strerror or error})


_SYSTEM: Mapping[int, str] = {
    errno.ENOENT: N_("no such file or folder"),
    errno.ENOTDIR: N_("a part of the path is no folder"),
    errno.EISDIR: N_("a folder stands in its place"),
    errno.EEXIST: N_("it exists already"),
    errno.EACCES: N_("permission denied"),
    errno.EPERM: N_("the operation is not permitted"),
    errno.EROFS: N_("the file system is read-only"),
    errno.ENOSPC: N_("the disk is full"),
    errno.EDQUOT: N_("the disk quota is used up"),
    errno.ENAMETOOLONG: N_("the name is too long"),
    errno.EMFILE: N_("too many files are open"),
    errno.ENFILE: N_("too many files are open"),
    errno.EIO: N_("the disk does not answer"),
    errno.ELOOP: N_("links lead in a circle"),
    errno.EADDRINUSE: N_("the address is in use"),
}
