"""The offices of a made-up city: deterministic by seed, in the real shares of the categories."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from survey_pipeline.calendar import first_day, last_day
from survey_pipeline.gateways.simulated.chance import Dice
from survey_pipeline.validity import valid_on
from survey_pipeline.vocabulary import Category, HotlineGroup

_PARENTS = (
    ("D-01", "市自然资源和规划局", HotlineGroup.CITY_AGENCY),
    ("D-02", "市公安局", HotlineGroup.CITY_AGENCY),
    ("D-03", "市人力社保局", HotlineGroup.CITY_AGENCY),
    ("D-04", "市教育局", HotlineGroup.CITY_AGENCY),
    ("D-05", "市卫生健康委", HotlineGroup.CITY_AGENCY),
    ("D-06", "市城发集团", HotlineGroup.SOE_INSTITUTION),
    ("D-07", "市金融办", HotlineGroup.CITY_AGENCY),
    ("D-08", "市政务服务局", HotlineGroup.CITY_AGENCY),
)
_KINDS: dict[Category, tuple[str, Sequence[tuple[str, str]]]] = {
    Category.AGENCY: (
        "AG",
        (
            ("不动产登记处", "D-01"),
            ("规划审批处", "D-01"),
            ("出入境管理处", "D-02"),
            ("社会保险处", "D-03"),
            ("就业服务处", "D-03"),
            ("法规处", "D-03"),
        ),
    ),
    Category.SOCIAL: (
        "SS",
        (
            ("派出所", "D-02"),
            ("车辆管理分所", "D-02"),
            ("户籍服务站", "D-02"),
            ("便民服务站", "D-08"),
        ),
    ),
    Category.EDUCATION: (
        "ED",
        (
            ("实验小学", "D-04"),
            ("中学", "D-04"),
            ("职业学校", "D-04"),
            ("考试服务站", "D-04"),
        ),
    ),
    Category.HEALTH: (
        "HE",
        (
            ("人民医院门诊部", "D-05"),
            ("社区卫生服务中心", "D-05"),
            ("妇幼保健站", "D-05"),
        ),
    ),
    Category.FINANCE: (
        "FI",
        (
            ("银行营业部", "D-07"),
            ("保险理赔中心", "D-07"),
            ("银行便民支行", "D-07"),
        ),
    ),
    Category.SOE: (
        "SO",
        (
            ("供水营业厅", "D-06"),
            ("燃气服务站", "D-06"),
            ("公交客服中心", "D-06"),
        ),
    ),
}
"""Per category: how its codes begin, and its kinds of offices, each with its parent department."""
_SHARES = (
    (Category.AGENCY, 7),
    (Category.SOCIAL, 5),
    (Category.EDUCATION, 3),
    (Category.HEALTH, 2),
    (Category.FINANCE, 2),
    (Category.SOE, 1),
)
_DISTRICTS = ("城东", "城西", "城南", "城北", "滨江", "新区", "古城", "高铁", "开发区", "龙湾")
_ITEMS: dict[Category, tuple[str, ...]] = {
    Category.AGENCY: ("首次登记", "变更登记", "许可证申领", "政策咨询", "资格认定"),
    Category.SOCIAL: ("居住证办理", "驾驶证换领", "户口迁移", "临时通行证"),
    Category.EDUCATION: ("入学登记", "学籍变动", "考试报名", "成绩证明"),
    Category.HEALTH: ("门诊就诊", "体检", "疫苗接种", "出生证明"),
    Category.FINANCE: ("开户", "挂失补办", "理赔", "贷款咨询"),
    Category.SOE: ("报装", "过户", "缴费查询", "故障报修"),
}


@dataclass(frozen=True)
class CityOffice:
    """One office of the made-up city."""

    office_code: str
    name: str
    category: Category
    parent_code: str
    volume: int
    """Cases on a usual working day."""
    approval_service: bool = False
    exempt_reason: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    open_on_weekends: bool = False

    @property
    def items(self) -> Sequence[str]:
        """What its citizens come for."""
        return _ITEMS[self.category]

    def open_on(self, day: date, *, working_day: bool) -> bool:
        """Return whether it serves citizens that day."""
        return valid_on(self, day) and (working_day or self.open_on_weekends)


@dataclass(frozen=True)
class City:
    """A made-up city."""

    seed: str
    parents: Sequence[tuple[str, str, HotlineGroup]]
    offices: Sequence[CityOffice]


def make_city(seed: str, month: str, offices: int, cases_per_day: int) -> City:
    """Make a city.

    Args:
        seed: one seed gives one city.
        month: `YYYY-MM`, in the middle of which one office closes.
        offices: how many.
        cases_per_day: of an office of middling size on a working day.
    """
    shares = [category for category, share in _SHARES for _ in range(share)]
    made: list[CityOffice] = []
    for number in range(offices):
        category = shares[number * 7 % len(shares)]
        made.append(_office(seed, number, category, month, cases_per_day))
    return City(seed, _PARENTS, made)


def _office(seed: str, number: int, category: Category, month: str, usual: int) -> CityOffice:
    dice = Dice(seed, "office", str(number))
    prefix, kinds = _KINDS[category]
    kind, parent_code = kinds[number // 2 % len(kinds)]
    district = _DISTRICTS[number % len(_DISTRICTS)]
    again = number // len(_DISTRICTS)
    name = f"{district}{'' if again == 0 else f'第{again + 1}'}{kind}"
    middle = first_day(month) + timedelta(days=last_day(month).day // 2)
    return CityOffice(
        office_code=f"CS-{prefix}-{number + 1:03d}",
        name=name,
        category=category,
        parent_code=parent_code,
        # from a quarter of the usual to about three times as much, most of them small
        volume=max(
            1, usual * (25 + dice.number("one", 140) * dice.number("two", 140) // 70) // 100
        ),
        approval_service=category is Category.AGENCY and "审批" in kind,
        exempt_reason="机构改革，本年度免评" if number == 11 else "",
        valid_until=middle if number == 17 else None,
        open_on_weekends=category in {Category.HEALTH, Category.FINANCE},
    )


def write_register(city: City, folder: Path) -> tuple[Path, Path]:
    """Write the files of parents and offices as an operator gets them; return their paths."""
    parents, offices = folder / "parents.csv", folder / "offices.csv"
    with parents.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("主管单位编码", "主管单位名称", "热线分组"))
        writer.writerows((code, name, group.value) for code, name, group in city.parents)
    with offices.open("w", newline="", encoding="gb18030") as file:
        writer = csv.writer(file)
        header = "处室编码,处室名称,类别,主管单位编码,审批服务,免评原因,停用日期"
        writer.writerow(header.split(","))
        writer.writerows(
            (
                office.office_code,
                office.name,
                office.category.value,
                office.parent_code,
                "是" if office.approval_service else "否",
                office.exempt_reason,
                office.valid_until or "",
            )
            for office in city.offices
        )
    return parents, offices
