"""The lock is complete, so that a release made tomorrow changes nothing.

Source: specification, section 1.
"""

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
BESIDE = {
    extra: (ROOT / f"requirements-{extra}.lock").read_text("utf-8")
    for extra in ("docs", "postgres")
}
"""Locks of their own: the site's builder, and the driver beside what the program needs."""
SCRIPTS = [path for path in (ROOT / "scripts").iterdir() if path.is_file()]
TEST_TOOLS = "# Below: the test tools."
PYTHONS = ["3.11", "3.12", "3.13"]
MACHINES = ["x86_64", "aarch64"]


def pins(text: str) -> list[Requirement]:
    entries = (entry for entry in re.split(r"\n(?=\S)", text.strip()) if entry[0] != "#")
    return [Requirement(entry.split("\\")[0]) for entry in entries]


def environment(python: str, machine: str) -> dict[str, str]:
    return {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "platform_machine": machine,
        "sys_platform": "linux",
        "extra": "",
    }


def unlocked(locked: list[Requirement], where: dict[str, str]) -> Iterator[str]:
    """Yield each requirement of the locked packages that the lock lacks or contradicts."""
    here = [pin for pin in locked if pin.marker is None or pin.marker.evaluate(where)]
    pinned = {canonicalize_name(pin.name): pin for pin in here}
    for pin in here:
        for wanted in required_by(pin, where):
            found = pinned.get(canonicalize_name(wanted.name))
            if found is None or not wanted.extras <= found.extras:
                yield f"{pin.name} needs {wanted}"
            elif not wanted.specifier.contains(version(found), prereleases=True):
                yield f"{pin.name} needs {wanted}, locked is {version(found)}"


def version(pin: Requirement) -> str:
    return str(pin.specifier).removeprefix("==")


def required_by(pin: Requirement, where: dict[str, str]) -> Iterator[Requirement]:
    try:
        listed = requires(pin.name) or []
    except PackageNotFoundError:  # locked for another Python or machine than this one
        return
    for wanted in map(Requirement, listed):
        marker = wanted.marker
        if marker is None or any(
            marker.evaluate({**where, "extra": extra}) for extra in ("", *pin.extras)
        ):
            yield wanted


@pytest.mark.parametrize("text", [LOCK, *BESIDE.values()], ids=["all", *BESIDE])
def test_every_locked_version_has_hashes_and_no_address(text: str) -> None:
    entries = [entry for entry in re.split(r"\n(?=\S)", text.strip()) if entry[0] != "#"]
    pinned = re.compile(r"[a-z0-9._-]+(\[[a-z0-9,-]+\])?==\S+ ")
    assert [entry for entry in entries if not pinned.match(entry)] == []
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("part", ["what the program needs", "all"])
def test_what_a_locked_package_needs_is_locked(part: str, python: str, machine: str) -> None:
    text = LOCK if part == "all" else LOCK.partition(TEST_TOOLS)[0]
    assert list(unlocked(pins(text), environment(python, machine))) == []


@pytest.mark.parametrize("extra", BESIDE)
def test_a_lock_beside_has_what_its_extra_asks_for(extra: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    locked = {canonicalize_name(pin.name) for pin in pins(BESIDE[extra])}
    assert names(project["optional-dependencies"][extra]) <= locked


def test_the_driver_is_the_one_that_the_tests_use() -> None:
    tested = {canonicalize_name(pin.name): pin.specifier for pin in pins(LOCK)}
    driver = {canonicalize_name(pin.name): pin.specifier for pin in pins(BESIDE["postgres"])}
    assert driver == {name: tested[name] for name in driver}


def test_a_lock_that_lacks_an_extra_or_a_package_is_found() -> None:
    where = environment("3.11", "x86_64")
    assert list(unlocked([Requirement("pwdlib==0.3.1")], where)) == []
    assert list(unlocked([Requirement("pwdlib[argon2]==0.3.1")], where)) != []
    without_anyio = [pin for pin in pins(LOCK) if pin.name != "anyio"]
    assert any("anyio" in lack for lack in unlocked(without_anyio, where))


def test_the_first_part_is_what_the_program_asks_for_and_no_test_tool() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    first, _, second = LOCK.partition(TEST_TOOLS)
    run = {canonicalize_name(pin.name) for pin in pins(first)}
    tools = {canonicalize_name(pin.name) for pin in pins(second)}
    assert names([*project["dependencies"], *extras["setup"], *extras["demo"]]) <= run
    assert names(extras["dev"]) <= run | tools
    assert {"pytest", "mypy", "playwright", "hypothesis"} <= tools
    assert not run & tools


def test_the_extras_that_the_project_asks_for_are_written_out() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    written = {canonicalize_name(pin.name): pin.extras for pin in pins(LOCK)}
    lacking = [
        str(wanted)
        for wanted in map(Requirement, asked)
        if not wanted.extras <= written[canonicalize_name(wanted.name)]
    ]
    assert lacking == []


def names(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(text).name) for text in requirements}


def commands(path: Path) -> Iterator[str]:
    text = path.read_text("utf-8").replace("\\\n", " ")
    yield from (line.strip() for line in text.splitlines() if not line.strip().startswith("#"))


def test_no_script_resolves_against_an_index() -> None:
    installing = [
        (path.name, line)
        for path in SCRIPTS
        for line in commands(path)
        if re.search(r"\b(pip|uv|pipx|npm|npx)\b.*\binstall\b", line)
    ]
    assert {name for name, _ in installing} == {"setup"}
    assert [line for _, line in installing if "--no-deps" not in line] == []
    packages = [line for _, line in installing if "--editable" not in line]
    assert [line for line in packages if "--require-hashes" not in line] == []
    assert all("--no-build-isolation" in line for _, line in installing if "--editable" in line)
