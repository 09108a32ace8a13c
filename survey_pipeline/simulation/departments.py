"""The departments of a made-up city, and the kinds of offices that stand under each.

The first six are those of the shipped reports (`tests/data/reports`), under the same codes and
names, so that a department has one name everywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from survey_pipeline.vocabulary import Category, HotlineGroup

CITY, OWNED = HotlineGroup.CITY_AGENCY, HotlineGroup.SOE_INSTITUTION
PARENTS: Sequence[tuple[str, str, HotlineGroup]] = (
    ("P-01", "市市场监督管理局", CITY),
    ("P-02", "市教育局", CITY),
    ("P-03", "市卫健委", CITY),
    ("P-04", "市金融办", CITY),
    ("P-05", "市交运集团", OWNED),
    ("P-06", "市公安局", CITY),
    ("P-07", "市自然资源和规划局", CITY),
    ("P-08", "市人力社保局", CITY),
    ("P-09", "市住建局", CITY),
    ("P-10", "市财政局", CITY),
    ("P-11", "市政务服务局", CITY),
    ("P-12", "市公用集团", OWNED),
    ("P-13", "市民政局", CITY),
    ("P-14", "市医保局", CITY),
    ("P-15", "市生态环境局", CITY),
)
NAMES: Mapping[str, str] = {code: name for code, name, _ in PARENTS}


@dataclass(frozen=True)
class OfficeKind:
    """A kind of office: what it is called, under which department, what people come for."""

    name: str
    parent_code: str
    items: Sequence[str]
    intermediary: bool = False
    """A 中介机构: its deliverables may be sent back by the authority (C3.2)."""

    @property
    def approves(self) -> bool:
        """Return whether it carries approval services."""
        return self.name == "行政审批处"


AGENCY = (
    OfficeKind("行政审批处", "P-07", ("建设用地规划许可", "建设工程规划许可", "规划核实")),
    OfficeKind("出入境管理处", "P-06", ("护照申领", "往来港澳通行证签注", "居留许可")),
    OfficeKind("社会保险处", "P-08", ("社保关系转移", "养老待遇核定", "工伤认定")),
    OfficeKind("房产市场处", "P-09", ("房屋交易备案", "维修资金支取", "租赁备案")),
    OfficeKind("不动产登记处", "P-07", ("不动产首次登记", "不动产转移登记", "抵押登记")),
    OfficeKind("食品经营处", "P-01", ("食品经营许可", "小餐饮登记", "许可证变更")),
    OfficeKind("养老服务处", "P-13", ("高龄津贴申领", "养老机构备案", "政策咨询")),
    OfficeKind("待遇保障处", "P-14", ("异地就医备案", "医保关系转移", "参保登记")),
    OfficeKind("会计管理处", "P-10", ("代理记账许可", "会计人员信息采集", "政策咨询")),
    OfficeKind("行政审批处", "P-15", ("环境影响评价审批", "排污许可", "危险废物经营许可")),
    OfficeKind("企业服务处", "P-11", ("惠企政策兑现", "涉企诉求办理", "政策咨询")),
    OfficeKind("就业服务处", "P-08", ("失业登记", "创业担保贷款", "技能补贴申领")),
    OfficeKind("治安管理处", "P-06", ("特种行业许可", "大型活动许可", "保安员资格审查")),
    OfficeKind("行政审批处", "P-09", ("施工许可", "竣工验收备案", "建筑业资质核定")),
    OfficeKind("社会救助处", "P-13", ("低保申请", "临时救助", "政策咨询")),
    OfficeKind("特种设备处", "P-01", ("电梯使用登记", "作业人员考核", "压力容器登记")),
    OfficeKind("劳动关系处", "P-08", ("劳动合同备案", "集体合同审查", "政策咨询")),
    OfficeKind("住房保障处", "P-09", ("公租房申请", "租赁补贴申领", "资格复核")),
    OfficeKind("消费维权处", "P-01", ("消费投诉", "价格举报", "政策咨询")),
    OfficeKind("社会组织处", "P-13", ("社会组织登记", "章程核准", "年度检查")),
    OfficeKind("综合窗口处", "P-11", ("一件事联办", "综合受理", "政策咨询")),
)  # fmt: skip
SOCIAL = (
    OfficeKind("派出所", "P-06", ("居住证办理", "户口迁移", "身份证换领", "无犯罪记录证明")),
    OfficeKind("会计师事务所", "P-10", ("年报审计", "验资", "专项审计"), intermediary=True),
    OfficeKind("车管分所", "P-06", ("驾驶证换领", "机动车转移登记", "临时号牌")),
    OfficeKind("房产估价所", "P-09", ("抵押估价", "征收评估", "课税估价"), intermediary=True),
    OfficeKind("便民服务中心", "P-11", ("老年优待证", "综合受理", "代办服务")),
    OfficeKind("测绘院", "P-07", ("竣工测绘", "宗地测绘", "房产测绘"), intermediary=True),
)
EDUCATION = (
    OfficeKind("实验小学", "P-02", ("入学登记", "转学办理", "课后服务报名")),
    OfficeKind("中学", "P-02", ("学籍变动", "成绩证明", "入学登记")),
    OfficeKind("职业学校", "P-02", ("招生报名", "资助申请", "毕业证明")),
    OfficeKind("考试服务中心", "P-02", ("考试报名", "成绩证明", "准考证补办")),
)
HEALTH = (
    OfficeKind("人民医院门诊部", "P-03", ("门诊就诊", "检查预约", "病历复印")),
    OfficeKind("社区卫生服务中心", "P-03", ("疫苗接种", "健康体检", "签约服务")),
    OfficeKind("妇幼保健院", "P-03", ("孕产建档", "儿童体检", "出生证明")),
)
FINANCE = (
    OfficeKind("银行支行", "P-04", ("开户", "挂失补办", "贷款咨询")),
    OfficeKind("财险理赔中心", "P-04", ("车险理赔", "财产险理赔", "保单变更")),
    OfficeKind("寿险客服中心", "P-04", ("保全变更", "理赔申请", "退保办理")),
)
OWNED_COMPANIES = (
    OfficeKind("供水营业厅", "P-12", ("用水报装", "用水过户", "水费查询", "故障报修")),
    OfficeKind("公交客服中心", "P-05", ("公交卡办理", "失物招领", "线路咨询")),
    OfficeKind("燃气营业厅", "P-12", ("燃气报装", "燃气过户", "安全检查预约")),
)
KINDS: Mapping[Category, tuple[str, Sequence[OfficeKind]]] = {
    Category.AGENCY: ("AG", AGENCY),
    Category.SOCIAL: ("SS", SOCIAL),
    Category.EDUCATION: ("ED", EDUCATION),
    Category.HEALTH: ("HE", HEALTH),
    Category.FINANCE: ("FI", FINANCE),
    Category.SOE: ("SO", OWNED_COMPANIES),
}
"""Per category: how its codes begin, and its kinds of offices."""
INTERMEDIARIES = tuple(
    kind.name for _, kinds in KINDS.values() for kind in kinds if kind.intermediary
)
"""How the names of intermediaries end."""
