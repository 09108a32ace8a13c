"""How one reply is read: closed lists and a small grammar that must cover the whole text.

Nothing uncertain becomes a rating. What the lists and the grammar do not cover to the last
character is unclear and waits for a person (product.md, section 6).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from survey_pipeline.i18n import N_
from survey_pipeline.stages.replies.reading import grammar, requests
from survey_pipeline.stages.replies.reading.grammar import Findings
from survey_pipeline.stages.replies.reading.normalise import MAX_CHARACTERS, normalise, visible
from survey_pipeline.stages.replies.reading.tokens import Clause, quotes_a_part, split
from survey_pipeline.vocabulary import Rating, ReplyClass

__all__ = ["STANDARD_OPTIONS", "Reading", "read_reply"]

STANDARD_OPTIONS: Mapping[str, Rating] = MappingProxyType(
    {"1": Rating.SATISFIED, "2": Rating.NEUTRAL, "3": Rating.DISSATISFIED}
)
"""What the digits mean in the standard's own text."""

_EMPTY = N_("The reply is empty.")
_TOO_LONG = N_("The reply is too long to be read by rule.")
_STOP = N_("The citizen asks for no more messages.")
_STOP_RATED = N_("The citizen asks for no more messages; a person reads the rating beside it.")
_BEGIN = N_("The citizen asks for messages again.")
_DENIED = N_("The citizen says that this was not their case.")
_DENIED_AND_MORE = N_("The reply denies the case and says something else too.")
_CODE = N_("The number of an option that was offered.")
_CODE_AND_WORDS = N_("The number of an option, and words that agree with it.")
_WORDS = N_("Words that rate.")


@dataclass(frozen=True)
class Reading:
    """How a reply is read, and why; `with_rating` marks an opt-out that came with a rating."""

    reply_class: ReplyClass
    why: str
    rating: Rating | None = None
    with_rating: bool = False


def read_reply(text: str, options: Mapping[str, Rating] = STANDARD_OPTIONS) -> Reading:
    """Read one reply.

    Args:
        text: The reply as it came.
        options: What the digits meant in the message that it answers.

    Returns:
        The class and the reason. Never raises, whatever the text.
    """
    if len(text) > MAX_CHARACTERS:
        text = visible(text)
        if len(text) > MAX_CHARACTERS:
            return _unclear(_TOO_LONG)
    plain = normalise(text)
    clauses = split(plain)
    if not clauses:
        return _unclear(_EMPTY)
    asks = any(clause.asks for clause in clauses)
    if not asks and requests.asks_to_begin("".join(clause.text for clause in clauses)):
        return Reading(ReplyClass.OPT_IN, _BEGIN)
    return (
        _stop(clauses, options)
        or _denial(clauses, options)
        or _rating(clauses, options, quotes_a_part(plain))
    )


def _unclear(why: str) -> Reading:
    return Reading(ReplyClass.UNCLEAR, why)


def _stop(clauses: list[Clause], options: Mapping[str, Rating]) -> Reading | None:
    """Read an opt-out: a clause that asks for it, or a keyword with nothing unknown beside it."""
    joined = "".join(clause.text for clause in clauses)
    keyword = requests.is_keyword(joined) and not any(clause.asks for clause in clauses)
    rest = [clause for at, clause in enumerate(clauses) if not requests.stops(clauses, at)]
    found = grammar.read(rest, options)
    asked = keyword or len(rest) < len(clauses) or (found.opt_out and not _obscure(found))
    quoted = len(options) > 1 and set(found.codes) >= set(options)  # our own text, every option
    if not asked or quoted:
        return None
    unread = not keyword and grammar.may_rate("".join(clause.text for clause in rest))
    rated = bool(found.ratings or found.codes or unread)
    return Reading(ReplyClass.OPT_OUT, _STOP_RATED if rated else _STOP, with_rating=rated)


def _obscure(found: Findings) -> bool:
    """Say whether more than a mixed or doubtful rating stands beside a keyword."""
    obscure = {grammar.UNKNOWN_WORDS, grammar.QUESTION}
    return found.bare_topic or not obscure.isdisjoint(found.reasons)


def _denial(clauses: list[Clause], options: Mapping[str, Rating]) -> Reading | None:
    """Read "that was not my case"; questions about the case may stand beside it."""
    denials = [clause for clause in clauses if requests.denies(clause.text)]
    if not denials:
        return None
    rest = [
        clause
        for clause in clauses
        if not requests.denies(clause.text) and not requests.asks_about_case(clause.text)
    ]
    found = grammar.read(rest, options)
    more = found.doubt or found.ratings or found.codes or found.complaints
    if more or found.weak or found.bare_topic or any(clause.asks for clause in denials):
        return _unclear(_DENIED_AND_MORE)
    return Reading(ReplyClass.NOT_MY_CASE, _DENIED)


def _rating(clauses: list[Clause], options: Mapping[str, Rating], quotes: bool) -> Reading:
    """Read a rating, where everything in the reply agrees on one."""
    found = grammar.read(clauses, options)
    if len(found.codes) > 1:
        return _unclear(grammar.SEVERAL_CODES)
    if found.doubt or quotes:
        return _unclear(found.doubt or grammar.DOUBTFUL)
    by_code = {options[code] for code in found.codes}
    by_words = set(found.ratings)
    if len(by_words) > 1:
        return _unclear(grammar.MIXED)
    if by_code and by_words and by_code != by_words:
        return _unclear(grammar.CONTRADICTION)
    rating = next(iter(by_code | by_words), None)
    why = _disagrees(found, rating)
    if rating is None or why:
        return _unclear(why)
    reason = _CODE_AND_WORDS if by_code and by_words else _CODE if by_code else _WORDS
    return Reading(ReplyClass(rating.value), reason, rating)


def _disagrees(found: Findings, rating: Rating | None) -> str:
    """Return why what stands beside a rating speaks against it, or an empty text."""
    if rating is None:
        return grammar.COMPLAINS if found.complaints else grammar.NO_RATING
    if found.bare_topic:
        return grammar.DOUBTFUL
    if rating is Rating.SATISFIED:
        return grammar.TURNS if found.complaints else grammar.MIXED if found.angry else ""
    if found.weak or (found.angry and rating is Rating.NEUTRAL):
        return grammar.MIXED
    return grammar.MIXED if found.friendly and rating is Rating.DISSATISFIED else ""
