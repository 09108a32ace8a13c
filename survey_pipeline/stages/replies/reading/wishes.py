"""Wishes about the texts themselves: to get no more of them, or to get them again.

An opt-out is for good. So a clause that says so in whole words ("不要再发短信了") holds whatever
stands beside it, while a keyword (退订, TD) holds only where everything beside it is understood:
"退订" asks, "退订 宽带" speaks of something else.
"""

import re
from collections.abc import Sequence

_PLEASE = (
    r"(?:请|您好|麻烦|拜托|求求|求|你们|以后|今后|从今以后|从今往后|我要求|要求|我要|我想|千万|帮我"
    r"|帮忙|申请|能不能|可以|可不可以|也|都|就|给我){0,3}"
)
_NO_QUESTION = r"(?!.*(?:能不能|可不可以|可以))"
"""Before words of an action: "能不能退订短信" may only ask, "能不能不要再发了" is a wish."""
_KIND = (
    r"(?:任何|所有|一切|本|本次|这次|此次|这条|调查|评价|评议|回访|满意度|这种|这些|这类|这样的|此类|此|该|你们的|你们|垃圾|骚扰|无聊|无用|没用|广告|推销|的"
    r"){0,3}"
)
_NOUN = r"(?:垃圾短信|骚扰短信|短信|短消息|信息|消息|通知|推送|电话|东西|广告|调查|问卷)"
_MESSAGE = rf"(?:{_KIND}{_NOUN}(?:和{_NOUN})?(?:服务)?)"
_TO_ME = (
    r"(?:(?:给|向|往)(?:我的手机|我手机|我这|我|本人|我们|这个号码|这个号|此号码|这个手机号)"
    r"(?:号码?)?)?"
)
_STOP = r"(?:别|不要|请勿|勿|莫|不许|禁止|停止|不用再|不必再|不需要再|不准|不得|拒绝|谢绝)"
_FORBID = r"(?:别|不要|请勿|勿|莫|不许|禁止|停止|谢绝|拒绝)"
_AGAIN = r"(?:再|继续|老|总|老是|总是|一直|天天|重复|反复|频繁){0,2}"
_ONCE_MORE = r"(?:再|继续|重复|反复)"
_ME = r"(?:我们|我|本人)"
_SEND = rf"(?:发送|发来|群发|推送|发)(?:{_TO_ME}{_MESSAGE}{_TO_ME}|{_TO_ME})"
_CALL = r"(?:打骚扰电话|打电话|来电话|来电)"
_BOTHER = r"(?:来)?(?:打扰|骚扰|烦)(?:我们|我)?"
_END = rf"(?:了|啦|吧|谢谢你们|谢谢|好吗|行吗|行不行|哦|啊|呀|{_BOTHER}){{0,3}}"
_NUMBER = r"(?:我的|本人|本人的|我|这个|此)?(?:手机号码|手机号|号码|电话号码|电话|手机)"
_STRIKE = r"(?:删除|删掉|删了|移除|移出|去掉|剔除|注销)"
_LIST = r"(?:你们的|你们|调查|发送|短信)?(?:名单|列表|系统|数据库)?(?:里|中)?"
_LISTED = r"(?:你们的|你们|调查|发送|短信)?(?:名单|列表|系统|数据库)(?:里|中)?"
_SUBSCRIPTION = r"(?:关注|推送|接收|发送|订阅)"

_WHOLE_WORDS = re.compile(
    "|".join(
        f"(?:{pattern})"
        for pattern in (
            rf"{_PLEASE}{_STOP}{_AGAIN}{_TO_ME}(?:{_CALL}(?:和|或者|或|、)?)?{_SEND}{_END}",
            rf"{_PLEASE}{_STOP}{_AGAIN}(?:来)?{_ONCE_MORE}{_AGAIN}(?:来)?(?:联系|调查|回访|询问|问|找){_ME}{_END}",
            rf"{_PLEASE}{_FORBID}{_AGAIN}(?:来)?(?:打扰|骚扰|烦|扰)(?:{_ME}|人|别人)?{_END}",
            rf"{_PLEASE}勿扰{_END}",
            rf"{_PLEASE}(?:不要|别)再?(?:收到|收|来){_MESSAGE}{_END}",
            rf"{_PLEASE}(?:我)?(?:不想|不愿意|不愿|不要|拒绝|停止|不)再?(?:(?:收到|接收)(?:到)?{_MESSAGE}?|收{_MESSAGE}){_END}",
            rf"{_NO_QUESTION}{_PLEASE}(?:取消|停掉|停止|关闭|屏蔽|退掉){_SUBSCRIPTION}{_MESSAGE}{_END}",
            rf"{_NO_QUESTION}{_PLEASE}(?:取消|停掉|关闭|退订|退定|拒收|停发|停止接收){_MESSAGE}{_END}",
            rf"{_NO_QUESTION}{_PLEASE}{_STRIKE}{_NUMBER}{_END}",
            rf"{_PLEASE}(?:把|将){_NUMBER}(?:从{_LIST})?{_STRIKE}{_LIST}{_END}",
            rf"{_PLEASE}(?:把|将){_ME}(?:的)?(?:从{_LISTED}{_STRIKE}|{_STRIKE}{_LISTED}){_END}",
            r"退订(?:怎么弄|不了|不掉)",
            (
                rf"(?:你们)?再(?:给我)?(?:发|打|骚扰)(?:我)?{_MESSAGE}?(?:来)?(?:就|我就|我要|我)?"
                r"(?:投诉|举报|报警|告|拉黑)(?:你们|你)?(?:骚扰|了)?"
            ),
            r"(?:我)?(?:上次|之前|已经|早就|都)?(?:发|回|回复|发送)了?(?:td|t|退订)了?(?:你们)?(?:怎么)?还在?(?:给我)?发",
        )
    )
)
"""Clauses that say in whole words that no more texts are wanted."""

_OPT_OUT = r"(?:免打扰|停发|停止|拒收|退订|退定|推订|取消订阅|不再接收)"
_KINDLY = r"(?:谢谢你们|谢谢|吧|啦|哦|啊|呀|好吗){0,2}"
_KEYWORD = re.compile(
    "|".join(
        f"(?:{pattern})"
        for pattern in (
            rf"{_NO_QUESTION}{_PLEASE}(?:永久|立即|马上|全部)?{_OPT_OUT}{_KINDLY}",
            rf"{_NO_QUESTION}{_PLEASE}(?:取消|停掉|停止|关闭|屏蔽|退掉){_SUBSCRIPTION}(?:了|吧)?",
            r"(?:回复?|发送?|短信)?(?:td|t|r)(?:退订)?",
            r"(?:我|短信|我要求)退订",
            rf"{_PLEASE}{_STOP}{_AGAIN}{_TO_ME}{_CALL}{_TO_ME}{_END}",
            rf"{_PLEASE}{_STOP}{_AGAIN}给我打{_END}",
            r"(?:回复?|发送?)?退订(?:回复?)?(?:td|t|r)?",
            r"(?:td){1,3}|(?:请)?(?:stop|quit|cancel|unsubscribe|end|optout|revoke|stopall)(?:请)?",
        )
    )
)
"""Clauses that are an opt-out word, asked for or copied from our own text; or of calls alone."""

_REASON = re.compile(
    r"(?:我)?(?:不需要了|不需要|不用了|用不着|没必要|不感兴趣|没兴趣|不想参与|不想参加|没空|没时间|很忙"
    r"|不想评价|不评价|评价过了|评过了)"
)
_INVITES = re.compile(
    r"(?:有事|可以|请|直接|改|用|再|要|只|就|和)?(?:给我)?"
    r"(?:打电话|来电话|来电|发短信|发信息|发微信|发邮件|加微信|联系我|通知我|电话联系|callme)"
    r"(?:给我|联系我|联系|通知|告诉我|说|就行|就好|即可|吧|我|可以){0,3}"
)
"""Such as "不要打电话，发短信就行" wants other messages, not none."""

_OPT_IN = re.compile(
    r"(?:回复|回|发送|发)?start"
    r"|(?:请|我要|我想|回复|麻烦)?恢复"
    r"|(?:请|我要|我想|申请|回复|麻烦|帮我|请帮我)?恢复"
    r"(?:短信|接收|发送|订阅|推送|通知|接收短信|短信接收|短信通知|发送短信|信息|接收信息|短信服务|服务)"
)

_TAKES_BACK = re.compile(
    r"(?:不|不要|不用|没|没有|别|勿|未|不想|不会|并非|不是|不能|无需|说|问|叫)$"
)
_NETWORK = re.compile(r"自动回复|自动|停用|停机|空号|来电提醒|呼叫|语音信箱|auto")
_BUSY = re.compile(r"正在|稍后|开会|会议|开车|驾驶|休息|睡觉|上课|模式|不便|不方便|忙碌中")
"""Words of a network or a handset that answers by itself; the second say "do not disturb" too."""


def asks_to_stop(clause: str) -> bool:
    """Return whether a clause, whole, asks for no more messages."""
    return says_stop(clause) or is_keyword(clause)


def says_stop(clause: str) -> bool:
    """Return whether a clause, whole, says in whole words that no more messages are wanted."""
    return _WHOLE_WORDS.fullmatch(clause) is not None


def is_keyword(clause: str) -> bool:
    """Return whether a clause is an opt-out word and nothing else."""
    return _KEYWORD.fullmatch(clause) is not None


def is_taken_back(before: str) -> bool:
    """Return whether what stands before a wish takes it back ("不要", then "退订")."""
    return _TAKES_BACK.search(before) is not None


def gives_reason(clause: str) -> bool:
    """Return whether a clause, whole, says why somebody wants no more messages."""
    return _REASON.fullmatch(clause) is not None


def invites(clause: str) -> bool:
    """Return whether a clause, whole, asks for messages of another kind."""
    return _INVITES.fullmatch(clause) is not None


def answers_by_itself(clause: str, texts: Sequence[str]) -> bool:
    """Return whether a wish is a network's or a handset's, judged by all clauses of the reply."""
    words = (_NETWORK, _BUSY) if "扰" in clause else (_NETWORK,)
    return any(pattern.search(text) for pattern in words for text in texts)


def asks_to_begin(clause: str) -> bool:
    """Return whether a clause, whole, is START or 恢复."""
    return _OPT_IN.fullmatch(clause) is not None
