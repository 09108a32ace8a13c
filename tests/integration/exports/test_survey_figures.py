"""Outcome rates, estimates and groups of the small month, as read models and as files."""

import csv
import json
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import insert, select, update

from survey_pipeline.errors import UsageError
from survey_pipeline.reports.survey_figures.eligible_shares import read_shares
from survey_pipeline.reports.survey_figures.estimates import survey_estimates
from survey_pipeline.reports.survey_figures.figure_table import FigureTable, MonthFigures
from survey_pipeline.reports.survey_figures.outcome_rates import outcome_rates
from survey_pipeline.scoring.numbers import rounded
from survey_pipeline.stages.export.formats import write_estimates, write_outcomes
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import (
    answers,
    call_attempts,
    calls,
    month_scores,
    surveys,
    undone_attempts,
)
from survey_pipeline.testing import SetContext

pytestmark = pytest.mark.usefixtures("database")


def call(
    context: SetContext, case: str, reason: str, *attempts: str, corrects: bool = False
) -> list[int]:
    """Log attempts, each as `caller outcome`, on a case named `office case_no`."""
    office_code, case_no = case.split()
    now, keys = context.now(), []
    with writing(context.engine) as connection:
        survey_id = connection.scalar(
            select(surveys.c.id).where(
                surveys.c.office_code == office_code, surveys.c.case_no == case_no
            )
        )
        call_id = connection.execute(
            insert(calls).values(
                survey_id=survey_id, reason=reason, priority=0, state="done",
                queued_at=now, due_at=now, last_at=now,
            )
        ).inserted_primary_key[0]  # fmt: skip
        for number, (by, outcome) in enumerate((text.split() for text in attempts), 1):
            attempt = {
                "call_id": call_id, "survey_id": survey_id, "number": number, "by": by,
                "logged_at": now, "slot": "m", "outcome": outcome,
            }  # fmt: skip
            done = connection.execute(insert(call_attempts).values(attempt))
            keys.append(int(done.inserted_primary_key[0]))
        if corrects:
            given = {"role": "correction", "mode": "phone", "rating": "satisfied"}
            moments = {"given_at": now, "recorded_at": now}
            connection.execute(
                insert(answers).values(
                    survey_id=survey_id, call_attempt_id=keys[-1], **given, **moments
                )
            )
    return keys


@pytest.fixture
def called(month: Any) -> Any:
    """The small month with the attempts behind its stories."""
    context = month.context
    call(context, "AG-1 K-4-3", "dissatisfied", "Li answered")
    call(context, "AG-1 K-5-2", "no_reply", "Li no_answer", "Wang answered")
    call(context, "AG-1 K-8-1", "verify", "Wang no_answer", "Wang answered")
    call(context, "AG-1 K-8-2", "dissatisfied", "Wang answered", corrects=True)
    call(context, "FI-1 K-9-3", "undelivered", "Li busy", "Li wrong_number", "Wang no_answer")
    call(context, "FI-1 K-9-5", "no_reply", "Li hung_up")
    mistake = call(context, "FI-2 K-31-1", "no_reply", "Li refused", "Wang answered")[0]
    with writing(context.engine) as connection:
        undone = {"attempt_id": mistake, "at": context.now(), "by": "Li"}
        connection.execute(insert(undone_attempts).values(undone))
    return month


def rates(month: Any, **given: Any) -> FigureTable:
    return outcome_rates(month.context, month.report(), **given).flat


def row_of(table: FigureTable, grouping: str, group: str) -> Mapping[str, Any]:
    [found] = [row for row in table.narrowed(grouping).rows if row["group"] == group]
    return found


def test_groups_add_up_the_codes_of_their_offices(called: Any) -> None:
    table = rates(called)
    assert [(name, len(table.narrowed(name).rows)) for name in table.groupings] == [
        ("city", 1), ("category", 5), ("parent", 2), ("office", 12), ("month", 1), ("mode", 2),
        ("caller", 2),
    ]  # fmt: skip
    office = row_of(table, "office", "FI-1")
    letters = [
        office[name] for name in ("complete", "refusal", "unknown_household", "unknown_other")
    ]
    assert letters == [0, 1, 3, 1]
    assert (office["cases"], office["rr1"], office["ref1"]) == (5, 0, Decimal("0.2000"))
    city = row_of(table, "city", "")
    for grouping in ("category", "parent", "office", "month"):
        parts = table.narrowed(grouping).rows
        assert sum(part["cases"] for part in parts) == city["cases"]
        assert sum(part["complete"] for part in parts) == city["complete"]


def test_an_empty_denominator_is_undefined_and_never_0(called: Any) -> None:
    table = rates(called)
    nothing = row_of(table, "office", "SO-2")
    assert {nothing[name] for name in ("rr1", "rr6", "coop4", "con3", "e_other")} == {None}
    assert row_of(table, "office", "FI-1")["coop1"] == 0


def test_e_is_estimated_or_given_by_class(called: Any) -> None:
    estimated = row_of(rates(called), "category", "finance")
    known = estimated["complete"] + estimated["refusal"] + estimated["other"]
    share = Fraction(known, known + estimated["not_eligible"])
    assert estimated["e_household"] == estimated["e_other"] == rounded(share, 4)
    given = read_shares(["uh=1", " UO = 1 "])
    whole = row_of(rates(called, given=given), "category", "finance")
    assert whole["rr3"] == whole["rr1"]
    none = row_of(rates(called, given=read_shares(["0"])), "category", "finance")
    assert (none["rr3"], none["ref2"], none["con2"]) == (none["rr5"], none["ref3"], none["con3"])
    mixed = row_of(rates(called, given=read_shares(["UH=0.5"])), "category", "finance")
    assert (mixed["e_household"], mixed["e_other"]) == (Decimal("0.5"), estimated["e_other"])


@pytest.mark.parametrize("text", ["1.5", "-0.1", "half", "NE=0.5", "", "nan", "UH="])
def test_what_is_no_e_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="from 0 to 1"):
        read_shares([text])


def test_a_text_is_asked_only_what_the_text_brought(called: Any) -> None:
    """Its denominator: texted cases; a phone rating after it is no answer by SMS."""
    sms = row_of(rates(called), "mode", "sms")
    told = Counter(story for office in called.city for _, day in office.stories for story in day)
    by_sms = sum(
        count
        for story, count in told.items()
        if story.startswith(("sms", "withdrawn, rated", "dig"))
    )
    texted = sum(told.values()) - told["never attempted"] - told["landline dissatisfied"]
    assert (sms["cases"], sms["complete"], sms["not_eligible"]) == (
        texted,
        by_sms,
        told["withdrawn"],
    )
    assert sms["rr1"] == rounded(Fraction(by_sms, texted - told["withdrawn"]), 4)
    assert sms["other"] == told["unreadable"]
    assert sms["unknown_other"] == 1 + told["undelivered, never called"] + told["not my case"]


def test_the_phone_is_asked_what_calls_for_a_rating_brought(called: Any) -> None:
    """Four such calls: one rated after a no answer, one wrong number, one hung up, one rated."""
    phone = row_of(rates(called), "mode", "phone")
    assert (phone["cases"], phone["complete"], phone["refusal"]) == (4, 2, 1)
    assert (phone["unknown_household"], phone["unknown_other"]) == (1, 0)  # ties go to the latest
    assert phone["rr1"] == Decimal("0.5000")


def test_a_caller_is_asked_what_the_own_calls_brought(called: Any) -> None:
    """A case of two callers stands with both; what was taken back counts for nobody."""
    li, wang = (row_of(rates(called), "caller", name) for name in ("Li", "Wang"))
    assert (li["cases"], li["complete"], li["refusal"], li["unknown_other"]) == (3, 0, 1, 1)
    assert (wang["cases"], wang["complete"], wang["unknown_household"]) == (3, 2, 1)
    assert wang["coop1"] == 1


def test_earlier_months_come_from_their_latest_score(called: Any) -> None:
    called.score()
    called.score()
    with writing(called.context.engine) as connection:
        connection.execute(update(month_scores).values(month="2023-04"))
    table = rates(called)
    april, may = table.narrowed("month").rows
    assert (april["group"], may["group"]) == ("2023-04", "2023-05")
    assert {**april, "group": "", "name": ""} == {**may, "group": "", "name": ""}


def estimates(month: Any) -> dict[str, FigureTable]:
    figures = survey_estimates(month.context, month.report())
    return {table.name: table for table in figures.tables}


def test_the_weighted_rate_by_hand(called: Any) -> None:
    """AG-1 on three days: N = 9, 12, 6; rated 3 of 3, 2 of 4, 2 of 2."""
    row = row_of(estimates(called)["estimates"], "office", "AG-1")
    assert (row["rated"], row["rate"], row["size"], row["strata"]) == (7, Decimal("0.8"), 27, 3)
    sizes = [Fraction(9), Fraction(12), Fraction(6)]
    means = [Fraction(2, 3), Fraction(4, 5), Fraction(1)]
    worth = (size * value for size, value in zip(sizes, means, strict=True))
    mean = sum(worth, Fraction(0)) / 27
    spread = [Fraction(1, 3), Fraction(2, 25), Fraction(0)]
    parts = (
        (size / 27) ** 2 * (1 - rated / size) * square / rated
        for size, rated, square in zip(sizes, (3, 2, 2), spread, strict=True)
    )
    variance = sum(parts, Fraction(0))
    kish = Fraction(27**2) / (sizes[0] ** 2 / 3 + sizes[1] ** 2 / 2 + sizes[2] ** 2 / 2)
    assert row["weighted"] == rounded(mean, 4)
    assert row["variance"] == rounded(variance, 8)
    assert row["effective"] == rounded(kish, 2)
    assert row["covered"] == 1


def test_offices_without_ratings_are_not_stood_for(called: Any) -> None:
    table = estimates(called)["estimates"]
    bank, finance = row_of(table, "office", "FI-1"), row_of(table, "category", "finance")
    assert (bank["weighted"], bank["variance"], bank["weighted_low"]) == (None, None, None)
    assert bank["size"] == 15
    assert finance["covered"] == rounded(1 - Fraction(15, finance["size"]), 4)
    single = row_of(table, "office", "HE-2")
    assert (single["weighted"], single["variance"]) == (1, None)
    assert single["weighted_low"] < Decimal("0.5")


def test_a_withdrawn_case_stands_for_none(called: Any) -> None:
    """FI-2 drew 4 of 12 on the 9th, one withdrawn unrated: the others stand for 9."""
    assert row_of(estimates(called)["estimates"], "office", "FI-2")["size"] == 9 + 3


def test_the_gap_is_of_people_who_were_asked_both_ways(called: Any) -> None:
    table = estimates(called)["gap"]
    city = row_of(table, "city", "")
    assert [city[name] for name in ("people", "same", "risen", "fallen")] == [3, 1, 1, 1]
    assert city["gap"] == rounded(Fraction(-4, 30), 4)
    assert city["gap_low"] < 0 < city["gap_high"]
    assert city["weighted_gap"] is None  # nobody who said neutral was asked again
    nobody = row_of(table, "office", "HE-1")
    assert (nobody["people"], nobody["gap"], nobody["gap_low"]) == (0, None, None)


def test_modes_are_those_of_the_score(called: Any) -> None:
    rows = {row["mode"]: row for row in estimates(called)["modes"].rows}
    assert rows["delivered"]["rated"] == 40 + 8 + 5 + 21
    report = called.report()
    assert rows["sms"]["rated"] + rows["phone"]["rated"] == sum(
        answers.rated for row in report.appraised for answers in row.by_mode.values()
    )


def test_corrected_answers_have_their_denominator(called: Any) -> None:
    li, wang = estimates(called)["corrected"].rows
    assert [li[name] for name in ("caller", "heard", "corrected", "share")] == ["Li", 1, 0, 0]
    assert [wang[name] for name in ("caller", "heard", "corrected")] == ["Wang", 2, 1]
    assert wang["share"] == Decimal("0.5")
    assert wang["share_low"] < Decimal("0.2")


def test_bands_are_of_the_rates_that_count(called: Any) -> None:
    rows = estimates(called)["bands"].rows
    assert {row["group"] for row in rows} == {
        row.office_code for row in called.report().appraised if row.rate is not None
    }
    assert {row["band"] for row in rows} == {1}  # so few answers tell nobody apart


def written(month: Any, form: str, path: Path, locale: str = "en") -> MonthFigures:
    figures = outcome_rates(month.context, month.report())
    write_outcomes(figures, form, path, locale)
    return figures


def test_the_files_hold_the_same_figures(called: Any, tmp_path: Path) -> None:
    figures = written(called, "csv", tmp_path / "rates.csv")
    written(called, "json", tmp_path / "rates.json")
    document = json.loads((tmp_path / "rates.json").read_text("utf-8"))
    with (tmp_path / "rates.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(document["outcome_rates"]) == len(figures.flat.rows)
    for row, told in zip(rows, document["outcome_rates"], strict=True):
        assert row["rr1"] == (told["rr1"] or "")
    assert document["month"] == "2023-05"
    assert all(not row["name"].startswith(("=", "+", "-", "@")) for row in rows)


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_the_workbooks_have_every_table_and_say_that_points_stay(
    called: Any, locale: str, tmp_path: Path
) -> None:
    written(called, "xlsx", tmp_path / "first.xlsx", locale)
    written(called, "xlsx", tmp_path / "again.xlsx", locale)
    assert (tmp_path / "first.xlsx").read_bytes() == (tmp_path / "again.xlsx").read_bytes()
    figures = survey_estimates(called.context, called.report())
    write_estimates(figures, "xlsx", tmp_path / "estimates.xlsx", locale)
    write_estimates(figures, "csv", tmp_path / "estimates.csv", locale)
    said = {"en": "follow the standard alone", "zh_CN": "只按评议标准计算"}[locale]
    for name, sheets in (("first", 6), ("estimates", 8)):
        book = openpyxl.load_workbook(tmp_path / f"{name}.xlsx")
        assert len(book.sheetnames) == sheets
        cells = [str(cell) for sheet in book for row in sheet.values for cell in row if cell]
        assert any(said in cell for cell in cells)
    with (tmp_path / "estimates.csv").open(encoding="utf-8-sig", newline="") as file:
        [city, *_] = csv.DictReader(file)
    assert (city["grouping"], city["people"]) == ("city", "3")
