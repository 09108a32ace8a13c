"""Remarks in free words beside an answer: what the lists do not cover, and still understand.

A rating must stand in words that the lists know. What stands beside it may be freer, as far as it
speaks on the same side: with 一般 and 不满意 a complaint, with 满意 something good, with every
rating what was done, where, when and for whom. A remark with a word that could turn, ask, praise,
deny or stop is none.
"""

import re
from collections.abc import Iterable

from survey_pipeline.stages.replies.reading import denials, wishes
from survey_pipeline.stages.replies.reading import words as w
from survey_pipeline.stages.replies.reading.words import listed
from survey_pipeline.vocabulary import Rating

_SHORTEST, _LONGEST = 2, 60


def _any(words: Iterable[str]) -> str:
    """Return a pattern of words, each as it is written, the longest first."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


_TURNING_KINDS = {w.DOUBTFUL, w.CONTRAST, w.ASKING, w.TIME, w.LABEL, w.PRAISE, w.NEUTRAL}
_MILD = {
    "才", "就", "只", "自己", "根本", "还是", "却", "几", "另外", "其他", "其它", "算", "尤其",
    "简直", "必须", "好了", "说不清", "不清楚", "不知道",
}  # fmt: skip
"""Words of those kinds that a plain complaint has too."""
_TURNING = {word for word, kind in w.LEXICON.items() if kind in _TURNING_KINDS} - _MILD
_NOT_A_REMARK = listed(
    """
    错 假 玩笑 不可能 不存在 的话 万一 听说 据说 人家 邻居 物业 去年 上回 上个月 上一次 本来 曾
    短信 信息 退订 拒收 骚扰 打扰 别再 别发 别烦 不要 勿 停止 取消 恢复 代表 意思 表示 选项
    评价 评分 调查 表扬 推荐 感谢 谢 热情 耐心 周到 方便 及时 专业 负责任 顺利 辛苦 理解 放心
    开心 高兴 喜欢 支持 坚持 笑 难得 难怪 少见 让选 叫选 要选 不是我 说好 搞定
    烦请 麻烦你 麻烦您 麻烦大家 麻烦工作 没少 不少
    感动 惊喜 愉快 自如 确认 加班 帮 冒 提醒 迎接 扶 送 办成了 办下来 简单 红包 收礼 处理了 解决了
    短 很少 较少 减少 少跑 少走 免得 省得 避免 不怕 不嫌 才等 只等 就等 排了一会 只好
    """
)
_LONE_NUMBER = re.compile(
    r"(?<![0-9])[0-9]+(?![0-9]|个|次|趟|天|小时|分钟|点|年|月|周|号|楼|遍|回|人|元|块|份|张)"
)
_COMPLAINTS = listed(
    """
    慢 太久 很久 好久 多久 等了 等到 要等 排队 排了 没人 无人 不给 不让 不全 不告诉 不到 不通
    没接 不接 不开 不办 不作为 不负责 不耐烦 不一致 不配合 没办 没给 没解决 没处理 没开 没告诉
    没回 没有解决 没有处理 没有结果 没有回 太差 很差 凶 冷淡 冷漠 冷冰冰 推来推去 推脱 推诿 推托
    拖着 拖拉 拖延 拖了 混乱 太乱 乱收 太烦 太难 难办 难找 麻烦 反复 来回 折腾 白跑 跑了 趟 太多
    太少 太远 太贵 太挤 太热 太吵 太长 太高 看手机 玩手机 聊天 敷衍 刁难 傲慢 骂人 骂我 吼 脸色
    脸难看 黑脸 关门 提前下班 不上班 没上班 踢皮球 拒绝 坏了 太脏 失望 生气 无语 不合理 不公
    时间长 长时间 有点长 难听 难看 看不起 瞧不起 白眼 糊弄 忽悠 应付 停车难 得少 窗口少 人手少
    老是坏 太低 很低 低了 收费高 等半天 老半天 一上午 一下午 个小时 不见人 复杂 繁琐 恶劣 粗暴
    蛮横 素质低 效率低 卡壳 死机 没说清 都没开 都没有 没有人管 没有人理 没有人解释 没人解释
    不给解释 不解释 不理人 不理我 不管事 没人管
    """
)
_UNABLE = (
    "(?:材料|要求|流程|窗口|人员|他们|业务|说|讲|问|指引|电话|态度|效率|系统|也|都|根本|老是|总是)"
    ".{0,6}不(?:懂|会|知道|能|行|说|管|理|清)"
)
"""What the office does not know or do; what the citizen does not know is no complaint (我不懂)."""
_COMPLAINS = re.compile(f"{_any(_COMPLAINTS)}|{_UNABLE}")
_BAD = (word for word in _COMPLAINTS if word[0] not in "不没无")
_EASY = (
    "(?:没有|没多|不用|不必|无需|不算|毫不|从不|不|没|无)(?:太|会|是|让我|让|再|那么|怎么|很|多|用)?"
    f"(?:{_any(_BAD)}|[等久难推冷凶乱贵吵挤敷脏坏长烦])"
)
"""What was not slow, and no queue, is no complaint."""
_BRIEF = "(?:不到|才|只|就)?(?:[0-9一二两三四五六七八九十几]{1,2})个?(?:分钟|秒)"
_TURNS = re.compile(
    f"{_any(_TURNING)}|{_any(_NOT_A_REMARK)}|{_EASY}|{_BRIEF}|没[有]?[去来到办]过|[a-z?]"
    "|(?<![不没难才])(?<!没办)(?<!不太)好(?![几多久长慢难乱烂累])|(?<!不)满[^0-9]"
    "|(?<!没人)(?<!没有人)(?<!不)(?<!不给)解释"
)
"""What makes a remark more than a complaint or a fact."""

_FREE = r"[^\W\d_不没未无非别勿莫难又再还却但可吗呢么嘛谁何哪怎差慢久次趟遍让叫假错只]"
_OBJECT = (
    f"{_FREE}{{0,7}}(?:证明|证|卡|本|执照|照|表|费|税|户口|户|社保|医保|公积金|低保|补贴|手续|业务|材料"
    "|档案|护照|签注|发票|退休|登记|备案|公证|资格|养老金|养老|保险|年检)"
)
_GET = (
    "(?:办理|办|领取|领|取|交|换|补办|补|打印|打|查|缴|变更|注销|登记|申请|申报|上|落|迁|过|做|拿)"
)
_DONE = "(?:好了|完了|成了|到了|好|到|了)?"
_DO = (
    f"(?:(?:办理|办|弄){_DONE}(?:的)?"
    f"|{_GET}{_DONE}(?:一?个|一?张)?{_OBJECT}(?:的)?(?:事|事情|业务|手续)?(?:的)?)"
)
_KIN = (
    "(?:我)?(?:爸妈|父母|爷爷|奶奶|外公|外婆|老爸|老妈|爸爸|妈妈|父亲|母亲|爸|妈|老公|老婆|丈夫|妻子"
    "|儿子|女儿|孩子|小孩|宝宝|孙子|孙女|老人家|家里老人|老人|家人|公司|朋友|公公|婆婆|岳父|岳母"
    "|哥哥|姐姐|弟弟|妹妹)"
)
_DATE = "[0-9一二三四五六七八九十]{1,3}月份?(?:[0-9一二三四五六七八九十]{1,3}[日号])?"
_WHEN = (
    "(?:刚刚|刚才|刚|今天|昨天|前天|前几天|上周|上星期|这周|上午|下午|早上|中午"
    f"|周[一二三四五六日]|星期[一二三四五六日]|{_DATE}){{0,2}}"
)
_WHERE = (
    f"(?:(?:就)?在{_FREE}{{0,8}}(?:大厅|窗口|中心|楼|所|局|院|网上|那里|里|厅|社区|街道|手机上))?"
)
_SOON = (
    "(?:(?:很快|一会儿|不一会儿|没一会儿|立刻|立马)(?:就)?|(?:只)?(?:跑了?)?一(?:趟|次性|次)(?:就)?|[0-9一二两三四五六七八九十半]{1,2}个?(?:分钟|小时|天|工作日)(?:就|内)|当天|当场|马上"
    "|一次(?:性)?(?:就)?)"
)
_GOT = "(?:(?:办|领|拿|做|弄|搞|取)(?:好|到|完|成|定|理|结)|拿证|取证|领证|出证|办证)"
_PLAIN = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_WHEN}(?:我)?(?:是)?(?:来)?(?:帮|替|给|代|陪|为){_KIN}{_WHEN}(?:去|来)?{_WHERE}{_DO}",
        rf"(?:我)?{_WHEN}(?:我)?(?:是)?(?:去|来)?{_WHERE}(?:去|来)?{_DO}",
        rf"(?:是)?{_KIN}{_WHEN}(?:去|来)?{_WHERE}{_DO}|{_KIN}的{_OBJECT}",
        rf"(?:我的)?{_OBJECT}(?:已经|都)?(?:办|领|拿|做|弄|开|换|补)(?:好|到|完)了",
    )
)
"""What was done, where, when and for whom: no rating, and nothing against one."""
_BLESSING = (
    "祝(?:你们|大家|您)?(?:大家)?(?:工作|生活|身体|节日|新年|新春|中秋|国庆|周末|一切|万事|阖家)?"
    "(?:顺利|愉快|健康|快乐|如意|平安|幸福|好运|越办越好|越来越好)"
)
_GOOD = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:我)?(?:{_OBJECT})?{_SOON}(?:就)?{_GOT}(?:了)?(?:{_OBJECT})?(?:了)?",
        r"(?:只|就)?跑了?一(?:趟|次)",
        r"(?:收费|费用|价格)(?:也)?(?:不高|低|合理|便宜|不贵)|(?:也)?(?:不收费|没收费)",
        r"(?:办事|办理|办证|办得|办)(?:也)?(?:很|挺|非常)(?:快|方便|顺利)",
        _BLESSING,
    )
)
"""What went well, without a rating of its own."""


def agrees(clause: str, rating: Rating) -> bool:
    """Return whether a clause that the lists do not cover is a remark on the side of a rating."""
    if (
        not _SHORTEST <= len(clause) <= _LONGEST
        or wishes.asks_to_stop(clause)
        or denials.denies(clause)
    ):
        return False
    if any(fact.fullmatch(clause) for fact in _PLAIN):
        return True
    if rating is Rating.SATISFIED:
        return any(fact.fullmatch(clause) for fact in _GOOD)
    turns = _TURNS.search(clause) or _LONE_NUMBER.search(clause)
    return not turns and _COMPLAINS.search(clause) is not None
