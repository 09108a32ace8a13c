"""What all tests share: system packages they need, and an environment of their own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import hypothesis
import pytest

PACKAGES = Path(__file__).with_name("system-packages.txt")
REQUIRE_ALL = "SURVEY_REQUIRE_ALL"

hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get(REQUIRE_ALL) else "here")


def pytest_configure() -> None:
    """Forget the settings of whoever runs the tests: `SURVEY_HOME` would lead into their data."""
    for name in [name for name in os.environ if name.startswith("SURVEY_")]:
        if name != REQUIRE_ALL:
            del os.environ[name]


@pytest.fixture(scope="session")
def need() -> Callable[[str], None]:
    """A function that skips the test where a system package is missing; in CI it fails."""
    return _need


def _need(name: str) -> None:
    shows, package = _listed()[name]
    if shutil.which(shows) or Path(shows).exists():
        return
    reason = f"{name} is missing: apt-get install {package}"
    if os.environ.get(REQUIRE_ALL):
        pytest.fail(f"{reason} ({REQUIRE_ALL} is set)")
    pytest.skip(reason)


def _listed() -> dict[str, tuple[str, str]]:
    lines = PACKAGES.read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return {name: (shows, package) for name, shows, package in rows}


DOUBLES = Path(__file__).with_name("doubles")


class Double:
    """A provider's stand-in in a process of its own; its ledger is the only truth."""

    def __init__(self, name: str, folder: Path, *options: str) -> None:
        self.ledger = folder / f"{name}.ledger"
        self.ledger.touch()
        command = [sys.executable, str(DOUBLES / f"{name}.py"), "--ledger", str(self.ledger)]
        self._process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = f"http://127.0.0.1:{self._process.stdout.readline().strip()}"

    def taken(self) -> list[list[str]]:
        """The ledger's lines, in words: attempt, provider's id, number."""
        return [line.split() for line in self.ledger.read_text(encoding="utf-8").splitlines()]

    def tell(self, path: str, **form: str) -> Any:
        """POST a form to it; return what it answers."""
        data = urlencode(form).encode()
        with urlopen(f"{self.url}/{path}", data, timeout=60) as answer:
            return json.load(answer)

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def double(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Double]]:
    """A function that starts a double by the name of its file, with its options."""
    started: list[Double] = []

    def start(name: str, *options: str) -> Double:
        started.append(Double(name, tmp_path_factory.mktemp("double"), *options))
        return started[-1]

    yield start
    for one in started:
        one.stop()
