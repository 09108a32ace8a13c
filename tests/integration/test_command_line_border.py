"""How a call ends, whatever is wrong with it or around it: one line, its exit code, no traceback.

Product.md, section 2: exit codes; each command is walked with every kind of wrong argument.
"""

import contextlib
import json
import os
import pty
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from survey_pipeline.app import open_app
from survey_pipeline.cli import border, support
from survey_pipeline.cli.main import app
from survey_pipeline.gateways.port import InboundEvent
from survey_pipeline.inbound import spool
from survey_pipeline.testing import NOON
from survey_pipeline.workspace import create_workspace

PROGRAM = [sys.executable, "-m", "survey_pipeline.cli"]
LONG_RUNNING = {"run", "serve", "worker", "demo"}
HOSTILE = [
    "", "99999999999999999999", "-1", "x\x1b[31m", "[/b]", "[red]x", "\u202e", "a\nb", "\udcff",
    "9999-12-31", "0001-01", "x" * 5000, "/nope/x", "/tmp", "{x}",
]  # fmt: skip
"""Numbers, dates and names out of range; escapes, markup, half characters; bad paths."""


def walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, below in getattr(command, "commands", {}).items():
        if getattr(below, "commands", None):
            yield from walk(below, (*path, name))
        else:
            yield (*path, name), below


ROOT = typer.main.get_command(app)
COMMANDS = dict(walk(ROOT))
ASKED = sorted(path for path in COMMANDS if path[0] not in LONG_RUNNING)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    create_workspace(tmp_path / "W", environ={"SURVEY_LOCALE": "en"})
    monkeypatch.setenv("SURVEY_LOCALE", "en")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "W"


def usual(parameter: Any) -> str:
    """A value that a parameter takes."""
    described = parameter.type_descriptor
    if described.is_choice:
        return str(getattr(described.choices[0], "value", described.choices[0]))
    if parameter.name in {"month", "on", "day", "date"}:
        return "2026-11" if parameter.name == "month" else "2026-11-21"
    is_number = described.is_ranged or described.annotation is int
    return "2023" if is_number else "AG-1"


def call(path: tuple[str, ...], **given: str) -> list[str]:
    """A call of a command: what it requires, and the given values."""
    options, arguments = list(path), []
    for one in COMMANDS[path].params:
        if one.name in given or (one.required and one.name != "help"):
            value = given.get(one.name) or ("" if one.name in given else usual(one))
            if one.param_type_name == "argument":
                arguments.append(value)
            else:
                options.append(f"{one.opts[0]}={value}")
    return [*options, "--", *arguments] if arguments else options


def ended(home: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    support.called_with(home)
    code = border.run(ROOT, ["--home", str(home), *arguments], "survey-pipeline")
    shown = capsys.readouterr()
    assert "\x1b" not in shown.out + shown.err
    return code, shown.err


@pytest.mark.parametrize("path", ASKED, ids=" ".join)
def test_a_command_takes_no_offence_at_any_argument(
    path: tuple[str, ...], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for one in COMMANDS[path].params:
        if getattr(one, "is_flag", False):
            continue
        for value in HOSTILE:
            code, said = ended(home, call(path, **{one.name: value}), capsys)
            assert code in {0, 2, 3, 4}, (one.name, value, said)
            assert code in {0, 3} or 0 < len(said.splitlines()) <= 3, (one.name, value, said)


def run(*arguments: str, **options: Any) -> "subprocess.CompletedProcess[Any]":
    environ = {**os.environ, **options.pop("environ", {})}
    usual = {"capture_output": True, "text": True, "timeout": 120}
    return subprocess.run([*PROGRAM, *arguments], check=False, env=environ, **{**usual, **options})


@pytest.mark.parametrize("path", ASKED, ids=" ".join)
def test_a_database_that_is_damaged_is_one_line_on_every_command(
    path: tuple[str, ...], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for left in home.glob("survey.db-*"):
        left.unlink()
    (home / "survey.db").write_bytes(b"garbage")
    code, said = ended(home, call(path), capsys)
    if path in NEED_NO_DATABASE or code == 2:
        return
    assert code == 4
    if path != ("doctor",):  # it says so on stdout, as a finding
        assert len(said.splitlines()) == 1
        assert "damaged" in said or "is missing" in said or "there is no" in said


NEED_NO_DATABASE = {
    ("replies", "try"),
    ("init",),
    ("privacy", "inventory"),
    ("standard", "show"),
}


@pytest.mark.parametrize("arguments", [["status"], ["status", "--json"], ["--help"], ["doctor"]])
def test_a_reader_that_goes_away_is_no_fault(home: Path, arguments: list[str]) -> None:
    command = " ".join([*PROGRAM, "--home", str(home), *arguments])
    done = subprocess.run(
        ["bash", "-c", f"{command} | true; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert done.stdout.strip() in {"0", "141"}


def test_a_stream_that_is_closed_or_full_is_no_traceback(home: Path) -> None:
    command = " ".join([*PROGRAM, "--home", str(home), "status"])
    for rest, code in ((">&-", 0), ("2>&-", 0), (">/dev/full", 4)):
        done = subprocess.run(
            ["bash", "-c", f"{command} {rest}"], capture_output=True, text=True, check=False
        )
        assert done.returncode == code
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("rest", ["2>/dev/full", "2>&-", "<&- >&- 2>&-", "2>&1 >/dev/null | true"])
def test_a_worker_does_its_work_though_nothing_takes_its_words(home: Path, rest: str) -> None:
    (home / "left.csv").touch()
    (home / "left.csv").chmod(0o644)  # the worker warns of it on stderr before its round
    spool.put(open_app(home, environ=os.environ).context, "kannel", [an_answer()])
    command = " ".join([*PROGRAM, "--home", str(home), "worker", "--once"])
    shell = ["bash", "-c", f"{command} {rest}; exit ${{PIPESTATUS[0]}}"]
    assert subprocess.run(shell, capture_output=True, check=False).returncode == 0
    assert spool.waiting(home) == 0, "the round was run to its end"


def an_answer() -> InboundEvent:
    return InboundEvent("m-1", "+8613812340001", "1", NOON)


def test_no_file_of_ours_takes_the_place_of_a_closed_stream() -> None:
    code = "from survey_pipeline.cli import terminal; terminal.prepare_streams(); print('taken')"
    look = f"{code}; import os; assert os.open('/dev/null', os.O_RDONLY) > 2"
    shell = ["bash", "-c", '"$0" -c "$1" <&- >&- 2>&-', sys.executable, look]
    assert subprocess.run(shell, check=False).returncode == 0


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "gbk"])
def test_a_character_that_the_terminal_lacks_is_escaped(home: Path, encoding: str) -> None:
    environ = {"PYTHONIOENCODING": encoding, "SURVEY_LOCALE": "zh_CN"}
    for arguments in (["replies", "try", "满意👍"], ["--home", str(home), "status"], ["--help"]):
        done = run(*arguments, environ=environ, text=False)
        assert (done.returncode, done.stderr) == (0, b"")
    shown = run("replies", "try", "👍", environ=environ, text=False).stdout.decode(encoding)
    assert "\\U0001f44d" in shown


def test_json_stays_json_where_the_terminal_lacks_a_character(home: Path) -> None:
    for encoding in ("ascii", "latin-1", "gbk", "utf-8"):
        done = run(
            "replies", "try", "é👍\u202e\x1b[31m", "--json", environ={"PYTHONIOENCODING": encoding}
        )
        assert json.loads(done.stdout)[0]["text"] == "é👍\u202e\x1b[31m"
        assert "\u202e" not in done.stdout
        assert "\x1b" not in done.stdout


def has_open(process: "subprocess.Popen[str]", path: Path) -> bool:
    """Return whether a process has opened a file."""
    for link in Path(f"/proc/{process.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            if link.readlink() == path:
                return True
    return False


def test_ctrl_c_ends_with_130_and_no_traceback(home: Path) -> None:
    other = sqlite3.connect(home / "survey.db")
    other.execute("BEGIN IMMEDIATE")  # so that the command waits
    (home / "parents.csv").write_text("parent_code,name,hotline_group\nP-1,Bureau,none\n")
    started = subprocess.Popen(
        [*PROGRAM, "--home", str(home), "import", "parents", str(home / "parents.csv")],
        stderr=subprocess.PIPE,
        text=True,
    )
    while not has_open(started, home / "survey.db"):  # imports are over: the command is at work
        assert started.poll() is None
        time.sleep(0.05)
    started.send_signal(signal.SIGINT)
    other.close()
    _, said = started.communicate(timeout=90)
    assert started.returncode == 130
    assert "Traceback" not in said


def test_a_password_is_asked_for_last_and_only_at_a_terminal(home: Path) -> None:
    def add(*arguments: str, **options: Any) -> "subprocess.CompletedProcess[Any]":
        known = ("--home", str(home), "user", "add", *arguments)
        return run(*known, **{"stdin": subprocess.DEVNULL, **options})

    refused = add("li", "--role", "caller")
    assert (refused.returncode, "--password-stdin" in refused.stderr) == (2, True)
    assert add("li", "--role", "office", "--office", "AG-9").returncode == 4
    stdin = {"stdin": None, "text": False}
    bad = add("li", "--role", "caller", "--password-stdin", input=b"\xff\xfe\n", **stdin)
    assert (bad.returncode, b"UTF-8" in bad.stderr) == (2, True)
    primary, secondary = pty.openpty()
    at_terminal = add("li", "--role", "office", stdin=secondary)  # nothing is typed there
    os.close(primary)
    os.close(secondary)
    assert (at_terminal.returncode, "Password" in at_terminal.stdout) == (2, False)


def test_names_that_look_like_markup_are_names(home: Path) -> None:
    name = "[/b]:key:x"
    at = ("--home", str(home), "user")
    made = run(*at, "add", name, "--role", "caller", "--password-stdin", input="correct horse 9\n")
    assert (made.returncode, made.stderr) == (0, "")
    assert name in made.stdout
    assert name in run(*at, "list").stdout
    assert name in run(*at, "disable", name).stdout


def test_what_was_typed_wrong_is_told_with_what_is_near(home: Path) -> None:
    said = {
        " ".join(arguments): run(*arguments).stderr.splitlines()[0]
        for arguments in (["statsu"], ["status", "--jsno"], ["import", "case", "x"], ["withdraw"])
    }
    assert said["statsu"] == "there is no command statsu. Did you mean status?"
    assert said["status --jsno"] == "there is no option --jsno. Did you mean --json?"
    assert said["import case x"].startswith("kind: choose from parents, offices, cases")
    assert said["withdraw"].startswith("kind is missing; choose from parents")


def test_home_may_stand_behind_the_command(home: Path) -> None:
    for arguments in (["status", "--home", str(home)], ["status", f"--home={home}"]):
        assert run(*arguments).returncode == 0
    assert run("status", "--home", str(home / "survey.key")).returncode == 2


DOORS = {"terminal.py", "console.py"}
"""The two modules through which everything is printed."""
OTHER_WAYS = re.compile(
    r"(?<![.\w])print\(|typer\.echo|sys\.std(out|err)\.write|Console\(|rich\.markup"
)


def test_no_command_prints_past_the_door() -> None:
    for file in sorted(Path(border.__file__).parent.glob("*.py")):
        if file.name not in DOORS:
            assert not OTHER_WAYS.search(file.read_text(encoding="utf-8")), file.name
