"""What a rating is about: a word that rates is one only where it is said of the service.

"服务好" praises; "家人很好" is about health, "看病不好" says that it is hard, "窗口 3" numbers a
window.
"""

from collections.abc import Sequence

from survey_pipeline.stages.replies.reading import words as w
from survey_pipeline.stages.replies.reading.shapes import Phrase
from survey_pipeline.stages.replies.reading.tokens import Token

STATED = (
    "满意", "不满", "好评", "差评", "中评", "点赞", "赞", "五星", "垃圾", "👍", "👎", "觉得",
)  # fmt: skip
"""What rates whatever stands before it; "我很好" is one's own health, "结果不好" a finding."""
_YOURS = ("你", "您", "贵", "这次", "本次", "此次", "对")
"""How the office and its service are named after 满意 ("满意你们的服务")."""
_FELT = ("感觉", "感到")
_NUMBERED = frozenset({w.ASPECT, w.CONTEXT, w.OTHERS})


def is_about_service(phrase: Phrase, words: Sequence[Token]) -> bool:
    """Return whether a rating says itself what it rates, or what stands before it can be rated."""
    said, before = words[phrase.start : phrase.end], words[: phrase.start]
    if phrase.name.endswith("_object"):
        named = (w.OTHERS, w.CONTEXT, w.ASPECT)
        objects = [token.text for token in said if token.kind in named]
        return objects[0].startswith(_YOURS) and w.STRANGERS.isdisjoint(objects)
    topic = topic_of(before)
    if any(token.text.startswith(STATED) for token in said):
        return not (topic in w.STRANGERS and any(token.text == "对" for token in before))
    nearest = before[-1] if before else None
    if nearest and (nearest.kind == w.PERSON or (not topic and nearest.text in w.DAYS)):
        return False
    return not _may_be_hard(said, topic, nearest) and topic not in w.NOT_RATED_BY | w.STRANGERS


def _may_be_hard(said: Sequence[Token], topic: str, nearest: Token | None) -> bool:
    """Return whether blame may say that something is hard to do, or that somebody feels bad."""
    if not topic and said[0].text in _FELT:
        return any(token.kind in (w.BAD, w.POOR, w.NOT) for token in said)
    before = {topic, nearest.text if nearest else ""}
    return any(token.text == "不好" for token in said) and not before.isdisjoint(w.HARD_AFTER)


def is_rated_by_code(before: Sequence[Token]) -> bool:
    """Return whether an option's number rates what stands before it, or answers by itself.

    "服务 3" rates; "窗口 3", "回复速度3" and "今天 1" may number a window, a time, a day.
    """
    at = next((at for at in range(len(before) - 1, -1, -1) if before[at].kind in _NUMBERED), None)
    if at is None:
        return True
    selects = any(token.kind in (w.SELECT, w.GIVE) for token in before[at:])
    return before[at].text in w.CODED_BY or (selects and before[at].kind != w.OTHERS)


def topic_of(before: Sequence[Token]) -> str:
    """Return the word nearest before a phrase that names what it praises."""
    return next((t.text for t in reversed(before) if t.kind in (w.ASPECT, w.OTHERS)), "")
