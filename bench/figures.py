"""What is measured, and what is asked of it."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bench import carriers, made
from bench.measure import Pair, Run, child, command, pair

DATABASE = "survey.db"
FRACTION = 10
"""The smaller file of the comparison of memory has a tenth of the rows."""
EVIDENCE = 5
"""A year has one record of evidence for that many rows: 200,000 for a million."""
PAGES = 10
"""The pages show a day with one case for that many rows, and a month with as many ratings."""
MESSAGES = 10
"""Dispatch sends one text for that many rows: it is measured a text, not a day."""


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    name: str
    what: str
    asked: str
    found: str
    met: bool
    detail: str


@dataclass(frozen=True)
class Bench:
    """Where and with how much is measured."""

    folder: Path
    rows: int
    tell: Callable[[str], None]

    @property
    def today(self) -> date:
        """The machine's own day: the product takes no report of another zone's tomorrow."""
        return date.today()  # noqa: DTZ011 - made-up cases are of the machine's local day

    def register(self) -> Path:
        """Return a workspace with offices and without cases; made once."""
        home = self.folder / "register"
        if not home.exists():
            self.tell("making a workspace with a thousand offices")
            child("ours", "make", home)
        return home

    def cases(self, rows: int) -> Path:
        """Return a file of so many cases; made once."""
        path = self.folder / f"cases-{rows}.csv"
        if not path.exists():
            self.tell(f"writing a file of {rows:,} cases")
            made.write_cases(path, rows, self.today)
        return path

    def copy(self, source: Path, name: str) -> Path:
        """Return a fresh copy of a workspace."""
        target = self.folder / name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target)
        return target

    def reported(self, rows: int) -> Path:
        """Return a workspace with so many cases of today; made once."""
        home = self.folder / f"reported-{rows}"
        if not home.exists():
            self.copy(self.register(), home.name)
            self.tell(f"importing {rows:,} cases")
            self.import_into(home, rows)
        return home

    def drawn(self, count: int) -> Path:
        """Return a workspace with so many cases of today, all of them drawn; made once."""
        home = self.folder / f"drawn-{count}"
        if not home.exists():
            self.copy(self.reported(count), home.name)
            everybody = {"SURVEY_SAMPLING__RATE": "1", "SURVEY_SAMPLING__MAXIMUM": str(count)}
            self.tell(f"drawing {count:,} cases")
            command("--home", home, "sample", "--date", self.today, "--json", env=everybody)
        return home

    def import_into(self, home: Path, rows: int) -> Run:
        """Import today's cases with the product's own command."""
        return command(
            "--home", home, "import", "cases", self.cases(rows), "--reported-on", self.today,
            "--json",
        )  # fmt: skip


def importing(bench: Bench) -> Iterator[Figure]:
    """`import cases` against `csv.reader` and `executemany`, whole processes."""
    bench.cases(bench.rows)
    small = _import_once(bench, bench.rows // FRACTION)
    measured = pair(
        "import",
        lambda: _import_once(bench, bench.rows),
        lambda: _plain_import(bench),
        bench.tell,
    )
    peak = measured.ours.peak_mb
    yield Figure(
        "import",
        "speed, csv.reader + executemany being 1",
        "at least 0.5",
        f"{measured.speed:.2f}",
        measured.speed >= 0.5,
        _both(measured, bench.rows),
    )
    yield Figure(
        "import",
        "peak memory",
        "under 250 MB",
        f"{peak:.0f} MB",
        peak < 250,
        f"{bench.rows:,} rows",
    )
    yield Figure(
        "import",
        "peak memory, a tenth of the rows being 1",
        "at most 1.2",
        f"{peak / small.peak_mb:.2f}",
        peak <= 1.2 * small.peak_mb,
        f"{small.peak_mb:.0f} MB for {bench.rows // FRACTION:,} rows",
    )


def _import_once(bench: Bench, rows: int) -> Run:
    return bench.import_into(bench.copy(bench.register(), "importing"), rows)


def _plain_import(bench: Bench) -> Run:
    home = bench.copy(bench.register(), "importing")
    file = bench.cases(bench.rows)
    return child("plain", "import_cases", file, home / DATABASE, bench.today)


def sampling(bench: Bench) -> Iterator[Figure]:
    """`sample` against reading and hashing each case in a loop."""
    home = bench.reported(bench.rows)
    measured = pair(
        "sample",
        lambda: child("ours", "sample", bench.copy(home, "sampling"), bench.today),
        lambda: child("plain", "sample", home / DATABASE, "0" * 64, bench.today),
        bench.tell,
    )
    yield _at_most_twice("sample", "time, reading and hashing each row being 1", measured, bench)


def scoring(bench: Bench) -> Iterator[Figure]:
    """`score month` against one GROUP BY."""
    month = f"{date(bench.today.year - 1, 5, 1):%Y-%m}"
    home = bench.copy(bench.register(), "scoring")
    bench.tell(f"writing {bench.rows:,} rated surveys")
    made.fill_surveys(home / DATABASE, bench.rows, month)
    measured = pair(
        "score",
        lambda: child("ours", "score", home, month),
        lambda: child("plain", "score", home / DATABASE, month),
        bench.tell,
    )
    yield _at_most_twice("score", "time, one GROUP BY being 1", measured, bench)


def scoring_year(bench: Bench) -> Iterator[Figure]:
    """`score year` against reading its evidence with a plain query."""
    count, year = bench.rows // EVIDENCE, "2023"
    home = bench.copy(bench.register(), "scoring-year")
    bench.tell(f"writing {count:,} records of evidence")
    made.fill_evidence(home / DATABASE, count, int(year))
    measured = pair(
        "year",
        lambda: child("ours", "year", home, year),
        lambda: child("plain", "year", home / DATABASE, year),
        bench.tell,
    )
    yield Figure(
        "year",
        "time, reading the records being 1",
        "at most 10",
        f"{measured.time:.2f}",
        measured.time <= 10,
        _both(measured, count),
    )


def dispatching(bench: Bench) -> Iterator[Figure]:
    """`dispatch` over the simulated carrier against one UPDATE a message."""
    count = max(bench.rows // MESSAGES, 100)
    home = bench.drawn(count)
    sent = bench.copy(home, "sent")
    child("ours", "dispatch", sent)
    measured = pair(
        "dispatch",
        lambda: child("ours", "dispatch", bench.copy(home, "dispatching")),
        lambda: child("plain", "dispatch", sent / DATABASE),
        bench.tell,
    )
    yield Figure(
        "dispatch",
        "speed, one UPDATE a message being 1",
        "at least 0.1",
        f"{measured.speed:.2f}",
        measured.speed >= 0.1,
        _both(measured, count),
    )


def over_twilio(bench: Bench) -> Iterator[Figure]:
    """`dispatch` over Twilio's package against that package's own client, one server for both."""
    for setting in carriers.SETTINGS:
        home = bench.drawn(setting.texts)
        with carriers.carrier(bench.folder, setting.latency) as url:
            measured = pair(
                f"twilio, latency {setting.latency} s",
                lambda: child(
                    "ours",
                    "dispatch",
                    carriers.configure(bench.copy(home, "sending"), url),  # noqa: B023
                    env=carriers.ENVIRON,
                ),
                lambda: child("plain", "twilio", url, setting.texts),  # noqa: B023
                bench.tell,
            )
        yield Figure(
            "twilio",
            f"speed at {setting.latency} s latency and concurrency 64, the bare client being 1",
            f"at least {setting.share}",
            f"{measured.speed:.2f}",
            measured.speed >= setting.share,
            _both(measured, setting.texts),
        )


def serving(bench: Bench) -> Iterator[Figure]:
    """Pages at a thousand offices against bare FastAPI pages with the same queries.

    The queries are those of the first time, for all that a page shows. The month's scores are kept
    after it, so that they are measured twice: in another order with every request (the figures are
    kept, the tables are made), and as they were before (the tables are kept as well).
    """
    home, month = _city_with_pages(bench)
    scores = f"/scores?month={month}"
    for name, path, among in (
        ("the day", f"/?date={bench.today}", ""),
        ("the month's scores, in another order", scores, "sorted"),
        ("the month's scores, again", scores, ""),
        ("the caller's desk", "/callbacks", ""),
    ):
        queries = bench.folder / "queries.txt"
        child("pages", "queries", home, path, queries)
        measured = pair(
            f"page, {name}",
            lambda: child("pages", "ours", home, path, among),  # noqa: B023 - called at once
            lambda: child("bare", "page", home / DATABASE, queries),  # noqa: B023 - likewise
            bench.tell,
        )
        yield Figure(
            "page",
            f"{name}: time, a bare page with the same queries being 1",
            "at most 2",
            f"{measured.time:.2f}",
            measured.time <= 2,
            f"{1000 * measured.ours.seconds:.1f} ms against "
            f"{1000 * measured.plain.seconds:.1f} ms, noise {measured.noise:.2f}",
        )


def _city_with_pages(bench: Bench) -> tuple[Path, str]:
    """Return a workspace with a day that was drawn, a scored month and a queue of calls."""
    count = max(bench.rows // PAGES, 1_000)
    month = f"{date(bench.today.year - 1, 5, 1):%Y-%m}"
    home = bench.copy(bench.reported(count), "pages")
    command("--home", home, "sample", "--date", bench.today, "--json")
    made.fill_surveys(home / DATABASE, count, month)
    child("ours", "score", home, month)
    child("pages", "prepare", home)
    return home, month


def _at_most_twice(name: str, what: str, measured: Pair, bench: Bench) -> Figure:
    return Figure(
        name,
        what,
        "at most 2",
        f"{measured.time:.2f}",
        measured.time <= 2,
        _both(measured, bench.rows),
    )


def _both(measured: Pair, count: int) -> str:
    return (
        f"{count:,}: {measured.ours.seconds:.2f} s against {measured.plain.seconds:.2f} s, "
        f"noise {measured.noise:.2f}"
    )


FIGURES: dict[str, Callable[[Bench], Iterator[Figure]]] = {
    "import": importing,
    "sample": sampling,
    "dispatch": dispatching,
    "twilio": over_twilio,
    "score": scoring,
    "year": scoring_year,
    "page": serving,
}
"""By the name under which `scripts/bench` takes it."""
