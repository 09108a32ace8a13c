"""From the first steps into the year in a browser, with the keyboard and with a file."""

from pathlib import Path
from shutil import copyfile, copytree
from typing import Any

import pytest

from survey_pipeline import appraisal
from survey_pipeline.context import Context
from survey_pipeline.edited import shipped
from survey_pipeline.settings import load_settings
from survey_pipeline.stages.review import review_status
from survey_pipeline.standard.load import FOLDER
from survey_pipeline.testing import add_case, add_offices, add_representatives
from survey_pipeline.vocabulary import Role


@pytest.fixture
def context(site: Any) -> Context:
    made: Context = site.context
    copytree(shipped() / "templates", made.home / "templates")
    copyfile(shipped() / "config" / "pipeline.toml", made.home / "config" / "pipeline.toml")
    return made


def test_an_admin_is_led_from_an_empty_workspace_to_a_test_text(
    site: Any, context: Context
) -> None:
    visitor = site.visit(Role.ADMIN, language="zh_CN", width=360)
    page = visitor.go("/")
    page.get_by_role("link", name="全部起步事项").press("Enter")
    visitor.look()
    assert visitor.fits(360)
    assert page.locator("[data-step=organisation]").count() == 1
    page.locator("[data-step=organisation] a").press("Enter")
    page.get_by_label("调查单位名称").fill("温州市评议办")
    page.get_by_role("button", name="保存").press("Enter")
    page.get_by_text("文件中已修改1项设置").wait_for()
    visitor.look()
    assert load_settings(context.home, {}).organisation.name == "温州市评议办"
    visitor.go("/admin/templates/sms/survey")
    field = page.locator("#source")
    field.fill(field.input_value().replace("请评价本次服务", "您满意吗"))
    page.get_by_role("button", name="预览").press("Enter")
    assert "您满意吗" in page.locator("blockquote").inner_text()
    page.get_by_role("button", name="保存").press("Enter")
    page.get_by_text("已保存为版本").wait_for()
    visitor.look()
    assert visitor.fits(360)
    page = visitor.go("/admin/checks")
    page.locator("#test-number").fill("13812345678")
    page.locator("#test-number").press("Enter")
    page.locator("#test-text .good").wait_for()
    visitor.go("/admin/first-steps")
    assert "已完成" in page.locator("[data-step=test_text]").inner_text()


def test_an_organiser_leads_the_review_and_tries_a_file(
    site: Any, context: Context, tmp_path: Path
) -> None:
    add_offices(context, "agency", "agency")
    add_representatives(context, 2023, "R-1", "R-2")
    add_case(context, "AG-1", "K-1", "+8613812345670")
    appraisal.score_year(context, 2023)
    visitor = site.visit(Role.OPERATOR)
    page = visitor.go("/organise/year/2023")
    page.get_by_role("link", name="Lead the review").press("Enter")
    page.get_by_text("Select by a list with reasons").press("Enter")
    page.get_by_label("A line for each office").fill("AG-1, by hand")
    page.get_by_role("button", name="Select this list").press("Enter")
    page.get_by_text("The offices are selected.").wait_for()
    visitor.look()
    page.get_by_label("The seed is published").press("Space")
    page.get_by_role("button", name="Draw").press("Enter")
    page.get_by_text("The representatives are drawn.").wait_for()
    page.get_by_role("button", name="Open the review").press("Enter")
    page.get_by_text("The review is open.").wait_for()
    visitor.look()
    assert visitor.fits(360)
    assert review_status(context, 2023).state == "opened"

    text = (context.home / FOLDER / "wenzhou-2023.toml").read_text(encoding="utf-8")
    other = tmp_path / "other.toml"
    other.write_text(text.replace('id = "wenzhou-2023"', 'id = "other"'), encoding="utf-8")
    page = visitor.go("/organise/year/2023/what-if")
    page.get_by_text("Another file").press("Enter")
    page.get_by_label("A file of a standard").set_input_files(other)
    page.wait_for_function("document.getElementById('source').value.includes('other')")
    page.locator("details form button").press("Enter")
    page.get_by_text("Nothing was stored.").wait_for()
    visitor.look()
    assert "The two say the same." in page.inner_text("main")
