"""What a reply says: the findings of its clauses, each read to the last character."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from survey_pipeline.i18n import N_
from survey_pipeline.stages.replies.reading import shapes
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
_STATED = (
    "满意", "不满", "好评", "差评", "中评", "点赞", "赞", "五星", "垃圾", "👍", "👎", "觉得",
)  # fmt: skip
"""What rates whatever stands before it; "我很好" is one's own health, "结果不好" a finding."""
_YOURS = ("你", "您", "贵", "这次", "本次", "此次", "对")
"""How the office and its service are named after 满意 ("满意你们的服务")."""
_NUMBERED = frozenset({w.ASPECT, w.CONTEXT, w.OTHERS})
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
        unread: Clauses that the lists do not cover; `remarks` may understand them.
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
    unread: list[Clause] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    @property
    def doubt(self) -> str:
        """The first reason for which nothing may be booked, or an empty text."""
        unread = UNKNOWN_WORDS if self.unread else ""
        return self.reasons[0] if self.reasons else unread

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing but courtesy."""
        says = self.ratings or self.codes or self.complaints or self.weak or self.bare_topic
        return not (says or self.doubt or self.opt_out or self.nothing_wrong or self.recovered)

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
        if clause.text in w.NOTHING_WRONG and (clause.closed or clause.text not in _NO):
            found.nothing_wrong = True
        elif clause.text in _ACKNOWLEDGED and not clause.soft and len(clauses) > 1:
            found.acknowledged = True
        elif words is None:
            found.unread.append(clause)
        else:
            _read_clause(words, options, found)
    if found.others and found.labelled:
        found.doubts(OTHERS_RATE)
    if found.recovered and not found.stated:
        found.doubts(DOUBTFUL)
    return found


def _read_clause(words: list[Token], options: Mapping[str, Rating], into: Findings) -> None:
    letters = "".join(token.kind for token in words)
    into.friendly = into.friendly or w.FRIENDLY in letters
    into.angry = into.angry or w.ANGRY in letters
    into.recovered = into.recovered or any(token.text in w.RECOVERED for token in words)
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
        into.stated = True
        if not _is_rated_by_code(words[: phrase.start]):
            into.doubts(DOUBTFUL)
        if said[0].text not in options:
            into.doubts(NOT_OFFERED)
        return
    stated = phrase.name != "complaint" and any(t.text.startswith(_STATED) for t in said)
    into.stated = into.stated or stated
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
    """Return whether a rating says itself what it rates, or what stands before it can be rated."""
    said, before = words[phrase.start : phrase.end], words[: phrase.start]
    if phrase.name.endswith("_object"):
        return all(
            token.text.startswith(_YOURS) for token in said if token.kind in (w.OTHERS, w.CONTEXT)
        )
    topic = _topic(before)
    if any(token.text.startswith(_STATED) for token in said):
        return not (topic in w.STRANGERS and any(token.text == "对" for token in before))
    if before and before[-1].kind == w.PERSON:
        return False
    if before and not topic and before[-1].text in w.DAYS:
        return False
    hard = any(token.text == "不好" for token in said)
    nearest = before[-1].text if before else ""
    if hard and (topic in w.HARD_AFTER or nearest in w.HARD_AFTER or said[0].text == "感觉"):
        return False
    return topic not in w.NOT_RATED_BY | w.STRANGERS


def _is_rated_by_code(before: list[Token]) -> bool:
    """Return whether an option's number rates what stands before it, or answers by itself.

    "服务 3" rates; "窗口 3", "回复速度3" and "今天 1" may number a window, a time, a day.
    """
    at = next((at for at in range(len(before) - 1, -1, -1) if before[at].kind in _NUMBERED), None)
    if at is None:
        return True
    selects = any(token.kind in (w.SELECT, w.GIVE) for token in before[at:])
    return before[at].text in w.CODED_BY or (selects and before[at].kind != w.OTHERS)


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
