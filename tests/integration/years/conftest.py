"""One small city and its appraisal year 2023, with evidence of every kind, brought in by files.

What each office comes to is worked out by hand in `test_year_scores.py`.
"""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from sqlalchemy import insert
from typer.testing import CliRunner, Result

from survey_pipeline import appraisal
from survey_pipeline.cli import explain, exports, hotline_exports, papers, scores, support
from survey_pipeline.stages.assessment import StoredYear
from survey_pipeline.stages.intake import import_file
from survey_pipeline.stages.intake.kinds import KINDS
from survey_pipeline.store.crypto import derived_keys, write_key_file
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import review_offices, reviews
from survey_pipeline.testing import SetContext, add_cases, add_survey, reopened, workspace
from survey_pipeline.vocabulary import RecordKind

YEAR = 2023
DECEMBER = datetime(2023, 12, 1, 4, 0, tzinfo=UTC)

RECORD_WORDS = (
    "record_no,clause,office_code,parent_code,occurred_on,points,person,matter,is_head,"
    "duty_related,adverse_effect,self_found,rectified,filed_on,document_no"
)
AWARD_WORDS = (
    "award_no,work,level,recipient,office_code,parent_code,share,document_no,issued_on,kind,"
    "confirmed,core_function"
)
FILES: Mapping[str, tuple[str, ...]] = {
    "parents": (
        "parent_code,name,hotline_group",
        "P-1,Bureau of land,city_agency",
        "P-2,Transport group,soe_institution",
    ),
    "offices": (
        "office_code,name,category,parent_code,approval_service,exempt_reason,valid_from,valid_until",
        "AG-1,Land register,agency,P-1,no,,,",
        "AG-2,Surveying,agency,P-1,no,,,",
        "AG-3,Permits,agency,P-1,yes,,,",
        "AG-4,Merged office,agency,P-1,no,merged in June,,",
        "HE-1,=People's hospital,health,P-1,no,,,",
        "SO-1,Bus company,soe,P-2,no,,,2023-03-31",
        "SO-2,Ferry company,soe,P-2,no,,,",
        "SO-3,New terminal,soe,P-2,no,,2024-01-01,",
    ),
    "satisfaction": (
        "office_code,month,reported,sampled,satisfied,neutral,dissatisfied,source,mode,delivered_on",
        "AG-3,2023-03,241,60,30,5,5,service bureau,all,2023-04-20",
        "AG-3,2023-08,120,40,20,0,1,service bureau,all,2023-09-20",
        "HE-1,2023-05,520,40,18,2,1,health commission,phone,2023-06-20",
    ),
    "performance": (
        "office_code,points,source,delivered_on",
        "AG-1,9.35,committee,2023-11-15",
        "AG-2,8.2,committee,2023-11-15",
        "AG-3,10,committee,2023-11-22",
        "HE-1,7.5,health commission,2023-11-15",
        "SO-1,8,assets commission,2023-11-15",
    ),
    "supervision": (
        RECORD_WORDS,
        "S-01,C1.1,AG-1,,2023-03-02,3,,,,,,,,,",
        "S-02,C2.1a,AG-1,,2023-04-10,,Zhang,fees,yes,,,,,,No. 5",
        "S-03,C2.2b,AG-1,,2023-04-12,,Zhang,fees,yes,,,,,,No. 6",
        "S-04,C2.1f,AG-1,,2023-05-03,1.5,Li,late,,no,no,,,,",
        "S-05,C2.1b,AG-2,,2023-02-26,,Wang,car,,yes,yes,yes,yes,2023-03-27,",
        "S-06,C2.1b,AG-2,,2023-02-26,,Zhao,car,,yes,yes,yes,yes,2023-03-28,",
        "S-07,C1.5,AG-2,,2022-10-31,0.3,,,,,,,,,",
        "S-08,C3.1,AG-3,,2023-10-31,2,,,,,,,,,",
        "S-09,C1.5,HE-1,,2023-06-01,0.5,,,,,,,,,",
        "S-10,C3.4,,P-1,2023-05-26,,,,,,,,,,",
        "S-11,C3.4,,P-1,2023-06-26,0.7,,,,,,,,,",
        "S-12,C1.5,AG-4,,2023-06-01,0.5,,,,,,,,,",
    ),
    "hotline": (
        "record_no,clause,office_code,occurred_on,points,unreasonable_claim",
        "H-01,D1.1,AG-1,2023-02-03,,",
        "H-02,D2.7,AG-1,2023-02-04,,yes",
        "H-03,D2.7,AG-1,2023-02-05,,no",
        "H-04,D3.8,AG-2,2023-07-05,0.5,",
        *(f"H-1{day},D3.8,HE-1,2023-07-0{day},0.45," for day in range(1, 7)),
    ),
    "hotline-rank": ("parent_code,rank", "P-1,27"),
    "parent-grades": (
        "office_code,grade,delivered_on",
        "AG-1,good,2023-11-20",
        "AG-2,good,2023-11-20",
        "AG-3,good,2023-11-20",
    ),
    "parent-points": (
        "office_code,points,source,delivered_on",
        "HE-1,4.5,health commission,2023-11-14",
        "SO-1,4,assets commission,2023-11-14",
        "SO-2,3,assets commission,2023-11-25",
    ),
    "awards": (
        AWARD_WORDS,
        "A-1,register,G3,office,AG-1,,,No. 3,2023-06-01,,,",
        "A-1b,register,G4,person,AG-1,,,,2023-07-01,,,",
        "A-2,map,G2,parent,AG-1,P-1,,No. 1,2023-08-01,,yes,",
        "A-2,map,G2,parent,AG-2,P-1,,No. 1,2023-08-01,,yes,",
        "A-2,map,G2,parent,AG-3,P-1,,No. 1,2023-08-01,,yes,",
        "A-3,merit,G4,office,HE-1,,,No. 9,2023-03-01,general,,",
    ),
}
REGISTER = ("parents", "offices", "satisfaction")
EVIDENCE = tuple(kind for kind in FILES if kind not in REGISTER)
exports.export_group.command("hotline")(hotline_exports.export_hotline)  # as `cli.main` does
exports.export_group.command("notice")(papers.export_notice)
exports.export_group.command("statement")(papers.export_statement)
exports.export_group.command("reminder")(papers.export_reminder)


@dataclass
class City:
    """The small city's workspace, and what a test does with it."""

    context: SetContext
    cli: typer.Typer = field(default_factory=typer.Typer)

    def score(self, as_of: date | None = None) -> StoredYear:
        return appraisal.score_year(self.context, YEAR, as_of)

    def document(self, as_of: date | None = None) -> dict[str, Any]:
        return self.score(as_of).document("en")

    def office(self, code: str, as_of: date | None = None) -> dict[str, Any]:
        rows = {row["office_code"]: row for row in self.document(as_of)["offices"]}
        found: dict[str, Any] = rows[code]
        return found

    def bring(self, kind: str, lines: Sequence[str], name: str | None = None) -> None:
        bring(self.context, kind, lines, name)

    def change(self, statement: Any) -> None:
        with writing(self.context.engine) as connection:
            connection.execute(statement)

    def run(self, *words: object) -> Result:
        """Call the command line as a user would."""
        return CliRunner().invoke(self.cli, [str(word) for word in words], catch_exceptions=False)


def bring(context: SetContext, kind: str, lines: Sequence[str], name: str | None = None) -> None:
    """Import a file of these lines; every row of it must be taken."""
    path = context.home / (name or f"{kind}.csv")
    path.write_text("\n".join(lines), encoding="utf-8")
    done = import_file(
        context, RecordKind(kind), path, year=YEAR if KINDS[RecordKind(kind)].yearly else None
    )  # fmt: skip
    assert not done.refused, [str(one.reason) for one in done.problems]


def rate(
    context: SetContext, day: date, office: str, answers: Iterable[str], more: int = 0
) -> None:
    """Let so many citizens of an office rate on a day, and as many more cases be reported."""
    context.clock.at = datetime(day.year, day.month, day.day, 4, 0, tzinfo=UTC)
    for number, answer in enumerate(answers):
        add_survey(
            context, office, f"{day}-{number}", f"+86138{day:%m%d}{number:04d}",
            state="closed", rating=answer, rated_by="sms", disposition="1.1", texted=True,
            replied=True,
        )  # fmt: skip
    rows = [(office, f"{day}-more-{number}", f"+86139{day:%m%d}{number:04d}")
            for number in range(more)]  # fmt: skip
    if rows:
        add_cases(context, rows, frame_on=day)


def build(home: Path, kinds: Sequence[str] = EVIDENCE, *, backwards: bool = False) -> SetContext:
    """Make the city's workspace.

    Args:
        home: an empty folder.
        kinds: the kinds of evidence in the order in which they are brought in.
        backwards: each file's rows from the last to the first.
    """
    context = workspace(home, at=DECEMBER)
    for kind in REGISTER:
        bring(context, kind, FILES[kind])
    rate(context, date(2023, 2, 6), "SO-1", ["satisfied"], more=9)
    rate(context, date(2023, 3, 6), "AG-1", ["satisfied"] * 3, more=55)
    rate(context, date(2023, 3, 20), "AG-1", ["satisfied", "neutral"])
    context.clock.at = DECEMBER
    for kind in kinds:
        head, *lines = FILES[kind]
        bring(context, kind, [head, *(reversed(lines) if backwards else lines)])
    with writing(context.engine) as connection:
        connection.execute(insert(reviews).values(year=YEAR, closed_at=context.now()))
        connection.execute(
            insert(review_offices),
            [
                {"year": YEAR, "office_code": "AG-1", "category": "agency",
                 "satisfied": 8, "neutral": 1, "dissatisfied": 1},
                {"year": YEAR, "office_code": "HE-1", "category": "health",
                 "satisfied": 0, "neutral": 0, "dissatisfied": 0},
            ],
        )  # fmt: skip
    return context


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The city's workspace, made once; tests work on copies."""
    home = tmp_path_factory.mktemp("city")
    build(home).engine.dispose()
    return home


@pytest.fixture
def city(built: Path, tmp_path: Path) -> City:
    """The small city in a workspace of its own, as the command line opens it too."""
    return city_in(built, tmp_path / "city")


def city_in(built: Path, home: Path) -> City:
    """Copy the small city into a workspace, and open it as the command line does too."""
    shutil.copytree(built, home)
    config = 'locale = "en"\n[standards]\n2023 = "wenzhou-2023"\n'
    (home / "config" / "pipeline.toml").write_text(config)
    write_key_file(home / "survey.key", derived_keys("test"))
    support.called_with(home)
    made = City(reopened(home, DECEMBER))
    made.cli.add_typer(scores.score_group, name="score")
    made.cli.command("publish")(scores.publish)
    made.cli.command("explain")(explain.explain)
    made.cli.add_typer(exports.export_group, name="export")
    return made


@pytest.fixture(scope="session")
def year_tools() -> Any:
    """What a test needs to build a city of its own."""
    return SimpleNamespace(
        City=City,
        city_in=city_in,
        build=build,
        workspace=workspace,
        FILES=FILES,
        EVIDENCE=EVIDENCE,
        DECEMBER=DECEMBER,
    )
