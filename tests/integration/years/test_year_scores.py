"""The small city's year, office by office, as one works it out by hand.

Source: specification, section 14.
"""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update

from survey_pipeline import appraisal
from survey_pipeline.errors import CannotProceed
from survey_pipeline.stages.intake.withdrawing import withdraw
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import (
    cases,
    daily_reports,
    draw_offices,
    draws,
    offices,
    review_offices,
    reviews,
    surveys,
    year_scores,
)
from survey_pipeline.vocabulary import RecordKind

COMPONENTS = ("satisfaction", "performance", "supervision", "hotline", "parent_rating")
BY_HAND = {
    # R 4.6/5, 60 cases in 12 months: 30 x 0.92 x 0.95; 25 - 3 - 4.5 x 1.5; 15 - 0.2 - 0.4 - 0.21;
    # 15 x 8.6/10; 1.2 + 1.5/2/3; half of 0.5 + 0.7
    "AG-1": ("26.2200", "9.3500", "15.2500", "14.1900", "4.0000", "69.0100", "12.9000", "1.4500",
             "0.6000", "82.7600"),
    # nobody rated; S-05 filed on Monday 27 March in time, S-06 a day late: 25 - 4.5
    "AG-2": (None, "8.2000", "20.5000", "14.2900", "4.0000", "46.9900", None, "0.2500", "0.0000",
             "47.2400"),
    # R 53/61, 361/12 cases a month: 30 x 53/61 x 0.97
    "AG-3": ("25.2836", "10.0000", "23.0000", "14.7900", "4.0000", "77.0736", None, "0.2500",
             "0.0000", "77.3236"),
    # R 19.2/21, 520/12 cases a month; 6 x 0.45 is over the cap of 2; selected, and no ballot
    "HE-1": ("26.6057", "7.5000", "24.5000", "12.7900", "4.5000", "75.8957", None, "0.0000",
             "0.6000", "75.2957"),
    # closed in March: 10 cases in 5 months of its own; its department has no rank
    "SO-1": ("28.5000", "8.0000", "25.0000", None, "4.0000", "65.5000", None, "0.0000", "0.0000",
             "65.5000"),
    "SO-2": (None, None, "25.0000", None, "3.0000", "28.0000", None, "0.0000", "0.0000",
             "28.0000"),
}  # fmt: skip


def figures(row: Any) -> Any:
    return (
        *(row["components"][name] for name in COMPONENTS),
        *(row[name] for name in ("daily", "online", "bonus", "material_penalty", "total")),
    )


def test_every_office_comes_to_what_one_works_out_by_hand(city: Any) -> None:
    found = {row["office_code"]: figures(row) for row in city.document()["offices"]}
    assert found == BY_HAND


def test_with_and_without_an_online_score_are_two_rankings(city: Any) -> None:
    places = {
        row["office_code"]: (row["rank"], row["rank_in_category"])
        for row in city.document()["offices"]
    }
    assert places == {
        "AG-1": (1, 1), "AG-3": (1, 1), "HE-1": (None, None), "SO-1": (None, None),
        "AG-2": (None, None), "SO-2": (None, None),
    }  # fmt: skip


def test_every_office_has_a_provisional_rank_by_what_its_ranking_and_category_share(
    city: Any,
) -> None:
    places = {
        row["office_code"]: (row["provisional_rank"], tuple(row["compared_on"]))
        for row in city.document()["offices"]
    }
    without_ratings = ("performance", "supervision", "hotline", "parent_rating")
    assert places == {
        "AG-1": (1, COMPONENTS),
        "AG-3": (1, without_ratings),
        "AG-2": (2, without_ratings),
        "HE-1": (1, COMPONENTS),
        "SO-1": (1, ("supervision", "parent_rating")),
        "SO-2": (2, ("supervision", "parent_rating")),
    }


def test_what_is_missing_is_named_and_makes_the_sum_provisional(city: Any) -> None:
    document = city.document()
    missing = {row["office_code"]: row["missing"] for row in document["offices"]}
    assert missing == {
        "AG-1": [], "AG-2": ["satisfaction"], "AG-3": [], "HE-1": ["online"],
        "SO-1": ["hotline"], "SO-2": ["satisfaction", "performance", "hotline"],
    }  # fmt: skip
    complete = {row["office_code"]: row["complete"] for row in document["offices"]}
    assert complete == {code: not lacking for code, lacking in missing.items()}
    assert document["complete"] is False


def test_exempt_offices_stand_apart_and_those_of_another_year_nowhere(city: Any) -> None:
    document = city.document()
    assert document["exempt"] == [{"office_code": "AG-4", "reason": "merged in June"}]
    assert "SO-3" not in {row["office_code"] for row in document["offices"]}


def test_the_document_is_the_one_that_is_promised(city: Any) -> None:
    document = city.document()
    assert list(document) == [
        "standard", "year", "window", "as_of", "complete", "exempt", "offices",
    ]  # fmt: skip
    assert document["window"] == {"after": "2022-10-31", "until": "2023-10-31"}
    assert document["as_of"] == "2023-10-31", "at most the end of the window"
    assert list(document["offices"][0]) == [
        "office_code", "name", "category", "complete", "components", "daily", "online", "bonus",
        "material_penalty", "total", "rank", "rank_in_category", "provisional_rank", "compared_on",
        "missing", "lines",
    ]  # fmt: skip
    lines = [line for row in document["offices"] for line in row["lines"]]
    assert {tuple(line) for line in lines} == {
        ("component", "clause", "label", "points", "note", "evidence", "counted")
    }
    given = [line["points"] for line in lines if line["points"] is not None]
    assert all(Decimal(points).as_tuple().exponent == -4 for points in given)


def test_the_counted_lines_add_up_to_every_figure(city: Any) -> None:
    for row in city.document()["offices"]:
        sums = dict.fromkeys((*COMPONENTS, "online", "bonus", "material_penalty"), Decimal(0))
        for line in row["lines"]:
            if line["counted"]:
                sums[line["component"]] += Decimal(line["points"])
        for name, points in {**row, **row["components"]}.items():
            if name in sums and points is not None:
                assert sums[name] == Decimal(points), (row["office_code"], name)


def test_a_record_that_does_not_count_stands_there_with_its_reason(city: Any) -> None:
    notes = {
        line["evidence"][0].split(" ")[0]: line["note"]
        for row in city.document()["offices"]
        for line in row["lines"]
        if not line["counted"] and line["evidence"]
    }
    for record, reason in {
        "S-02": "same person and matter as S-03",
        "S-04": "nothing to do with the post",
        "S-05": "filed it in time",
        "S-07": "outside the appraisal window",
        "S-10": "this is none of them",
        "H-02": "unreasonable",
        "A-1b/AG-1": "same work as A-1/AG-1",
        "A-3/HE-1": "general award",
    }.items():
        assert reason in notes[record]


def test_every_record_says_who_brought_it_when_and_from_which_row(city: Any) -> None:
    lines = city.office("AG-1")["lines"]
    evidence = next(line["evidence"] for line in lines if line["clause"] == "C1.1")
    assert evidence == [
        "S-01 of 2023-03-02; row 2 of supervision.csv, brought in by tester on 2023-12-01"
    ]
    evidence = next(line["evidence"] for line in lines if line["clause"] == "C2.2b")
    assert "No. 6, fees; row 4 of supervision.csv" in evidence[0]


def test_no_name_of_a_sanctioned_person_is_in_a_score(city: Any) -> None:
    stored = city.score()
    told = json.dumps(stored.document("en")) + "".join(row.lines for row in stored.offices)
    assert not any(name in told for name in ("Zhang", "Wang", "Zhao"))


def test_the_same_inputs_give_the_same_version_and_bytes(city: Any) -> None:
    first, second = city.score(), city.score()
    assert (first.is_new, second.is_new, second.version) == (True, False, 1)
    assert json.dumps(first.document("en")) == json.dumps(second.document("en"))
    with reading(city.context.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(year_scores)) == 1


def test_the_same_evidence_in_any_order_gives_the_same_scores(
    city: Any, tmp_path: Path, year_tools: Any
) -> None:
    other = year_tools.build(tmp_path / "other", year_tools.EVIDENCE[::-1], backwards=True)
    assert without_evidence(year_tools.City(other).document()) == without_evidence(city.document())


def test_the_order_of_files_does_not_even_show_in_the_inputs(
    city: Any, tmp_path: Path, year_tools: Any
) -> None:
    other = year_tools.City(year_tools.build(tmp_path / "other", year_tools.EVIDENCE[::-1]))
    assert other.score().inputs_hash == city.score().inputs_hash


def test_two_files_of_one_kind_may_come_in_either_order(tmp_path: Path, year_tools: Any) -> None:
    head, *lines = year_tools.FILES["supervision"]
    hashes = set()
    for name, parts in {"one": (lines[:6], lines[6:]), "two": (lines[6:], lines[:6])}.items():
        other = year_tools.City(year_tools.build(tmp_path / name, ()))
        for part in parts:
            other.bring("supervision", [head, *part], f"{part[0][:4]}.csv")
        hashes.add(other.score().inputs_hash)
    assert len(hashes) == 1


def test_a_rating_or_report_that_changes_makes_a_new_version(city: Any) -> None:
    first = city.score()
    city.change(update(surveys).where(surveys.c.rating == "neutral").values(rating="satisfied"))
    second = city.score()
    city.change(update(daily_reports).values(reported=daily_reports.c.reported + 1))
    third = city.score()
    assert [one.version for one in (first, second, third)] == [1, 2, 3]


def without_evidence(document: Any) -> Any:
    for row in document["offices"]:
        for line in row["lines"]:
            line["evidence"] = []
    return document


def test_a_score_names_what_it_was_computed_from(city: Any) -> None:
    stored = city.score()
    assert (stored.standard, stored.as_of) == ("wenzhou-2023", date(2023, 10, 31))
    assert len(stored.standard_hash) == len(stored.inputs_hash) == 64
    assert stored.program_version


def test_a_changed_record_makes_a_new_version_and_the_old_one_stays(city: Any) -> None:
    first = city.score()
    withdraw(city.context, RecordKind.SUPERVISION, "S-01", reason="not this office")
    second = city.score()
    assert (second.version, second.inputs_hash != first.inputs_hash) == (2, True)
    office = second.document("en")["offices"][0]
    assert office["components"]["supervision"] == "18.2500"
    taken_back = next(line for line in office["lines"] if line["clause"] == "C1.1")
    assert (taken_back["counted"], taken_back["points"]) == (False, "0.0000")
    assert "by tester on 2023-12-01: not this office" in taken_back["note"]
    assert first.document("en")["offices"][0]["components"]["supervision"] == "15.2500"


# ---- as of a day


def test_as_of_midyear_records_after_the_day_do_not_count_and_say_so(city: Any) -> None:
    day = date(2023, 3, 15)
    row = city.office("AG-1", day)
    assert row["components"]["supervision"] == "22.0000"
    assert row["bonus"] == "0.0000"
    later = [line for line in row["lines"] if "S-03" in "".join(line["evidence"])]
    assert "this score counts records up to 2023-03-15" in later[0]["note"]


def test_as_of_a_day_only_what_was_reported_and_drawn_by_then_counts(city: Any) -> None:
    row = city.office("AG-1", date(2023, 3, 15))
    # 58 cases in the four months that have ended, and three satisfied of them
    assert row["components"]["satisfaction"] == "28.8000"
    reported = [line for line in row["lines"] if line["clause"] == "A.2"]
    assert reported[0]["evidence"] == ["58 cases reported from 2022-11 on; months ended: 4"]


def test_as_of_the_last_day_of_a_month_it_counts_whole(city: Any) -> None:
    row = city.office("AG-1", date(2023, 3, 31))
    # 60 cases in five months: 12 a month
    assert row["components"]["satisfaction"] == "26.4960"


def test_a_delivered_month_counts_once_it_has_ended(city: Any) -> None:
    before, after = (city.office("AG-3", date(2023, 3, day)) for day in (30, 31))
    assert before["components"]["satisfaction"] is None
    # R 33/40, 241 cases in five months
    assert after["components"]["satisfaction"] == "24.0075"


def test_when_a_record_was_brought_in_or_delivered_plays_no_part(city: Any) -> None:
    row = city.office("AG-1", date(2023, 3, 15))
    assert row["components"]["performance"] == "9.3500", "delivered in November, has no other date"


def test_before_the_window_ends_no_year_is_complete(city: Any) -> None:
    assert city.document(date(2023, 6, 30))["complete"] is False
    assert city.document(date(2023, 6, 30))["as_of"] == "2023-06-30"


def test_each_day_has_versions_of_its_own_and_the_last_day_leads(city: Any) -> None:
    last = city.score()
    earlier = city.score(date(2023, 6, 30))
    assert (last.version, earlier.version) == (1, 2)
    assert city.score().version == 1
    assert city.score(date(2024, 6, 30)).version == 1, "no day after the window"


def test_before_the_window_there_is_nothing_to_score(city: Any) -> None:
    with pytest.raises(CannotProceed, match="begins after 2022-10-31"):
        city.score(date(2022, 10, 31))


def test_without_an_office_there_is_nothing_to_score(tmp_path: Path, year_tools: Any) -> None:
    empty = year_tools.City(year_tools.workspace(tmp_path / "empty", at=year_tools.DECEMBER))
    with pytest.raises(CannotProceed, match="survey-pipeline import offices"):
        empty.score()


# ---- the whole year


def test_a_year_is_complete_when_nothing_lacks_and_nothing_is_under_way(city: Any) -> None:
    only_ag_3(city)
    assert city.document()["complete"] is True
    city.change(update(cases).where(cases.c.office_code == "AG-1").values(frame_on=None))
    assert city.document()["complete"] is False, "a case waits for its draw"
    city.change(update(cases).values(frame_on=date(2023, 3, 6)))
    assert city.document()["complete"] is True
    city.change(update(surveys).where(surveys.c.id == 1).values(state="open"))
    assert city.document()["complete"] is False, "a survey is open"


def test_a_year_without_a_standard_of_its_own_is_never_complete(city: Any) -> None:
    exempt(city, "AG-1", "AG-2", "AG-3", "HE-1", "SO-1", "SO-2", "SO-3")
    city.context.clock.at = datetime(2024, 12, 1, 4, 0, tzinfo=UTC)
    own, borrowed = (appraisal.score_year(city.context, year) for year in (2023, 2024))
    assert (own.complete, borrowed.complete) == (True, False), "whoever there is lacks nothing"
    assert borrowed.document("en")["window"] == {"after": "2023-10-31", "until": "2024-10-31"}


def only_ag_3(city: Any) -> None:
    """Exempt everybody who lacks something."""
    exempt(city, "AG-1", "AG-2", "HE-1", "SO-1", "SO-2")


def exempt(city: Any, *codes: Any) -> None:
    city.change(update(offices).where(offices.c.office_code.in_(codes)).values(exempt_reason="x"))


def test_before_the_review_is_closed_there_is_no_online_score(city: Any) -> None:
    city.change(update(reviews).values(closed_at=None))
    row = city.office("AG-1")
    assert (row["online"], row["missing"], row["total"]) == (None, ["online"], "69.8600")


def test_a_department_without_a_selected_office_bears_nothing(city: Any) -> None:
    city.change(delete(review_offices))
    assert city.office("AG-1")["material_penalty"] == "0.0000"


def test_records_of_another_year_are_left_alone(city: Any) -> None:
    city.change(insert(reviews).values(year=2022, closed_at=city.context.now()))
    city.change(
        insert(review_offices).values(year=2022, office_code="AG-2", category="agency", satisfied=1)
    )
    assert city.office("AG-2")["online"] is None


@pytest.mark.parametrize("year", [2000, 2022])
def test_a_year_of_which_nothing_is_known_is_not_scored(city: Any, year: int) -> None:
    """Otherwise everybody would be scored by what is missing."""
    with pytest.raises(CannotProceed, match=f"nothing is known of {year}"):
        appraisal.score_year(city.context, year)


# ---- the first month that counts for the volume


def from_month(city: Any, counted_from: str) -> Any:
    """The same city in a workspace whose settings name the first month that counts."""
    settings = city.context.settings
    satisfaction = settings.satisfaction.model_copy(update={"counted_from": counted_from})
    changed = settings.model_copy(update={"satisfaction": satisfaction})
    return replace(city, context=replace(city.context, settings=changed))


def test_months_before_the_first_that_counts_are_out_of_the_volume(city: Any) -> None:
    row = from_month(city, "2023-04").office("AG-3")
    volume = next(line for line in row["lines"] if line["clause"] == "A.2")
    # August's 120 cases alone are in the volume, March's 241 are not; both months' ratings count
    assert volume["evidence"] == ["120 cases reported from 2023-04 on; months ended: 7"]
    assert volume["note"] == "17.1 cases a month, not fewer than 10: coefficient 0.96"
    assert row["components"]["satisfaction"] == "25.0230"  # 30 x 53/61 x 0.96


def test_the_stored_score_says_from_which_month_it_was_counted(city: Any) -> None:
    assert city.score().head["counted_from"] == "2022-11"
    assert from_month(city, "2023-03").score().head["counted_from"] == "2023-03"


def test_another_first_month_makes_another_version_and_is_found_by_verify(city: Any) -> None:
    first, later = city.score(), from_month(city, "2023-03")
    assert appraisal.verify_score(city.context, 2023, first.version).ok
    found = appraisal.verify_score(later.context, 2023, first.version)
    assert any("what it was computed from has changed" in str(said) for said in found.problems)
    assert later.score().version == first.version + 1


def test_a_setting_that_changes_nothing_leaves_the_score_as_it_is(city: Any) -> None:
    first = city.score()
    assert from_month(city, "2022-11").score().version == first.version


def test_a_draw_after_the_day_of_the_score_plays_no_part(city: Any) -> None:
    city.change(delete(surveys))
    city.change(delete(draw_offices))
    city.change(delete(draws).where(draws.c.day < date(2023, 5, 1)))
    assert city.score(date(2023, 3, 31)).head["counted_from"] == "2022-11"
