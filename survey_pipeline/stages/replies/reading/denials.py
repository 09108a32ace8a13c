"""Clauses that deny the case or the person, and what may stand beside a denial."""

import re

from survey_pipeline.stages.replies.reading.proper_names import GIVEN, SURNAMES, TITLES

_I = r"(?:我们家|我们|我本人|我自己|我根本|我最近|我这边|我家|我从|我|本人|俺|最近|根本|您好)?"
_NEVER = r"(?:从来没有|从来没|并没有|没有|从没|从未|未曾|不曾|并未|没|未)"
_ANY = r"(?:任何|这个|这项|这种|这些|这件|这|该|此|什么|你们的|你们|相关|有关)?"
_MATTER = rf"(?:{_ANY}(?:业务|事项|事情|事|手续|证件|证|服务)|这个|这些|该项)?"
_WHERE = r"(?:你们|这个|那个|贵|这|那|该|此)?"
_PLACE = (
    rf"(?:{_WHERE}(?:单位|地方|医院|局|银行|大厅|窗口|部门|中心|所)"
    r"|你们那里|你们那儿|你们那|那里|那边|那儿|这里|那)?"
)
_END = r"(?:啊|呀|的|哦)?"
_ERR = r"(?:发|打|搞|弄|找|认)"
_WHO = r"(?:人|号码|号|电话|对象)"
_YOU = r"(?:你们|您|你|短信|应该是|可能)?"
_PHONE = r"(?:手机号码|手机号|电话号码|号码|手机|电话|这个号码|这个号|该号码|此号码|这号)"
_KIN = r"(?:儿子|女儿|老婆|老公|妻子|丈夫|爸爸|妈妈|父亲|母亲|爸|妈|家人|朋友|同事|别人|孩子)"

_MYSELF = r"(?:我自己|我本人|本人|我们|我)"
_DID = r"(?:去办理|去办|办理|办)?(?:的)?(?:业务)?(?:啊|呀)?"

_DENIAL = re.compile(
    "|".join(
        f"(?:{pattern})"
        for pattern in (
            rf"{_I}{_NEVER}(?:去|来)?(?:办理|办|申请|申办|做)过{_MATTER}{_END}",
            rf"{_I}{_NEVER}(?:去|来|到)过{_PLACE}(?:办事|办业务)?{_END}",
            rf"{_I}{_NEVER}(?:去|到|在){_PLACE}(?:办理|办)过{_MATTER}{_END}",
            rf"{_I}(?:没有|没)(?:这个|这件|这种|这码|这|那|此)(?:事情|事){_END}",
            rf"我(?:根本|压根)?(?:没有去|没去){_END}",
            r"(?:我|本人)?(?:没有|没)这回事(?:啊|呀)?",
            rf"(?:这个|这件事|这事|这业务|这|那|业务)?(?:并不是|不是){_MYSELF}{_DID}",
            rf"(?:不是|并不是){_MYSELF}(?:亲自)?(?:办理|去办理|申请|申办)的(?:业务|事情|事)?",
            rf"{_YOU}{_ERR}错了?{_WHO}了?(?:吧)?{_END}",
            rf"(?:你们|你|您){_ERR}错了?(?:吧)?{_END}|{_ERR}错了吧|打错了|你们发错短信了",
            rf"(?:你们)?(?:手机号码|手机号|电话号码|号码)(?:{_ERR}|填|写|留)?错了|(?:手机|电话)?号码不对",
            rf"(?:我|本人)(?:不是|并不是)(?!周[三四五六]|孔明)[{SURNAMES}]{GIVEN}(?:本人)?",
            rf"(?:我|本人)?(?:不是|并不是)[{SURNAMES}](?:{TITLES})(?:本人)?",
            rf"(?:我|本人)?不叫[{SURNAMES}]{GIVEN}|(?:我|本人)不姓[{SURNAMES}]",
            r"(?:我|这)(?:并)?不是本人|非本人",
            (
                rf"{_PHONE}(?:已经|已|早就)?"
                r"(?:换人|换主人|换机主|换了人|换用户|易主|不是他的|不是她的|换主)了?|机主(?:已经|已)?换人了?"
            ),
            r"(?:我)?(?:是|这是|这个是)新(?:机主|号主)",
            r"(?:与我|和我|跟我|与本人)无关|(?:我)?不认识(?:这个人|此人)|查无此人|错号了?",
        )
    )
)

_ABOUT_THE_CASE = re.compile(
    r"(?:我)?(?:什么时候|啥时候|几时|何时|在哪里|在哪|哪天)(?:去)?(?:办理|办|去)(?:过|的|了){0,2}(?:业务|事)?"
    r"|(?:这是|是)?(?:什么|啥|哪个|哪件|什么时候的)(?:事情|事|情况|业务|短信|意思|单位)(?:啊|呀)?"
    r"|这是(?:什么|啥)|办(?:的)?(?:什么|啥)(?:业务|事)?|谁办的"
    r"|(?:你们|你)是(?:谁|哪位|哪里|哪个单位)(?:的)?|哪位|怎么回事"
)

_ELSEWHERE = re.compile(
    rf"{_I}(?:人)?(?:一直|都|现在)?在(?:外地|外省|国外|外面|老家|北京|上海)"
    r"(?:上班|工作|打工|上学|生活)?(?:呢|的)?|(?:我)?不认识(?:你们|这个)(?:单位|部门)?"
    r"|(?:我)?(?:人)?不在(?:本地|当地|这里|这边)|不好意思|对不起|抱歉"
    rf"|(?:你们|你|您|应该是)?{_ERR}错了(?:吧)?"
)
_IN_OTHER_HANDS = re.compile(
    rf"{_PHONE}(?:现在|一直)?是(?:我|他|她)?(?:的)?{_KIN}(?:在用|用|的)的?"
)
_NOT_THEIRS = re.compile(rf"(?:也)?不是(?:他|她|我|我{_KIN})(?:去)?(?:办|办理)的")


def denies(clause: str) -> bool:
    """Return whether a clause, whole, denies the case or the person."""
    return _DENIAL.fullmatch(clause) is not None


def deny_for_another(clauses: list[str]) -> bool:
    """Return whether a reply says who has the number, and that it was not their case."""
    owned = any(_IN_OTHER_HANDS.fullmatch(clause) for clause in clauses)
    return (
        owned
        and all(
            _IN_OTHER_HANDS.fullmatch(clause) or _NOT_THEIRS.fullmatch(clause) for clause in clauses
        )
        and len(clauses) > 1
    )


def may_stand_beside(clause: str) -> bool:
    """Return whether a clause asks which case is meant, or says why it was not the citizen's."""
    return bool(_ABOUT_THE_CASE.fullmatch(clause) or _ELSEWHERE.fullmatch(clause))
