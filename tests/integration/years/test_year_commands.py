"""`score year`, `explain --year`, `score verify` and `publish` as they are typed (section 2)."""

import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from survey_pipeline.stages.intake.withdrawing import withdraw
from survey_pipeline.standard import standard_for
from survey_pipeline.standard.decision_pages import title_of
from survey_pipeline.standard.entry import entries
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import (
    audit_log,
    month_scores,
    office_month_scores,
    office_year_scores,
    year_scores,
)
from survey_pipeline.vocabulary import RecordKind

AWARD_WORDS = (
    "award_no,work,level,recipient,office_code,parent_code,share,document_no,issued_on,kind,"
    "confirmed,core_function"
)
OTHER = Path(__file__).parents[2] / "data" / "standards" / "wenzhou-2024.toml"


def stored(city: Any, table: Any) -> Any:
    with reading(city.context.engine) as connection:
        return connection.execute(select(table)).all()


# ---- score year


def test_the_table_shows_rankings_apart_marks_and_what_it_rests_on(city: Any) -> None:
    done = city.run("score", "year", "2023")
    assert done.exit_code == 0
    for text in (
        "Agencies 2023, with an online score",
        "Agencies 2023, without an online score",
        "82.76 ",
        "47.24*   (2)    - ",
        "(n): Provisional ranks are among all offices of this table, by what each of them has: ",
        "AG-2: provisional, missing: Satisfaction",
        "Exempt, not appraised: AG-4 Merged office (merged in June).",
        "wenzhou-2023",
        "as of 2023-10-31",
        "not confirmed by 市评议办",
    ):
        assert text in done.stdout


def test_the_json_is_one_document_and_the_same_bytes_twice(city: Any) -> None:
    first, second = (city.run("score", "year", "2023", "--json") for _ in range(2))
    assert json.loads(first.stdout)["offices"][0]["total"] == "82.7600"
    assert first.stdout == second.stdout
    assert len(stored(city, year_scores)) == 1


def test_as_of_is_taken_from_the_command_line(city: Any) -> None:
    done = city.run("score", "year", "2023", "--as-of", "2023-03-15", "--json")
    assert json.loads(done.stdout)["as_of"] == "2023-03-15"


@pytest.mark.parametrize("words", [("23",), ("2023", "--as-of", "15 March")])
def test_a_wrong_year_or_day_is_wrong_usage(city: Any, words: Any) -> None:
    assert city.run("score", "year", *words).exit_code == 2


def test_a_year_that_has_not_begun_is_one_line_and_exit_code_4(city: Any) -> None:
    done = city.run("score", "year", "2023", "--as-of", "2022-10-31")
    assert done.exit_code == 4
    assert done.stderr.count("\n") == 1


def test_possible_duplicates_are_named_in_the_table_and_in_the_explanation(city: Any) -> None:
    city.bring(
        "awards",
        [AWARD_WORDS, "A-9,registr,G4,office,AG-1,,,No. 9,2023-06-02,,,"],
        name="late.csv",
    )
    said = "AG-1: the works of awards A-1b (register) and A-9 (registr) may be the same"
    assert f"Possible duplicate: {said}." in city.run("score", "year", "2023").stdout
    explained = city.run("explain", "AG-1", "--year", "2023")
    assert said in explained.stdout
    document = json.loads(city.run("explain", "AG-1", "--year", "2023", "--json").stdout)
    assert document["possible_duplicates"] == [said]
    assert said not in city.run("explain", "AG-2", "--year", "2023").stdout


# ---- another standard


def test_another_standard_shows_the_difference_and_stores_nothing(city: Any) -> None:
    city.score()
    done = city.run("score", "year", "2023", "--standard", OTHER, "--json")
    document = json.loads(done.stdout)
    rows = {row["office_code"]: row for row in document["offices"]}
    assert (document["standard"], document["other"]) == ("wenzhou-2023", "wenzhou-2024")
    assert rows["AG-1"]["before"]["total"] == "82.7600"
    before, after = (Decimal(rows["AG-1"][side]["total"]) for side in ("before", "after"))
    assert Decimal(rows["AG-1"]["total"]) == after - before != 0
    assert set(rows["AG-1"]["after"]) == set(rows["AG-1"]["before"])
    assert len(stored(city, year_scores)) == 1
    assert len(stored(city, office_year_scores)) == 6


def test_a_standard_of_the_workspace_is_tried_by_its_name(city: Any) -> None:
    shutil.copy(OTHER, city.context.home / "config" / "standards")
    done = city.run("score", "year", "2023", "--standard", "wenzhou-2024")
    assert done.exit_code == 0
    assert "2023 by wenzhou-2024 instead of wenzhou-2023" in done.stdout
    assert "Nothing was stored" in done.stdout
    assert stored(city, year_scores) == []


def test_the_standard_in_force_tried_on_itself_changes_nobody(city: Any) -> None:
    done = city.run("score", "year", "2023", "--standard", "wenzhou-2023", "--json")
    document = json.loads(done.stdout)
    assert document["changed"] == 0
    assert {row["total"] for row in document["offices"]} == {"0.0000"}


def test_a_standard_that_is_not_there_is_one_line_and_exit_code_4(city: Any) -> None:
    done = city.run("score", "year", "2023", "--standard", "wenzhou-2031")
    assert done.exit_code == 4
    assert "wenzhou-2031.toml" in done.stderr


# ---- explain


@pytest.mark.parametrize(
    "text",
    [
        "Land register (AG-1), Bureau of land: appraisal year 2023, as of 2023-10-31",
        "Total 82.7600 = daily 69.0100 + online 12.9000 + bonus 1.4500 - missing material 0.6000",
        "Rank 1 of 1 in Agencies, 1 of 1 in the city, among complete offices with an online score",
        "30 x 0.92 x 0.95 = 26.2200",
        "25 - 9.75 = 15.25",
        "4.5 x 1.5 = 6.75: the head of the office",
        "same person and matter as S-03",
        "S-03 of 2023-04-12, No. 6, fees; row 4 of supervision.csv, brought in by tester on",
        "3.8 + 3.6 + 2 + 4.79 = 14.19",
        "15 x 8.6 / 10 = 12.9000",
        "worth 1.5 x 50 % / 3 = 0.25",
        "1.2 x 0.5: each of the department's offices in the online review bears it",
    ],
)
def test_every_point_of_an_office_can_be_read_aloud(city: Any, text: str) -> None:
    done = city.run("explain", "AG-1", "--year", "2023")
    assert done.exit_code == 0
    assert text in done.stdout


@pytest.mark.parametrize("office", ["AG-1", "AG-2", "AG-3", "HE-1", "SO-1"])
def test_every_local_decision_that_made_a_line_is_marked_with_its_pages_title(
    city: Any, office: str
) -> None:
    told = city.run("explain", office, "--year", "2023").stdout
    home = city.context.home
    standard = standard_for(2023, city.context.settings.standards, home / "config/standards")
    decided = {entry.clause: entry.page for entry in entries(standard.standard) if entry.page}
    clauses = {line["clause"] for line in city.office(office)["lines"]}
    ours = {clause: page for clause, page in decided.items() if clause in clauses}
    assert ours
    for clause, page in {**ours, "0.1": decided["0.1"], "0.2": decided["0.2"]}.items():
        assert f'by 市评议办, see "{title_of(home, page, "en")}"' in told, clause


def test_a_rule_named_in_a_note_is_marked_as_a_default_too(city: Any) -> None:
    told = city.run("explain", "AG-2", "--year", "2023").stdout
    title = title_of(city.context.home, "docs/decisions/self-checks.md", "en")
    [line] = [line for line in told.splitlines() if "[C2.x2] the text" in line]
    assert line.endswith(f'by 市评议办, see "{title}"')


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_an_explanation_names_no_path(
    city: Any, monkeypatch: pytest.MonkeyPatch, locale: str
) -> None:
    monkeypatch.setenv("SURVEY_LOCALE", locale)
    told = city.run("explain", "AG-2", "--year", "2023").stdout
    assert "docs/" not in told
    assert ".md" not in told


def test_what_is_missing_is_explained(city: Any) -> None:
    told = city.run("explain", "HE-1", "--year", "2023").stdout
    missing = told.partition("What is missing")[2]
    assert "Online review: selected for the online review, and no ballot was cast" in missing


def test_an_explanation_as_json_has_the_tree_and_its_sources(city: Any) -> None:
    document = json.loads(city.run("explain", "AG-1", "--year", "2023", "--json").stdout)
    assert document["total"] == "82.7600"
    heads = {line["component"]: line for line in document["lines"]}
    assert heads["supervision"]["points"] == "15.2500"
    title = title_of(city.context.home, "docs/decisions/material-penalty.md", "en")
    assert f'by 市评议办, see "{title}"' in document["sources"]["C3.4"][0]


@pytest.mark.parametrize(
    ("office", "text"),
    [
        ("AG-4", "exempt from the appraisal (merged in June)"),
        ("SO-3", "not appraised for 2023"),
        ("XX-1", "there is no office XX-1"),
    ],
)
def test_an_office_without_a_score_is_told_why_with_exit_code_4(
    city: Any, office: str, text: str
) -> None:
    done = city.run("explain", office, "--year", "2023")
    assert done.exit_code == 4
    assert text in done.stderr


@pytest.mark.parametrize("command", [("explain", "AG-1"), ("score", "verify"), ("publish",)])
@pytest.mark.parametrize("options", [(), ("--month", "2023-03", "--year", "2023")])
def test_month_and_year_are_a_choice(city: Any, command: Any, options: Any) -> None:
    assert city.run(*command, *options).exit_code == 2


# ---- verify


def test_a_score_that_nobody_touched_verifies(city: Any) -> None:
    city.score()
    done = city.run("score", "verify", "--year", "2023", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {
        "period": "2023", "version": 1, "ok": True, "problems": [], "notes": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("total", 990_000, "AG-1: total: stored 990000, computed 827600"),
        ("daily", 1, "AG-1: daily: stored 1, computed 690100"),
        ("rank", 9, "AG-1: rank: stored 9, computed 1"),
        ("lines", "[]", 'AG-1: lines: stored "[]", computed'),
    ],
)
def test_a_tampered_row_is_found_and_named(
    city: Any, column: str, value: int | str, said: str
) -> None:
    city.score()
    table = office_year_scores
    city.change(update(table).where(table.c.office_code == "AG-1").values(**{column: value}))
    done = city.run("score", "verify", "--year", "2023")
    assert done.exit_code == 4
    assert said in done.stdout


def test_a_tampered_figure_among_the_facts_is_found(city: Any) -> None:
    row = city.score().offices[0]
    facts = {**row.facts, "total": "99.0000"}
    table = office_year_scores
    city.change(update(table).where(table.c.office_code == "AG-1").values(facts=facts))
    done = city.run("score", "verify", "--year", "2023")
    assert 'AG-1: facts.total: stored "99.0000", computed "82.7600"' in done.stdout


def test_a_check_in_chinese_names_what_differs_in_chinese(
    city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = city.score().offices[0]
    facts = {**row.facts, "total": "99.0000"}
    table = office_year_scores
    city.change(update(table).where(table.c.office_code == "AG-1").values(facts=facts))
    monkeypatch.setenv("SURVEY_LOCALE", "zh_CN")
    done = city.run("score", "verify", "--year", "2023")
    assert 'AG-1：合计：保存为 "99.0000"，重算为 "82.7600"' in done.stdout
    assert "facts." not in done.stdout


def test_a_row_that_was_taken_out_or_put_in_is_found(city: Any) -> None:
    city.score()
    table = office_year_scores
    city.change(update(table).where(table.c.office_code == "AG-1").values(office_code="ZZ-1"))
    told = city.run("score", "verify", "--year", "2023").stdout
    assert "AG-1 would be scored, and is not stored" in told
    assert "ZZ-1 is stored, and would not be scored" in told


def test_a_tampered_head_is_found(city: Any) -> None:
    city.score()
    city.change(update(year_scores).values(complete=True))
    assert "complete: stored true" in city.run("score", "verify", "--year", "2023").stdout


def test_evidence_that_changed_since_is_said_to_be_the_reason(city: Any) -> None:
    city.score()
    withdraw(city.context, RecordKind.SUPERVISION, "S-01", reason="error")
    done = city.run("score", "verify", "--year", "2023")
    assert done.exit_code == 4
    first, *others = done.stdout.strip().splitlines()[1:]
    assert "what it was computed from has changed since" in first
    assert any("AG-1: total: stored 827600, computed 857600" in line for line in others)


def test_an_older_version_is_verified_by_its_number(city: Any) -> None:
    city.score()
    withdraw(city.context, RecordKind.SUPERVISION, "S-01", reason="error")
    city.score()
    assert city.run("score", "verify", "--year", "2023").exit_code == 0
    assert city.run("score", "verify", "--year", "2023", "--version", "1").exit_code == 4


@pytest.mark.parametrize("words", [("--year", "2023"), ("--month", "2023-03")])
def test_what_was_never_scored_cannot_be_verified_or_published(city: Any, words: Any) -> None:
    for command in (("score", "verify"), ("publish",)):
        done = city.run(*command, *words)
        assert done.exit_code == 4
        assert "survey-pipeline score" in done.stderr


def test_a_month_verifies_and_a_tampered_one_does_not(city: Any) -> None:
    city.run("score", "month", "2023-03")
    assert city.run("score", "verify", "--month", "2023-03").exit_code == 0
    table = office_month_scores
    city.change(update(table).where(table.c.office_code == "AG-1").values(points=300_000))
    done = city.run("score", "verify", "--month", "2023-03")
    assert done.exit_code == 4
    assert "AG-1: points: stored 300000, computed" in done.stdout


# ---- publish


@pytest.mark.parametrize(
    ("words", "table"),
    [(("--year", "2023"), year_scores), (("--month", "2023-03"), month_scores)],
)
def test_publishing_freezes_a_version_and_records_who_and_when(
    city: Any, words: Any, table: Any
) -> None:
    city.run("score", words[0].strip("-"), words[1])
    document = json.loads(city.run("publish", *words, "--json").stdout)
    (row,) = stored(city, table)
    assert row.published_at is not None
    assert document["published_by"] == row.published_by
    assert document["published_before"] is False
    (entry,) = [one for one in stored(city, audit_log) if one.action == "published"]
    assert (entry.kind, entry.key, entry.actor) == (table.name, f"{words[1]}/1", row.published_by)
    again = json.loads(city.run("publish", *words, "--json").stdout)
    assert again == {**document, "published_before": True}


def test_a_published_year_stays_and_later_changes_make_a_new_version(city: Any) -> None:
    before = city.run("score", "year", "2023", "--json").stdout
    city.run("publish", "--year", "2023")
    assert city.run("score", "year", "2023", "--json").stdout == before
    withdraw(city.context, RecordKind.SUPERVISION, "S-01", reason="error")
    assert city.run("score", "year", "2023", "--json").stdout != before
    first, second = stored(city, year_scores)
    assert (first.published_at is None, second.published_at is None) == (False, True)


def test_what_its_inputs_do_not_give_any_more_is_not_published(city: Any) -> None:
    city.score()
    withdraw(city.context, RecordKind.SUPERVISION, "S-01", reason="error")
    done = city.run("publish", "--year", "2023")
    assert done.exit_code == 4
    assert "Score it again" in done.stderr
    assert stored(city, year_scores)[0].published_at is None


def test_publishing_something_provisional_says_so(city: Any) -> None:
    city.score()
    done = city.run("publish", "--year", "2023")
    assert done.exit_code == 0
    assert "provisional" in done.stderr


# ---- looking stores nothing


def test_looking_makes_no_version_and_says_that_another_would_differ(city: Any) -> None:
    city.score()
    withdraw(city.context, RecordKind.SUPERVISION, "S-01", reason="error")
    for words in (("explain", "AG-1", "--year", "2023"), ("export", "year", "2023")):
        done = city.run(*words)
        assert done.exit_code == 0
        assert "survey-pipeline score year 2023 makes a new version" in done.stderr
    assert len(stored(city, year_scores)) == 1
    city.run("score", "year", "2023")
    assert len(stored(city, year_scores)) == 2
    assert "new version" not in city.run("explain", "AG-1", "--year", "2023").stderr


def test_what_was_never_scored_is_scored_by_the_first_look_alone(city: Any) -> None:
    for _ in range(2):
        assert city.run("explain", "AG-1", "--year", "2023").exit_code == 0
    assert len(stored(city, year_scores)) == 1


def test_a_day_that_was_not_scored_is_refused_with_the_command(city: Any) -> None:
    city.score()
    done = city.run("explain", "AG-1", "--year", "2023", "--as-of", "2023-03-15")
    assert done.exit_code == 4
    assert "score year 2023 --as-of 2023-03-15" in done.stderr
    assert city.run("score", "year", "2023", "--as-of", "2023-03-15").exit_code == 0
    done = city.run("explain", "AG-1", "--year", "2023", "--as-of", "2023-03-15")
    assert done.exit_code == 0
