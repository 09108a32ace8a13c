"""Words with a name, a number or a short sentence in them, as patterns; and the stop words."""

import re

from survey_pipeline.stages.replies.reading import words as w

LATIN_OPT_OUT = frozenset(
    {"t", "r", "td", "tuiding", "stop", "stopall", "unsubscribe", "quit", "cancel", "end",
     "optout", "revoke"}
)  # fmt: skip
"""Opt-out words in letters; the English ones are CTIA's and the FCC's (47 CFR 64.1200(a)(10))."""

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋"
    "蔡贾丁魏薛叶阎余潘杜戴夏钟汪田姜范石姚谭廖邹熊金陆郝孔崔康毛邱秦江史顾侯邵孟龙段钱汤"
    "尹黎常武乔贺赖龚"
)
GIVEN = (
    "(?:[三四五六七伟芳娜敏静丽强磊勇艳杰娟涛明超霞刚玲燕鹏辉萍琴浩凯斌婷彬峰鑫琳倩莉莹颖慧雯洁]"
    "|[小大晓文志国建海春秀玉桂金永德美雪丽红晓佳家嘉俊子思雨宇欣梓浩]"
    "[明伟芳娜敏静丽强磊军勇艳杰娟涛超霞平刚玲燕鹏辉萍琴浩凯斌婷彬峰鑫华英兰梅珍红云飞龙林波琳倩莉莹颖慧雯洁怡轩涵])"
)
"""Given names that are hardly ever anything else; "汤圆" and "袁大头" are none."""
TITLES = (
    "警官|医生|大夫|老师|主任|护士|科长|局长|所长|经理|师傅|同志|女士|先生|校长|院长|工"
)  # fmt: skip

_MANY = r"[0-9两二三四五六七八九十]{1,2}"
_NUMBER = r"(?:[0-9]{1,3}|[一二三四五六七八九十两]{1,3})"
_ME = r"(?:令|让|使)(?:我|人|我们|本人)(?:感到|感觉|觉得)?"
_MUCH = r"(?:很|非常|十分|特别|相当|挺|比较|极为|极其)"

PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (rf"{_NUMBER}号(?:窗口|柜台|窗|台)", w.ASPECT),
        (rf"{_NUMBER}号(?:工作人员|办事员)", w.OTHERS),
        (rf"{_NUMBER}楼(?:大厅|窗口)?", w.ASPECT),
        (rf"小[{SURNAMES}](?:同志)?", w.OTHERS),
        (rf"[{SURNAMES}](?:{TITLES})", w.OTHERS),
        (rf"{_ME}{_MUCH}满意", w.LABEL),
        (rf"{_ME}{_MUCH}?不满意?", w.BAD),
        (r"太(?:好|棒|赞|不错|满意|给力|优秀|热情|专业|周到|贴心|方便|亲切)[了啦]", w.PRAISE),
        (r"太(?:不满意|不满|不好|差劲|差|烂|糟糕|垃圾|恶劣)[了啦]", w.BAD),
        (r"不满[0-9一二三两半几]", w.DOUBTFUL),  # "less than"
        (r"(?<![很太真极超])差[0-9一二三两半几]", w.DOUBTFUL),  # "short of"
        (r"收到[0-9一二三]", w.DOUBTFUL),  # "received one"
        (rf"(?:跑|去|来|办)?了?{_MANY}[次趟]了?才?(?:办好|办完|办成|弄好)?了?", w.COMPLAINT),
        (r"(?:跑|去)?了?(?:一|1)[次趟]就?(?:办好|办完|办成|搞定)了?", w.CONTEXT),
        (rf"(?:排队)?等了?(?:{_NUMBER}|半)个?多?(?:小时|钟头|天|月|分钟)", w.COMPLAINT),
        (rf"{_NUMBER}月份?(?:{_NUMBER}[日号])?(?:去?办)的", w.CONTEXT),
    )
)  # fmt: skip
"""Patterns, each bounded in length, and the kind of word that they make."""
