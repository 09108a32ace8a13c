"""The evidence that names a record: its key, day and matter, and where its row came from."""

from collections.abc import Collection, Mapping

from survey_pipeline.i18n import N_, Message

_WITH_FILE = {
    (True, True): N_("{record} of {day}, {what}; row {row} of {origin}"),
    (True, False): N_("{record} of {day}; row {row} of {origin}"),
    (False, True): N_("{record}, {what}; row {row} of {origin}"),
    (False, False): N_("{record}; row {row} of {origin}"),
}
_WITHOUT_FILE = {
    ("record", "day", "what"): N_("{record} of {day}, {what}"),
    ("record", "day"): N_("{record} of {day}"),
    ("record", "what"): N_("{record}, {what}"),
    ("record",): N_("{record}"),
    ("day", "what"): N_("record of {day}, {what}"),
    ("day",): N_("record of {day}"),
    ("what",): N_("{what}"),
}


def evidence_of_row(key: str, day: str | None, what: str, row: int, origin: Message) -> Message:
    """Return the evidence of a record that came in a file.

    Args:
        key: the record's natural key.
        day: the date that it carries.
        what: document, matter, source or work; empty if none is known.
        row: the row as the user sees it.
        origin: which file it was, and who brought it when.
    """
    params: dict[str, object] = {"record": key, "row": row, "origin": origin}
    if day is not None:
        params["day"] = day
    if what:
        params["what"] = what
    return Message(_WITH_FILE[day is not None, bool(what)], params)


def without_file(evidence: Message, owners: Collection[str] = ()) -> Message | None:
    """Return evidence for readers who do not have the file: its row and name are left out.

    Args:
        evidence: as it is stored; what is not of a row is returned as it is.
        owners: codes of the office and of its department, as in `record_alone`.

    Returns:
        None where nothing is left.
    """
    if "origin" not in evidence.params:
        return evidence
    return _said(_WITHOUT_FILE, {**_number(evidence, owners), **_kept(evidence, "day", "what")})


def record_alone(evidence: Message, owners: Collection[str]) -> Message | None:
    """Return evidence for the office itself: the record's number and day, without its matter.

    Args:
        evidence: as it is stored; what is of no record is returned as it is.
        owners: codes of the office and of its department. A record that is named by them is the
            only one of its kind, and an award carries the office's code behind its number.

    Returns:
        None where neither number nor day is left.
    """
    if "record" not in evidence.params:
        return evidence
    return _said(_OF_RECORD, {**_number(evidence, owners), **_kept(evidence, "day")})


def _number(evidence: Message, owners: Collection[str]) -> dict[str, object]:
    """Return a record's number as its owners know it; nothing where it is their own code."""
    key = str(evidence.params["record"])
    number = next(
        (key.removesuffix(f"/{code}") for code in owners if key.endswith(f"/{code}")), key
    )
    return {} if number in owners else {"record": number}


def _kept(evidence: Message, *names: str) -> dict[str, object]:
    return {name: evidence.params[name] for name in names if name in evidence.params}


def _said(texts: Mapping[tuple[str, ...], str], known: dict[str, object]) -> Message | None:
    return Message(texts[tuple(known)], known) if known else None


_OF_RECORD = {
    ("record", "day"): N_("record {record} of {day}"),
    ("record",): N_("record {record}"),
    ("day",): N_("record of {day}"),
}
