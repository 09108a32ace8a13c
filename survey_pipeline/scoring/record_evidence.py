"""The evidence that names a record: its key, day and matter, and where its row came from."""

from collections.abc import Collection

from survey_pipeline.i18n import N_, Message

_WITH_FILE = {
    (True, True): N_("{record} of {day}, {what}; row {row} of {origin}"),
    (True, False): N_("{record} of {day}; row {row} of {origin}"),
    (False, True): N_("{record}, {what}; row {row} of {origin}"),
    (False, False): N_("{record}; row {row} of {origin}"),
}
_WITHOUT_FILE = {
    (True, True): N_("{record} of {day}, {what}"),
    (True, False): N_("{record} of {day}"),
    (False, True): N_("{record}, {what}"),
    (False, False): N_("{record}"),
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


def without_file(evidence: Message) -> Message:
    """Return evidence for readers who do not have the file: its row and name are left out.

    Evidence that is not of a row is returned as it is.
    """
    if "origin" not in evidence.params:
        return evidence
    known = {
        name: value for name, value in evidence.params.items() if name not in {"row", "origin"}
    }
    text = _WITHOUT_FILE["day" in known, "what" in known]
    return Message(text, known)


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
    key = str(evidence.params["record"])
    number = next(
        (key.removesuffix(f"/{code}") for code in owners if key.endswith(f"/{code}")), key
    )
    known: dict[str, object] = {} if number in owners else {"record": number}
    if "day" in evidence.params:
        known["day"] = evidence.params["day"]
    return Message(_OF_RECORD[tuple(known)], known) if known else None


_OF_RECORD = {
    ("record", "day"): N_("record {record} of {day}"),
    ("record",): N_("record {record}"),
    ("day",): N_("record of {day}"),
}
