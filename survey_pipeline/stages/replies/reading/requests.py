"""Whole clauses that ask to stop or to begin again, or that deny the case."""

import re

from survey_pipeline.stages.replies.reading.names import SURNAMES, TITLES
from survey_pipeline.stages.replies.reading.tokens import Clause

_PLEASE = (
    r"(?:请你们|请|麻烦你们|麻烦|拜托|求求你们|求你们|以后请|以后|今后|从今以后|你们以后|你们"
    r"|我要|我想|我要求|要求|帮我|申请|千万|能不能|可以)?"
)
_MESSAGE = (
    r"(?:任何|这种|这些|这类|此类|你们的|你们|垃圾|骚扰)?"
    r"(?:短信|信息|消息|通知|推送|垃圾短信|骚扰短信|垃圾信息|电话|东西|广告)"
)
_TO_ME = r"(?:给我|向我|往我这|给本人|给我们|给这个号码|给这个号|往这个号码|给我手机)?"
_STOP = r"(?:别|不要|请勿|勿|莫|不许|禁止|停止|不用|不必|不需要|不准|不得|拒绝|谢绝)"
_FORBID = r"(?:别|不要|请勿|勿|莫|不许|禁止|停止|谢绝|拒绝)"
_END = r"(?:了|啦|吧|谢谢|谢谢了|好吗|行吗|行不行|哦|啊)?"
_AGAIN = r"(?:再|继续|老|总|老是|总是|一直|天天)?"

_OPT_OUT = re.compile(
    "|".join(
        f"(?:{pattern})"
        for pattern in (
            rf"{_PLEASE}{_STOP}{_AGAIN}{_TO_ME}(?:发送|发来|发|推送|打|群发){_TO_ME}{_MESSAGE}?{_TO_ME}{_END}",
            rf"{_PLEASE}{_FORBID}{_AGAIN}(?:来)?(?:打扰|骚扰|烦|扰)(?:我|我们|本人|人|别人)?{_END}",
            rf"{_PLEASE}(?:免打扰|勿扰|停发|停止|拒收|退订|退定|取消订阅|拒收短信|不再接收){_MESSAGE}?{_END}",
            rf"(?:不要|别)再?(?:收到|收|来){_MESSAGE}{_END}",
            rf"{_PLEASE}(?:不想|不愿|不要|不愿意|拒绝|停止|不)再?(?:(?:收到|接收){_MESSAGE}?|收{_MESSAGE}){_END}",
            rf"{_PLEASE}(?:取消|停掉|停止|关闭|屏蔽|退掉)(?:关注|推送|接收|发送|订阅){_MESSAGE}?{_END}",
            rf"{_PLEASE}(?:取消|停掉|关闭|退订|拒收){_MESSAGE}{_END}",
            rf"{_PLEASE}(?:删除|删掉)(?:我的|本人|我)(?:号码|电话|手机号|手机号码){_END}",
            rf"(?:怎么|如何|怎样)(?:退订|取消订阅|取消短信|才能退订){_MESSAGE}?{_END}",
            (
                rf"(?:你们)?再(?:给我)?(?:发|打|骚扰)(?:我)?{_MESSAGE}?(?:来)?(?:就|我就|我要|我)?"
                r"(?:投诉|举报|报警|告|拉黑)(?:你们|你)?(?:骚扰|了)?"
            ),
            r"(?:回复?|发送?|短信)(?:td|t|r)退订",
            r"(?:我|短信|我要求)退订(?:短信)?了?",
            r"(?:回复|回|发送|发)?退订(?:td|t|r)?",
            r"(?:td|t|r)退订(?:短信|信息)?",
        )
    )
)

_OPT_IN = re.compile(
    r"(?:回复|回|发送|发)?start"
    r"|(?:请|我要|我想|申请|回复|麻烦|帮我|请帮我)?恢复"
    r"(?:短信|接收|发送|订阅|推送|通知|接收短信|短信接收|短信通知|发送短信|信息|接收信息|短信服务)?"
)

_I = r"(?:我|本人|我们|我本人|我自己|我从|我们家|俺|我家|我根本|我最近|最近|根本|我这边)?"
_NEVER = r"(?:没有|没|从没|从来没|从来没有|从未|未|并没有|并未|未曾|不曾)"
_MATTER = (
    r"(?:业务|事|事情|任何事情|任何业务|任何事|手续|这个业务|这项业务|该业务|这个|这些|这种业务"
    r"|什么业务|什么事|你们的业务|证|此业务|这件事|这业务|这事|这个事|这个事情|任何手续)?"
)
_PLACE = (
    r"(?:那里|那边|那儿|那|这里|你们那里|你们那|你们单位|这个地方|这个单位|你们医院|医院|你们局"
    r"|银行|你们银行)?"
)

_EVERYDAY = frozenset("高常毛马金康江史石段龙钱何于程任夏胡谢曾董方")
_NAMES = "".join(name for name in SURNAMES if name not in _EVERYDAY)
"""Surnames that begin few everyday words ("我不是常来", "我不是马上要")."""
_GIVEN = r"[^\W\d_满意好差坏兴是的很心末一五六日天年围边到来去办了]{1,2}"

_DENIAL = re.compile(
    "|".join(
        f"(?:{pattern})"
        for pattern in (
            rf"{_I}{_NEVER}(?:去)?(?:办理|办|申请|申办|做)过{_MATTER}(?:啊|呀|的)?",
            rf"{_I}{_NEVER}(?:去|来|到)过{_PLACE}(?:啊|呀|的|办事|办业务)?",
            rf"{_I}{_NEVER}(?:去|到|在){_PLACE}(?:办理|办)过{_MATTER}(?:啊|呀|的)?",
            rf"{_I}(?:没有|没)(?:这|这个|这件|这种|那|此|这码)(?:事|事情)(?:啊|呀|的)?",
            r"(?:我|本人)?(?:没有|没)这回事(?:啊|呀)?",
            r"(?:这|这个|这件事|这事|那|这业务|业务)?(?:不是|并不是|不)(?:我|本人|我们|我自己|本人我)(?:办|办理|去|去办|的事|本人)?(?:的)?(?:业务|事|事情)?(?:啊|呀)?",
            r"你们(?:发错|打错|搞错|弄错|找错|认错)(?:人|号|号码|电话|对象)?了?(?:吧|啊|呀)?",
            r"(?:短信)?(?:发错|打错|搞错|弄错|找错|认错)(?:人|号|号码|电话|对象)了?(?:吧|啊|呀)?",
            rf"(?:我|本人|这里|这)(?:不是|并不是)[{_NAMES}]{_GIVEN}(?:本人)?",
            rf"(?:我|本人|这里|这)?(?:不是|并不是)[{SURNAMES}](?:{TITLES})(?:本人)?",
            rf"(?:我|本人)?不叫[{SURNAMES}]{_GIVEN}",
            r"(?:我|这)不是本人",
            (
                r"(?:手机号|号码|手机|电话|这个号|这个号码|该号码|此号码|手机号码|这号)(?:已经|已|早就)?"
                r"(?:换人|换主人|换机主|换了人|换用户|易主|不是他的|不是她的|换主)了?"
            ),
            r"(?:我)?(?:是|这是|这个是)新(?:机主|号主)",
            r"(?:与我|和我|跟我|与本人)无关|不关我的?事|(?:我)?不认识(?:这个人|此人|他|她|机主)",
            r"(?:发错|打错|搞错|弄错|找错)了吧",
            r"不是(?:我|本人)(?:本人|自己|亲自)?(?:办理|去办理|申请|申办)的(?:业务|事|事情)?",
            rf"{_I}{_NEVER}(?:在|去){_PLACE}办过{_MATTER}",
            r"查无此人|你们发错短信了|错号了?",
        )
    )
)

_ABOUT_THE_CASE = re.compile(
    r"(?:我)?(?:什么时候|啥时候|几时|何时|在哪里|在哪|哪天)(?:去)?(?:办|办理|去)(?:过|的|了)*(?:业务|事)?"
    r"|(?:这是|是)?(?:什么|啥|哪个|哪件|什么时候的)(?:事|事情|业务|短信|情况|意思|单位)(?:啊|呀)?"
    r"|这是(?:什么|啥)|办(?:的)?(?:什么|啥)(?:业务|事)?|谁办的|(?:你|你们)是(?:谁|哪位|哪里|哪个单位)(?:的)?|哪位|怎么回事"
)


_OPT_OUT_LATIN = re.compile(
    r"(?:please|pls)?(?:stop|quit|cancel|unsubscribe|end|optout|revoke|stopall)(?:please|pls)?"
    r"|(?:please|pls)?stop(?:texting|messaging|sms|texts|messages|sending|smsing)(?:me)?"
    r"|(?:please|pls)?(?:dont|donot|nomore|stopsending)(?:text|texts|textme|message|messageme|messages"
    r"|messagesplease|sms|contactme|sendme|sendmemessages)(?:anymore|again)?|stopit"
    r"|(?:please|pls)?unsubscribeme|(?:please)?optmeout|(?:please)?removeme"
    r"|(?:退订回复?)?(?:td|t|r)"
)


_KEYWORDS = frozenset({"td", "stop", "unsubscribe"})
"""Words in letters that ask to stop whatever else the reply says in Chinese."""
_BARE = re.compile(r"[a-z]*(?:退订|拒收|停止|停发|取消订阅)?[a-z]*")
_TAKES_BACK = re.compile(
    r"(?:不|不要|不用|没|没有|别|勿|未|不想|不会|并非|不是|不能|无需|说|问|叫)$"
)
_DISTURB = re.compile("扰")
_AUTOMATIC = re.compile(
    r"自动|正在|稍后|开会|会议|开车|驾驶|休息|睡觉|上课|模式|不便|不方便|忙碌中|auto"
)


def is_keyword(compact: str) -> bool:
    """Say whether the whole reply, without its separators, is an opt-out word in letters."""
    return _OPT_OUT_LATIN.fullmatch(compact) is not None


def asks_to_stop(clause: str) -> bool:
    """Say whether a clause, whole, asks for no more messages."""
    return _OPT_OUT.fullmatch(clause) is not None


def stops(clauses: list[Clause], at: int) -> bool:
    """Say whether a clause asks for no more messages, given what stands around it.

    A handset on "do not disturb" answers so too, a bare keyword with a question mark asks about
    it, and a negation before a blank takes it back ("不要 退订").
    """
    clause = clauses[at]
    others = "".join(other.text for other in clauses[:at] + clauses[at + 1 :])
    keyword = clause.text in _KEYWORDS and not re.search("[a-z]", others)
    if not keyword and not asks_to_stop(clause.text):
        return False
    if clause.asks and _BARE.fullmatch(clause.text):
        return False
    if at and _TAKES_BACK.search(clauses[at - 1].text):
        return False
    return not (_DISTURB.search(clause.text) and any(_AUTOMATIC.search(c.text) for c in clauses))


def asks_to_begin(compact: str) -> bool:
    """Say whether the whole reply, without its separators, is START or 恢复."""
    return _OPT_IN.fullmatch(compact) is not None


def denies(clause: str) -> bool:
    """Say whether a clause, whole, denies the case or the person."""
    return _DENIAL.fullmatch(clause) is not None


def asks_about_case(clause: str) -> bool:
    """Say whether a clause, whole, asks which case is meant."""
    return _ABOUT_THE_CASE.fullmatch(clause) is not None
