"""What a made-up city's findings and awards say: clauses with matters that fit them, and numbers.

Document numbers have the form of official papers: letterhead, year of issue, number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from survey_pipeline.gateways.simulated.chance import Dice
from survey_pipeline.vocabulary import Category

SURNAMES = "王李张刘陈杨黄赵周吴"
HIGHEST_NUMBER = 90
"""Of the papers of one letterhead in a year."""
UNNUMBERED = 250
"""Of a thousand awards: those whose paper has no document number."""


@dataclass(frozen=True)
class CityFinding:
    """What an inspection finds, under the clause that it falls under."""

    clause: str
    points: str
    matter: str
    letterhead: str
    """Of the paper that states it."""
    person: bool = False
    """It is counted per person (每人次), who is named."""
    intermediary: bool = False
    """It concerns intermediaries, and no other office."""
    categories: Sequence[Category] = tuple(Category)
    """Of the offices that it may concern."""


_DESKS = (Category.AGENCY, Category.SOCIAL)
FINDINGS = (
    CityFinding("C1.3", "2", "惠企政策兑现不及时", "温督办通", categories=(Category.AGENCY,)),
    CityFinding("C1.5", "0.5", "工作时间擅自离岗", "温作风办通", person=True),
    CityFinding("C2.1a", "3", "违规收受礼品，受党内警告处分", "温纪发", person=True),
    CityFinding("C2.3a", "1", "重点工作推进滞后，被市级通报批评", "温委办发"),
    CityFinding("C3.1", "0.3", "索要已取消的证明，群众多次往返", "温政务办通", categories=_DESKS),
    CityFinding("C3.3", "1", "办件数据报送不实", "温评办通"),
    CityFinding("C3.2a", "0.3", "成果质量不合格，被主管部门退回", "温中介办通", intermediary=True),
    CityFinding("C3.2a", "0.3", "报告缺项，被退回补正", "温中介办通", intermediary=True),
    CityFinding("C3.2b", "3", "出具虚假报告", "温中介办通", intermediary=True),
)
CHECKED_CLAUSE = "C1.5"
CHECKED = (
    ("工作时间擅自离岗", "对1人批评教育", "考勤管理不严", "开展作风整顿"),
    ("窗口人员工作时间离岗", "对1人诫勉谈话", "岗位替补不落实", "完善窗口替补制度"),
)
"""What departments find at their own desks, under that clause: problem, people, cause, measure."""
WORKS: Mapping[Category, Sequence[str]] = {
    Category.AGENCY: ("优化营商环境", "政务服务增值化改革", "数字化改革"),
    Category.SOCIAL: ("基层治理", "便民服务", "平安建设"),
    Category.EDUCATION: ("义务教育优质均衡发展", "校园安全", "招生考试"),
    Category.HEALTH: ("基层医疗服务", "疫苗接种", "妇幼健康服务"),
    Category.FINANCE: ("普惠金融服务", "金融消费者保护"),
    Category.SOE: ("供水供气保障", "公共交通服务"),
}
"""What offices are commended for."""
LEVELS = (
    ("市委市政府", "温委发"),
    ("市委办公室、市政府办公室", "温委办发"),
    ("省级部门", "浙政务办发"),
    ("国家部委司局", "部司函"),
)
"""Who commends, in the standard's own words, and the letterhead of the paper."""
SHARED_WORK, SHARED_LEVEL, SHARED_LETTERHEAD = "国土空间治理", *LEVELS[1]
"""A commendation of a department, which its offices share."""


def document_no(letterhead: str, issued_on: date, dice: Dice) -> str:
    """Return a document number, as 温委办发〔2026〕12号."""
    return f"{letterhead}〔{issued_on.year}〕{dice.number('paper', HIGHEST_NUMBER) + 1}号"
