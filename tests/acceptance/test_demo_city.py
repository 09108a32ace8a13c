"""The demo: one seed and month give the same bytes, and its numbers can be believed."""

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from survey_pipeline.app import open_app
from survey_pipeline.pipeline import missed_days
from survey_pipeline.stages.sampling import verify_draw
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import draws, inbound, messages, opt_outs, surveys
from survey_pipeline.survey.context import Context

SMALL = ("--month", "2023-05", "--offices", "8", "--days", "6", "--cases-per-day", "8")


def demo(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "survey_pipeline.cli", "demo", "--dir", str(folder), *options]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=dict(os.environ, TZ="UTC")
    )


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "city"
    done = demo(folder, *SMALL, "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["complete"]
    assert document["month"] == "2023-05"
    assert [Path(file).exists() for file in document["files"]] == [True] * 5
    return folder


@pytest.fixture(scope="module")
def context(city: Path) -> Context:
    return open_app(city, environ={}).context


def exported(city: Path, ending: str = "csv", name: str = "satisfaction") -> bytes:
    return (city / "exports" / f"{name}-2023-05.{ending}").read_bytes()


def test_the_same_seed_and_month_give_the_same_bytes(city: Path, tmp_path: Path) -> None:
    assert demo(tmp_path / "again", *SMALL).returncode == 0
    for ending in ("csv", "html", "xlsx"):
        assert exported(tmp_path / "again", ending) == exported(city, ending)
    assert exported(tmp_path / "again", name="answers") == exported(city, name="answers")


def test_another_seed_gives_another_city(city: Path, tmp_path: Path) -> None:
    assert demo(tmp_path / "other", *SMALL, "--seed", "other").returncode == 0
    assert exported(tmp_path / "other") != exported(city)


def test_the_real_forms_and_their_refusals_are_shown_and_kept(tmp_path: Path) -> None:
    printed = demo(tmp_path / "city", *SMALL).stdout
    assert "07-refusals.csv" in printed
    assert "138****1234" not in printed
    rejected = tmp_path / "city" / "reports" / "07-refusals.csv.rejected.csv"
    assert rejected.stat().st_mode & 0o777 == 0o600
    assert f"--home {tmp_path / 'city'} run" in printed


def test_an_earlier_demo_is_made_anew_and_nothing_else_is_touched(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work")
    done = demo(folder, *SMALL)
    assert (done.returncode, done.stdout) == (4, "")
    assert "Traceback" not in done.stderr
    assert "--dir" in done.stderr
    assert (folder / "thesis.txt").read_text() == "years of work"


def test_every_step_of_the_chain_has_happened(city: Path) -> None:
    rows = list(csv.DictReader(exported(city).decode().splitlines()))
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
    lines = (context.home / "simulated-simulated.jsonl").read_text().splitlines()
    taken = [json.loads(line) for line in lines]
    kinds = Counter((one["to"], one["template"].split("_")[0]) for one in taken)
    assert set(kinds.values()) == {1}


def test_nobody_was_texted_after_an_opt_out(context: Context) -> None:
    with reading(context.engine) as connection:
        late = (
            select(func.count())
            .select_from(messages)
            .join(opt_outs, opt_outs.c.phone_hash == messages.c.phone_hash)
            .where(opt_outs.c.ended_at.is_(None), messages.c.accepted_at > opt_outs.c.started_at)
        )
        assert connection.scalar(select(func.count()).select_from(opt_outs)) == connection.scalar(
            select(func.count(func.distinct(inbound.c.phone_hash))).where(inbound.c.opted_out)
        )
        assert connection.scalar(late) == 0


def test_every_survey_has_ended_with_a_code(context: Context) -> None:
    with reading(context.engine) as connection:
        states = set(connection.scalars(select(surveys.c.state)))
        codes = set(connection.scalars(select(surveys.c.disposition)))
    assert states == {"closed"}
    assert {"1.1", "3.13"} <= codes


def test_a_demo_is_never_caught_up(context: Context) -> None:
    assert context.settings.demo
    assert context.today() > date(2023, 6, 30)
    assert missed_days(context, due_today=True) == []
