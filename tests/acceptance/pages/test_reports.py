"""The office's report: a file looked at and stored, zero reports, closed months, objections."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from survey_pipeline import appraisal
from survey_pipeline.stages.evidence import add_objection, decide_objection
from survey_pipeline.stages.intake.formats.source import open_source
from survey_pipeline.stages.intake.kinds import CASES
from survey_pipeline.stages.intake.uploads.case_template import make_template
from survey_pipeline.stages.intake.uploads.upload_folder import MOST_BYTES
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import audit_log, cases, daily_reports
from survey_pipeline.testing import NOON, add_cases, add_inbound, add_offices, add_survey
from survey_pipeline.vocabulary import (
    Category,
    Decision,
    InboundUse,
    Rating,
    Role,
    SurveyState,
)

HEADER = "office_code,case_no,served_on,phone,item"
MARCH = datetime(2023, 3, 6, 4, tzinfo=UTC)


@pytest.fixture
def offices(site: Any) -> list[str]:
    return add_offices(site.context, Category.AGENCY, Category.AGENCY)


def line(office: str, case_no: str, phone: str = "13857710001", served: str = "2023-05-04") -> str:
    return f"{office},{case_no},{served},{phone},Licence"


def bring(page: Any, folder: Path, *lines: str, name: str = "may.csv") -> None:
    path = folder / name
    path.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
    page.set_input_files("#file", path)
    page.press("#day", "Enter")
    page.wait_for_url("**/reports/uploads/*")


def figures(page: Any) -> list[str]:
    return [page.inner_text(f"#{name}") for name in ("accepted", "updated", "unchanged", "refused")]


def stored(site: Any) -> list[str]:
    with reading(site.context.engine) as connection:
        return list(connection.scalars(select(cases.c.case_no).order_by(cases.c.case_no)))


def rated(
    site: Any,
    office: str,
    at: datetime,
    ratings: list[Rating],
    *,
    scored: bool = True,
    **values: Any,
) -> list[int]:
    """Closed surveys of a month, each with its rating; then the clock shows NOON again."""
    site.context.clock.at = at
    made = [
        add_survey(
            site.context,
            office,
            f"{at:%m%d}-{number}",
            f"+86138123456{number:02}",
            state=SurveyState.CLOSED,
            rating=rating,
            rated_by="sms",
            **values,
        )
        for number, rating in enumerate(ratings)
    ]
    site.context.clock.at = NOON
    if scored:
        appraisal.score_month(site.context, f"{at:%Y-%m}")
    return made


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_file_is_looked_at_then_stored(
    site: Any, offices: list[str], tmp_path: Path, language: str
) -> None:
    visitor = site.visit(Role.OFFICE, office_code=offices[0], language=language)
    page = visitor.go("/reports")
    bring(page, tmp_path, line(offices[0], "K-1"), line(offices[0], "K-2"))
    visitor.look()
    assert figures(page) == ["2", "0", "0", "0"]
    assert stored(site) == []
    page.press("form[action$='/take'] button", "Enter")
    page.wait_for_selector(".tag.good")
    visitor.look()
    assert stored(site) == ["K-1", "K-2"]
    page = visitor.go("/reports")
    assert page.inner_text("td[aria-current] b") == "2"


def test_every_refused_row_is_seen_and_can_be_downloaded(
    site: Any, offices: list[str], tmp_path: Path
) -> None:
    visitor = site.visit(Role.OFFICE, office_code=offices[0])
    page = visitor.go("/reports")
    bad = [line(offices[0], f"B-{number}", "138****0001") for number in range(60)]
    bring(page, tmp_path, line(offices[0], "K-1"), *bad)
    visitor.look()
    assert figures(page) == ["1", "0", "0", "60"]
    assert page.locator("tbody tr").count() == 50
    row = " ".join(page.locator("tbody tr").first.inner_text().split())
    assert row == "3 B-0 phone: 138****0001 the number is masked; the survey needs all digits"
    with page.expect_download() as download:
        page.click("a[download]")
    assert download.value.suggested_filename == "may.csv.rejected.csv"
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert (len(rows), rows[0]["row"], rows[0]["phone"]) == (60, "3", "138****0001")
    page.click("nav.row a:has-text('Next')")
    page.wait_for_url("**page=2*")
    visitor.look()
    assert page.locator("tbody tr").count() == 10
    with reading(site.context.engine) as connection:
        looks = connection.execute(select(audit_log).where(audit_log.c.action == "looked")).all()
    assert [(one.actor, one.kind) for one in looks] == [("office-1", "uploads")]


def test_another_offices_rows_are_refused(site: Any, offices: list[str], tmp_path: Path) -> None:
    visitor = site.visit(Role.OFFICE, office_code=offices[0])
    page = visitor.go("/reports")
    bring(page, tmp_path, line(offices[1], "K-1"))
    visitor.look()
    assert figures(page) == ["0", "0", "0", "1"]
    assert f"{offices[1]} is another office" in page.inner_text("tbody")
    assert page.locator("form[action$='/take']").count() == 0


def test_a_file_is_for_who_brought_it_alone(site: Any, offices: list[str], tmp_path: Path) -> None:
    page = site.visit(Role.OFFICE, office_code=offices[0]).go("/reports")
    bring(page, tmp_path, line(offices[0], "K-1", "1"))
    path = page.url.removeprefix(site.url)
    for name, office in (("colleague", offices[0]), ("stranger", offices[1])):
        somebody = site.visit(Role.OFFICE, name=name, office_code=office)
        for address in (path, f"{path}/refused.csv"):
            somebody.go(address, status=404)
        assert "may.csv" not in somebody.go("/reports").content()


def test_a_file_that_is_no_table_says_why(site: Any, offices: list[str], tmp_path: Path) -> None:
    visitor = site.visit(Role.OFFICE, office_code=offices[0])
    page = visitor.go("/reports")
    path = tmp_path / "letter.csv"
    path.write_text("Dear all", encoding="utf-8")
    page.set_input_files("#file", path)
    page.click("#bring button")
    page.wait_for_selector(".problem[role=alert]:visible")
    assert "letter.csv has no header for cases" in page.inner_text(".problem[role=alert]:visible")
    visitor.errors.clear()  # the browser says that the answer was 400
    visitor.look()


def test_a_file_that_is_too_large_is_not_even_sent(
    site: Any, offices: list[str], tmp_path: Path
) -> None:
    page = site.visit(Role.OFFICE, office_code=offices[0]).go("/reports")
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    page.set_input_files("#file", path)
    page.click("#bring button")
    assert "larger than 64 MiB" in page.inner_text("#file-problem")
    assert page.url == f"{site.url}/reports"


def test_a_dropped_file_is_gone(site: Any, offices: list[str], tmp_path: Path) -> None:
    page = site.visit(Role.OFFICE, office_code=offices[0]).go("/reports")
    bring(page, tmp_path, line(offices[0], "K-1"))
    page.click("form[action$='/drop'] button")
    page.wait_for_url("**/reports")
    assert page.locator("#uploads-head").count() == 0
    assert stored(site) == []


def test_numbers_in_refused_cells_are_masked(site: Any, offices: list[str], tmp_path: Path) -> None:
    page = site.visit(Role.OFFICE, office_code=offices[0]).go("/reports")
    bring(page, tmp_path, line(offices[0], "K-1", served="13857710009"))
    row = page.locator("tbody tr").first.inner_text()
    assert "138****0009" in row
    assert "13857710009" not in page.content()


def test_a_file_may_be_dropped_on_the_form(site: Any, offices: list[str]) -> None:
    page = site.visit(Role.OFFICE, office_code=offices[0]).go("/reports")
    page.evaluate(
        """text => {
          const data = new DataTransfer();
          data.items.add(new File([text], "dropped.csv", { type: "text/csv" }));
          document.getElementById("bring").dispatchEvent(
            new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        f"{HEADER}\n{line(offices[0], 'K-1')}\n",
    )
    page.press("#day", "Enter")
    page.wait_for_url("**/reports/uploads/*")
    assert figures(page) == ["1", "0", "0", "0"]


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_the_template_is_an_empty_table_of_cases(tmp_path: Path, locale: str) -> None:
    path = tmp_path / "template.xlsx"
    path.write_bytes(make_template(locale))
    with open_source(path, CASES) as source:
        assert set(source.header.positions) == {column.name for column in CASES.columns}
        assert (list(source.chunks()), list(source.notes)) == ([], [])


def test_the_template_can_be_taken_from_the_page(site: Any, offices: list[str]) -> None:
    page = site.visit(Role.OFFICE, office_code=offices[0]).go("/reports")
    with page.expect_download() as download:
        page.click("a[href$='template.xlsx']")
    assert download.value.suggested_filename.endswith(".xlsx")


def test_the_day_on_which_files_go_is_named(site: Any, offices: list[str], tmp_path: Path) -> None:
    page = site.visit(Role.OFFICE, office_code=offices[0]).go("/reports")
    bring(page, tmp_path, line(offices[0], "K-1"))
    page.goto(f"{page.url.partition('/reports')[0]}/reports")
    days = site.context.settings.privacy.undrawn_retention_days
    last = date(2023, 5, 4) + timedelta(days=days)
    told = page.inner_text("main").partition("The oldest is deleted on ")[2]
    assert (
        f"{last.day} {last:%B} {last.year}" in told or f"{last:%B} {last.day}, {last.year}" in told
    )


def test_a_zero_report_may_be_taken_back_for_a_while(site: Any, offices: list[str]) -> None:
    visitor = site.visit(Role.OFFICE, office_code=offices[0])
    for minutes, left in ((5, 0), (40, 1)):
        page = visitor.go("/reports")
        page.click("#today summary")
        page.click("#today details button")
        page.wait_for_selector("text=You have said that there was no case.")
        site.context.clock.advance(timedelta(minutes=minutes))
        page.click("#today [action$='/undo'] button")
        page.wait_for_load_state()
        with reading(site.context.engine) as connection:
            assert len(connection.execute(select(daily_reports)).all()) == left
    assert "can no longer be taken back" in page.inner_text("[role=alert]")


def test_a_zero_report_is_asked_and_said(site: Any, offices: list[str]) -> None:
    visitor = site.visit(Role.OFFICE, office_code=offices[0])
    page = visitor.go("/reports")
    page.click("#today summary")
    visitor.look()
    assert "handled no case on" in page.inner_text("#today details")
    with reading(site.context.engine) as connection:
        assert connection.execute(select(daily_reports)).all() == []
    page.press("#today details button", "Enter")
    page.wait_for_selector("text=You have said that there was no case.")
    visitor.look()
    with reading(site.context.engine) as connection:
        (row,) = connection.execute(select(daily_reports)).all()
    assert (row.office_code, row.reported_on, row.zero, row.by) == (
        offices[0],
        date(2023, 5, 4),
        True,
        "office-1",
    )


def test_the_calendar_shows_counts_zero_reports_and_gaps(site: Any, offices: list[str]) -> None:
    """Working days from the first report there ever was; 22 April is a Saturday, 23 worked."""
    add_cases(site.context, [(offices[1], "X", "+8613857710001")], reported_on=date(2023, 4, 20))
    numbers = [(offices[0], f"K-{n}", "+8613857710001") for n in range(12)]
    add_cases(site.context, numbers, reported_on=date(2023, 4, 21))
    visitor = site.visit(Role.OFFICE, office_code=offices[0])
    page = visitor.go("/reports?month=2023-04")
    states = {
        cell.inner_text().split("\n")[0]: (cell.get_attribute("class") or "").split()[0]
        for cell in page.locator("table.calendar td:not(.none)").all()
    }
    assert (states["19"], states["20"], states["21"]) == ("free", "missing", "reported")
    assert (states["22"], states["23"], states["24"]) == ("free", "missing", "missing")
    assert "12 cases, 0 zero reports, 7 reports missing" in page.inner_text("#calendar p")
    page.click("ul.gaps summary >> nth=0")
    with page.expect_navigation(url="**month=2023-04*"):
        page.click("ul.gaps button >> nth=0")
    assert "1 zero report" in page.inner_text("#calendar p").replace("one", "1")


def test_a_closed_month_shows_counts_and_reasons_but_no_text(site: Any, offices: list[str]) -> None:
    given = [Rating.SATISFIED] * 20 + [Rating.NEUTRAL] * 5
    rated(site, offices[0], MARCH, given, scored=False)
    dissatisfied = [Rating.DISSATISFIED] * 5
    later = MARCH + timedelta(days=1)
    surveys = rated(site, offices[0], later, dissatisfied, reason="attitude")
    add_inbound(site.context, surveys[0], "the man at desk 3", use=InboundUse.COMMENT)
    visitor = site.visit(Role.OFFICE, office_code=offices[0])
    page = visitor.go("/reports")
    row = page.locator("#scores tbody tr").inner_text().split("\t")
    assert [one.strip() for one in row[1:4]] == ["30", "30", "76.7%"]
    page.click("#scores tbody a")
    page.wait_for_url("**/months/2023-03")
    visitor.look()
    shown = page.inner_text("main")
    assert "Attitude\t5" in shown
    assert "desk 3" not in page.content()
    assert visitor.fits(360)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_one_more_answer_in_a_closed_month_is_not_told(
    site: Any, offices: list[str], language: str
) -> None:
    given = [Rating.SATISFIED] * 20 + [Rating.NEUTRAL] * 6 + [Rating.DISSATISFIED] * 6
    rated(site, offices[0], MARCH, given)
    visitor = site.visit(Role.OFFICE, office_code=offices[0], language=language)
    for day, more in ((0, []), (1, [Rating.DISSATISFIED])):
        rated(site, offices[0], MARCH + timedelta(days=day), more)
        row = visitor.go("/reports").locator("#scores tbody tr").inner_text().split("\t")
        assert [cell.strip() for cell in row[1:4]] == ["32", "32", "73.8%"]
        page = visitor.go("/reports/months/2023-03")
        assert page.inner_text("main dl").count("\n6\n") == 2
        visitor.look()
    changed = {"en": "The score has changed since this version.", "zh_CN": "此后得分有变动"}
    assert changed[language] in page.inner_text("main")


@pytest.mark.parametrize(
    ("ratings", "said"),
    [
        ([Rating.SATISFIED] * 5 + [Rating.DISSATISFIED], "an answer of fewer than 5 people"),
        ([Rating.SATISFIED] * 20, "At least 80.0% of the ratings are: satisfied."),
    ],
)
def test_an_answer_of_few_people_and_unanimity_are_not_shown(
    site: Any, offices: list[str], ratings: list[Rating], said: str
) -> None:
    rated(site, offices[0], MARCH, ratings, reason="attitude")
    visitor = site.visit(Role.OFFICE, office_code=offices[0])
    page = visitor.go("/reports")
    assert said in page.locator("#scores tbody tr").inner_text()
    page.click("#scores tbody a")
    page.wait_for_url("**/months/2023-03")
    visitor.look()
    shown = page.inner_text("main dl")
    for word in ("Satisfied", "Neutral", "Dissatisfied", "Rate\n", "Points", "Rank", "interval"):
        assert word not in shown
    assert "Attitude" not in page.inner_text("main")


def test_too_few_ratings_show_nothing_that_rests_on_them(site: Any, offices: list[str]) -> None:
    rated(site, offices[0], MARCH, [Rating.DISSATISFIED] * 4, reason="attitude")
    page = site.visit(Role.OFFICE, office_code=offices[0]).go("/reports")
    row = page.locator("#scores tbody tr").inner_text().split("\t")
    assert [one.strip() for one in row[1:]] == ["4", "fewer than 5 ratings: too few to be shown"]
    page.click("#scores tbody a")
    page.wait_for_url("**/months/2023-03")
    shown = page.inner_text("main")
    assert "Cases reported" in shown
    for word in ("Satisfied", "Satisfaction rate", "Points", "Rank", "Attitude"):
        assert word not in shown


def test_a_month_with_an_open_survey_is_not_shown(site: Any, offices: list[str]) -> None:
    site.context.clock.at = MARCH
    add_survey(site.context, offices[0], "OPEN")
    rated(site, offices[0], MARCH, [Rating.SATISFIED] * 6)
    visitor = site.visit(Role.OFFICE, office_code=offices[0])
    assert visitor.go("/reports").locator("#scores tbody tr").count() == 0
    visitor.go("/reports/months/2023-03", status=404)


def test_an_objection_and_its_decision_are_seen(site: Any, offices: list[str]) -> None:
    rated(site, offices[0], MARCH, [Rating.SATISFIED] * 6)
    decided = add_objection(site.context, offices[0], text="two are not ours", month="2023-03")
    decide_objection(site.context, decided.id, Decision.UPHELD, reason="they are another office's")
    add_objection(site.context, offices[1], text="somebody else's", month="2023-03")
    visitor = site.visit(Role.OFFICE, office_code=offices[0])
    page = visitor.go("/reports/months/2023-03")
    page.fill("#text", "one more")
    page.click("text='Object'")
    page.wait_for_selector("text=one more")
    visitor.look()
    shown = visitor.go("/reports").inner_text("#objections")
    assert "they are another office's" in shown
    assert "not decided yet" in shown
    assert "somebody else's" not in shown


def test_an_objection_to_a_record_that_is_not_ones_own_tells_nothing(
    site: Any, offices: list[str]
) -> None:
    page = site.visit(Role.OFFICE, office_code=offices[0]).go("/reports")
    page.click("#objections summary")
    page.select_option("#kind", "supervision")
    page.fill("#number", "S-17")
    page.fill("#text", "not ours")
    page.click("text='Object'")
    page.wait_for_selector("#objections .problem")
    assert "no such record that concerns AG-1" in page.inner_text("#objections .problem")
    assert page.input_value("#text") == "not ours"


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_report_fits_a_phone(
    site: Any, offices: list[str], tmp_path: Path, language: str
) -> None:
    add_cases(site.context, [(offices[1], "X", "+8613857710001")], reported_on=date(2023, 4, 20))
    visitor = site.visit(Role.OFFICE, office_code=offices[0], language=language, width=360)
    page = visitor.go("/reports")
    bring(page, tmp_path, line(offices[0], "K-1"), line(offices[0], "K-2", "1"))
    visitor.look()
    assert visitor.fits(360)
    visitor.go("/reports")
    assert visitor.fits(360)


@pytest.mark.parametrize("role", [one for one in Role if one is not Role.OFFICE])
def test_nobody_else_opens_it(site: Any, role: Role) -> None:
    visitor = site.visit(role)
    for path in ("/reports", "/reports/uploads/0123456789abcdef", "/reports/months/2023-03"):
        visitor.go(path, status=403)


@pytest.mark.parametrize(("dissatisfied", "seen"), [(5, True), (1, False)])
def test_a_months_lines_are_shown_where_every_answer_may_be(
    site: Any, offices: list[str], dissatisfied: int, seen: bool
) -> None:
    answers = [Rating.SATISFIED] * 5 + [Rating.NEUTRAL] * 5
    rated(site, offices[0], MARCH, answers + [Rating.DISSATISFIED] * dissatisfied)
    visitor = site.visit(Role.OFFICE, office_code=offices[0])
    page = visitor.go("/reports/months/2023-03")
    assert page.locator("tr[data-clause='A.1a']").count() == int(seen)
    if seen:
        assert page.locator("tr[data-clause='A.2']").count() == 1
        visitor.look()
