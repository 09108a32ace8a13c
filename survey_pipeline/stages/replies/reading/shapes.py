"""The shapes of a rating clause: words make phrases, phrases make a clause, nothing is left over.

Both steps are patterns over letters, one letter a kind of word or phrase. A word that begins no
phrase and stands at no place that a clause has for it makes the clause doubtful.
"""

import re
from dataclasses import dataclass

_ALSO = "(?:(?<=[psya])Y)?"
"""也 says "too" only after what it speaks of; at the head of a reply it is lukewarm."""

_PHRASES = re.compile(
    "|".join(
        f"(?P<{name}>{pattern})"
        for name, pattern in (
            ("code", "d"),
            ("label_object", "[iIlrt]*P(?:[ys]+D?)?a+"),
            ("bad_object", "[wYiIlrtj]*N[ys]+D?a+"),
            ("doubled", "[wYilrtj]*[nvb][iIlrt]*[nvbNMAFC]"),
            ("negated", "[wYilrt]*(?:j?n[iI]*[PG]q?|v[iI]*PO?|b[iI]+[PG])[zD]*"),
            ("not_quality", "[wYilrtj]*[nvb][iI]*[WV][zD]*"),
            ("label", f"{_ALSO}w?[iIlrt]*Pq?[zLD]*"),
            ("praise", f"{_ALSO}[iIlrt]*Aq?[zD]*"),
            ("strong", f"{_ALSO}(?:(?=[lrt]*[irI])[ilrtI]*[GW]q?|[lt]*[GW]q)[zD]*"),
            ("good", f"{_ALSO}[lt]*(?:G(?![FM])|W)[zD]*"),
            ("measure", f"{_ALSO}[ilrt]*Vq?[zD]*"),
            ("neutral", "(?:^G)?[Ylrt]*Mz*[Lh]?z*"),
            ("bad", "[wYiIlrtj]*Nq?[zD]*"),
            ("poor", "G?[wYiIlrtj]+Fq?[zD]*|G?Fq?z*"),
            ("complaint", "[wYiIlrtj]*C[zLD]*"),
            ("wish", "S[SscapyxegmDLzCGVWirltIYfdH]+$"),
        )
    )
)
"""Phrases over the kinds of `words`, the first that fits. No 了 after weak praise: "效率高了" is a
change; no 过 after any: "满意过" is the past."""

_STATES = frozenset(
    {"label_object", "bad_object", "negated", "not_quality", "label", "praise", "strong", "good",
     "measure", "neutral", "bad", "poor", "complaint"}
)  # fmt: skip

_SUBJECT = "(?:[psya]|l(?=[ya])|(?<=[psya])D(?=[yax])|(?<=[pya])m(?=[ya]))"
_CODE = f"(?:{_SUBJECT}*(?:x{{1,2}}w?|g)?)?d[zDh]?z?"
_FIRST = f"{_SUBJECT}*(?:x{{1,2}}|g[ya]*)?[RrB]"
_NEXT = f"(?:[RB]|{_SUBJECT}+[RrB])"
_SAYS = f"{_FIRST}{_NEXT}*(?:(?<=B)a)?"
_TOPIC = f"{_SUBJECT}*(?:x{{0,2}}w?|g[ya]*)"
_RATES = f"(?:{_CODE}(?:{_SAYS})?|{_SAYS}d?)"
_TAIL = "(?:[fHz]|(?<=[fH])L)*"

_CLAUSE = re.compile(f"[fHz]*(?:{_RATES}|{_TOPIC})S?{_TAIL}")
_KEYWORD = re.compile(f"[fHz]*(?:p?x{{1,2}})?o{_TAIL}")
_KEYWORD_BESIDE = re.compile(f"(?:o{_RATES}[fHz]*|[fHz]*{_RATES}[fHz]*o)")
_COURTESY = re.compile("y*[fH][yapsmDWzLfHeE]*")


@dataclass(frozen=True)
class Phrase:
    """A run of words that says one thing; `name` is "word" for a word on its own."""

    name: str
    start: int
    end: int


def phrases(letters: str) -> list[Phrase]:
    """Cut the kinds of a clause's words into phrases."""
    found: list[Phrase] = []
    at = 0
    while at < len(letters):
        match = _PHRASES.match(letters, at)
        end = match.end() if match else at + 1
        found.append(Phrase((match and match.lastgroup) or "word", at, end))
        at = end
    return found


def _symbol(phrase: Phrase, letters: str) -> str:
    """Return a phrase's letter: B ends in 的 and may describe what follows; r leans on a topic."""
    if phrase.name == "word":
        return letters[phrase.start].replace("S", "X")
    if phrase.name in ("code", "wish"):
        return {"code": "d", "wish": "S"}[phrase.name]
    if phrase.name not in _STATES:
        return "X"
    if phrase.name in ("praise", "strong") and letters[phrase.end - 1] == "D":
        return "B"
    return "r" if letters[phrase.start] in "lwY" else "R"


def is_courtesy(letters: str) -> bool:
    """Return whether a clause only thanks or greets ("谢谢医生的耐心")."""
    return _COURTESY.fullmatch(letters) is not None


def fits(found: list[Phrase], letters: str, short_keyword: bool) -> bool:
    """Return whether the phrases make a clause; small pictures may stand anywhere.

    Args:
        found: The phrases of the clause.
        letters: The kinds of its words.
        short_keyword: Whether an opt-out word in it is one letter, which must stand alone ("T3").
    """
    symbols = "".join(_symbol(phrase, letters) for phrase in found)
    symbols = symbols.replace("e", "").replace("E", "")
    if "o" in symbols:
        beside = not short_keyword and _KEYWORD_BESIDE.fullmatch(symbols)
        return bool(beside or _KEYWORD.fullmatch(symbols))
    return _CLAUSE.fullmatch(symbols) is not None
