"""The small grammar of a rating: words to findings, clause by clause, to the last character."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from survey_pipeline.i18n import N_
from survey_pipeline.stages.replies.reading import words as w
from survey_pipeline.vocabulary import Rating

UNKNOWN_WORDS = N_("The reply has words that the lists do not know.")
NO_RATING = N_("The reply has no rating in it.")
SEVERAL_CODES = N_("The reply names more than one option.")
NOT_OFFERED = N_("The number is not an option that was offered.")
CONTRADICTION = N_("The option's number and the words contradict each other.")
MIXED = N_("The reply rates more than one way.")
QUESTION = N_("The reply asks something.")
TURNS = N_("The reply rates and then takes something back.")
CHANGED = N_("The reply speaks of a change over time.")
NEGATED = N_("The negation in the reply does not say which rating is meant.")
DOUBTFUL = N_("The reply has words that may be meant either way.")
COMPLAINS = N_("The reply complains but does not rate so.")

_WORD_SENSE = {
    w.DOUBTFUL: DOUBTFUL,
    w.CONTRAST: TURNS,
    w.ASKING: QUESTION,
    w.TIME: CHANGED,
}
_PLAIN_SYMBOLS = frozenset("~=^`≧≦´")
_NOT_SEPARATING = frozenset("@&%‰")
_LETTERS = re.compile(r"[a-z]+")
_NUMBER = re.compile(r"第([0-9]{1,3}|[一二三])[个项]|([0-9]+|[一二三壹贰叁])")

_PHRASES = re.compile(
    "|".join(
        f"(?P<{name}>{pattern})"
        for name, pattern in (
            ("code", "x?dh?"),
            ("doubled", "[ilrtj]*[nvb][ilrt]*[nvbNMA]"),
            ("negated", "[ilrt]*(?:j?ni*[PG]|jN|vi*P|bi+[PG])[qz]*"),
            ("not_quality", "[ilrt]*ni*[WV]z*"),
            ("label", "[ilrt]*Pq?z*"),
            ("praise", "[ilrt]*Aq?z*"),
            ("strong", "[lrt]*[ir][ilrt]*[GW]q?z*|[lt]*[GW]qz*"),
            ("good", "[lt]*[GW]z*"),
            ("measure", "[ilrt]*Vq?z*"),
            ("neutral", "[lrt]*Mz*h?z*"),
            ("bad", "[ilrt]*Nq?z*"),
            ("complaint", "[ilrtj]*Cz*"),
            ("wish", "S[SscazyxeCGVWirltfd]*$"),
            ("friendly", "e"),
            ("angry", "E"),
            ("opt_out", "o"),
            ("plain", "[syazfx]"),
        )
    )
)
"""Phrases over the letters of kinds. A letter that begins none of them is a doubt."""

_RATED = {
    "negated": Rating.DISSATISFIED,
    "label": Rating.SATISFIED,
    "praise": Rating.SATISFIED,
    "strong": Rating.SATISFIED,
    "neutral": Rating.NEUTRAL,
    "bad": Rating.DISSATISFIED,
}


@dataclass(frozen=True)
class Clause:
    """A piece of a reply between two separators; `asks` where a question mark ends it."""

    text: str
    asks: bool = False


@dataclass(frozen=True)
class Token:
    """A word of the lists with its kind."""

    text: str
    kind: str
    written: int = 0

    @property
    def length(self) -> int:
        """How many characters of the clause the word takes."""
        return self.written or len(self.text)


@dataclass
class Findings:
    """What the clauses say; `doubt` is the first reason for which nothing may be booked."""

    ratings: list[Rating] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    complaints: bool = False
    friendly: bool = False
    angry: bool = False
    opt_out: bool = False
    doubt: str = ""
    bare_aspect: bool = False

    def doubts(self, why: str) -> None:
        """Note a reason for doubt; the first one stays."""
        self.doubt = self.doubt or why


def _separates(text: str, at: int) -> bool:
    character = text[at]
    if character in _NOT_SEPARATING:
        return False
    category = unicodedata.category(character)
    if category == "Pd":  # a sign before a digit changes its meaning
        return not text[at + 1 : at + 2].isdigit()
    return category[0] in "PZ" or character in _PLAIN_SYMBOLS


def split(text: str) -> list[Clause]:
    """Split a normalised reply at punctuation and blanks."""
    if "100%" in text:
        text = text.replace("100%", "百分百")
    clauses: list[Clause] = []
    start = 0
    for at, character in enumerate(text):
        asks = character in "?⁇❓❔"
        if asks or _separates(text, at):
            clauses.append(Clause(text[start:at], asks))
            start = at + 1
    clauses.append(Clause(text[start:]))
    return [clause for clause in clauses if clause.text or clause.asks]


def _latin(text: str, at: int) -> Token | None:
    found = _LETTERS.match(text, at)
    if not found:
        return None
    word = found.group()
    if word in w.LATIN_OPT_OUT:
        return Token(word, w.OPT_OUT)
    return Token(word, w.LEXICON[word]) if word in w.LEXICON else None


def _longest(text: str, at: int) -> Token | None:
    best: Token | None = None
    for pattern, kind in w.PATTERNS:
        found = pattern.match(text, at)
        if found and (best is None or len(found.group()) > len(best.text)):
            best = Token(found.group(), kind)
    for length in range(min(w.LONGEST_WORD, len(text) - at), len(best.text) if best else 0, -1):
        piece = text[at : at + length]
        if piece in w.LEXICON:
            return Token(piece, w.LEXICON[piece])
    return best


def _number(text: str, at: int) -> Token | None:
    found = _NUMBER.match(text, at)
    if not found:
        return None
    number = found.group(1) or found.group(2)
    return Token(w.NUMERALS.get(number, number), w.CODE, len(found.group()))


def tokens(text: str) -> list[Token] | None:
    """Return the words of a clause, or None where the lists do not cover it to the end."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        candidates = (_latin(text, at), _longest(text, at), _number(text, at))
        best = max(filter(None, candidates), key=lambda token: token.length, default=None)
        if best is None:
            return None
        found.append(best)
        at += best.length
    return found


def may_rate(text: str) -> bool:
    """Say whether a person should look for a rating in `text`; never used to book one."""
    return any(word in text for word in ("满意", "好", "差", "一般", "不错"))


def read_clause(found: list[Token], options: Mapping[str, Rating], into: Findings) -> None:
    """Add what one clause says to the findings."""
    letters = "".join(token.kind for token in found)
    into.bare_aspect = into.bare_aspect or w.ASPECT in letters
    at, aspect = 0, ""
    while at < len(letters):
        name, end = _phrase(letters, at)
        if name == "plain":
            aspect = found[at].text if letters[at] == w.ASPECT else aspect
        else:
            _note(name, found, (at, end), aspect, options, into)
        at = end
    if w.YOU in letters and w.LABEL in letters and not any("我" in t.text for t in found):
        into.doubts(DOUBTFUL)  # "you are satisfied" is not "I am"


def _phrase(letters: str, at: int) -> tuple[str, int]:
    found = _PHRASES.match(letters, at)
    if found is None or found.lastgroup is None:
        return "other", at + 1
    return found.lastgroup, found.end()


def _note(
    name: str,
    found: list[Token],
    span: tuple[int, int],
    aspect: str,
    options: Mapping[str, Rating],
    into: Findings,
) -> None:
    """Add what one phrase says."""
    rated = name in _RATED or _supported(found[slice(*span)], aspect)
    if name == "code":
        _note_code(found, span, options, into)
    elif rated:
        into.ratings.append(_RATED.get(name, Rating.SATISFIED))
        into.bare_aspect = False
        if _goes_on(found, span):
            into.doubts(DOUBTFUL)
    elif name in ("good", "measure"):
        into.doubts(NO_RATING)
    elif name in ("complaint", "wish", "not_quality"):
        kinds = {token.kind for token in found[slice(*span)]}
        into.complaints = into.complaints or w.COMPLAINT in kinds or name != "wish"
        into.bare_aspect = False
    elif name in ("friendly", "angry", "opt_out"):
        setattr(into, name, True)
    else:
        into.doubts(_WORD_SENSE.get(found[span[0]].kind, NEGATED))


def _supported(phrase: list[Token], aspect: str) -> bool:
    """Say whether a weak word of praise belongs to what stands before it.

    "服务好" praises; "医生好" greets, "手续好了" says that it is done, "收费高" blames.
    """
    weak = [token for token in phrase if token.kind in (w.GOOD, w.QUALITY, w.MEASURE)]
    if not weak or not aspect:
        return False
    if weak[-1].kind == w.QUALITY:
        return True
    return aspect.endswith(w.PRAISED_BY.get(weak[-1].text, ()))


def _goes_on(found: list[Token], span: tuple[int, int]) -> bool:
    """Say whether a rating word only describes the word after it ("不好办理")."""
    start, end = span
    last = found[end - 1]
    label = last.kind == w.LABEL or last.text in ("不满意", "不满")
    return not label and end < len(found) and found[end].kind == w.ASPECT


def _note_code(
    found: list[Token], span: tuple[int, int], options: Mapping[str, Rating], into: Findings
) -> None:
    start, end = span
    number = next(token.text for token in found[start:end] if token.kind == w.CODE)
    into.codes.append(number)
    before = {token.kind for token in found[:start]}
    after = [token.kind for token in found[end:]]
    first = before <= {w.CONTEXT, w.COURTESY, w.SELECT, w.OPT_OUT}
    last = set(after) <= {w.PARTICLE, w.COURTESY, w.OPT_OUT, w.FRIENDLY}
    if number not in options:
        into.doubts(NOT_OFFERED)
    elif not (first or last) or after[:1] == [w.ASPECT]:
        into.doubts(UNKNOWN_WORDS)
