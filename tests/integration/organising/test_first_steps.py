"""The way from an empty workspace to the first text: what is missing is said until it is there."""

import re
from typing import Any

from survey_pipeline.stages.sampling import draw_day
from survey_pipeline.testing import add_case, add_offices, add_survey, add_text
from survey_pipeline.vocabulary import Role

PAGE = "/admin/first-steps"


def missing(page: str) -> list[str]:
    items = re.findall(r'data-step="(\w+)".*?<span class="tag ?(\w*)">', page, re.DOTALL)
    return [name for name, mark in items if mark == "fair"]


def test_each_step_says_what_is_missing_and_the_home_page_reminds_the_admin(town: Any) -> None:
    context, admin = town.context, town.browser(Role.ADMIN)
    page = admin.get(PAGE).text
    assert missing(page) == ["register", "carrier", "test_text", "reports", "day"]
    assert "No office is on the register" in page
    assert "No office is on the register" in admin.get("/").text
    assert PAGE not in town.browser(Role.OPERATOR).get("/").text
    assert town.browser(Role.OPERATOR).get(PAGE).status == 403

    add_offices(context, "agency")
    admin.post("/admin/checks/text", number="13812345678")
    add_case(context, "AG-1", "K-1", "+8613812345670")
    page = admin.get(PAGE).text
    assert missing(page) == ["carrier", "day"]
    assert "A test text was taken by simulated." in page
    (context.home / "templates/sms/survey.txt").write_text("{{ nothing }}", encoding="utf-8")
    assert missing(admin.get(PAGE).text) == ["carrier", "texts", "day"]

    draw_day(context, context.today())
    add_text(context, add_survey(context, "AG-1", "K-2"))
    assert missing(admin.get(PAGE).text) == ["carrier", "texts"]
    assert PAGE not in admin.get("/").text  # the first text went out
