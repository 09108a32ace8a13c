"""Bring a reply into one spelling: width, case, invisible characters, traditional characters."""

import re
import unicodedata

from survey_pipeline.stages.replies.reading.english import in_chinese

MAX_CHARACTERS = 500
"""A longer reply is a letter, not an answer: a person reads it."""

_REMOVED = frozenset(
    {0x20E3, 0x00AD, 0x034F, 0x061C, 0x180E, 0xFEFF}
    | set(range(0xFE00, 0xFE10))  # variation selectors
    | set(range(0x1F3FB, 0x1F400))  # skin tones
    | set(range(0x200B, 0x2010))  # zero width and marks of direction
    | set(range(0x202A, 0x202F))
    | set(range(0x2060, 0x2070))
)
"""Characters that are not seen, or only change the look of the one before."""

_BLANKS = frozenset("\u2800\u3164\u115f\u1160\uffa0")
"""Characters that are seen as a blank, but are letters or symbols to Unicode."""

_LINE_ENDS = frozenset("\n\r\v\f\x85\u2028\u2029")

_TRADITIONAL = (
    "滿選務態辦謝點贊讚還錯較當過沒別發擾訂復覆絕訊們個這業員環無對麼麽條應評級極時間"
    "門號樓見後來給請騷從嗎為話訴壞爛幫裡裏總體實質優專負責熱專業週細貼電續費離線機換"
    "單興鬼罵遠閱聽認識誤審總項擇覺讓戶開網錢張劉陳楊趙黃吳孫馬羅鄭許鄧馮韓蕭葉蘇蔣賈"
    "並處區內證車記稅醫師舉報傳簡懶騙貳叁參"
)
_SIMPLIFIED = (
    "满选务态办谢点赞赞还错较当过没别发扰订复复绝讯们个这业员环无对么么条应评级极时间"
    "门号楼见后来给请骚从吗为话诉坏烂帮里里总体实质优专负责热专业周细贴电续费离线机换"
    "单兴鬼骂远阅听认识误审总项择觉让户开网钱张刘陈杨赵黄吴孙马罗郑许邓冯韩萧叶苏蒋贾"
    "并处区内证车记税医师举报传简懒骗贰叁参"
)
_DIGITS = "❶❷❸❹❺➀➁➂➃➄➊➋➌➍➎"
_ROMAN = str.maketrans("ⅡⅢⅱⅲ", "2323")
"""Before width is folded: II and III would be letters. I, 1 and l are too much alike."""
_TABLE = str.maketrans(_TRADITIONAL + _DIGITS, _SIMPLIFIED + "12345" * 3)
_SIGNATURE = re.compile(
    r"(?:^|[\s,.。!~-])(?:发|来)自我的[^\s,.。!]{1,12}(?: [a-z0-9]{1,12}){0,2}$"
)
"""What a handset writes below a text of its own accord."""
_PHRASES = {
    "[强]": "👍", "[赞]": "👍", "[弱]": "👎", "[玫瑰]": "🌹",
    "[微笑]": "🙂", "[抱拳]": "🙏", "[愉快]": "😊",
    "t_t": "😞", "t.t": "😞", "t^t": "😞",
}  # fmt: skip
"""What handsets write for a small picture."""


def visible(text: str) -> str:
    """Return `text` without characters that are not seen; blanks and controls become a space.

    The end of a line stays one, whatever character the handset writes for it.
    """
    kept = (ch for ch in text if ord(ch) not in _REMOVED)
    return "".join(
        "\n"
        if ch in _LINE_ENDS
        else " "
        if ch.isspace() or ch in _BLANKS or unicodedata.category(ch) == "Cc"
        else ch
        for ch in kept
    ).strip()


def normalise(text: str) -> str:
    """Return the one spelling of a reply that the word lists know.

    The traditional characters folded here are those of the word lists, no general conversion.
    """
    folded = unicodedata.normalize("NFKC", visible(text).translate(_ROMAN))
    folded = folded.lower().translate(_TABLE)
    for written, meant in _PHRASES.items():
        folded = folded.replace(written, meant)
    return visible(_SIGNATURE.sub("", in_chinese(visible(folded))))
