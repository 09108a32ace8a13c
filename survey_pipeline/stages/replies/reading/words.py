"""The closed lists of words that a reply may be made of, as data.

A reply whose text these lists do not cover to the last character is unclear. So a word missing
here costs a look by a person; a word standing in the wrong list costs a wrong rating. In doubt,
leave it out, or put it under `DOUBTFUL`.

Each kind is one letter, so that the grammar (`shapes`) can be written as patterns over letters.
"""

from collections.abc import Mapping

LABEL, GOOD, PRAISE, QUALITY, MEASURE, NEUTRAL = "P", "G", "A", "W", "V", "M"
BAD, POOR, COMPLAINT, VERY, TOO, RATHER = "N", "F", "C", "i", "I", "r"
ALL, REALLY, ALSO, IS, ABIT, NOT = "t", "l", "Y", "w", "j", "n"
NOT_YET, IS_NOT, SUFFIX, OF, NOW, PAST = "v", "b", "q", "D", "L", "O"
PARTICLE, HEDGE, PERSON, CONTEXT, OTHERS, ASPECT = "z", "h", "p", "s", "y", "a"
AND, GIVE, THANKS, GREETING, SELECT, SUGGEST = "m", "g", "f", "H", "x", "S"
WISH, FRIENDLY, ANGRY, CONTRAST, ASKING, TIME = "c", "e", "E", "k", "Q", "T"
DOUBTFUL, OPT_OUT = "u", "o"
CODE = "d"


def listed(words: str) -> list[str]:
    """Return the words of a list that is written with blanks between them."""
    return words.split()


_LISTS: Mapping[str, str] = {
    # Ratings.
    LABEL: "满意 一百个满意 还满意 还是满意 令人满意 让人满意 令我满意 满意度高",
    GOOD: "好 ok okay",
    PRAISE: (
        "不错 还不错 真不错 挺不错 很不错 好评 五星 5星 五星好评 5星好评 五颗星 点赞 赞 "
        "点个赞 给个赞 给力 没得说 没的说 无可挑剔 杠杠的 杠杠滴 棒 棒棒的 优秀 👍 好极了 "
        "好得很 太好了 很负责 非常负责 认真负责 负责认真 太棒了 顶呱呱 呱呱叫 一级棒 热情周到 "
        "周到热情 赞一个 大赞 超赞 必须点赞 五星级服务 好样的 一流 完美 非常棒 优质 "
        "挑不出毛病 好评如潮 满分好评"
    ),
    QUALITY: (
        "细致 热情 耐心 周到 细心 专业 负责任 认真 贴心 高效 到位 方便 亲切 友好 和蔼 和气 客气 "
        "仔细 及时 迅速 便捷 舒服 暖心 干净 整洁"
    ),
    MEASURE: "快 高 快捷",
    NEUTRAL: (
        "一般 一般般 还可以 还行 可以吧 还好 过得去 还过得去 马马虎虎 凑合 还凑合 凑合吧 勉强 "
        "勉勉强强 勉强可以 就那样 也就那样 普普通通 普通 不好不坏 不好也不坏 一般水平 中评 "
        "基本满意 中等 中等水平 中规中矩 将就 还算可以 还算行 不咸不淡 平平 平平常常"
    ),
    BAD: (
        "不满意 不满 差劲 差评 垃圾 👎 恶劣 糟糕 糟透了 烂 差到极点 烂透了 满意个鬼 满意个屁 "
        "满意才怪 满意个头 满意个球 好个屁 好个鬼 好个头 极差 一星差评 服务不行 态度不行 "
        "效率不行 不好 差的要命 差得要命 差到家了 差死了 烂死了 差透了 垃圾服务 零分差评 "
        "不怎么样 不咋样 不咋的 不咋地 不咋滴 还是不满意 一塌糊涂 零分 好差劲 好烂 好垃圾 好糟糕 "
        "太不像话 太不像话了 "
        "不像话 乱七八糟"
    ),
    POOR: "差",
    COMPLAINT: (
        "太慢 太慢了 很慢 慢 太久 太久了 排队太久 等太久 等了很久 等太久了 排队太久了 "
        "等了半天 爱理不理 推来推去 踢皮球 跑了好几趟 没人管 不耐烦 态度冷淡 冷漠 效率低 "
        "效率太低 效率低下 乱收费 收费高 收费太高 收费很高 收费贵 收费太贵 办事慢 改进 改善 提高 "
        "加强 整改 失望 太失望 敷衍 推诿 麻烦 "
        "太麻烦 烦死 烦死了 烦死人了 太烦 太烦了 真烦 拒收材料 没解决 没办成 问题没解决 "
        "没有解决问题 才办好 才办完 不作为 没办好 还没办好"
    ),
    # How much, and how not.
    VERY: "很 非常 十分 特别 极 极其 极为 相当 格外 万分 非常非常 很很 非常之 极度",
    TOO: "太",
    RATHER: (
        "比较 较 较为 挺 真 真是 真心 超 超级 蛮 老 贼 还挺 还蛮 还是很 还是挺 还是比较 还是非常 "
        "实在 实在是 确实很 真的很 "
        "真的是 颇"
    ),
    ALL: (
        "都 一切 一切都 全 全都 完全 全部 最 百分百 绝对 百分之百 一百分 彻底 各方面 各方面都 "
        "样样 处处"
    ),
    REALLY: "真的 当然 确实 都是 一直 始终 感觉 觉得 表示 感到",
    ALSO: "也",
    IS: "是",
    ABIT: "有点 有点儿 有一点",
    NOT: (
        "不 不怎么 不太 不大 不够 谈不上 称不上 说不上 算不上 并不 一点都不 一点也不 1点都不 "
        "1点也不 一点儿都不 一点儿也不 不觉得 不感到 丝毫不 毫不 从来不 从不 不算 不咋 根本不 "
        "压根不 唔"
    ),
    NOT_YET: "没 没有 从来没 从没 从来没有 从未 没什么 并没有 未",
    IS_NOT: "不是 并不是 也不是 并非",
    SUFFIX: "得不得了 得很 极了 至极 之极 得没话说 的不得了 的很",
    OF: "的 滴 哒",
    NOW: "了 啦 咯 喽",
    PAST: "过",
    PARTICLE: "啊 呀 哦 噢 哈 哟 喔 呦",
    HEDGE: "吧",
    # Whom and what it is about.
    PERSON: "我 我们 本人 俺 咱 个人 我个人 我对 我们对 本人对",
    CONTEXT: (
        "对你们 对你们的 对您 对此 对 对此次 对这次 对本次 对于 这次 本次 此次 今天 昨天 办的 "
        "去办的 "
        "整体 总体 总的 总的来讲 整体上 总体感觉 整体感觉 总的来说 总体来说 整体来说 总体上 "
        "我是帮家里老人办的 帮家里老人办的 "
        "帮老人办的 我帮父母办的 帮家人办的 替家人办的 我是替家人办的 帮我妈办的 帮我爸办的 "
        "我替父母办的 帮孩子办的 恢复得很好 恢复得不错 恢复了 已经办好 已办好 办好了 "
        "已经办好了 事情办好了 一次办好 一次就办好了 为你们 当场办好 马上办好 这个 "
        "收费不高 收费也不高 收费低 收费合理"
    ),
    OTHERS: (
        "你 您 你们 贵局 贵单位 贵中心 贵院 你们的 你们单位 你们局 他们 大家 家人 我家 单位 "
        "政府 部门 领导 局里 对我 对我们 家里人 同事 邻居 孩子 工作人员 "
        "办事员 人员 柜员 护士 医生 大夫 老师 警官 "
        "民警 小姐姐 小哥 美女 客服 医生护士 医护人员 服务人员 窗口人员 窗口工作人员 办事人员 "
        "经办人 保安 师傅 姑娘 小姑娘 小伙子 小伙 帅哥 大姐 阿姨 小妹 小哥哥 同志"
    ),
    ASPECT: (
        "服务 态度 服务态度 效率 工作效率 办事效率 办理效率 工作 窗口 办事 环境 速度 办事速度 "
        "办理速度 制度 流程 大厅 服务质量 质量 业务 办理 办证 事情 工作态度 窗口服务 医院 "
        "学校 银行 派出所 社区 办公环境 结果 办理结果 水平 业务水平 服务水平 服务窗口 "
        "专业水平 全程 过程 办事流程 手续 设施 接待 前台 办事大厅 服务大厅 行政服务中心 "
        "服务中心 看病 满意度 税务局 社保局 公积金 社保 退税 退税办得 办得 做得 服务得 处理 "
        "处理得 这次服务 整体服务 各项服务 技术 卫生 收费 停车 指引 解答 回复速度 护理 教学 "
        "体验 感受 作风 工作作风 秩序 接待服务 便民服务 办事体验"
    ),
    AND: "和 与 以及 跟",
    GIVE: "给",
    THANKS: (
        "谢谢 谢谢你 谢谢您 谢谢你们 多谢 感谢 感谢你们 感谢您 非常感谢 十分感谢 很感谢 "
        "衷心感谢 谢谢了 谢了 谢 谢谢大家 万分感谢 真诚感谢 表示感谢 特别感谢 感恩 好的谢谢 "
        "谢谢关心 谢谢关注 感谢关心"
    ),
    GREETING: (
        "你好 您好 你们好 辛苦了 你们辛苦了 大家辛苦了 您辛苦了 早上好 下午好 祝工作顺利 祝好 "
        "再见 收到 请 嗯 嗯嗯 上级好 领导好 祝你们工作顺利"
    ),
    # Codes.
    SELECT: (
        "发 发送 选 选择 我选 我选择 回 回复 我回复 答 回答 答案 答案是 评价 我评价 选项 "
        "我的选择是 打 按 我要选 就选 我就选 评 选的是 我的答案是 我答 我的评价 我的评价是 "
        "我的回复 评价是 评价为 评价结果 答复 结果是 就选 那就 那就选 只能说"
    ),
    # Wishes, moods, and what makes a rating doubtful.
    SUGGEST: "希望 建议 期待 盼 盼望",
    WISH: (
        "能 可以 以后 今后 网上办 网上办理 手机办 手机上办 增加 多开 多设 几个 继续 越来越好 "
        "越办越好 更好 更上一层楼 早日 推广 尽快 多 开通 线上办理 能够 更多 自助机 停车位"
    ),
    FRIENDLY: (
        "😊 😀 😄 😁 😃 🌹 🙏 ❤ ♥ 💐 🌷 👏 👌 💯 😘 🥰 😍 ☺ 🤝 💪 ✌ 🎉 ✅ √ ✔ 🌸 🌺 🎊 😚 🤗 "
        "继续保持 再接再厉 继续努力 加油 继续加油 保持"
    ),
    ANGRY: "😡 😠 🤬 😤 😞 😒 💩 👿 😾 💢 😔 😩 😫",
    CONTRAST: (
        "但 但是 不过 就是 可是 只是 然而 可 除了 虽然 尽管 除 却 还是 其他 其它 其余 另外 "
        "唯一 唯独 美中不足"
    ),
    ASKING: (
        "吗 么 呢 嘛 谁 什么 哪里 哪 怎么 为什么 为何 如何 多少 几 啥 咋 难道 何 是不是 "
        "能不能 会不会 有没有 行不行 要不要 对不对 可不可以 是否 有无 要不是 岂不 何不"
    ),
    TIME: (
        "以前 现在 之前 原来 当时 后来 上次 终于 刚开始 起初 开始 如今 从前 过去 前几次 这回 "
        "好了 不好了 不满意了 不满了"
    ),
    DOUBTFUL: (
        "最好 好不好 满不满意 满意不满意 好差评 差不多 差点 差一点 差强人意 呵呵 哈哈 嘿嘿 嘻嘻 "
        "不要太 "
        "不得不 不敢 谁敢 不能不 非一般 没意见 没话说 不好说 说不清 弃权 没好 没有好 不好意思 "
        "就 就这样 就这样吧 马虎 🙂 😂 🤣 😅 😏 🙄 😓 🤔 🤷 好说 好歹 好像 好在 还算 不愧 "
        "不知道 不清楚 不记得了 无所谓 随便 随意 自己 对不起 才 差别 差距 好好好 好好 "
        "不太一般 简直 尤其 根本 异常 不错了 只有 只 仅 如果 要是 假如 可能 也许 应该 大概 "
        "估计 一半 有的 有些 部分 多数 大部分 有时 一定 必须 不得 算 不要 别 勿"
    ),
}  # fmt: skip

PRAISED_BY: Mapping[str, tuple[str, ...]] = {
    "好": ("服务", "态度", "效率", "质量", "水平", "环境", "体验", "作风", "得"),
    "高": ("效率", "质量", "水平", "满意度"),
    "快": ("速度", "办事", "办理", "处理", "办证", "效率", "得"),
    "快捷": ("服务", "办事", "办理", "处理"),
}
"""After which word (its end) a weak word praises. Of people it greets: "工作人员好"."""

NOT_RATED_BY = frozenset(listed("结果 办理结果 事情 手续 收费 社保 公积金 退税 停车 业务 工作"))
"""What is not the service: a finding, a bank's business, one's job. After these only a word that
says itself what it rates does so ("结果不满意")."""

STRANGERS = frozenset(
    listed("他们 大家 家人 我家 家里人 同事 邻居 孩子 单位 政府 部门 领导 局里 对我 对我们")
)
"""People who need not have served: praise may be of their health, blame of their conduct."""

HARD_AFTER = frozenset(listed("看病 办证 办理 办事 解答 接待 满意度 这个"))
"""After these "不好" may say that something is hard ("看病不好"), or speak of nothing known."""

DAYS = frozenset({"今天", "昨天"})
"""A day that is praised is not the service ("今天很好")."""

RECOVERED = frozenset({"恢复了", "恢复得很好", "恢复得不错"})
"""Power, water or a patient: praise beside it may be about that."""

CODED_BY = frozenset(
    listed(
        "服务 态度 服务态度 服务质量 社保 税务局 社保局 "
        "对你们 对你们的 对您 对此次 对这次 对本次 这次 本次 此次 整体 总体 总的来说 总体来说 "
        "整体来说 总体上 已经办好 已办好 办好了 已经办好了"
    )
)
"""Before an option's number these say what it rates; others may number a window or a queue."""

SAID_TO_PEOPLE = ("方便", "客气", "舒服")
"""Praise of a thing ("流程很方便"); of a person, or alone, it may be politeness: "您客气"."""

LEXICON: Mapping[str, str] = {
    word: kind for kind, words in _LISTS.items() for word in listed(words)
}
"""Each word's kind; a word in two lists has the kind of the later one."""

LONGEST_WORD = max(map(len, LEXICON))

NUMERALS: Mapping[str, str] = {
    "一": "1", "二": "2", "三": "3", "壹": "1", "贰": "2", "叁": "3",
}  # fmt: skip
"""Chinese numerals that may stand for the digit of an option."""
