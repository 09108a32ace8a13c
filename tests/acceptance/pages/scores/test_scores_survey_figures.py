"""What the survey says of itself: outcome rates and estimates, on pages and as files."""

import csv
from pathlib import Path
from typing import Any

from survey_pipeline.vocabulary import Role


def test_an_analyst_reads_both_pages_and_takes_a_file(site: Any, scored: Any) -> None:
    analyst = site.visit(Role.ANALYST)
    page = analyst.go("/scores?month=2023-05")
    page.click("#outcome-rates")
    assert "no figure here changes a score" in page.locator("main").inner_text()
    analyst.look()
    rows = page.locator("#outcome_rates tbody tr")
    assert rows.all_inner_texts()[0].startswith("All offices\t54\t49\t")
    page.click("#by-office")
    assert rows.count() == 6  # five offices under the whole city
    with page.expect_download() as taken:
        page.click("#take-csv")
    with Path(taken.value.path()).open(encoding="utf-8-sig", newline="") as file:
        assert {row["grouping"] for row in csv.DictReader(file)} >= {"office", "mode", "month"}
    page.fill("#uh", "0")
    page.get_by_role("button", name="Compute").click()
    assert page.locator("#by-office").get_attribute("aria-current") == "page"
    assert "uh=0" in str(page.locator("#take-xlsx").get_attribute("href"))
    city = rows.nth(0).locator("td[data-label='RR3'], td[data-label='RR5']").all_inner_texts()
    assert city[0] == city[1] != "—"

    page = analyst.go("/scores/estimates/month/2023-05?by=office")
    assert page.locator("section > p").count() >= 6
    bands = page.locator("#bands tbody tr").all_inner_texts()
    assert [line.split("\t")[0].split(" ")[0] for line in bands][:1] == ["Office"]


def test_the_estimates_fit_a_phone_in_chinese(site: Any, scored: Any) -> None:
    visitor = site.visit(Role.ANALYST, language="zh_CN", width=360)
    visitor.go("/scores/estimates/month/2023-05")
    assert visitor.fits(360)
    visitor.go("/scores/outcomes/month/2023-05?by=mode&uh=0.5")
    assert visitor.fits(360)
    visitor.go("/scores/outcomes/month/2023-05?uh=2", status=400)
    visitor.go("/scores/outcomes/month/2023-05?by=weekday", status=400)


def test_an_office_opens_neither(site: Any, scored: Any) -> None:
    office = site.visit(Role.OFFICE, office_code="AG-1")
    office.go("/scores/outcomes/month/2023-05", status=403)
    office.go("/scores/estimates/month/2023-05", status=403)
