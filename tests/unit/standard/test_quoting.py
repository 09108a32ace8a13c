"""Published words as they are quoted: the debris of the layout is mended, and said to be."""

import pytest

from survey_pipeline.edited import shipped
from survey_pipeline.standard.entry import entries
from survey_pipeline.standard.load import standard_for
from survey_pipeline.standard.quoting import quotation


@pytest.mark.parametrize(
    ("place", "text", "mended"),
    [
        ("每件扣0.2分。\n\n4\n", "每件扣0.2分。", True),
        ("视情节轻重扣0.3-0.5分。\n\n2\n", "视情节轻重扣0.3-0.5分。", True),
        ("监督检查评价\n\n25分)", "监督检查评价 25分", True),
        ("分项2分封顶)", "分项2分封顶", True),
        ("日常评议(85分)", "日常评议(85分)", False),
        (
            "从第16名(含)开始,每下降1位扣0.03分。\n\n5\n",
            "从第16名(含)开始,每下降1位扣0.03分。",
            True,
        ),
        ("受到开除处分的,每人次扣9", "受到开除处分的,每人次扣9", False),
        ("（半个", "半个", True),
    ],
)
def test_debris_is_mended_and_marked(place: str, text: str, mended: bool) -> None:
    assert quotation(place) == (text, mended)


def test_no_quotation_of_the_shipped_standard_has_debris() -> None:
    standard = standard_for(2023, {2023: "wenzhou-2023"}, shipped() / "config" / "standards")
    for entry in entries(standard.standard):
        text, _ = quotation(entry.place)
        assert text.count("(") == text.count(")"), text
        assert not text.rstrip("0123456789.").endswith("。 "), text
