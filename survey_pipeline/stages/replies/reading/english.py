"""English phrases, and a few in pinyin, as the Chinese words that the lists know.

Only whole phrases are translated. A Latin word that no phrase takes stays as it is, so that the
reply has a word that the lists do not know ("my mother is very good").
"""

import re
from collections.abc import Mapping

_VERY = r"(?:very|really|quite|so|extremely|fully|totally|completely|absolutely|most) "
_I_AM = r"(?:(?:i am|i'm|im|i was|we are|we're|we were) )?"
_WITH = r"(?: with (?:the|your|this|their) services?)?"
_ITS = r"(?:(?:the |your )?services? (?:is|was|are|were) |it was |it is |it's )?"
_STOP = r"(?:stop|quit|do not|don't|dont|no more|never)"
_SEND = r"(?:send|sending|text|texting|texts|message|messaging|messages|sms|contact|contacting)"
_WHAT = (
    r"(?: (?:me|us|any|more|anymore|again|these|this|such|text|texts|messages?|reminders?|sms))*"
    r"(?= *(?:[.,!]|$|please|thank))"
)
"""To whom and what; nothing else may follow ("stop sending my mail to the wrong address")."""
_NO_CASE = (
    r"(?:i (?:have )?never (?:went|been|was) there|i have never been there|i did not go there"
)
_NO_CASE += r"|i didn't go there|i've never been there)"

_PHRASES: Mapping[str, str] = {
    rf"{_STOP} {_SEND}{_WHAT}": "别发短信了",
    r"(?:unsubscribe|remove) me(?: please)?|opt me out|stop it": "退订",
    r"opt[ -]out": "optout",
    r"stop all": "stopall",
    r"tui ding|tuiding": "退订",
    r"(?:please|pls)": "请",
    r"sorry": "您好",
    rf"{_I_AM}not (?:at all |{_VERY}|too )?satisfied(?: at all)?{_WITH}": "不满意",
    rf"{_I_AM}(?:{_VERY})?(?:dissatisfied|unsatisfied){_WITH}": "不满意",
    rf"{_I_AM}(?:{_VERY})?satisfied{_WITH}": "很满意",
    rf"(?:{_VERY})?bad service|terrible service|{_ITS}{_VERY}(?:bad|terrible)": "服务差",
    rf"{_ITS}not (?:{_VERY})?good": "服务不好",
    rf"(?:{_VERY})?(?:good|great|excellent) service|{_ITS}{_VERY}good": "服务很好",
    r"service (?:is|was) (?:good|great|excellent)|excellent": "服务很好",
    r"so[ -]so|just so so|average|neutral": "一般",
    r"(?:many )?(?:thanks|thank you|thx)(?: (?:very much|so much|a lot))?": "谢谢",
    r"(?:sorry )?(?:you have (?:the )?)?wrong (?:number|person)": "打错电话了",
    rf"{_NO_CASE}": "没去过",
    r"it wasn't me|it was not me|not me": "不是我",
    r"sent from my [a-z]{2,12}(?: [a-z0-9]{1,12})?$": " ",
}  # fmt: skip
_ANY = re.compile(
    "|".join(rf"(?P<p{at}>(?<![a-z0-9'])(?:{one})(?![a-z0-9']))" for at, one in enumerate(_PHRASES))
)
_CHINESE = tuple(_PHRASES.values())
_LATIN = re.compile("[a-z]{2}")


def in_chinese(text: str) -> str:
    """Return a normalised reply with its English phrases in Chinese, each between blanks."""
    if not _LATIN.search(text):
        return text
    return _ANY.sub(lambda found: f" {_CHINESE[int((found.lastgroup or 'p0')[1:])]} ", text)
