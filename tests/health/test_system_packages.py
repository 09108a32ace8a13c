"""A test that lacks a system package is skipped with the reason; in CI it fails.

Source: specification, section 1.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]
TEST = "def test_it(need):\n    need('browser')\n"


def outcome(folder: Path, shows: str, **environ: str) -> str:
    """What pytest says of a test that needs a package which `shows` stands for."""
    shutil.copy(HERE / "conftest.py", folder)
    (folder / "system-packages.txt").write_text(f"# comment\nbrowser {shows} some-browser\n")
    (folder / "test_it.py").write_text(TEST)
    command = [sys.executable, "-m", "pytest", "-ra", "-p", "no:cacheprovider", "-c", os.devnull]
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("SURVEY_")}
    done = subprocess.run(
        [*command, "--rootdir", str(folder), str(folder)],
        env={**inherited, **environ},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def test_a_missing_package_skips_the_test_and_says_why(tmp_path: Path) -> None:
    said = outcome(tmp_path, "no-such-program")
    assert "1 skipped" in said
    assert "browser is missing: apt-get install some-browser" in said


def test_in_ci_a_missing_package_is_a_failure(tmp_path: Path) -> None:
    said = outcome(tmp_path, "no-such-program", SURVEY_REQUIRE_ALL="1")
    assert "1 failed" in said
    assert "browser is missing: apt-get install some-browser" in said


@pytest.mark.parametrize("shows", ["sh", sys.executable])
def test_a_program_or_a_file_shows_that_it_is_there(tmp_path: Path, shows: str) -> None:
    assert "1 passed" in outcome(tmp_path, shows, SURVEY_REQUIRE_ALL="1")
