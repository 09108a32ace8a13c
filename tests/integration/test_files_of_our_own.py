"""What the program writes: whole or not at all, for its owner alone, nothing left behind."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from survey_pipeline.calendar import SystemClock
from survey_pipeline.checks import Check, Level, run_checks
from survey_pipeline.errors import CannotProceed
from survey_pipeline.pipeline import clear_up
from survey_pipeline.stages.export.destination import passing_folder, replaced, target
from survey_pipeline.testing import workspace
from survey_pipeline.workspace import create_workspace

EXPORT = """
import sys
from pathlib import Path
from survey_pipeline.stages.export.destination import replaced, target

with replaced(target(Path(sys.argv[1]), None, sys.argv[2])) as temporary:
    temporary.write_text("half of it")
    print("writing", flush=True)
    sys.stdin.read()
"""


@contextmanager
def exporting(home: Path, name: str = "answers-2023-05.csv") -> Iterator["subprocess.Popen[str]"]:
    """An export of another process, in the middle of its file."""
    command = [sys.executable, "-c", EXPORT, str(home), name]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def exports(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "exports").iterdir())


def cli(home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "survey_pipeline.cli", "--home", str(home), *words],
        capture_output=True,
        text=True,
        check=False,
        umask=0,
        env={**os.environ, "SURVEY_LOCALE": "en"},
    )


def test_what_a_killed_export_left_goes_with_the_next_one(tmp_path: Path) -> None:
    with exporting(tmp_path):
        pass
    assert len(exports(tmp_path)) == 1
    with replaced(target(tmp_path, None, "another.csv")) as temporary:
        temporary.write_text("whole")
    assert exports(tmp_path) == ["another.csv"]


def test_what_a_killed_export_left_beside_a_file_of_ones_own_goes_too(tmp_path: Path) -> None:
    output, foreign = tmp_path / "scores.csv", tmp_path / ".notes.txt.l9bz3n67"
    foreign.write_text("not ours")
    (tmp_path / ".scores.csv.l9bz3n67").write_text("half of it")
    with replaced(output) as temporary:
        temporary.write_text("whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == [foreign.name, "scores.csv"]


def test_the_daily_run_removes_it(tmp_path: Path) -> None:
    context = workspace(tmp_path)
    with exporting(tmp_path):
        pass
    clear_up(context)
    assert exports(tmp_path) == []


def test_an_export_that_another_process_is_writing_is_left_alone(tmp_path: Path) -> None:
    context = workspace(tmp_path)
    with exporting(tmp_path) as process:
        clear_up(context)
        with replaced(target(tmp_path, None, "answers-2023-05.csv")) as temporary:
            temporary.write_text("mine")
        process.communicate()
        assert process.returncode == 0
    assert exports(tmp_path) == ["answers-2023-05.csv"]
    assert (tmp_path / "exports" / "answers-2023-05.csv").read_text() == "half of it"


def test_a_folder_for_a_page_s_download_is_removed_like_a_file(tmp_path: Path) -> None:
    context = workspace(tmp_path)
    with passing_folder(tmp_path) as folder:
        (folder / "scores.csv").write_text("x")
        clear_up(context)
        assert (folder / "scores.csv").exists()
    assert exports(tmp_path) == []
    left = tmp_path / "exports" / ".web.0a1b2c3d"
    left.mkdir()
    (left / "scores.csv").write_text("of a process that was killed")
    clear_up(context)
    assert exports(tmp_path) == []


def test_a_service_removes_it_when_it_starts(tmp_path: Path) -> None:
    create_workspace(tmp_path)
    with exporting(tmp_path):
        pass
    assert cli(tmp_path, "worker", "--once").returncode == 0
    assert exports(tmp_path) == []


def test_a_device_is_not_replaced_by_a_file() -> None:
    with pytest.raises(CannotProceed, match="is a device"), replaced(Path("/dev/null")):
        pass
    assert Path("/dev/null").is_char_device()


def test_what_is_made_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    home = tmp_path / "city" / "workspace"
    assert cli(home, "init").returncode == 0
    reports = home / "cases.csv"
    parents, offices = home / "parents.csv", home / "offices.csv"
    parents.write_text("parent_code,name,hotline_group\nP-1,Bureau,city_agency\n")
    offices.write_text("office_code,name,category,parent_code\nAG-1,Registry,agency,P-1\n")
    today = SystemClock().now().astimezone(ZoneInfo("Asia/Shanghai")).date()
    reports.write_text(
        "office_code,case_no,served_on,phone,item\nAG-1,K-1,x,1,Licence\n"
        f"AG-1,K-2,{today},13812340001,Licence\n"
    )
    for path in (parents, offices, reports):
        path.chmod(0o600)
        cli(home, "import", path.stem, str(path))
    month = f"{today:%Y-%m}"
    cli(home, "score", "month", month)
    cli(home, "export", "month", month, "--format", "csv")
    assert (home / "cases.csv.rejected.csv").exists()
    assert exports(home)
    for path in (home.parent, home, *home.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path
    with exporting(home):
        for path in (home / "exports").iterdir():
            assert path.stat().st_mode & 0o777 == 0o600, path


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("survey.db", 0o644),
        ("exports/scores.csv", 0o640),
        ("exports", 0o755),
        ("webhooks.spool", 0o604),
        ("config/pipeline.toml", None),
    ],
)
def test_doctor_names_what_is_open_to_others(tmp_path: Path, name: str, mode: int | None) -> None:
    create_workspace(tmp_path)
    (tmp_path / "exports").mkdir(0o700)
    for made in ("exports/scores.csv", "webhooks.spool"):
        (tmp_path / made).touch(0o600)
    if mode is None:  # what editors write is open only where others may enter the workspace
        (tmp_path / name).chmod(0o644)
        assert permissions(tmp_path).level is Level.OK
        tmp_path.chmod(0o755)
    else:
        (tmp_path / name).chmod(mode)
    found = permissions(tmp_path)
    assert found.level is Level.WARNING
    assert name in str(found.found)
    assert f"chmod -R go-rwx {tmp_path}" in str(found.remedy)


def test_a_file_of_secrets_outside_is_named(tmp_path: Path) -> None:
    home, secret = tmp_path / "city", tmp_path / "token"
    create_workspace(home)
    secret.write_text("9d2c4e8b7a6f5d3c1b0a9e8d7c6b5a4f")
    secret.chmod(0o644)
    with (home / "config" / "pipeline.toml").open("a") as file:
        file.write(
            '\n[[gateway]]\nkind = "twilio"\naccount_sid = "AC1"\nfrom_number = "+15005550006"\n'
            f'auth_token_file = "{secret}"\npublic_url = "https://surveys.example.org"\n'
        )
    found = permissions(home)
    assert found.level is Level.WARNING
    assert str(secret) in str(found.found)
    assert str(found.remedy) == f"run: chmod -R go-rwx {secret}"


def test_a_service_names_it_when_it_starts(tmp_path: Path) -> None:
    create_workspace(tmp_path)
    (tmp_path / "survey.db").chmod(0o644)
    said = cli(tmp_path, "worker", "--once").stderr
    assert "survey.db" in said
    assert "chmod -R go-rwx" in said


def permissions(home: Path) -> Check:
    (found,) = (one for one in run_checks(home, {}) if one.name == "permissions")
    return found
