"""A workspace as an operator has it: made for the simulated carrier, then given a real one."""

import csv
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

REPORTS = Path(__file__).parents[1] / "data" / "reports"
TODAY = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")).date()
PHONES = tuple(f"+86139577100{number:02d}" for number in range(12))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class ServedCity:
    """A workspace with a dozen cases of today, its commands, and its `serve`."""

    phones = PHONES

    def __init__(self, folder: Path) -> None:
        self.home, self.port = folder / "city", free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environ = {
            **os.environ,
            "SURVEY_LOCALE": "en",
            "SURVEY_SENDING__HOURS": '["00:00-23:59"]',
            "SURVEY_SAMPLING__RATE": "1",
        }
        self._serving: subprocess.Popen[str] | None = None
        self.run("init", self.home)
        for kind in ("parents", "offices"):
            self.run("import", kind, shutil.copy(REPORTS / f"{kind}.csv", folder))
        self._report(folder / "cases.csv")

    def _report(self, path: Path) -> None:
        header = ("office_code", "case_no", "served_on", "phone", "item")
        with path.open("w", newline="", encoding="utf-8") as file:
            rows = [("WZ-SS-001", f"K-{n}", TODAY, phone, "咨询") for n, phone in enumerate(PHONES)]
            csv.writer(file).writerows([header, *rows])
        self.run("import", "cases", path)

    def run(self, *words: object) -> Any:
        """Run a command; return what it prints, read where it is JSON."""
        done = subprocess.run(
            [*self._program, *map(str, words)],
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return json.loads(done.stdout) if "--json" in words else done.stdout

    @property
    def _program(self) -> list[str]:
        return [sys.executable, "-m", "survey_pipeline.cli", "--home", str(self.home)]

    def carried_by(self, gateway: Mapping[str, object], environ: Mapping[str, str]) -> None:
        """Change the one table of the configuration that says who carries the texts, and serve."""
        config = self.home / "config" / "pipeline.toml"
        kept = config.read_text(encoding="utf-8").partition("[[gateway]]")[0]
        lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in gateway.items())
        config.write_text(f"{kept}[[gateway]]\n{lines}", encoding="utf-8")
        self.environ |= environ
        self._serving = subprocess.Popen(
            [*self._program, "serve", "--port", str(self.port)],
            env=self.environ,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._serving.stderr is not None
        assert re.search(self.url, self._serving.stderr.readline())

    def heard(self, state: str) -> dict[str, int]:
        """Hear what came back, again and again until every text is in that state."""
        for _ in range(30):
            self.run("dispatch", "--json")
            states: dict[str, int] = self.run("status", "--json")["messages"]
            if set(states) == {state}:
                break
            time.sleep(0.3)
        return states

    def replies(self, count: int) -> dict[str, str]:
        """Wait for so many replies; return how each text was read."""
        for _ in range(30):
            self.run("dispatch", "--json")
            listed = self.run("replies", "list", "--json")["replies"]
            if len(listed) >= count:
                break
            time.sleep(0.3)
        assert len(listed) == count
        return {one["text"]: one["reply_class"] for one in listed}

    def close(self) -> str:
        """Stop serving; return what it said meanwhile."""
        if self._serving is None:
            return ""
        self._serving.send_signal(signal.SIGTERM)
        said = self._serving.communicate()[1]
        assert self._serving.returncode == 0, said
        return said


@pytest.fixture
def served_city(tmp_path: Path) -> Iterator[ServedCity]:
    made = ServedCity(tmp_path)
    yield made
    said = made.close()
    assert "Traceback" not in said
    assert not [phone for phone in PHONES if phone[3:] in said], "no number in the log"


@pytest.fixture(scope="session")
def load_double() -> Callable[[str], Any]:
    """A function that loads a module of tests/doubles by its name."""
    return _load_double


def _load_double(name: str) -> Any:
    import importlib.util  # noqa: PLC0415 - for the few tests that start real programs

    path = Path(__file__).parents[1] / "doubles" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
