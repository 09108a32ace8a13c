"""What is changed in an auditor's package is found by the program that comes with it."""

import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from survey_pipeline.stages.sampling import commit_seed, reveal_month
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import draw_months
from survey_pipeline.testing import add_offices, workspace
from survey_pipeline.testing.drawn_month import close_everything, draw_days

VERIFIER = Path(__file__).parents[2] / "scripts" / "verify_draw.py"


@pytest.fixture(scope="module")
def noted(package: Path) -> str:
    """Return the hash that was published before the draws."""
    with zipfile.ZipFile(package) as archive:
        published: str = json.loads(archive.read("month.json"))["commitment"]["seed_hash"]
    return published


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the package of a month with two draws, numbers shared between offices."""
    home = tmp_path_factory.mktemp("city")
    context = workspace(home, sampling={"monthly_minimum": 6, "rate": "0.3"})
    add_offices(context, "agency", "health", "social")
    commit_seed(context, "2023-05")
    draw_days(context, 2)
    close_everything(context)
    path = tmp_path_factory.mktemp("package") / "draws-2023-05.zip"
    reveal_month(context, "2023-05", path)
    return path


def verified(package: Path, *options: str) -> tuple[int, str]:
    """Run the auditor's program as an auditor does; return its exit code and what it printed."""
    done = subprocess.run(
        [sys.executable, "-I", str(VERIFIER), str(package), *options],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def rewritten(package: Path, name: str, change: Callable[[str], str]) -> Path:
    """Return a copy of a package in which one member was changed."""
    path = package.with_name("changed.zip")
    with zipfile.ZipFile(package) as before, zipfile.ZipFile(path, "w") as after:
        for member in before.namelist():
            text = before.read(member).decode()
            after.writestr(member, change(text) if member == name else text)
    return path


def drop_last_line(text: str) -> str:
    return text.rpartition("\n")[0]


def swap_seed(text: str) -> str:
    month = json.loads(text)
    month["days"][1]["seed"] = "chosen afterwards"
    return json.dumps(month)


def swap_seed_and_hash(text: str) -> str:
    month = json.loads(text)
    month["days"][1]["seed"] = "chosen afterwards"
    month["days"][1]["seed_hash"] = hashlib.sha256(b"chosen afterwards").hexdigest()
    return json.dumps(month)


def lower_rate(text: str) -> str:
    month = json.loads(text)
    for day in month["days"]:
        day["policy"]["rate"] = "0.9"
        day["policy"]["monthly_minimum"] = 0
    return json.dumps(month)


@pytest.mark.parametrize(
    ("member", "change", "told"),
    [
        ("drawn/2023-05-05.csv", drop_last_line, "had to be drawn and was not"),
        ("drawn/2023-05-05.csv", lambda text: text + "\nAG-1,new,00", "should not have been"),
        ("rolls/2023-05-04.csv", drop_last_line, "the frame has another hash"),
        ("rolls/2023-05-04.csv", lambda text: text.replace("eligible", "quiet", 1), "the roll has"),
        ("month.json", swap_seed, "the seed has another hash"),
        ("month.json", swap_seed_and_hash, "used another seed than the committed one"),
        ("month.json", lower_rate, "had to be drawn and was not"),
    ],
)
def test_whatever_is_changed_in_a_package_is_found(
    package: Path, member: str, change: Callable[[str], str], told: str
) -> None:
    code, printed = verified(rewritten(package, member, change))
    assert code == 1
    assert told in printed
    assert "It does NOT hold." in printed


def test_a_hash_noted_before_the_month_is_what_counts(package: Path, noted: str) -> None:
    assert verified(package, "--hash", noted)[0] == 0
    code, printed = verified(package, "--hash", "0" * 64)
    assert code == 1
    assert "was committed" in printed


def test_a_package_that_cannot_be_read_is_said_in_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"no archive")
    code, printed = verified(broken)
    assert code == 2
    assert len(printed.splitlines()) == 1


def test_the_package_holds_and_the_program_needs_nothing_of_ours(package: Path) -> None:
    code, printed = verified(package)
    assert (code, "Everything holds." in printed) == (0, True), printed
    assert printed.count("cases drawn") == 2
    assert "note: the commitment was made after 2023-05 had begun" in printed


def test_a_month_without_a_commitment_holds_and_one_with_another_seed_does_not(
    tmp_path: Path,
) -> None:
    made = workspace(tmp_path / "city", sampling={"rate": "0.3"})
    add_offices(made, "agency", "health", "social")
    draw_days(made, 1)
    commit_seed(made, "2023-05")
    close_everything(made)
    path = tmp_path / "package.zip"
    with writing(made.engine) as connection:
        connection.execute(draw_months.update().values(seed_hash="0" * 64))
    reveal_month(made, "2023-05", path)
    code, printed = verified(path)
    assert code == 1
    assert "WRONG: the draw used another seed than the committed one" in printed
    with writing(made.engine) as connection:
        connection.execute(draw_months.update().values(seed_hash=None))
    reveal_month(made, "2023-05", path)
    assert verified(path)[0] == 0
