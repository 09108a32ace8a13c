"""The analyst's month and year: tables, charts, lines with their reasons, files with a record."""

import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import insert, select, update

from survey_pipeline import pipeline
from survey_pipeline.overview.month_charts import rate_bins
from survey_pipeline.overview.ranking import Wanted, chosen, ranked_offices
from survey_pipeline.stages.export.month import read_month
from survey_pipeline.store.crypto import derived_keys, write_key_file
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import (
    audit_log,
    cases,
    draw_offices,
    draws,
    offices,
    parents,
    surveys,
)
from survey_pipeline.survey.context import Context
from survey_pipeline.testing import add_cases, add_offices, workspace
from survey_pipeline.vocabulary import AuditAction, Role
from survey_pipeline.web.readings import rendered
from survey_pipeline.workspace import shipped

MONTH, DRAWN = "2023-05", date(2023, 5, 10)
JULY = datetime(2023, 7, 3, 4, 0, tzinfo=UTC)
PHONE = "+86138000"
ANSWERS: Mapping[str, tuple[int, int, int]] = {
    "AG-1": (19, 1, 0),
    "AG-2": (3, 0, 0),  # few answers
    "AG-3": (1, 0, 15),  # wholly below AG-1
    "ED-4": (8, 0, 2),  # a wide interval
    "ED-5": (0, 0, 0),
}
"""Satisfied, neutral, dissatisfied."""
RANKED = ["AG-2", "AG-1", "AG-3", "ED-4", "ED-5"]
"""By category, and by rank there."""


def set_clock(context: Context, at: datetime) -> None:
    context.clock.at = at  # type: ignore[attr-defined] # tests set the clock


def fill(context: Context) -> Context:
    """Let five offices of two departments be rated in May, every survey closed by July."""
    set_clock(context, datetime(2023, 5, 10, 4, 0, tzinfo=UTC))
    add_offices(context, "agency", "agency", "agency", "education", "education")
    with writing(context.engine) as connection:
        connection.execute(
            insert(parents).values(
                parent_code="P-2", name="Schools", hotline_group="soe_institution"
            )
        )
        connection.execute(
            update(offices).where(offices.c.category == "education").values(parent_code="P-2")
        )
    rows = [
        (code, f"K-{number}", f"{PHONE}{place}{number:04d}")
        for place, code in enumerate(ANSWERS)
        for number in range(sum(ANSWERS[code]) + 2)
    ]
    add_cases(context, rows, reported_on=DRAWN, frame_on=DRAWN)
    with writing(context.engine) as connection:
        connection.execute(
            insert(draws).values(
                day=DRAWN, drawn_at=context.now(), frame=len(rows), frame_hash="0" * 64,
                roll_hash="0" * 64, seed_hash="0" * 64, seed=b"", policy={}, roll=b"",
            )
        )  # fmt: skip
        for code, answers in ANSWERS.items():
            drawn = sum(answers) + 1
            connection.execute(
                insert(draw_offices).values(
                    day=DRAWN, office_code=code, frame=drawn, eligible=drawn, drawn=drawn
                )
            )
        found = connection.execute(select(cases)).all()
        connection.execute(insert(surveys), [_survey(context, row) for row in found if _drawn(row)])
    set_clock(context, JULY)
    return context


def _drawn(row: Any) -> bool:
    return int(row.case_no[2:]) <= sum(ANSWERS[row.office_code])


def _survey(context: Context, row: Any) -> dict[str, Any]:
    satisfied, neutral, dissatisfied = ANSWERS[row.office_code]
    given = ["satisfied"] * satisfied + ["neutral"] * neutral + ["dissatisfied"] * dissatisfied
    number = int(row.case_no[2:])
    rating = given[number] if number < len(given) else None
    by_phone = rating is not None and number % 3 == 2
    return {
        "case_id": row.id, "office_code": row.office_code, "case_no": row.case_no,
        "category": "agency" if row.office_code.startswith("AG") else "education",
        "month": MONTH, "drawn_on": DRAWN, "rank_hash": f"{row.id:064d}", "phone": row.phone,
        "phone_hash": row.phone_hash, "phone_kind": row.phone_kind, "own_calls": True,
        "opened_at": context.now(), "closes_at": context.now(), "state": "closed",
        "texted": True, "delivered": True, "replied": rating is not None and not by_phone,
        "called": by_phone, "reached": by_phone, "rating": rating,
        "rated_by": ("phone" if by_phone else "sms") if rating else None,
        "reason": "attitude" if rating == "dissatisfied" else None,
        "disposition": "1.1" if rating else "3.19",
    }  # fmt: skip


@pytest.fixture
def context(site: Any) -> Context:
    """The city's workspace, its month not computed yet."""
    made: Context = site.context
    return fill(made)


@pytest.fixture
def scored(context: Context) -> Context:
    """The same with May computed."""
    pipeline.score_month(context, MONTH)
    return context


def codes(page: Any) -> list[str]:
    rows = page.locator("tr[data-office]").all()
    return [row.get_attribute("data-office") for row in rows]


def row_of(page: Any, code: str) -> str:
    text: str = page.locator(f"tr[data-office={code}]").inner_text()
    return text


@pytest.mark.parametrize(
    ("language", "heading", "few", "wide"),
    [
        ("en", "Scores May 2023", "few answers", "wide interval"),
        ("zh_CN", "2023年5月得分", "评价过少", "区间过宽"),
    ],
)
def test_an_analyst_reads_the_month(
    site: Any, scored: Context, language: str, heading: str, few: str, wide: str
) -> None:
    page = site.visit(Role.ANALYST, language=language).go("/scores")
    assert page.locator("h1").inner_text() == heading
    assert codes(page) == RANKED
    assert few in row_of(page, "AG-2")
    assert wide in row_of(page, "ED-4")
    assert few not in row_of(page, "AG-1")
    assert wide not in row_of(page, "AG-1")
    best = row_of(page, "AG-1")
    assert "98.0%" in best  # 19.6 of 20
    assert "19 · 1 · 0" in best
    assert "28.22" in best  # 30 x 0.98 x 0.96


def test_sorting_by_a_column_turns_and_leaves_the_unrated_last(site: Any, scored: Context) -> None:
    visitor = site.visit(Role.ANALYST)
    page = visitor.go("/scores")
    for wanted in (
        ["AG-2", "AG-1", "AG-3", "ED-4", "ED-5"],
        ["AG-3", "AG-1", "AG-2", "ED-4", "ED-5"],
    ):
        page.locator("table").filter(has=page.locator("tr[data-office=AG-1]")).get_by_role(
            "link", name="Rate"
        ).press("Enter")
        page.wait_for_load_state()
        assert codes(page) == wanted
        visitor.look()
    heads = page.locator("th[aria-sort]")
    assert [one.get_attribute("aria-sort") for one in heads.all()] == ["ascending"] * 2


def test_every_column_sorts(site: Any, scored: Context) -> None:
    page = site.visit(Role.ANALYST).go("/scores?category=agency")
    links = page.locator("table.dense a.sort")
    assert links.count() == page.locator("table.dense thead th").count()
    for address in [link.get_attribute("href") for link in links.all()]:
        answer = page.request.get(site.url + str(address))
        assert answer.status == 200, address


def test_filters_narrow_the_table_and_keep_the_order(site: Any, scored: Context) -> None:
    visitor = site.visit(Role.ANALYST)
    page = visitor.go("/scores?sort=rate&order=down")
    page.select_option("#parent", label="Schools")
    page.get_by_role("button", name="Filter").press("Enter")
    page.wait_for_url("**parent=P-2**")
    assert codes(page) == ["ED-4", "ED-5"]
    assert "sort=rate" in page.url
    page.get_by_role("link", name="Show all offices").click()
    page.wait_for_load_state()
    page.fill("#name", "ag-")
    page.press("#name", "Enter")
    page.wait_for_url("**name=ag-**")
    assert codes(page) == ["AG-2", "AG-1", "AG-3"]
    assert "3 offices of 5." in page.locator("[role=status]", has_text="of 5").inner_text()
    visitor.look()


def test_bands_part_offices_whose_intervals_do_not_overlap(site: Any, scored: Context) -> None:
    page = site.visit(Role.ANALYST).go("/scores?category=agency&sort=band")
    bands = {
        code: page.locator(f"tr[data-office={code}] td").nth(7).inner_text()
        for code in ("AG-1", "AG-2", "AG-3")
    }
    assert bands == {"AG-1": "1", "AG-2": "1", "AG-3": "2"}
    assert page.locator("tr.band").get_attribute("data-office") == "AG-3"


def test_the_charts_are_drawn_and_have_their_tables(site: Any, scored: Context) -> None:
    visitor = site.visit(Role.ANALYST, color_scheme="dark")
    page = visitor.go("/scores")
    for name in ("spread", "trend", "course", "modes"):
        painted = page.locator(f"#{name} canvas").evaluate(
            """canvas => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
                         .data.some(value => value > 0)"""
        )
        assert painted, name
    for summary in page.locator(".charts summary").all():
        summary.press("Enter")
    page.emulate_media(color_scheme="light")
    visitor.look()
    course = page.locator("figure", has=page.locator("#course"))
    figures = {
        row.locator("th").inner_text(): row.locator("td").inner_text()
        for row in course.locator("tbody tr").all()
    }
    assert figures["Cases reported"] == "59"
    assert figures["Drawn"] == "54"
    assert figures["Answered us"] == "49"


def test_a_month_that_is_not_computed_is_computed_by_one_button(
    site: Any, context: Context
) -> None:
    visitor = site.visit(Role.ANALYST)
    page = visitor.go(f"/scores?month={MONTH}")
    assert "no stored scores" in page.locator("main").inner_text()
    page.locator("#compute").press("Enter")
    expect(page.locator("[role=status]").first).to_have_text("Computed: this is a new version.")
    visitor.look()
    assert codes(page) == RANKED
    page.locator("#compute").press("Enter")
    expect(page.locator("[role=status]").first).to_contain_text("nothing has changed")


def test_the_choice_holds_ended_months_and_no_others(site: Any, scored: Context) -> None:
    page = site.visit(Role.ANALYST).go("/scores")
    options = page.locator("#month option").all_inner_texts()
    assert options == ["June 2023 (not computed)", "May 2023"]


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_an_offices_points_unfold_to_lines_with_what_they_rest_on(
    site: Any, scored: Context, language: str
) -> None:
    visitor = site.visit(Role.ANALYST, language=language)
    page = visitor.go("/scores")
    page.locator("tr[data-office=AG-1] a").press("Enter")
    page.wait_for_url(f"**/scores/month/{MONTH}/AG-1")
    lines = page.locator("#clause-A").inner_text()
    assert "28.2240" in lines
    assert "30 x 0.98 x 0.96 = 28.2240" in lines.replace("×", "x")
    assert "“满意”计1分" in page.locator("[id='clause-A.1a']").inner_text()
    reading = page.locator("[id='clause-A.2']")
    reading.locator("summary").press("Enter")
    assert "0.95 below" in reading.locator("details").inner_text()  # of the decision's page
    visitor.look()
    assert visitor.fits(360)


def test_a_drill_down_shows_no_citizen(site: Any, scored: Context) -> None:
    page = site.visit(Role.ANALYST).go(f"/scores/month/{MONTH}/AG-3")
    html = page.content()
    assert "15" in page.locator("[id='clause-A.1c']").inner_text()
    assert PHONE[3:] not in html
    assert "K-1" not in html


def test_reasons_of_few_answers_are_not_shown(site: Any, scored: Context) -> None:
    with writing(scored.engine) as connection:
        connection.execute(
            update(surveys)
            .where(surveys.c.office_code == "AG-2", surveys.c.case_no == "K-0")
            .values(rating="dissatisfied", reason="integrity")
        )
    pipeline.score_month(scored, MONTH)
    visitor = site.visit(Role.ANALYST)
    assert "Integrity" not in visitor.go(f"/scores/month/{MONTH}/AG-2").content()
    assert "Attitude" in visitor.go(f"/scores/month/{MONTH}/AG-3").content()


@pytest.mark.parametrize(("form", "name"), [
    ("take-csv", f"satisfaction-{MONTH}.csv"),
    ("take-json", f"satisfaction-{MONTH}.json"),
    ("take-xlsx", f"satisfaction-{MONTH}.xlsx"),
    ("take-html", f"satisfaction-{MONTH}.html"),
    ("take-answers-csv", f"answers-{MONTH}.csv"),
    ("take-answers-parquet", f"answers-{MONTH}.parquet"),
])  # fmt: skip
def test_a_file_is_the_command_lines_and_stands_on_record(
    site: Any, context: Context, form: str, name: str
) -> None:
    set_clock(context, datetime.now(UTC))  # as the command line has it
    pipeline.score_month(context, MONTH)
    page = site.visit(Role.ANALYST, name="li").go(f"/scores?month={MONTH}")
    with page.expect_download() as waiting:
        page.locator(f"#{form}").press("Enter")
    assert waiting.value.suggested_filename == name
    taken = Path(waiting.value.path()).read_bytes()
    assert taken == by_command(context, name)
    with reading(context.engine) as connection:
        kept = connection.execute(
            select(audit_log).where(audit_log.c.action == AuditAction.EXPORTED)
        ).one()
    assert (kept.actor, kept.reason) == ("li", name)


def by_command(context: Context, name: str) -> bytes:
    """Export the same with the command line, in the same workspace."""
    config = context.home / "config" / "pipeline.toml"
    config.write_text('locale = "en"\n[standards]\n2023 = "wenzhou-2023"\n')
    write_key_file(context.home / "survey.key", derived_keys("test"))
    stem, form = name.rsplit(".", 1)
    what = ("answers", "--month", MONTH) if stem.startswith("answers") else ("month", MONTH)
    subprocess.run(
        [sys.executable, "-m", "survey_pipeline.cli", "--home", str(context.home), "export", *what,
         "--format", form],
        check=True, capture_output=True,
    )  # fmt: skip
    return (context.home / "exports" / name).read_bytes()


def test_a_year_is_computed_ranked_and_unfolded(site: Any, scored: Context) -> None:
    visitor = site.visit(Role.ANALYST)
    page = visitor.go("/scores/year/2023")
    page.locator("#compute").press("Enter")
    expect(page.locator("[role=status]").first).to_have_text("Computed: this is a new version.")
    visitor.look()
    assert codes(page) == RANKED
    assert "provisional" in row_of(page, "AG-1")
    page.locator("table a.sort", has_text="Total").first.press("Enter")
    page.wait_for_url("**sort=total**")
    page.locator("tr[data-office=AG-1] a").press("Enter")
    page.wait_for_url("**/scores/year/2023/AG-1")
    visitor.look()
    assert "not delivered" in page.locator("#clause-B").inner_text()
    assert "Performance" in page.locator("p", has_text="Missing:").inner_text()
    assert visitor.fits(360)
    visitor.go("/scores/year/2023")
    assert visitor.fits(360)


def test_a_years_file_stands_on_record(site: Any, scored: Context) -> None:
    pipeline.score_year(scored, 2023)
    page = site.visit(Role.OPERATOR, name="wang").go("/scores/year/2023")
    with page.expect_download() as waiting:
        page.locator("#take-csv").press("Enter")
    assert Path(waiting.value.path()).read_text("utf-8").startswith("year,office_code,office")
    with reading(scored.engine) as connection:
        kept = connection.execute(
            select(audit_log).where(audit_log.c.action == AuditAction.EXPORTED)
        ).one()
    assert (kept.actor, kept.kind, kept.key) == ("wang", "year_scores", "2023/1")


@pytest.mark.parametrize("width", [360, 640])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_month_fits_a_small_screen(
    site: Any, scored: Context, width: int, language: str
) -> None:
    visitor = site.visit(Role.ANALYST, width=width, language=language, color_scheme="dark")
    visitor.go("/scores")
    assert visitor.fits(width)


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/scores?month=May", "May"),
        ("/scores?sort=phone", "phone"),
        ("/scores?category=secret", "secret"),
        (f"/scores/files/month/{MONTH}/1/docx", "docx"),
        (f"/scores/files/answers/{MONTH}/xlsx", "xlsx"),
    ],
)
def test_what_there_is_not_is_said_in_words(
    site: Any, scored: Context, path: str, word: str
) -> None:
    page = site.visit(Role.ANALYST).go(path, status=400)
    assert word in page.locator("h1").inner_text()


def test_an_office_without_a_score_is_said_in_words(site: Any, scored: Context) -> None:
    page = site.visit(Role.ANALYST).go(f"/scores/month/{MONTH}/XX-9", status=404)
    assert "XX-9" in page.locator("h1").inner_text()


@pytest.mark.parametrize("role", [Role.CALLER, Role.OFFICE])
def test_others_see_no_scores_and_take_no_files(site: Any, scored: Context, role: Role) -> None:
    office_code = "AG-1" if role is Role.OFFICE else None
    visitor = site.visit(role, office_code=office_code)
    for path in (
        "/scores",
        f"/scores/month/{MONTH}/AG-1",
        "/scores/year/2023",
        f"/scores/files/month/{MONTH}/1/csv",
        f"/scores/files/answers/{MONTH}/csv",
    ):
        assert visitor.page.request.get(site.url + path).status == 403, path
    answer = visitor.page.request.post(
        site.url + "/scores/compute",
        form={"month": MONTH},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status == 403


def test_a_large_category_is_cut_until_it_is_asked_for(site: Any, context: Context) -> None:
    add_offices(context, *["social"] * 160)
    pipeline.score_month(context, MONTH)
    page = site.visit(Role.ANALYST).go("/scores")
    assert len(codes(page)) == 5 + 25
    page.get_by_role("link", name="All 160 offices: Social services").press("Enter")
    page.wait_for_url("**category=social**")
    assert len(codes(page)) == 160


# What follows needs no browser.


def offices_of(rates: Mapping[str, tuple[str, str, str] | None]) -> Any:
    """A report of one category with these rates and bounds."""

    rows = [
        {
            "office_code": code, "office": code, "category": "agency", "rated": 20,
            "rate": rate and rate[1], "rate_low": rate and rate[0],
            "rate_high": rate and rate[2], "rank": None, "parent_code": "P-1",
        }
        for code, rate in rates.items()
    ]  # fmt: skip
    return SimpleNamespace(
        min_cell=5,
        appraised=rows,
        of_category=lambda category: [row for row in rows if row["category"] == category],
    )


def test_within_a_band_every_two_intervals_overlap() -> None:
    report = offices_of(
        {
            "wide": ("0.2", "0.95", "1"),
            "sharp": ("0.88", "0.90", "0.92"),
            "touching": ("0.70", "0.80", "0.88"),
            "below": ("0.60", "0.78", "0.8799"),
            "last": ("0.10", "0.20", "0.59"),
            "nobody": None,
        }
    )
    bands = {one.code: one.band for one in ranked_offices(report)}
    assert bands == {
        "wide": 1, "sharp": 1, "touching": 1, "below": 2, "last": 3, "nobody": None
    }  # fmt: skip


def test_offices_without_the_figure_come_last_either_way() -> None:
    report = offices_of({"a": ("0", "0.5", "1"), "b": None, "c": ("0", "0.7", "1")})
    offices = ranked_offices(report)
    for down, order in ((True, ["c", "a", "b"]), (False, ["a", "c", "b"])):
        assert [one.code for one in chosen(offices, Wanted(sort="rate", down=down))] == order


@pytest.mark.parametrize("least", ["1", "0.999", "0.87", "0.31", "0"])
def test_every_rate_lies_in_one_step(least: str) -> None:
    bins = rate_bins([{"rate": rate} for rate in (least, "1", None)])
    assert sum(one.count for one in bins) == 2
    assert len(bins) <= 12
    assert bins[-1].high == 1
    assert bins[0].low <= Decimal(least)
    assert all(one.high == other.low for one, other in pairwise(bins))


def test_nothing_is_spread_where_nobody_rated() -> None:
    assert rate_bins([{"rate": None}]) == []


def test_a_decision_is_rendered_without_markup_of_its_own() -> None:
    found = rendered("x", "# A title\n\n**We decided:** <b>so</b>, [see](ranks.md).\n\n- one\n")
    assert found.title == "A title"
    assert "<strong>We decided:</strong> &lt;b&gt;so&lt;/b&gt;" in found.body
    assert "<a" not in found.body
    assert "<li>one</li>" in found.body


@pytest.mark.parametrize(
    "page", sorted((shipped() / "docs/decisions").glob("*.md")), ids=lambda page: page.stem
)
def test_every_decision_can_be_shown(page: Path) -> None:
    found = rendered(page.stem, page.read_text("utf-8"))
    assert found.title
    assert "**" not in found.body
    assert "<h1" not in found.body


def test_a_month_is_the_same_read_twice(tmp_path: Path) -> None:
    """Bands do not depend on the order in which offices come."""
    context = fill(workspace(tmp_path))
    pipeline.score_month(context, MONTH)
    report = read_month(context, MONTH)
    assert [one.band for one in ranked_offices(report)] == [1, 1, 2, 1, None]
    context.engine.dispose()
