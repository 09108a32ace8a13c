"""How a number is shown where it must not be read."""


def masked(number: str) -> str:
    """Return an E.164 number as `138****5678`; a landline keeps its last two digits."""
    national = number.removeprefix("+86")
    if len(national) == 11 and national.startswith("1"):
        return f"{national[:3]}****{national[-4:]}"
    return f"{'*' * max(len(national) - 2, 0)}{national[-2:]}"
