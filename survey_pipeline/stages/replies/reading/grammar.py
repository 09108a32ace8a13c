"""What a reply says: the findings of its clauses, each read to the last character."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from survey_pipeline.i18n import N_
from survey_pipeline.stages.replies.reading import shapes
from survey_pipeline.stages.replies.reading import words as w
from survey_pipeline.stages.replies.reading.shapes import Phrase
from survey_pipeline.stages.replies.reading.tokens import Clause, Token, tokens
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
OTHERS_RATE = N_("The reply may speak of somebody else's satisfaction.")

_WORD_SENSE = {
    w.DOUBTFUL: DOUBTFUL,
    w.CONTRAST: TURNS,
    w.ASKING: QUESTION,
    w.TIME: CHANGED,
}
_RATED = {
    "negated": Rating.DISSATISFIED,
    "label": Rating.SATISFIED,
    "praise": Rating.SATISFIED,
    "strong": Rating.SATISFIED,
    "neutral": Rating.NEUTRAL,
    "bad": Rating.DISSATISFIED,
    "poor": Rating.DISSATISFIED,
}
_STATED = (
    "满意", "不满", "好评", "差评", "中评", "点赞", "赞", "五星", "垃圾", "👍", "👎", "觉得",
)  # fmt: skip
"""What rates whatever stands before it; "我很好" is one's own health, "结果不好" a finding."""
_WEAK = frozenset({w.GOOD, w.QUALITY, w.MEASURE})


@dataclass
class Findings:
    """What the clauses say; `reasons` are those for which nothing may be booked.

    Attributes:
        weak: Praise too weak to rate by itself ("好", "快").
        bare_topic: Something was named and not rated yet.
        others: Somebody was named and not rated: the words after it may be theirs.
        labelled: 满意 or 不满意 was said with no subject.
    """

    ratings: list[Rating] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    complaints: bool = False
    friendly: bool = False
    angry: bool = False
    opt_out: bool = False
    weak: bool = False
    bare_topic: bool = False
    others: bool = False
    labelled: bool = False
    reasons: list[str] = field(default_factory=list)

    @property
    def doubt(self) -> str:
        """The first reason for which nothing may be booked, or an empty text."""
        return self.reasons[0] if self.reasons else ""

    def doubts(self, why: str) -> None:
        """Note a reason for doubt."""
        self.reasons.append(why)


def may_rate(text: str) -> bool:
    """Say whether a person should look for a rating in `text`; never used to book one."""
    return any(word in text for word in ("满意", "好", "差", "一般", "不错"))


def read(clauses: list[Clause], options: Mapping[str, Rating]) -> Findings:
    """Read clauses one after the other into one set of findings."""
    found = Findings()
    for clause in clauses:
        if clause.asks:
            found.doubts(QUESTION)
        words = tokens(clause.text)
        if words is None:
            found.doubts(UNKNOWN_WORDS)
        else:
            _read_clause(words, options, found)
    if found.others and found.labelled:
        found.doubts(OTHERS_RATE)
    return found


def _read_clause(words: list[Token], options: Mapping[str, Rating], into: Findings) -> None:
    letters = "".join(token.kind for token in words)
    into.friendly = into.friendly or w.FRIENDLY in letters
    into.angry = into.angry or w.ANGRY in letters
    if shapes.is_courtesy(letters):
        return
    found = shapes.phrases(letters)
    for phrase in found:
        if phrase.name == "word" and letters[phrase.start] in _WORD_SENSE:
            into.doubts(_WORD_SENSE[letters[phrase.start]])
    short = any(token.kind == w.OPT_OUT and len(token.text) == 1 for token in words)
    if shapes.fits(found, letters, short):
        into.opt_out = into.opt_out or w.OPT_OUT in letters
    else:
        negates = set(letters) & {w.NOT, w.NOT_YET, w.IS_NOT}
        into.doubts(CHANGED if w.PAST in letters else NEGATED if negates else DOUBTFUL)
    if set(letters) == {w.PERSON}:
        into.doubts(DOUBTFUL)  # "我 很好" is about oneself
    _note_topic(words, found, into)
    for phrase in found:
        _note(phrase, words, options, into)


def _note_topic(words: list[Token], found: list[Phrase], into: Findings) -> None:
    """Note what a clause names without rating it, and whose satisfaction it speaks of."""
    letters = "".join(token.kind for token in words)
    says = any(phrase.name not in ("word", "code", "wish") for phrase in found)
    if says:
        into.bare_topic = False
        at = next((at for at, token in enumerate(words) if _is_label(token)), None)
        if at is not None:
            into.labelled = into.labelled or not set(letters[:at]) & {w.PERSON, w.ASPECT}
            _note_owner(words[:at], into)
    elif w.ASPECT in letters or w.OTHERS in letters:
        into.bare_topic = into.bare_topic or w.SUGGEST not in letters
        into.others = into.others or w.OTHERS in letters
    elif any(token.text in ("今天", "昨天") for token in words):
        into.bare_topic = True  # "今天 3" may be a date


def _is_label(token: Token) -> bool:
    """Say whether a word is somebody's feeling (satisfied), which a staff member too may have."""
    felt = token.kind == w.LABEL or token.text in ("不满意", "不满", "好评", "差评", "中评")
    return felt and not token.text.startswith(("让", "令", "使"))


def _note_owner(before: list[Token], into: Findings) -> None:
    """Doubt "你们满意": who is satisfied? "我对你们", "对你们" and "你们的服务" are about them."""
    if any(token.kind == w.GIVE for token in before):
        return
    for at, token in enumerate(before):
        follows = before[at + 1].kind if at + 1 < len(before) else ""
        if token.kind == w.PERSON or (token.kind == w.CONTEXT and token.text.startswith("对")):
            return
        if token.kind == w.OTHERS and not token.text.endswith("的") and follows != w.OF:
            into.doubts(OTHERS_RATE)


def _note(
    phrase: Phrase, words: list[Token], options: Mapping[str, Rating], into: Findings
) -> None:
    """Add what one phrase says."""
    said = words[phrase.start : phrase.end]
    if phrase.name == "code":
        into.codes.append(said[0].text)
        if said[0].text not in options:
            into.doubts(NOT_OFFERED)
        return
    if phrase.name in _RATED and not _is_about_service(phrase, words):
        into.doubts(DOUBTFUL)
    if phrase.name in ("good", "measure", "strong"):
        _note_praise(phrase, said, _topic(words[: phrase.start]), into)
    elif phrase.name in _RATED:
        into.ratings.append(_RATED[phrase.name])
    elif phrase.name in ("complaint", "not_quality", "wish"):
        kinds = {token.kind for token in said}
        into.complaints = into.complaints or phrase.name != "wish" or w.COMPLAINT in kinds
    elif phrase.name == "doubled":
        into.doubts(NEGATED)


def _is_about_service(phrase: Phrase, words: list[Token]) -> bool:
    """Say whether a rating says itself what it rates, or what stands before it can be rated."""
    if any(token.text.startswith(_STATED) for token in words[phrase.start : phrase.end]):
        return True
    before = words[: phrase.start]
    speaks = bool(before) and before[-1].kind == w.PERSON
    return not speaks and _topic(before) not in w.NOT_RATED_BY


def _topic(before: list[Token]) -> str:
    """Return the word nearest before a phrase that names what it praises."""
    return next((t.text for t in reversed(before) if t.kind in (w.ASPECT, w.OTHERS)), "")


def _note_praise(phrase: Phrase, said: list[Token], topic: str, into: Findings) -> None:
    """Take praise as a rating where it belongs to what stands before it.

    "服务好" praises; "医生好" greets, "手续好了" says that it is done, "收费高" blames.
    """
    weak = next(token for token in reversed(said) if token.kind in _WEAK)
    by_topic = weak.kind == w.QUALITY or topic.endswith(w.PRAISED_BY.get(weak.text, ()))
    if weak.text in w.SAID_TO_PEOPLE and w.LEXICON.get(topic) != w.ASPECT:
        into.doubts(DOUBTFUL)
    elif phrase.name == "strong" or (topic and by_topic):
        into.ratings.append(Rating.SATISFIED)
    elif topic:
        into.doubts(NO_RATING)
    else:
        into.weak = True
