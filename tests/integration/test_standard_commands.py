"""`standard`, as it is typed and read."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from survey_pipeline.cli import standard, support
from survey_pipeline.edited import shipped
from survey_pipeline.store.crypto import new_keys, write_key_file

CONFIG = 'locale = "en"\n[standards]\n2023 = "wenzhou-2023"\n[[gateway]]\nkind = "simulated"\n'
FILE = "config/standards/wenzhou-2023.toml"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    shutil.copytree(shipped() / "config/standards", tmp_path / "config/standards")
    (tmp_path / "config/pipeline.toml").write_text(CONFIG)
    write_key_file(tmp_path / "survey.key", new_keys())
    support.called_with(tmp_path)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(standard.group, list(words), catch_exceptions=False)


def document(*words: str, code: int = 0) -> Any:
    done = run(*words, "--json")
    assert done.exit_code == code
    return json.loads(done.stdout)


@pytest.mark.usefixtures("home")
def test_show_reads_as_a_document_of_80_columns() -> None:
    done = run("show", "--year", "2023")
    assert done.exit_code == 0
    assert max(map(len, done.stdout.splitlines())) <= 88
    assert "C1.1    Higher decisions not carried out" in done.stdout
    assert "3 to 5 off for each case." in done.stdout
    assert "…" not in done.stdout, "nothing is cut"


@pytest.mark.usefixtures("home")
def test_show_in_json_has_every_clause_with_words_and_source() -> None:
    shown = document("show", "--year", "2023")
    assert (shown["standard"], shown["provisional"]) == ("wenzhou-2023", False)
    assert shown["window"] == {"after": "2022-10-31", "until": "2023-10-31"}
    found = {entry["key"]: entry for part in shown["parts"] for entry in part["provisions"]}
    assert found["hotline.caps.D2"] == {
        "clause": "D2",
        "key": "hotline.caps.D2",
        "label": "Handling, 4 at most",
        "says": ["D2.5, D2.6, D2.7 together: 4 at most in a year."],
        "place": "限扣分值 4",
        "mended": True,
        "decided": "locally",
        "page": "docs/decisions/hotline-caps.md",
        "adopted_by": None,
        "adopted_on": None,
        "document_no": None,
    }


@pytest.mark.usefixtures("home")
def test_show_of_a_year_without_a_file_is_marked_as_provisional() -> None:
    shown = document("show", "--year", "2024")
    assert shown["provisional"] is True
    assert shown["window"] == {"after": "2023-10-31", "until": "2024-10-31"}
    assert "Provisional" in run("show", "--year", "2024").stdout


@pytest.mark.parametrize("name", ["wenzhou-2023", "wenzhou-2023.toml", FILE])
def test_check_finds_a_file_by_name_and_by_path(
    home: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)
    assert document("check", name)["ok"] is True
    assert "no fault" in run("check", name).stdout


def test_check_tells_all_faults_and_ends_with_4(home: Path) -> None:
    path = home / FILE
    text = path.read_text("utf-8").replace("points = 85", "points = true")
    path.write_text(text.replace("factor = 1.5", "factor = 0.5"), "utf-8")
    checked = document("check", "wenzhou-2023", code=4)
    assert [fault["key"] for fault in checked["faults"]] == [
        "daily.points",
        "supervision.head.factor",
    ]
    assert set(checked["faults"][0]) == {"key", "line", "problem", "remedy"}
    done = run("check", "wenzhou-2023")
    assert done.exit_code == 4
    assert "2 fault(s)" in done.stdout
    assert "→ Change it to what is asked for" in done.stdout


@pytest.mark.usefixtures("home")
def test_check_of_a_file_that_is_not_there_is_one_clear_line() -> None:
    done = run("check", "wenzhou-1999")
    assert done.exit_code == 4
    assert done.stderr.count("\n") == 1
    assert "wenzhou-1999.toml is missing" in done.stderr


NEW = "config/standards/wenzhou-2024.toml"


def test_new_writes_next_years_file_and_says_what_to_look_at(home: Path) -> None:
    done = run("new", "2024", "--from", "2023")
    assert done.exit_code == 0
    assert (home / NEW).is_file()
    for words in (
        "after 2023-10-31, until 2024-10-31",
        'add 2024 = "wenzhou-2024"',
        "standard check wenzhou-2024",
        "standard diff wenzhou-2023 wenzhou-2024",
    ):
        assert words in " ".join(done.stdout.split())
    assert document("check", "wenzhou-2024")["ok"] is True


def test_new_never_overwrites(home: Path) -> None:
    (home / NEW).write_text("ours")
    done = run("new", "2024", "--from", "wenzhou-2023")
    assert done.exit_code == 4
    assert "is there already" in done.stderr
    assert (home / NEW).read_text() == "ours"


def test_new_in_json_names_the_file_and_its_window(home: Path) -> None:
    made = document("new", "2024", "--from", FILE.removeprefix("config/standards/"))
    assert Path(made["file"]) == home / NEW
    assert made["window"] == {"after": "2023-10-31", "until": "2024-10-31"}
    assert made["no_longer_adopted"] == []
    assert len(made["next"]) == 4


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("2024", "--from", "2019"), 4, "no standard is listed for 2019"),
        (("2023", "--from", "2023"), 2, "is of 2023 already"),
        (("2024", "--from", "none"), 4, "none.toml is missing"),
    ],
)
def test_new_that_cannot_be_made_is_one_clear_line(
    words: tuple[str, ...], code: int, said: str
) -> None:
    done = run("new", *words)
    assert done.exit_code == code
    assert said in " ".join(done.stderr.split())


@pytest.mark.usefixtures("home")
def test_diff_of_a_year_and_the_one_made_from_it_is_its_window_and_title() -> None:
    run("new", "2024", "--from", "2023")
    compared = document("diff", "wenzhou-2023", "wenzhou-2024")
    assert [entry["key"] for entry in compared["differences"]] == ["title", "window"]
    assert compared["to"]["year"] == 2024
    assert compared["differences"][1]["clause"] == "0.1"
    assert "until 2024-10-31" not in compared["differences"][1]["was"][0]


@pytest.mark.usefixtures("home")
def test_diff_of_alike_says_so_and_ends_well() -> None:
    done = run("diff", "wenzhou-2023", FILE.removeprefix("config/standards/"))
    assert done.exit_code == 0
    assert "say the same" in done.stdout


@pytest.mark.usefixtures("home")
def test_diff_reads_clause_by_clause() -> None:
    made_up = Path(__file__).parents[1] / "data/standards/wenzhou-2024.toml"
    done = run("diff", "wenzhou-2023", str(made_up))
    assert done.exit_code == 0
    assert max(map(len, done.stdout.splitlines())) <= 88
    told = [line.strip() for line in done.stdout.splitlines()]
    place = told.index("C2.1b   Serious party warning  the rule")
    assert told[place + 1 : place + 3] == [
        "was 4.5 off for each person, each time.",
        "is  4 off for each person, each time.",
    ]
