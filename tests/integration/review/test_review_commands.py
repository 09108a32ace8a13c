"""`review` as it is typed, from the selection to the counts (specification, sections 2 and 12)."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from survey_pipeline import appraisal
from survey_pipeline.app import open_app
from survey_pipeline.cli import intake, review, support
from survey_pipeline.testing import add_offices, add_representatives
from survey_pipeline.workspace import create_workspace

app = typer.Typer()
app.command("import")(intake.import_files)
app.command("withdraw")(intake.withdraw)
app.add_typer(review.group, name="review")

YEAR = ("--year", "2023")


@pytest.fixture
def home(tmp_path: Path) -> Any:
    create_workspace(tmp_path)
    config = tmp_path / "config/pipeline.toml"
    text = config.read_text(encoding="utf-8").replace('locale = "zh_CN"', 'locale = "en"')
    config.write_text(text.replace("representatives = 200", "representatives = 3"), "utf-8")
    support.called_with(tmp_path)
    opened = open_app(tmp_path)
    add_offices(opened.context, "agency", "health")
    add_representatives(opened.context, 2023, "R-1", "R-2", "R-3", "R-4")
    opened.close()
    return tmp_path


def run(*words: Any) -> Any:
    return CliRunner().invoke(app, list(words), catch_exceptions=False)


def steps(*words: Any) -> Any:
    done = run("review", *words, *YEAR)
    assert done.exit_code == 0, done.stderr
    return done.stdout


def documents(*words: Any) -> Any:
    return json.loads(steps(*words, "--json"))


def listed(home: Path) -> Any:
    path = home / "list.csv"
    path.write_text("office_code,reason\nAG-1,complaints\nHE-2,new\n", encoding="utf-8")
    return path


def voted(home: Path, *lines: Any) -> Any:
    path = home / "ballots.csv"
    path.write_text("\n".join(["rep_no,office_code,answer", *lines]), encoding="utf-8")
    return run("import", "ballots", str(path), *YEAR)


def test_a_whole_review_in_words(home: Path) -> None:
    assert "2 offices take part in the online review of 2023." in steps(
        "select", "--manual", str(listed(home))
    )
    assert "3 of 4 representatives drawn" in steps("draw")
    links = run("review", "links", "--output", str(home / "links.csv"), *YEAR)
    assert "3 personal links are in" in links.stdout
    assert "this machine alone. Give the public one with --address" in links.stderr
    assert "The online review of 2023 is open." in steps("open")
    drawn = [one["rep_no"] for one in documents("draw")["drawn"]]
    assert voted(home, f"{drawn[0]},AG-1,满意", f"{drawn[1]},AG-1,不满意").exit_code == 0
    assert "turnout: 2 of 3 (66.7%), 2 ballots" in steps("status")
    assert "2 ballots counted, the key destroyed" in steps("close")
    assert "AG-1 2 1 0 1" in " ".join(steps("status").split())
    assert not (home / "review-2023.key").exists()


def test_every_step_again_changes_nothing_and_says_so(home: Path) -> None:
    steps("select", "--manual", str(listed(home)))
    steps("draw")
    steps("open")
    assert "selected before by" in steps("select")
    assert "drawn before; nothing changed" in steps("draw")
    assert "was open already; nothing changed" in steps("open")
    steps("close")
    assert "was closed already; nothing changed" in steps("close")
    for step in ("select", "draw", "close"):
        assert documents(step)["done_before"] is True


def test_the_quota_needs_a_score_of_the_year(home: Path) -> None:
    done = run("review", "select", *YEAR)
    assert done.exit_code == 4
    assert "Run first: survey-pipeline score year 2023" in done.stderr


def scored(home: Path, *lines: str) -> None:
    """Bring performance points and score the year: everything else of the offices is missing."""
    path = home / "performance.csv"
    path.write_text("\n".join(["office_code,points,source", *lines]), encoding="utf-8")
    assert run("import", "performance", str(path), *YEAR).exit_code in (0, 3)
    opened = open_app(home)
    appraisal.score_year(opened.context, 2023)
    opened.close()


def test_a_selection_with_gaps_is_exit_code_4_and_says_which_and_what_to_do(home: Path) -> None:
    scored(home, "AG-1,9,committee")
    done = run("review", "select", *YEAR)
    assert done.exit_code == 4
    assert "AG-1 (Satisfaction, Hotline 12345, Parent rating); HE-2 (Satisfaction" in done.stderr
    assert "review select --year 2023 --provisional --reason REASON" in done.stderr


def test_a_provisional_selection_in_words_and_in_the_status(home: Path) -> None:
    scored(home, "AG-1,9,committee")
    config = home / "config/pipeline.toml"
    text = config.read_text(encoding="utf-8")
    rules = text.replace("[review]\nmin_ratings = 5", "[review]\nmin_ratings = 0")
    assert rules != text
    config.write_text(rules, encoding="utf-8")
    said = steps("select", "--provisional", "--reason", "the year is still open")
    for part in (said, steps("status")):
        assert "reason: the year is still open" in part
        assert "provisional: offices that lacked a daily component: 2" in part
        assert "HE-2: Satisfaction, Performance, Hotline 12345, Parent rating" in part
    found = documents("status")["selection"]
    assert (found["provisional"], found["min_ratings"]) == (True, 0)
    by_hand = ("--manual", str(listed(home)))
    assert "complaints" in steps("select", "--again", "--reason", "once more", *by_hand)


def test_where_no_office_has_enough_ratings_the_setting_is_named(home: Path) -> None:
    scored(home, "AG-1,9,committee")
    done = run("review", "select", *YEAR, "--provisional", "--reason", "why not")
    assert done.exit_code == 4
    assert "no office has 5 rated cases in the year (review.min_ratings)" in done.stderr


@pytest.mark.parametrize("words", [("--provisional",), ("--again",), ("--reason", "why")])
def test_provisional_and_again_go_with_a_reason(home: Path, words: Any) -> None:
    done = run("review", "select", *YEAR, *words)
    assert done.exit_code == 2
    assert "--reason" in done.stderr


def test_json_is_one_document_for_each_step(home: Path) -> None:
    chosen = documents("select", "--manual", str(listed(home)))
    assert chosen["offices"][0] == {
        "office_code": "AG-1",
        "name": "Office 1",
        "category": "agency",
        "daily": None,
        "place": None,
        "reason": "complaints",
    }
    draw = documents("draw")
    assert (draw["seed"], draw["pool"], draw["wanted"]) == ("change-me", 4, 3)
    assert documents("open") == {"year": 2023, "done_before": False, "links_renewed": False}
    path = str(home / "links.csv")
    found = documents("links", "--output", path, "--address", "https://surveys.example.org")
    assert found == {
        "year": 2023,
        "file": path,
        "links": 3,
        "address": "https://surveys.example.org",
    }
    assert documents("status")["state"] == "opened"
    assert documents("close") == {"year": 2023, "done_before": False, "ballots": 0}


def test_a_shipped_seed_is_pointed_out(home: Path) -> None:
    assert "still the shipped one" in steps("draw")


def test_the_links_lead_where_a_gateway_is_reached(home: Path) -> None:
    config = home / "config/pipeline.toml"
    text = config.read_text(encoding="utf-8").replace(
        'kind = "simulated"', 'kind = "simulated"\npublic_url = "https://city.example.org"'
    )
    config.write_text(text, encoding="utf-8")
    steps("draw")
    done = documents("links", "--output", str(home / "links.csv"))
    assert done["address"] == "https://city.example.org"


def test_invitations_go_out_through_the_configured_gateway(home: Path) -> None:
    steps("draw")
    done = documents("invite", "--now", "--address", "https://surveys.example.org")
    assert (done["sent"] + done["later"] + done["refused"] + done["unknown"]) == 3
    assert "invited earlier" in steps("invite", "--now", "--address", "https://x.example.org")


def test_a_ballot_cannot_be_withdrawn(home: Path) -> None:
    done = run("withdraw", "ballots", "R-1/AG-1", "--reason", "mistake", *YEAR)
    assert done.exit_code == 2
    assert "a ballot is secret" in " ".join(done.stderr.replace("│", " ").split())


def test_the_help_of_the_group_lists_the_steps(home: Path) -> None:
    listed_there = run("review", "--help").stdout
    steps_there = ("select", "draw", "links", "invite", "open", "close", "status")
    assert [step for step in steps_there if step not in listed_there] == []
