"""The wheel carries what `init` and `demo` need, wherever it is installed.

Source: docs/architecture.md.
"""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from survey_pipeline import __version__

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the unpacked wheel, as an installation leaves it."""
    built = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(built / "site")
    return built / "site"


def test_the_wheel_holds_nothing_but_the_package(installed: Path) -> None:
    names = {path.name for path in installed.iterdir()}
    assert {name for name in names if not name.endswith(".dist-info")} == {"survey_pipeline"}


def test_an_installed_program_makes_a_workspace(installed: Path, tmp_path: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, "-P", "-m", "survey_pipeline.cli"]
    made = subprocess.run(
        [*command, "init", str(tmp_path / "city")],
        env=environ,
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    assert (made.returncode, made.stderr) == (0, "")
    for part in ("config", "templates"):
        shipped = {path.name: path.read_bytes() for path in (ROOT / part).rglob("*.*")}
        if in_chinese := shipped.pop("pipeline.zh_CN.toml", None):
            shipped["pipeline.toml"] = in_chinese  # the language of a workspace as shipped
        copied = {path.name: path.read_bytes() for path in (tmp_path / "city" / part).rglob("*.*")}
        assert copied == shipped


def test_the_demos_reports_are_in_the_wheel(installed: Path) -> None:
    reports = installed / "survey_pipeline/shipped/reports"
    assert (reports / "offices.csv").is_file()
    assert (reports / "05-social.xlsx").is_file()


def test_the_wheel_says_that_it_is_typed(installed: Path) -> None:
    assert (installed / "survey_pipeline/py.typed").is_file()
    [metadata] = installed.glob("*.dist-info/METADATA")
    text = metadata.read_text("utf-8")
    assert f"\nVersion: {__version__}\n" in text
    assert "\nClassifier: Typing :: Typed\n" in text


def test_the_changelog_knows_the_version() -> None:
    assert f"\n## {__version__} - " in (ROOT / "CHANGELOG.md").read_text("utf-8")
