"""Whether everything in a reply agrees on one rating."""

from collections.abc import Mapping, Sequence

from survey_pipeline.stages.replies.reading import grammar, remarks
from survey_pipeline.stages.replies.reading.clauses import Clause
from survey_pipeline.stages.replies.reading.grammar import Findings
from survey_pipeline.vocabulary import Rating


def agreed(
    found: Findings, clauses: Sequence[Clause], options: Mapping[str, Rating]
) -> tuple[Rating | None, str]:
    """Return the one rating of a reply, or nothing and the reason why there is none.

    Args:
        found: What the clauses say.
        clauses: The clauses.
        options: What the digits meant in the message that the reply answers.
    """
    if len(found.codes) > 1:
        return None, grammar.SEVERAL_CODES
    if found.reasons:
        return None, found.doubt
    by_code = {options[code] for code in found.codes}
    by_words = set(found.ratings)
    if len(by_words) > 1:
        return None, grammar.MIXED
    if by_code and by_words and by_code != by_words:
        return None, grammar.CONTRADICTION
    rating = next(iter(by_code | by_words), None)
    why = _disagrees(found, rating) or _unread(clauses, found, rating)
    return (None, why) if why else (rating, "")


def _unread(clauses: Sequence[Clause], found: Findings, rating: Rating | None) -> str:
    """Return why words that the lists do not know leave no rating, or an empty text.

    Free words stand beside a rating that says itself that it is one, in front of a number only
    where punctuation parts them ("3 楼" is a place).
    """
    if rating is None or not found.unread:
        return found.doubt
    if rating is Rating.SATISFIED and not found.stated:
        return found.doubt
    unread = [clause for clause, _ in found.unread]
    for at, clause in enumerate(clauses):
        if clause in unread:
            counted = at and clauses[at - 1].soft and _counts(clauses[at - 1].text, clause.text)
            apart = not clause.soft or not found.codes
            general = at and clauses[at - 1].soft and "一般" in clauses[at - 1].text
            if counted or general or not apart or not remarks.agrees(clause.text, rating):
                return found.doubt
    return ""


def _counts(number: str, after: str) -> bool:
    """Return whether a number and a blank may count or name what follows ("3 天了", "3 楼")."""
    counted = after[:1] in _CLASSIFIERS and not after.startswith(_NAMED)
    return number[-1:] in "0123456789一二三" and counted


_CLASSIFIERS = frozenset(
    "个位名人次趟回遍天日号月年岁点分秒时小钟刻周季期届元块角毛万千百十亿楼层栋幢室单排座线路站米公里斤"
    "克吨升平亩度台部辆艘架件条张份本册页篇章节段句字行列组队班级等类种样项门科课场轮圈步口户家间套床把支枝"
    "只头匹棵朵粒颗滴片团堆串双对副包袋盒箱瓶杯碗盘桶孩胎甲村社区街院中校厂所处窗"
)
"""What may be counted or named by a number before it."""
_NAMED = ("窗口", "人太", "人多", "排了", "排队", "等", "中午", "处理", "单位", "社保")
"""Words of remarks that begin with such a character."""


def _disagrees(found: Findings, rating: Rating | None) -> str:
    """Return why what stands beside a rating speaks against it, or an empty text."""
    if rating is None:
        return found.doubt or (grammar.COMPLAINS if found.complaints else grammar.NO_RATING)
    if found.bare_topic:
        return grammar.DOUBTFUL
    if found.nothing_wrong and rating is not Rating.SATISFIED:
        return grammar.MIXED
    if rating is Rating.SATISFIED:
        return grammar.TURNS if found.complaints else grammar.MIXED if found.angry else ""
    if found.weak or (found.angry and rating is Rating.NEUTRAL):
        return grammar.MIXED
    return grammar.MIXED if found.friendly and rating is Rating.DISSATISFIED else ""
