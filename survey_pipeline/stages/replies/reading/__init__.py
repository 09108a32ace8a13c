"""How one reply is read: closed lists and a small grammar that must cover the whole text.

Nothing uncertain becomes a rating. What the lists and the grammar do not cover to the last
character is unclear and waits for a person (specification, section 6).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from survey_pipeline.i18n import N_
from survey_pipeline.stages.replies.reading import denials, grammar, wishes
from survey_pipeline.stages.replies.reading import words as w
from survey_pipeline.stages.replies.reading.agreement import agreed
from survey_pipeline.stages.replies.reading.clauses import Clause, quotes_a_part, split
from survey_pipeline.stages.replies.reading.grammar import Findings
from survey_pipeline.stages.replies.reading.normalise import MAX_CHARACTERS, normalise, visible
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
    """How a reply is read, and why; `with_rating` marks an opt-out that came with a rating.

    `bare` marks an option alone, its number or its own word.
    """

    reply_class: ReplyClass
    why: str
    rating: Rating | None = None
    with_rating: bool = False
    bare: bool = False


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
    plain = _ORDINAL.sub(r"\1", plain)
    clauses = split(plain)
    if not clauses:
        return _unclear(_EMPTY)
    return (
        _begin(clauses, options)
        or _stop(clauses, options)
        or _denial(clauses, options)
        or _rating(clauses, options, quotes_a_part(plain))
    )


_ORDINAL = re.compile(r"\A\W*第([一二三])\W*\Z")
"""第一, where it is the whole reply; beside others it may begin a list of complaints."""


def _unclear(why: str) -> Reading:
    return Reading(ReplyClass.UNCLEAR, why)


def _begin(clauses: list[Clause], options: Mapping[str, Rating]) -> Reading | None:
    """Read START or 恢复: it needs a text that says so, and courtesy at most."""
    rest = [clause for clause in clauses if not wishes.asks_to_begin(clause.text)]
    if len(rest) == len(clauses) or any(clause.asks for clause in clauses):
        return None
    return Reading(ReplyClass.OPT_IN, _BEGIN) if grammar.read(rest, options).is_silent else None


def _stop(clauses: list[Clause], options: Mapping[str, Rating]) -> Reading | None:
    """Read an opt-out: a clause that says so in whole words, or a keyword among known words."""
    asking = [at for at in range(len(clauses)) if _asks_to_stop(clauses, at)]
    rest = [
        clause
        for at, clause in enumerate(clauses)
        if at not in asking and not _goes_with_a_wish(clause.text)
    ]
    if any(wishes.invites(clause.text) for clause in rest):
        return None
    found = grammar.read(rest, options)
    whole = any(wishes.says_stop(clauses[at].text) for at in asking)
    once = sum(len(clauses[at].text) == 1 for at in asking) <= 1  # "T T" is a face
    keyword = (bool(asking) or found.opt_out) and once and not _obscure(found)
    quoted = len(options) > 1 and set(found.codes) >= set(options)  # our own text, every option
    if quoted or not (whole or keyword):
        return None
    unread = found.unread and grammar.may_rate("".join(clause.text for clause in rest))
    rated = bool(found.ratings or found.codes or unread)
    return Reading(ReplyClass.OPT_OUT, _STOP_RATED if rated else _STOP, with_rating=rated)


def _asks_to_stop(clauses: list[Clause], at: int) -> bool:
    """Return whether a clause asks for no more texts, given what stands around it."""
    clause = clauses[at]
    if not wishes.asks_to_stop(clause.text):
        return False
    if clause.asks and wishes.is_keyword(clause.text):
        return False  # "退订？" asks about it
    if at and wishes.is_taken_back(clauses[at - 1].text):
        return False
    return not wishes.answers_by_itself(clause.text, [other.text for other in clauses])


def _goes_with_a_wish(clause: str) -> bool:
    return denials.denies(clause) or wishes.gives_reason(clause)


def _obscure(found: Findings) -> bool:
    """Return whether more than a mixed or doubtful rating stands beside a keyword."""
    obscure = {grammar.QUESTION, grammar.NEGATED, grammar.UNKNOWN_WORDS}
    doubts = {*found.reasons, *(why for _, why in found.unread)}
    return found.bare_topic or not obscure.isdisjoint(doubts)


def _denial(clauses: list[Clause], options: Mapping[str, Rating]) -> Reading | None:
    """Read "that was not my case"; questions about the case may stand beside it."""
    if denials.deny_for_another([clause.text for clause in clauses]):
        return Reading(ReplyClass.NOT_MY_CASE, _DENIED)
    denied = [clause for clause in clauses if denials.denies(clause.text)]
    if not denied:
        return None
    rest = [
        clause
        for clause in clauses
        if clause not in denied and not denials.may_stand_beside(clause.text)
    ]
    if not grammar.read(rest, options).is_silent or any(clause.asks for clause in denied):
        return _unclear(_DENIED_AND_MORE)
    return Reading(ReplyClass.NOT_MY_CASE, _DENIED)


def _rating(clauses: list[Clause], options: Mapping[str, Rating], quotes: bool) -> Reading:
    """Read a rating, where everything in the reply agrees on one."""
    found = grammar.read(clauses, options)
    rating, why = agreed(found, clauses, options)
    if rating is None or quotes:
        return _unclear(why or grammar.DOUBTFUL)
    reason = _CODE_AND_WORDS if found.codes and found.ratings else _CODE if found.codes else _WORDS
    bare = len(clauses) == 1 and clauses[0].text in {*options, *w.NUMERALS, *_LABELS}
    return Reading(ReplyClass(rating.value), reason, rating, bare=bare)


_LABELS = ("满意", "一般", "不满意")
"""The words of the options themselves."""
