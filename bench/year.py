"""`scripts/year`: a year of a large city against its first month, page by page, command by command.

Two workspaces are made by set-based SQL (`made_year`) that end today: one began a month ago, one a
year ago. What a page or command takes on the year must be at most 1.5 times what it takes on the
month; what falls short is marked, and the exit code is 0 either way.
"""

import argparse
import contextlib
import io
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from sqlalchemy import create_engine, make_url, select, text
from sqlalchemy.pool import NullPool
from typer.testing import CliRunner

from bench.made import write_cases
from bench.made_year import YearSize, fill_year, office_code, working_days
from survey_pipeline.app import App, open_app
from survey_pipeline.appraisal import score_month
from survey_pipeline.cli.main import app as command_line
from survey_pipeline.people.accounts import add_user
from survey_pipeline.people.sessions import open_session
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import inbound, surveys
from survey_pipeline.testing.asgi_client import AsgiClient
from survey_pipeline.vocabulary import Role
from survey_pipeline.web.access import COOKIE, Roles
from survey_pipeline.web.application import make_web
from survey_pipeline.web.rendering.fragment_cache import LruCache
from survey_pipeline.web.routes import addresses_of

ASKED = 1.5
MONTH_DAYS = 21
TIMES = 5
NOISE = 0.005
"""Seconds: a difference below is not called slow."""
PASSWORD = "a password of the bench"  # noqa: S105 - of made-up people
BODIES = {Role.OFFICE: office_code(0), Role.DEPARTMENT: "P-1", Role.LEAD_AGENCY: "市卫健委"}
"""Of users who are bound to one."""
LEFT_OUT = ("/hooks/", "/healthz", "/readyz", "/account")
"""Addresses that read no table that grows."""


class Measured(NamedTuple):
    """What one page or command took on the month and on the year, in seconds."""

    name: str
    month: float
    year: float

    @property
    def ratio(self) -> float:
        """How much longer it takes on the year."""
        return self.year / self.month

    @property
    def met(self) -> bool:
        """Whether that is what is asked."""
        return self.ratio <= ASKED or self.year - self.month < NOISE


def main(words: Sequence[str] | None = None) -> None:
    """Make both workspaces, measure, print the table."""
    parser = argparse.ArgumentParser(prog="scripts/year", description=__doc__.partition("\n")[0])
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--offices", type=int, default=YearSize.offices)
    parser.add_argument("--days", type=int, default=YearSize.days)
    parser.add_argument("--cases", type=int, default=YearSize.cases, help="of a day")
    parser.add_argument("--folder", type=Path, help="keep the workspaces here, or use them again")
    given = parser.parse_args(words)
    size = YearSize(given.offices, given.days, given.cases)
    with contextlib.ExitStack() as stack:
        folder = given.folder or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="yr-"))
        )
        environs = stack.enter_context(_databases(given.engine))
        took = [
            _measure_city(folder / name, environ, size, days)
            for name, environ, days in (
                ("month", environs[0], min(MONTH_DAYS, size.days)),
                ("year", environs[1], size.days),
            )
        ]
    rows = [Measured(name, took[0][name], took[1][name]) for name in took[0] if name in took[1]]
    print(_table(sorted(rows, key=lambda row: -row.ratio)))


@contextmanager
def _databases(engine: str) -> Iterator[list[dict[str, str]]]:
    """Give the environment of each of the two workspaces: where its database is."""
    if engine == "sqlite":
        yield [{}, {}]
        return
    from tests.conftest import PostgresServer  # noqa: PLC0415 - the tests' server, for this alone

    server = PostgresServer()
    try:
        environs = []
        admin = create_engine(
            make_url(server.template).set(database="postgres"),
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
        )
        for name in ("month", "year"):
            with admin.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
            url = make_url(server.template).set(database=name)
            environs.append({"SURVEY_DATABASE__URL": url.render_as_string(hide_password=False)})
        yield environs
    finally:
        server.stop()


def _measure_city(
    home: Path, environ: dict[str, str], size: YearSize, days: int
) -> dict[str, float]:
    from survey_pipeline.workspace import create_workspace  # noqa: PLC0415 - beside its one use

    made = (home / "made").exists()
    if not made:
        create_workspace(home, environ=environ)
    app = open_app(home, environ=environ, actor="bench")
    try:
        if not made:
            begun = time.perf_counter()
            fill_city(app, size, days)
            _tell(f"{home.name}: made in {time.perf_counter() - begun:.0f} s")
            (home / "made").touch()
        took = dict(_time_pages(app))
    finally:
        app.close()
    return took | dict(_time_commands(home, environ, size))


def fill_city(app: App, size: YearSize, count: int) -> None:
    """Fill a workspace with the last so many working days, its months scored, its people added."""
    context = app.context
    first = context.today() - timedelta(days=2 * count + 30)
    days = [day for day in working_days(context, 2 * count, first) if day < context.today()][
        -count:
    ]
    fill_year(context, size, days, _tell)
    for month in sorted({f"{day:%Y-%m}" for day in days}):
        score_month(context, month)
    for role in Role:
        add_user(context, f"bench-{role.value}", role, PASSWORD, BODIES.get(role))


def _time_pages(app: App) -> Iterator[tuple[str, float]]:
    """Yield each page with the least of its times, because others use the machine too.

    Nothing is kept from one time to the next.
    """
    for role, address in pages(app):
        took = []
        for _ in range(TIMES):
            web = make_web(app)
            web.state.fragments, web.state.months = LruCache(0), LruCache(0)
            session = open_session(app.context, f"bench-{role.value}")
            client = AsgiClient(web, **{COOKIE: session})
            begun = time.perf_counter()
            status = client.get(address).status
            took.append(time.perf_counter() - begun)
            web.state.pools.close()
        if status == 200:
            yield f"GET {address}", min(took)


def pages(app: App) -> list[tuple[Role, str]]:
    """Return every page that a role opens, with the address of something that is there."""
    today = app.context.today()
    with reading(app.context.engine) as connection:
        last = connection.scalar(select(surveys.c.month).order_by(surveys.c.id.desc()).limit(1))
        reply = connection.scalar(select(inbound.c.id).order_by(inbound.c.id.desc()).limit(1))
        case_no = connection.scalar(
            select(surveys.c.case_no).order_by(surveys.c.id.desc()).limit(1)
        )
    values = {
        "month": f"{last}", "year": f"{today.year}", "version": "1", "form": "csv", "number": "1",
        "office_code": office_code(0), "day": f"{today}", "date": f"{today}",
        "call_id": f"{reply}", "reply_id": f"{reply}", "case_no": f"{case_no}", "kind": "hotline",
        "label": "simulated", "quarter": f"{today.year}-Q1",
    }  # fmt: skip
    found = []
    for address in addresses_of(make_web(app)):
        path = address.path.replace(":path", "")
        if address.method != "GET" or path.startswith(LEFT_OUT):
            continue
        roles = address.access if isinstance(address.access, Roles) else None
        role = Role.ADMIN if roles is None or Role.ADMIN in roles else next(iter(roles))
        for name, value in values.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        if "{" not in path:
            query = f"?month={last}" if path in WITH_MONTH else ""
            found.append((role, path + query))
    return found


WITH_MONTH = ("/scores", "/scores/outcomes", "/scores/estimates", "/scores/breakdowns")


def _time_commands(
    home: Path, environ: dict[str, str], size: YearSize
) -> Iterator[tuple[str, float]]:
    today = date.today()  # noqa: DTZ011 - the commands' own day
    with (
        contextlib.closing(open_app(home, environ=environ)) as app,
        reading(app.context.engine) as connection,
    ):
        month = connection.scalar(select(surveys.c.month).order_by(surveys.c.id.desc()).limit(1))
    out = home / "out"
    out.mkdir(exist_ok=True)
    file = home / "today.csv"
    write_cases(file, size.cases, today)
    for words in (
        ["status", "--json"], ["doctor"], ["callbacks", "list"], ["replies", "list"],
        ["deadlines"], ["signals", "list", "--month", month],
        ["privacy", "show", "13000618033", "--by", "the bench"],
        ["score", "month", month], ["explain", office_code(0), "--month", month],
        ["export", "month", month, "--output", out / "month.csv"],
        ["export", "answers", "--month", month, "--output", out / "answers.csv"],
        ["export", "outcomes", month, "--json"], ["export", "estimates", month, "--json"],
        ["dispatch", "--dry-run"], ["purge"],
        ["import", "cases", file, "--reported-on", today], ["day"],
    ):  # fmt: skip
        yield _timed([str(word) for word in words], home, environ)


def _timed(words: list[str], home: Path, environ: dict[str, str]) -> tuple[str, float]:
    name = " ".join(word for word in words if not word.startswith("/"))
    said = io.StringIO()
    begun = time.perf_counter()
    with contextlib.redirect_stderr(said):
        done = CliRunner().invoke(command_line, ["--home", str(home), *words], env=environ)
    took = time.perf_counter() - begun
    if done.exit_code not in (0, 3, 4) or (done.exception and done.exit_code == 1):
        _tell(f"{name}: ended with {done.exit_code} {done.exception!r} {done.output[-300:]}")
    return f"$ {name}", took


def _table(rows: Sequence[Measured]) -> str:
    lines = [f"{'ratio':>6}  {'month':>9}  {'year':>9}  what"]
    lines += [
        f"{row.ratio:6.2f}  {1000 * row.month:6.0f} ms  {1000 * row.year:6.0f} ms  {row.name}"
        f"{'' if row.met else '  SLOW'}"
        for row in rows
    ]
    slow = sum(not row.met for row in rows)
    return "\n".join([*lines, f"{len(rows)} pages and commands, {slow} slower than {ASKED} times"])


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
