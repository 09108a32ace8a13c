"""The demo: one seed and month give the same bytes, and its numbers can be believed."""

import csv
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from sqlalchemy import func, select

from survey_pipeline.app import open_app
from survey_pipeline.catching_up import missed_days
from survey_pipeline.context import Context
from survey_pipeline.reports.deadlines import gather_deadlines
from survey_pipeline.signals.month_signals import month_signals
from survey_pipeline.simulation.departments import INTERMEDIARIES
from survey_pipeline.simulation.papers import FINDINGS
from survey_pipeline.stages.review import review_status
from survey_pipeline.stages.sampling import verify_draw
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import (
    awards,
    call_attempts,
    calls,
    draws,
    filings,
    hotline_ranks,
    hotline_records,
    inbound,
    messages,
    offices,
    opt_outs,
    parent_grades,
    parent_points,
    performance_points,
    supervision_records,
    surveys,
)
from survey_pipeline.vocabulary import Duty, SignalKind
from survey_pipeline.workspace import create_workspace

SMALL = ("--month", "2023-05", "--offices", "8", "--days", "2", "--cases-per-day", "8")
BIGGER = ("--month", "2023-05", "--offices", "30", "--days", "9", "--cases-per-day", "14")
PURPOSES = {"survey": "survey", "survey_short": "survey", "reason": "reason"}


def demo(folder: Path, *options: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "survey_pipeline.cli", "demo", "--dir", str(folder), *options]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TZ": "UTC", **environ},
    )


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "small"
    done = demo(folder, *SMALL, "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["complete"]
    assert document["month"] == "2023-05"
    assert [Path(file).exists() for file in document["files"]] == [True] * 9
    assert document["year"] == 2023
    return folder


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("demo") / "city"
    done = demo(folder, *BIGGER)
    assert (done.returncode, done.stderr) == (0, "")
    return folder, done.stdout


@pytest.fixture(scope="module")
def city(printed: tuple[Path, str]) -> Path:
    return printed[0]


@pytest.fixture(scope="module")
def context(city: Path) -> Iterator[Context]:
    app = open_app(city, environ={})
    yield app.context
    app.close()


def exported(city: Path, ending: str = "csv", name: str = "satisfaction") -> bytes:
    return (city / "exports" / f"{name}-2023-05.{ending}").read_bytes()


def test_the_same_seed_and_month_give_the_same_bytes_in_place_of_an_earlier_demo(
    small: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "again"
    shutil.copytree(small, folder)
    (folder / "exports" / "answers-2023-05.csv").write_text("of an earlier demo")
    (folder / "notes.txt").write_text("mine")
    done = demo(folder, *SMALL, TZ="America/New_York", SURVEY_LOCALE="en", SURVEY_HOME=str(small))
    assert done.returncode == 0, done.stderr
    for ending in ("csv", "html", "json", "xlsx"):
        assert exported(folder, ending) == exported(small, ending)
        year = Path("exports") / f"appraisal-2023.{ending}"
        assert (folder / year).read_bytes() == (small / year).read_bytes()
    assert exported(folder, name="answers") == exported(small, name="answers")
    assert (folder / "notes.txt").read_text() == "mine"
    assert "Serve the city's pages:\n  survey-pipeline" in done.stdout
    assert "a link that works once" in done.stdout


def test_another_seed_gives_another_city(small: Path, tmp_path: Path) -> None:
    assert demo(tmp_path / "other", *SMALL, "--seed", 'an "other"').returncode == 0
    assert exported(tmp_path / "other") != exported(small)


def test_the_real_forms_and_their_refusals_are_shown_and_kept(printed: tuple[Path, str]) -> None:
    city, told = printed
    assert "07-refusals.csv" in told
    assert "138****1234" not in told
    rejected = city / "reports" / "07-refusals.csv.rejected.csv"
    assert rejected.stat().st_mode & 0o777 == 0o600
    assert f"--home {city} run" in told
    for file in (city / "exports").iterdir():
        assert str(file) in told


def test_the_office_that_cheats_is_on_the_list_to_look_into(context: Context) -> None:
    """One of thirty: its own phone stands on every fifth case."""
    found = [signal for signal in month_signals(context, "2023-05") if signal.judged.named]
    assert SignalKind.REPEATED_NUMBER in {signal.kind for signal in found}
    assert len({signal.office_code for signal in found}) <= 2


def test_a_folder_that_is_no_demo_is_left_alone(tmp_path: Path) -> None:
    full, file, workspace = tmp_path / "full", tmp_path / "file", tmp_path / "workspace"
    full.mkdir()
    (full / "thesis.txt").write_text("years of work")
    file.write_text("years of work")
    create_workspace(workspace)
    before = (workspace / "survey.key").read_bytes()
    for taken in (full, file, workspace):
        done = demo(taken, *SMALL)
        assert (done.returncode, done.stdout) == (4, "")
        assert "Traceback" not in done.stderr
        assert "--dir" in done.stderr
    assert (full / "thesis.txt").read_text() == file.read_text() == "years of work"
    assert (workspace / "survey.key").read_bytes() == before


def test_a_demo_that_was_cut_off_is_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    command = [sys.executable, "-m", "survey_pipeline.cli", "demo", "--dir", str(folder), *SMALL]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not (folder / "config" / "pipeline.toml").exists():
        assert running.poll() is None
        time.sleep(0.01)
    running.kill()
    running.wait()
    assert demo(folder, *SMALL).returncode == 0


def ledger(context: Context) -> list[dict[str, Any]]:
    lines = (context.home / "simulated-simulated.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_every_step_of_the_chain_has_happened(city: Path) -> None:
    rows = list(csv.DictReader(exported(city).decode("utf-8-sig").splitlines()))
    for column in ("reported", "drawn", "texted", "delivered", "replied", "called", "reached",
                   "rated", "rated_by_sms", "rated_by_phone", "rated_elsewhere"):  # fmt: skip
        assert sum(int(row[column]) for row in rows) > 0, column
    for row in rows:
        funnel = [int(row[name]) for name in ("reported", "drawn", "texted", "delivered")]
        assert funnel == sorted(funnel, reverse=True)
        assert int(row["reached"]) <= int(row["called"])


def test_every_draw_holds(context: Context) -> None:
    with reading(context.engine) as connection:
        days = list(connection.scalars(select(draws.c.day)))
    assert len(days) > 6
    assert [day for day in days if not verify_draw(context, day).ok] == []


def test_nobody_was_texted_twice_for_one_purpose(context: Context) -> None:
    taken = ledger(context)
    asked = Counter((one["to"], PURPOSES[one["template"].partition(".")[0]]) for one in taken)
    assert set(asked.values()) == {1}
    assert {purpose for _, purpose in asked} == {"survey", "reason"}
    with reading(context.engine) as connection:
        accepted = connection.scalar(
            select(func.count()).where(messages.c.accepted_at.is_not(None))
        )
    assert accepted is not None
    assert accepted <= len(taken)


def test_nobody_was_texted_after_an_opt_out(context: Context) -> None:
    with reading(context.engine) as connection:
        gone = {row.phone_hash: row for row in connection.execute(select(opt_outs))}
    assert gone
    for one in ledger(context):
        left = gone.get(context.keys.phone_hash(one["to"]))
        if left is not None:
            at = datetime.fromisoformat(one["at"])
            assert at < left.started_at or (left.ended_at and left.ended_at < at)


def test_what_came_twice_is_kept_once_and_all_that_came_was_read(context: Context) -> None:
    with reading(context.engine) as connection:
        uses = Counter(connection.scalars(select(inbound.c.use)))
        states = Counter(connection.scalars(select(messages.c.state)))
        outcomes = set(connection.scalars(select(call_attempts.c.outcome)))
    assert "pending" not in uses
    assert {"answer", "comment", "coded", "opt"} <= set(uses)
    assert {"delivered", "undelivered", "failed"} <= set(states)
    assert not {"queued", "sending"} & set(states)
    assert {"answered", "no_answer", "busy", "hung_up", "again"} <= outcomes


def test_every_survey_has_ended_with_a_code(context: Context) -> None:
    with reading(context.engine) as connection:
        states = set(connection.scalars(select(surveys.c.state)))
        codes = set(connection.scalars(select(surveys.c.disposition)))
    assert states == {"closed"}
    assert {"1.1", "3.13"} <= codes


def test_its_year_has_every_kind_of_evidence(context: Context) -> None:
    with reading(context.engine) as connection:
        for table in (filings, supervision_records, hotline_records, hotline_ranks,
                      performance_points, parent_grades, parent_points, awards):  # fmt: skip
            assert connection.scalar(select(func.count()).select_from(table)), table.name
        clauses = set(connection.scalars(select(supervision_records.c.clause)))
        confirmed = set(connection.scalars(select(awards.c.confirmed)))
    assert "C3.4" in clauses
    assert confirmed == {True, False}, "one that does not count stands among them"


PAPER = re.compile(r"[\u4e00-\u9fff]+〔2023〕\d{1,2}号")


def test_its_records_fit_their_clauses_and_cite_papers(context: Context) -> None:
    names = select(offices.c.office_code, offices.c.name)
    with reading(context.engine) as connection:
        name_of = {row.office_code: row.name for row in connection.execute(names)}
        found = list(connection.execute(select(supervision_records)))
        commended = list(connection.execute(select(awards)))
    cited = [record.document_no for record in (*found, *commended) if record.document_no]
    assert cited
    assert [number for number in cited if not PAPER.fullmatch(number)] == []
    assert [award.award_no for award in commended if "号" in award.award_no] == []
    matters = {finding.clause: set[str]() for finding in FINDINGS}
    for finding in FINDINGS:
        matters[finding.clause].add(finding.matter)
    for record in found:
        if record.clause != "C3.4":
            assert record.matter in matters[record.clause]
            is_intermediary = name_of[record.office_code].endswith(INTERMEDIARIES)
            assert record.clause.startswith("C3.2") == is_intermediary
        assert context.calendar.is_working_day(record.occurred_on)


def test_its_year_is_scored_with_a_review_that_is_closed(city: Path, context: Context) -> None:
    review = review_status(context, 2023)
    assert (review.state, review.cleared, review.linked) == ("closed", True, 0)
    assert 0 < review.voted < review.drawn
    assert not list(city.glob("review-*"))
    table = (city / "exports" / "appraisal-2023.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(table.splitlines()))
    whole = [row for row in rows if row["complete"] == "yes"]
    assert len(whole) > len(rows) // 2
    assert {row["office_code"] for row in rows if row["online"]} == set(review.tallies)
    for column in ("satisfaction", "performance", "supervision", "hotline", "parent_rating"):
        assert len({row[column] for row in whole}) > 1, column


@pytest.mark.parametrize("of", ["small", "city"])
def test_nothing_is_overdue_in_its_finished_month(of: str, request: pytest.FixtureRequest) -> None:
    app = open_app(request.getfixturevalue(of), environ={})
    report = gather_deadlines(app.context, app.context.today(), year=2023)
    today = gather_deadlines(app.context, app.context.today())
    app.close()
    assert [one for one in (*report.deadlines, *today.deadlines) if one.is_open] == []
    came = {one.term.duty for one in report.deadlines if one.came}
    assert {Duty.SATISFACTION, Duty.HOTLINE, Duty.PERFORMANCE, Duty.PARENT_RATING} <= came


def test_a_demo_is_never_caught_up(context: Context) -> None:
    assert context.settings.demo
    assert context.today() > date(2023, 6, 30)
    assert missed_days(context, due_today=True) == []


class Serving:
    """`run` in a demo's folder, as somebody does who follows its last lines."""

    def __init__(self, city: Path) -> None:
        command = [sys.executable, "-m", "survey_pipeline.cli", "--home", str(city), "run"]
        self._process = subprocess.Popen(
            [*command, "--port", "0"],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "SURVEY_LOCALE": "en"},
        )
        assert self._process.stderr is not None
        self.link = next(
            found
            for line in self._process.stderr
            for found in re.findall(r"http://\S+/first\?token=\S+", line)
        )
        self._cookie = ""

    def ask(self, path: str, **form: str) -> tuple[int, str]:
        """GET a page, or POST a form as a browser does; return status and page."""
        connection = http.client.HTTPConnection(urlsplit(self.link).netloc, timeout=60)
        headers = {"Cookie": self._cookie, "Sec-Fetch-Site": "same-origin"}
        if form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request("POST", path, urlencode(form), headers)
        else:
            connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        self._cookie = (answer.headers["Set-Cookie"] or self._cookie).partition(";")[0]
        page = answer.read().decode()
        connection.close()
        return answer.status, page

    def stop(self) -> str:
        self._process.send_signal(signal.SIGTERM)
        said = self._process.communicate()[1]
        assert self._process.returncode == 0, said
        return said


@pytest.fixture
def serving(city: Path) -> Iterator[Serving]:
    made = Serving(city)
    yield made
    assert "Traceback" not in made.stop()


def test_run_serves_its_month_and_changes_nothing(serving: Serving, context: Context) -> None:
    before = standing(context)
    token = parse_qs(urlsplit(serving.link).query)["token"][0]
    status, _ = serving.ask("/first", token=token, name="chen", password="a city in May")
    assert status == 303
    pages = {}
    for path in ("/?date=2023-05-09", "/?date=2023-05-31", "/", "/callbacks", "/replies",
                 "/scores?month=2023-05", "/deadlines", "/admin"):  # fmt: skip
        status, pages[path] = serving.ask(path)
        assert status == 200, path
        assert "A made-up city" in pages[path], path
    best = next(csv.DictReader(exported(context.home).decode("utf-8-sig").splitlines()))
    assert best["office"] in pages["/scores?month=2023-05"]
    assert standing(context) == before, "a demo is not caught up"


def standing(context: Context) -> tuple[int, ...]:
    """How many draws, texts, calls and texts handed over there are."""
    with reading(context.engine) as connection:
        counts = [
            connection.scalar(select(func.count()).select_from(table)) or 0
            for table in (draws, messages, calls)
        ]
    return *counts, len(ledger(context))
