"""How a number is shown: where it must not be read, and to the one who dials it."""


def masked(number: str) -> str:
    """Return an E.164 number as `138****5678`; a landline keeps its last two digits."""
    national = number.removeprefix("+86")
    if len(national) == 11 and national.startswith("1"):
        return f"{national[:3]}****{national[-4:]}"
    return f"{'*' * max(len(national) - 2, 0)}{national[-2:]}"


def dialled(number: str) -> str:
    """Return an E.164 number as one dials it here: `138 1234 5678`."""
    import phonenumbers  # noqa: PLC0415 - takes long, and commands start fast

    parsed = phonenumbers.parse(number)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
