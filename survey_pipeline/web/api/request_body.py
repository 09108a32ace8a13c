"""The body of `POST /api/v1/cases`: JSON, read strictly, as rows and a report day."""

import json
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from survey_pipeline.i18n import N_, Message
from survey_pipeline.stages.intake.uploads.posted_rows import MOST_ROWS
from survey_pipeline.stages.intake.uploads.posted_source import Repeated
from survey_pipeline.typed import as_key

MOST_VALUES = 32 * MOST_ROWS
"""Values in a body: a row has nine columns and a few that are ignored. More are refused before they
are parsed, which takes memory, and time in which nothing else is answered."""

NO_JSON = N_("the body is no JSON document in UTF-8: {problem}")
TOO_DEEP = N_("it is nested too deeply")
NO_NUMBER = N_("{word} is no number of JSON; write null where there is none")
NAMED_TWICE = N_("the name {name} stands twice")
NO_ROWS = N_('send the rows as a list, or as {{"rows": [...], "reported_on": "2023-05-04"}}')
NO_DAY = N_("reported_on is no date; write 2023-05-04")
TOO_MANY = N_("{count} rows are too many at once; send at most {most}")
MANY = N_("there are too many rows at once; send at most {most}")
MANY_VALUES = N_("there are too many values at once; send at most {most} rows, as flat objects")


class ApiRefusal(Exception):
    """A request that is answered with a status and a message."""

    def __init__(self, status: int, message: Message, **headers: str) -> None:
        self.status, self.message = status, message
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        super().__init__(str(message))


def read_document(body: bytes) -> tuple[Sequence[object], date | None]:
    """Return the rows, numbers as they are written, and the report day, if one is named.

    Raises:
        ApiRefusal: the body is no JSON, or contains no rows.
    """
    if sum(map(body.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise ApiRefusal(413, Message(MANY_VALUES, {"most": MOST_ROWS}))
    try:
        document = json.loads(
            body.decode("utf-8-sig"),
            object_pairs_hook=_CountedObjects(),
            parse_int=str,
            parse_float=_number,
            parse_constant=_no_number,
        )
    except RecursionError as error:
        raise _no_json(Message(TOO_DEEP)) from error
    except ValueError as error:
        raise _no_json(getattr(error, "msg", None) or type(error).__name__) from error
    rows, day = document, None
    if isinstance(document, dict):
        for name, value in document.items():
            if isinstance(value, Repeated):
                raise _no_json(Message(NAMED_TWICE, {"name": name}))
        rows, day = document.get("rows"), document.get("reported_on")
    if not isinstance(rows, list):
        raise ApiRefusal(422, Message(NO_ROWS))
    if (count := len(rows)) > MOST_ROWS:
        rows.clear()  # the exception's traceback would keep them in memory
        raise ApiRefusal(413, Message(TOO_MANY, {"count": count, "most": MOST_ROWS}))
    return rows, None if day is None else _day(day)


def _no_json(problem: Message | str) -> ApiRefusal:
    return ApiRefusal(422, Message(NO_JSON, {"problem": problem}))


def _no_number(word: str) -> str:
    """Refuse a number that JSON does not have, though Python's parser accepts it."""
    raise _no_json(Message(NO_NUMBER, {"word": word}))


_WITH_EXPONENT = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?[eE][+-]?[0-9]{1,2}")


def _number(text: str) -> str | float:
    """Return a number as its digits; one that no cell can have, as a float."""
    if "e" not in text.casefold():
        return text
    return f"{Decimal(text):f}" if _WITH_EXPONENT.fullmatch(text) else float(text)


class _CountedObjects:
    """Makes the objects of a document; refuses it when there are more than rows may be."""

    def __init__(self) -> None:
        self._left = 2 * MOST_ROWS  # up to twice the limit, so that the refusal can name the count

    def __call__(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        self._left -= 1
        if self._left < 0:
            raise ApiRefusal(413, Message(MANY, {"most": MOST_ROWS}))
        found = dict(pairs)
        return found if len(found) == len(pairs) else _repeated(pairs)


def _repeated(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return an object in which a name is repeated, with all values of that name."""
    values: dict[str, list[object]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return {
        name: found[0] if len(found) == 1 else Repeated(found) for name, found in values.items()
    }


def _day(text: object) -> date:
    try:
        return date.fromisoformat(as_key(str(text)))
    except ValueError as error:
        raise ApiRefusal(422, Message(NO_DAY)) from error
