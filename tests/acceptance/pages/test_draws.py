"""The draws towards outsiders: hashes for whom they concern, the package for auditors alone."""

import hashlib
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from survey_pipeline.context import Context
from survey_pipeline.stages.sampling import commit_seed, draw_day
from survey_pipeline.store.engine import writing
from survey_pipeline.survey.closing import close_due
from survey_pipeline.testing import add_case, add_offices
from survey_pipeline.vocabulary import Role


@pytest.fixture
def context(site: Any) -> Context:
    """A closed month with one draw, and a commitment to the month that follows."""
    made: Context = site.context
    (office,) = add_offices(made, "agency")
    commit_seed(made, "2023-05")
    add_case(made, office, "K-1", "+8613812345670")
    draw_day(made, made.today())
    made.clock.advance(timedelta(days=45))  # type: ignore[attr-defined]  # a test's clock
    with writing(made.engine) as connection:
        close_due(connection, made.now())
    return made


def test_an_office_sees_the_hashes_and_no_package(site: Any, context: Context) -> None:
    page = site.visit(Role.OFFICE, office_code="AG-1").go("/draws")
    month = page.locator("[data-month='2023-05']")
    seed = context.keys.month_seed("2023-05")
    assert hashlib.sha256(seed.encode()).hexdigest() in month.inner_text()
    assert seed not in page.content()
    month.locator("summary").press("Enter")
    assert month.locator("tbody tr").count() == 1
    assert page.get_by_role("button", name="Download the auditor's package").count() == 0
    answer = page.request.post(f"{site.url}/draws/2023-05/package", headers={"Origin": site.url})
    assert answer.status == 403


def test_an_analyst_downloads_the_package_and_the_page_says_so(
    site: Any, context: Context, tmp_path: Path
) -> None:
    visitor = site.visit(Role.ANALYST)
    page = visitor.go("/draws")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the auditor's package").press("Enter")
    download.value.save_as(tmp_path / "package.zip")
    with zipfile.ZipFile(tmp_path / "package.zip") as archive:
        assert archive.read("drawn/2023-05-04.csv").decode().startswith("AG-1,K-1,")
    page = visitor.go("/draws")
    published = hashlib.sha256((tmp_path / "package.zip").read_bytes()).hexdigest()
    assert published in page.locator("[data-month='2023-05']").inner_text()


def test_an_admin_commits_the_month_that_follows(site: Any, context: Context) -> None:
    page = site.visit(Role.ADMIN).go("/draws")
    page.get_by_role("button", name="Commit to the seed of").press("Enter")
    page.wait_for_selector("[data-month='2023-07']")
    assert date(2023, 6, 18) == context.today()
    assert page.get_by_role("button", name="Commit to the seed of").count() == 0


def test_a_month_with_open_surveys_is_refused_in_words(site: Any) -> None:
    (office,) = add_offices(site.context, "agency")
    add_case(site.context, office, "K-1", "+8613812345670")
    draw_day(site.context, site.context.today())
    site.context.clock.advance(timedelta(days=28))
    visitor = site.visit(Role.ANALYST)
    page = visitor.go("/draws")
    page.get_by_role("button", name="Download the auditor's package").press("Enter")
    page.wait_for_selector("[role=alert]")
    assert "still open" in page.locator("[role=alert]").inner_text()


def test_it_is_told_in_chinese_on_a_small_screen(site: Any, context: Context) -> None:
    visitor = site.visit(Role.OPERATOR, language="zh_CN", width=360, color_scheme="dark")
    page = visitor.go("/draws")
    page.locator("summary").first.press("Enter")
    assert page.locator("h1").inner_text() == "抽样公示"
    assert visitor.fits(360)


def test_callers_have_no_use_for_it(site: Any) -> None:
    site.visit(Role.CALLER).go("/draws", status=403)
