"""The days of docs/days.md, run as written: each command works for the person it is written for."""

import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from survey_pipeline.app import open_app
from survey_pipeline.gateways.port import InboundEvent
from survey_pipeline.inbound.mailbox import store_inbound
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import inbound, messages

ROOT = Path(__file__).parents[2]
TODAY = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")).date()
MONTH = f"{TODAY:%Y-%m}"
ALL_DAY = '["00:00-23:59"]'
HEADER = ("office_code", "case_no", "served_on", "phone", "item")


def commands(title: str) -> list[str]:
    """Return the commands of one section of the page, without comments and continuation."""
    text = (ROOT / "docs/days.md").read_text("utf-8")
    section = text.split(f"## {title}\n")[1].split("\n## ")[0]
    lines = re.findall(r"^    (survey-pipeline .*)$", section, re.MULTILINE)
    return [line.split("  #")[0].strip() for line in lines]


class City:
    """A workspace, and a shell in the folder beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "city"
        self.environment = {
            **os.environ,
            "SURVEY_HOME": str(self.home),
            "SURVEY_LOCALE": "en",
            "SURVEY_SENDING__HOURS": ALL_DAY,
            "SURVEY_CALLBACKS__HOURS": ALL_DAY,
        }

    def run(self, command: str, *, codes: tuple[int, ...] = (0,)) -> str:
        """Run a command of the page; return what it prints."""
        arguments = [
            found
            for word in shlex.split(command)[1:]
            for found in (sorted(map(str, self.folder.glob(word))) if "*" in word else [word])
        ]
        done = subprocess.run(
            [sys.executable, "-m", "survey_pipeline.cli", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in codes, f"{command}: {done.returncode}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return done.stdout

    def today(self, command: str) -> str:
        """Put today into the page's example dates."""
        return command.replace("2023-05-04", str(TODAY)).replace("2023-05", MONTH)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    made = City(tmp_path_factory.mktemp("days"))
    made.run("survey-pipeline init city")
    calendar = made.home / "config" / "calendar"
    calendar.mkdir(exist_ok=True)
    (calendar / f"{TODAY.year}.toml").write_text(f"working = [{TODAY}]\n")
    for name in ("parents.csv", "offices.csv"):
        shutil.copy(ROOT / "tests" / "data" / "reports" / name, made.folder)
    write_cases(made.folder / "today")
    write_delivery(made.folder / "delivered.csv")
    return made


def write_cases(folder: Path) -> None:
    """Write two reports: mobiles and a bad number, and one of landlines alone."""
    folder.mkdir()
    mobiles = [f"1395771{number:04d}" for number in range(12)] + ["138****1234"]
    landlines = [f"0577-8896{number:04d}" for number in range(4)]
    for code, phones in (("WZ-SS-001", mobiles), ("WZ-FI-001", landlines)):
        with (folder / f"{code}.csv").open("w", newline="", encoding="utf-8") as file:
            rows = [(code, f"K-{n}", TODAY, phone, "咨询") for n, phone in enumerate(phones)]
            csv.writer(file).writerows([HEADER, *rows])


def write_delivery(path: Path) -> None:
    rows = ("office_code,month,reported,sampled,satisfied,neutral,dissatisfied,source", "")
    path.write_text(f"{rows[0]}\nWZ-ED-001,{MONTH},320,64,58,4,2,市教育局\n", "utf-8")


def test_the_operators_day(city: City) -> None:
    for command in commands("A day of an operator"):
        if " code 12 " in command:
            printed = city.run(command.replace(" 12 ", f" {unclear_reply(city)} "))
        else:
            refused = "today/*" in command
            printed = city.run(city.today(command), codes=(3,) if refused else (0,))
        if "verify-draw" in command:
            assert "holds" in printed
        if "--dry-run" in command:
            assert "Nothing was sent" in printed
    rejected = city.folder / "today" / "WZ-SS-001.csv.rejected.csv"
    assert "138****1234" in rejected.read_text("utf-8-sig")


def unclear_reply(city: City) -> int:
    """Let a citizen write what only a reader can tell, and have it read."""
    app = open_app(city.home, environ=city.environment)
    context = app.context
    with reading(context.engine) as connection:
        text = connection.execute(messages.select().limit(1)).one()
    event = InboundEvent("in-1", context.keys.decrypt(text.phone), "没办成", context.now())
    with writing(context.engine) as connection:
        store_inbound(connection, context.keys, "simulated", [event], context.now())
    app.close()
    city.run("survey-pipeline day")
    with reading(context.engine) as connection:
        found = connection.scalar(inbound.select().with_only_columns(inbound.c.id))
    app.close()
    return int(found or 0)


def test_the_callers_day(city: City) -> None:
    for command in commands("A day of a caller"):
        printed = city.run(in_hand(city, command))
        if " next " in command:
            assert "0577" in printed  # in full: the call is in the caller's hands
        if " list " in command:
            assert "0577" not in printed


def in_hand(city: City, command: str) -> str:
    """Put the call that the caller holds, and a time still to come, into an example."""
    found = re.search(r"callbacks log (\d+) ", command)
    if not found:
        return command
    held = json.loads(city.run("survey-pipeline callbacks next --by Li --json"))["call"]["id"]
    again = f"{TODAY}T23:59"
    return command.replace(f"log {found[1]} ", f"log {held} ").replace("15:30", again)


def test_the_analysts_month(city: City) -> None:
    for command in commands("A month of an analyst"):
        code = "WZ-FI-001" if "explain" in command else "WZ-AG-001"
        printed = city.run(city.today(command.replace("WZ-AG-001", code)))
        if "handover --category health" in command and "--reconcile" not in command:
            shutil.copy(city.home / printed.splitlines()[0], city.folder / "handover-filled-in.csv")
        if "export month" in command or "export answers" in command:
            assert Path(city.home / printed.splitlines()[0]).stat().st_size > 0
        if "explain" in command:
            assert "30" in printed
