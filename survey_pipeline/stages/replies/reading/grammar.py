"""What a reply says: the findings of its clauses, each read to the last character."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from survey_pipeline.i18n import N_
from survey_pipeline.stages.replies.reading import shapes, topics
from survey_pipeline.stages.replies.reading import words as w
from survey_pipeline.stages.replies.reading.clauses import Clause
from survey_pipeline.stages.replies.reading.shapes import Phrase
from survey_pipeline.stages.replies.reading.tokens import Token, tokens
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
    "label_object": Rating.SATISFIED,
    "praise": Rating.SATISFIED,
    "strong": Rating.SATISFIED,
    "neutral": Rating.NEUTRAL,
    "bad": Rating.DISSATISFIED,
    "bad_object": Rating.DISSATISFIED,
    "poor": Rating.DISSATISFIED,
}
_NOTHING_WRONG = re.compile(
    "(?:没|没有|没啥|没什么|没有什么|没有任何|无)(?:问题|意见|毛病|怨言|不满|不好|要说的|说的|话说|可说的)"
    "(?:的)?(?:地方)?|没有|没什么|没有不满意的地方|(?:不用|不需要|无需)改进|一切(?:都)?(?:好|正常|顺利)"
)
"""Answers to a question for faults. Praise beside one agrees with it ("没有，挺满意的")."""
_NO = frozenset({"没有", "没什么"})
"""These may negate what follows, unless a comma or full stop ends it."""
_ACKNOWLEDGED = frozenset({"好的", "ok", "okay"})
_WEAK = frozenset({w.GOOD, w.QUALITY, w.MEASURE})


@dataclass
class Findings:
    """What the clauses say; `reasons` are those for which nothing may be booked.

    Attributes:
        weak: Praise too weak to rate by itself ("好", "快").
        bare_topic: Something was named and not rated yet.
        others: Somebody was named and not rated: the words after it may be theirs.
        labelled: 满意 or 不满意 was said with no subject.
        acknowledged: A clause took note of our text (好的).
        nothing_wrong: A question for faults was answered with no.
        recovered: Something recovered: a patient, or the water.
        stated: A rating says itself that it is one (满意, 好评, an option's number).
        unread: Clauses that the lists do not cover or that fit no shape, each with its reason for
            doubt; `remarks` may understand them.
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
    acknowledged: bool = False
    nothing_wrong: bool = False
    recovered: bool = False
    stated: bool = False
    unread: list[tuple[Clause, str]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    @property
    def doubt(self) -> str:
        """The first reason for which nothing may be booked, or an empty text."""
        return next(iter([*self.reasons, *(why for _, why in self.unread)]), "")

    @property
    def unknown(self) -> bool:
        """Whether there are words that the lists do not know."""
        return any(why == UNKNOWN_WORDS for _, why in self.unread)

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing but courtesy."""
        says = self.ratings or self.codes or self.complaints or self.weak or self.bare_topic
        return not (says or self.doubt or self.opt_out or self.nothing_wrong or self.recovered)

    def doubts(self, why: str) -> None:
        """Note a reason for doubt."""
        self.reasons.append(why)


def may_rate(text: str) -> bool:
    """Return whether a person should look for a rating in `text`; never used to book one."""
    return any(word in text for word in ("满意", "好", "差", "一般", "不错"))


def read(clauses: list[Clause], options: Mapping[str, Rating]) -> Findings:
    """Read clauses one after the other into one set of findings."""
    found = Findings()
    for clause in clauses:
        if clause.asks:
            found.doubts(QUESTION)
        words = tokens(clause.text)
        if _NOTHING_WRONG.fullmatch(clause.text) and (clause.closed or clause.text not in _NO):
            found.nothing_wrong = True
        elif clause.text in _ACKNOWLEDGED and not clause.soft and len(clauses) > 1:
            found.acknowledged = True
        elif words is None:
            found.unread.append((clause, UNKNOWN_WORDS))
        else:
            _read_clause(clause, words, options, found)
    if found.others and found.labelled:
        found.doubts(OTHERS_RATE)
    if found.recovered and not found.stated:
        found.doubts(DOUBTFUL)
    return found


def _read_clause(
    clause: Clause, words: list[Token], options: Mapping[str, Rating], into: Findings
) -> None:
    letters = "".join(token.kind for token in words)
    into.friendly = into.friendly or w.FRIENDLY in letters
    into.angry = into.angry or w.ANGRY in letters
    into.recovered = into.recovered or any(token.text in w.RECOVERED for token in words)
    if shapes.is_courtesy(letters):
        return
    found = shapes.phrases(letters)
    if why := _doubtful(found, words, letters):
        into.unread.append((clause, why))
    else:
        into.opt_out = into.opt_out or w.OPT_OUT in letters
        _note_topic(words, found, into)
    if set(letters) == {w.PERSON}:
        into.doubts(DOUBTFUL)  # "我 很好" is about oneself
    for phrase in found:
        # In a clause that says nothing certain 一 counts ("一个人都没有"); a digit may choose.
        if not (why and phrase.name == "code" and not _DIGIT.search(clause.text)):
            _note(phrase, words, options, into)


_DIGIT = re.compile("[0-9]")


def _doubtful(found: list[Phrase], words: list[Token], letters: str) -> str:
    """Return why a clause of known words says nothing certain, or an empty text."""
    for phrase in found:
        if phrase.name == "word" and letters[phrase.start] in _WORD_SENSE:
            return _WORD_SENSE[letters[phrase.start]]
    short = any(token.kind == w.OPT_OUT and len(token.text) == 1 for token in words)
    if shapes.fits(found, letters, short):
        return ""
    negates = set(letters) & {w.NOT, w.NOT_YET, w.IS_NOT}
    return CHANGED if w.PAST in letters else NEGATED if negates else DOUBTFUL


def _note_topic(words: list[Token], found: list[Phrase], into: Findings) -> None:
    """Note what a clause names without rating it, and whose satisfaction it speaks of."""
    letters = "".join(token.kind for token in words)
    says = any(phrase.name not in ("word", "wish") for phrase in found)
    if says:
        into.bare_topic = False
        at = next((at for at, token in enumerate(words) if _is_label(token)), None)
        if at is not None:
            into.labelled = into.labelled or not set(letters[:at]) & {w.PERSON, w.ASPECT}
            _note_owner(words[:at], into)
    elif w.ASPECT in letters or w.OTHERS in letters:
        into.bare_topic = into.bare_topic or w.SUGGEST not in letters
        into.others = into.others or (w.OTHERS in letters and w.SUGGEST not in letters)
    elif any(token.text in ("今天", "昨天") for token in words):
        into.bare_topic = True  # "今天 3" may be a date


def _is_label(token: Token) -> bool:
    """Return whether a word is a feeling (satisfied), which a staff member may have as well."""
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
        into.stated = True
        if not topics.is_rated_by_code(words[: phrase.start]):
            into.doubts(DOUBTFUL)
        if said[0].text not in options:
            into.doubts(NOT_OFFERED)
        return
    stated = phrase.name != "complaint" and any(t.text.startswith(topics.STATED) for t in said)
    into.stated = into.stated or stated
    if phrase.name in _RATED and not topics.is_about_service(phrase, words):
        into.doubts(DOUBTFUL)
    if phrase.name in ("good", "measure", "strong"):
        _note_praise(phrase, said, topics.topic_of(words[: phrase.start]), into)
    elif phrase.name in _RATED:
        into.ratings.append(_RATED[phrase.name])
    elif phrase.name in ("complaint", "not_quality", "wish"):
        kinds = {token.kind for token in said}
        into.complaints = into.complaints or phrase.name != "wish" or w.COMPLAINT in kinds
    elif phrase.name == "doubled":
        into.doubts(NEGATED)


def _note_praise(phrase: Phrase, said: list[Token], topic: str, into: Findings) -> None:
    """Take praise as a rating where it belongs to what stands before it.

    "服务好" praises; "医生好" greets, "手续好了" says that it is done, "收费高" blames.
    """
    weak = next(token for token in reversed(said) if token.kind in _WEAK)
    by_topic = weak.kind == w.QUALITY or topic.endswith(w.PRAISED_BY.get(weak.text, ()))
    if weak.text in w.SAID_TO_PEOPLE and not topic:
        into.weak = True
    elif weak.text in w.SAID_TO_PEOPLE and w.LEXICON.get(topic) != w.ASPECT:
        into.doubts(DOUBTFUL)
    elif phrase.name == "strong" or (topic and by_topic):
        into.ratings.append(Rating.SATISFIED)
    elif topic:
        into.doubts(NO_RATING)
    else:
        into.weak = True
