"""What a workbook's number format shows (ECMA-376 part 1, 18.8.31): a date, or a number."""

import re

LONGEST_CODE = 256
"""Characters of a format that are read; a spreadsheet program takes 255."""

_PART = re.compile(
    r'"[^"]*"?|\\.?|[_*].?|\[[^\]]*\]?|General|G/通用格式|AM/PM|A/P|上午/下午|E[+-]|a{3,}|.',
    re.IGNORECASE | re.DOTALL,
)
_LITERAL = ('"', "\\", "_", "*")
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_CONDITION = re.compile(r"\[\s*[<>=]")
_DATE = re.compile("[ymdhsegb]|a{3,}", re.IGNORECASE)


def shows_date(code: str) -> bool:
    """Return whether a number format shows a number as a date or a time of day.

    Letters that are quoted, escaped, padding, or part of a colour or a locale are literal; a span
    of time (`[h]:mm`) is no date. The section for positive numbers decides, where sections have
    conditions any of them.
    """
    sections: list[list[str]] = [[]]
    for part in _PART.findall(code[:LONGEST_CODE]):
        if part == ";":
            sections.append([])
        elif not part.startswith(_LITERAL):
            sections[-1].append(part)
    conditional = any(_CONDITION.match(part) for section in sections for part in section)
    return any(map(_is_date, sections if conditional else sections[:1]))


def _is_date(section: list[str]) -> bool:
    """Return whether a section has the letters of a date, and not those of a span of time."""
    if any(_ELAPSED.fullmatch(part) for part in section):
        return False
    return any(_DATE.fullmatch(part) for part in section)
