"""What the shipped papers say in Chinese, as a clerk of an appraisal office would write them."""

from tests.tools.document_layout import CHINESE, CHINESE_FORM, Sheet

PROVISIONAL = "以下数据为暂定数，原因见文末，仅供内部掌握。"
MONTH_HEADS = "{{ '二三四'[(1 if rows else 0) + (1 if notes else 0)] }}"
"""The number of the last heading: lines and notes may be left out."""


def statement_year_zh() -> Sheet:
    sheet = Sheet(CHINESE_FORM, "年度得分通知单")
    sheet.red_heading()
    sheet.title("{{ year }}年度评议得分通知单")
    sheet.say("{{ office }}：", indent=False)
    sheet.when("draft", "{{ draft }}")
    sheet.say(
        "根据《{{ standard }}》（以下简称《标准》），现将你单位（编码{{ office_code }}，"
        "主管单位{{ parent }}，{{ category }}）{{ year }}评议年度得分情况通知如下。"
        "评议年度为{{ first }}至{{ last }}{{ window_note }}，数据统计至{{ as_of }}。"
    )
    sheet.each("provisional")
    sheet.head("一、得分和名次")
    sheet.when("total", "你单位年度评议合计得分{{ total }}分。")
    sheet.each("standing")
    sheet.each("withheld")
    sheet.head("二、得分明细")
    _lines_zh(sheet, "{{ row.points or '不计分' }}")
    sheet.small(
        "合计＝日常评议＋网络评议＋加分项－未按要求报送材料扣分。得分四舍五入到小数点后四位"
        "{{ rounding_note }}，各项目内计分各行之和即该项目得分。引号内为《标准》原文，"
        "带*的因网页排版残缺已校正。"
        "“G.4”一类的编号是评议系统给《标准》各条编的序号。评议票是秘密的，只列合计得分。"
        "“—”表示没有数据，或者为保护评价人不列出。"
    )
    sheet.head("三、有关记录")
    sheet.tag("{%p if records %}")
    sheet.table(
        ("记录", "内容", "日期", "文号或者来源", "分值、等次或者名次"), (34, 34, 32, 32, 24),
        ("{%tr for record in records %}",
         ("{{ record.kind }}", "{{ record.what }}", "{{ record.day }}", "{{ record.document }}",
          "{{ record.value }}"), "{%tr endfor %}"),
    )  # fmt: skip
    sheet.tag("{%p else %}")
    sheet.say("本年度没有涉及你单位的记录。")
    sheet.tag("{%p endif %}")
    _notes_zh(sheet, "四")
    _objections_zh(sheet, "五", "“办件上报”页面进入“本年度记录”，逐条提交")
    sheet.signature()
    return sheet


def _lines_zh(sheet: Sheet, points: str) -> None:
    sheet.table(
        ("项目和《标准》原文", "计算和说明", "得分"), (82, 54, 20),
        ("{%tr for row in rows %}", "{%tr if row.is_head %}",
         ("**{{ row.name }}{% if row.full %}（{{ row.full }}分）{% endif %}", "{{ row.how }}",
          "**{{ row.points }}"), "{%tr else %}",
         ("{{ row.name }} {{ row.words }}", "{{ row.how }}", points),
         "{%tr endif %}", "{%tr endfor %}"), figures=(2,),
    )  # fmt: skip


def _notes_zh(sheet: Sheet, number: str) -> None:
    sheet.tag("{%p if notes %}")
    sheet.head(f"{number}、注释")
    sheet.small_each("notes")
    sheet.tag("{%p endif %}")


def _objections_zh(sheet: Sheet, number: str, where: str) -> None:
    sheet.head(f"{number}、申诉")
    sheet.say(
        "对得分或者记录需要申诉的，请于{{ objections_until }}前（含当日）向{{ organisation }}提出："
        f"登录评议系统{{% if page %}}（{{{{ page }}}}）{{% endif %}}，从{where}；"
        "或者由单位书面报送。申诉应写明所涉项目或者记录编号、理由，并附证明材料。"
        "{{ organisation }}逐件核实，书面答复；改变得分的，重新发布。"
    )


def statement_month_zh() -> Sheet:
    sheet = Sheet(CHINESE_FORM, "月度得分通知单")
    sheet.red_heading()
    sheet.title("{{ period }}服务对象满意度得分通知单")
    sheet.say("{{ office }}：", indent=False)
    sheet.when("draft", "{{ draft }}")
    sheet.say(
        "根据《{{ standard }}》（以下简称《标准》），现将你单位（编码{{ office_code }}，"
        "主管单位{{ parent }}，{{ category }}）{{ period }}服务对象满意度评价情况通知如下。"
        "本月得分供按月掌握情况；年度得分按全年评价合并计算。"
    )
    sheet.head("一、得分和名次")
    sheet.table(
        ("项目", "数值"), (96, 60),
        ("{%tr for figure in figures %}", ("{{ figure.name }}", "{{ figure.value }}"),
         "{%tr endfor %}"), figures=(1,),
    )  # fmt: skip
    sheet.small(
        "满意度＝（满意数×1＋一般数×0.6）÷评价数。"
        "得分＝30×满意度×权重系数{{ coefficient_note }}。调查：{{ asked_by }}。"
    )
    sheet.each("standing")
    sheet.each("withheld")
    sheet.each("remarks")
    sheet.when("reasons", "不满意的主要原因：{{ reasons }}。")
    sheet.tag("{%p if rows %}")
    sheet.head("二、得分明细")
    _lines_zh(sheet, "{{ row.points }}")
    sheet.small(
        "各行之和即得分，四舍五入到小数点后四位。引号内为《标准》原文，带*的因网页排版残缺已校正。"
    )
    sheet.tag("{%p endif %}")
    _notes_zh(sheet, "{% if rows %}三{% else %}二{% endif %}")
    _objections_zh(sheet, MONTH_HEADS, "“办件上报”页面进入本月得分提交")
    sheet.signature()
    return sheet


def notice_month_zh() -> Sheet:
    sheet = Sheet(CHINESE, "月度通报")
    sheet.red_heading()
    sheet.title("关于{{ period }}服务对象满意度评价情况的通报")
    sheet.say("各主管单位，各参评处室（站所）：", indent=False)
    sheet.say("根据《{{ standard }}》，现将{{ period }}服务对象满意度评价情况通报如下。")
    sheet.when("provisional", PROVISIONAL)
    sheet.head("一、总体情况")
    sheet.each("summary")
    sheet.table(
        ("类别", "参评单位", "上报办件", "评价数", "满意度", "满意率", "平均得分"),
        (36, 20, 20, 20, 20, 20, 20),
        ("{%tr for group in categories %}",
         ("{{ group.name }}", "{{ group.offices }}", "{{ group.reported }}", "{{ group.rated }}",
          "{{ group.rate }}", "{{ group.satisfied }}", "{{ group.points }}"),
         "{%tr endfor %}"), figures=(1, 2, 3, 4, 5, 6),
    )  # fmt: skip
    sheet.small(
        "满意度：“满意”计1分、“一般”计0.6分、“不满意”不得分，各评价的平均值。"
        "满意率：“满意”占全部评价的比例。平均得分：各单位得分（满分30分）的平均值。"
    )
    sheet.head("二、各类别名次")
    _withheld_zh(sheet)
    sheet.tag("{%p for ranking in rankings %}")
    sheet.head("{{ ranking.category }}", 2)
    sheet.table(
        ("名次", "参评处室（站所）", "主管单位", "得分"), (16, 66, 52, 22),
        ("{%tr for office in ranking.offices %}",
         ("{{ office.rank }}", "{{ office.office }}", "{{ office.parent }}",
          "{{ office.points }}"), "{%tr endfor %}"), figures=(3,),
    )  # fmt: skip
    sheet.tag("{%p if ranking.unranked %}")
    sheet.small("评价不足{{ ranking.min_ratings }}条、本月不排名：{{ ranking.unranked }}。")
    sheet.tag("{%p else %}")
    sheet.small("")
    sheet.tag("{%p endif %}")
    sheet.tag("{%p endfor %}")
    _named_zh(sheet)
    sheet.signature()
    sheet.small_each("marks")
    return sheet


def _withheld_zh(sheet: Sheet) -> None:
    sheet.when(
        "points_withheld",
        "为保护评价人，凡可由得分推知不足{{ least }}人的评价情况的，得分以“—”表示，名次照列。",
    )


def _named_zh(sheet: Sheet) -> None:
    sheet.head("三、予以表扬的单位")
    sheet.offices_named("praised", "无。", "{{ group.category }}：{{ group.offices }}。")
    sheet.head("四、需要改进的单位")
    sheet.offices_named("named", "无。", "{{ group.category }}：{{ group.offices }}。")
    sheet.head("五、存在的问题")
    sheet.tag("{%p if problems %}")
    sheet.each("problems")
    sheet.tag("{%p else %}")
    sheet.say("未发现突出问题。")
    sheet.tag("{%p endif %}")
    sheet.head("六、下一步工作")
    sheet.tag("{%p if coming %}")
    sheet.say("请有关单位按期报送下列材料：")
    sheet.table(
        ("截止日期", "事项", "所属期", "责任单位"), (34, 50, 26, 46),
        ("{%tr for date in coming %}",
         ("{{ date.day }}", "{{ date.what }}", "{{ date.period }}", "{{ date.who }}"),
         "{%tr endfor %}"),
    )  # fmt: skip
    sheet.small("")
    sheet.tag("{%p endif %}")
    sheet.say(
        "各参评处室（站所）对本单位得分需要申诉的，请于{{ objections_until }}前（含当日）向"
        "{{ organisation }}提出。"
    )


def notice_year_zh() -> Sheet:
    sheet = Sheet(CHINESE, "年度通报")
    sheet.red_heading()
    sheet.title("关于{{ year }}年度万人评机关中层处室和基层站所活动评议情况的通报")
    sheet.say("各主管单位，各参评处室（站所）：", indent=False)
    sheet.say(
        "根据《{{ standard }}》，现将{{ year }}评议年度（{{ first }}至{{ last }}，"
        "数据统计至{{ as_of }}）评议情况通报如下。"
    )
    sheet.when("provisional", PROVISIONAL)
    sheet.head("一、总体情况")
    sheet.each("summary")
    sheet.table(
        ("类别", "参评单位", "参加网评", "得分完整", "平均合计得分"), (44, 28, 28, 28, 28),
        ("{%tr for group in categories %}",
         ("{{ group.name }}", "{{ group.offices }}", "{{ group.online }}", "{{ group.ranked }}",
          "{{ group.mean }}"), "{%tr endfor %}"), figures=(1, 2, 3, 4),
    )  # fmt: skip
    sheet.small("平均合计得分只计得分完整的单位；满分100分，另有加分项至多2分。")
    sheet.tag("{%p if exempt %}")
    sheet.say("下列单位本年度免评：")
    sheet.each("exempt")
    sheet.tag("{%p endif %}")
    sheet.head("二、各类别名次")
    sheet.say("参加网络评议的单位和未参加的单位分别排名。")
    sheet.when(
        "points_withheld",
        "为保护评价人，凡可由得分推知少数人的评价情况的，得分以“—”表示，名次照列。",
    )
    sheet.tag("{%p for ranking in rankings %}")
    sheet.head("{{ ranking.category }}", 2)
    sheet.table(
        ("名次", "参评处室（站所）", "主管单位", "日常评议", "网络评议", "合计", "备注"),
        (12, 42, 34, 18, 18, 16, 16),
        ("{%tr for office in ranking.offices %}",
         ("{{ office.rank }}", "{{ office.office }}", "{{ office.parent }}", "{{ office.daily }}",
          "{{ office.online }}", "{{ office.total }}", "{{ office.remark }}"),
         "{%tr endfor %}"), figures=(3, 4, 5),
    )  # fmt: skip
    sheet.small("")
    sheet.tag("{%p endfor %}")
    _named_zh(sheet)
    sheet.signature()
    sheet.small_each("marks")
    return sheet


def reminder_zh() -> Sheet:
    sheet = Sheet(CHINESE, "催报单")
    sheet.red_heading()
    sheet.title("关于催报评议工作有关材料的通知")
    sheet.say("各有关单位：", indent=False)
    sheet.say(
        "按照评议工作安排，截至{{ day }}，逾期未报{{ overdue }}项，"
        "{{ ahead }}天内到期{{ due }}项。请下列单位抓紧报送；逾期的，请说明原因。"
    )
    sheet.tag("{%p if not bodies and not departments %}")
    sheet.say("目前没有需要催报的材料。")
    sheet.tag("{%p endif %}")
    sheet.tag("{%p for body in bodies %}")
    sheet.head("{{ body.name }}")
    sheet.table(
        ("事项", "所属期", "截止日期", "情况", "已报", "尚缺"), (34, 26, 30, 22, 18, 26),
        ("{%tr for row in body.rows %}",
         ("{{ row.what }}", "{{ row.period }}", "{{ row.due }}", "{{ row.state }}",
          "{{ row.came }}", "{{ row.missing or '—' }}"), "{%tr endfor %}"),
    )  # fmt: skip
    sheet.small("")
    sheet.tag("{%p endfor %}")
    sheet.tag("{%p if departments %}")
    sheet.head("每日办件报送（请主管单位督促所属处室（站所）补报）")
    sheet.tag("{%p for body in departments %}")
    sheet.head("{{ body.name }}", 2)
    sheet.table(
        ("参评处室（站所）", "缺报天数", "最早缺报日", "最近缺报日"), (66, 24, 33, 33),
        ("{%tr for row in body.rows %}",
         ("{{ row.office }}", "{{ row.days }}", "{{ row.first }}", "{{ row.last }}"),
         "{%tr endfor %}"), figures=(1,),
    )  # fmt: skip
    sheet.small("")
    sheet.tag("{%p endfor %}")
    sheet.tag("{%p endif %}")
    sheet.signature()
    return sheet
