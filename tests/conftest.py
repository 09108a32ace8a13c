"""What all tests share: system packages they need, and an environment of their own."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

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
