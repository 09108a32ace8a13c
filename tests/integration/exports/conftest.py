"""One small month, May 2023, with everything that can happen to a case: the tests' common ground.

Told as stories: what became of each drawn case, office by office. The tables are filled as the
stages leave them when every survey has ended.
"""

import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from survey_pipeline.reports.month_report import MonthReport, read_month
from survey_pipeline.stages.assessment import StoredMonth, assess_month
from survey_pipeline.stages.satisfaction import gather_month
from survey_pipeline.standard.load import FOLDER, standard_of_month
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import (
    daily_reports,
    draw_offices,
    draws,
    offices,
    parents,
    satisfaction_results,
)
from survey_pipeline.testing import SetContext, add_survey, workspace

ROOT = Path(__file__).parents[3]
MONTH = "2023-05"
TEXTED = {"texted": True, "delivered": True}
CALLED = {"called": True, "reached": True}


def by_sms(rating: str, **more: Any) -> dict[str, Any]:
    base = {"replied": True, "rating": rating, "rated_by": "sms", "disposition": "1.1"}
    return {**TEXTED, **base, **more}


def by_phone(rating: str, **more: Any) -> dict[str, Any]:
    base = {"attempts": 2, "rating": rating, "rated_by": "phone", "disposition": "1.1"}
    return {**TEXTED, **CALLED, **base, **more}


STORIES: Mapping[str, dict[str, Any]] = {
    "sms satisfied": by_sms("satisfied"),
    "sms neutral": by_sms("neutral"),
    "sms dissatisfied": by_sms("dissatisfied"),
    "sms dissatisfied, said why": by_sms(
        "dissatisfied", **CALLED, attempts=1, verification="neutral", reason="attitude"
    ),
    "sms satisfied, verified": by_sms(
        "satisfied", **CALLED, attempts=1, verification="satisfied"
    ),
    "sms satisfied, else on the phone": by_sms(
        "satisfied", **CALLED, attempts=1, verification="dissatisfied"
    ),
    "digits swapped, corrected on the phone": by_phone(
        "satisfied", replied=True, attempts=1, corrected=True
    ),
    "phone satisfied": by_phone("satisfied"),
    "phone neutral": by_phone("neutral", reason="efficiency"),
    "landline dissatisfied": by_phone(
        "dissatisfied", texted=False, delivered=False, landline=True, attempts=1, reason="result"
    ),
    "withdrawn, rated before": by_sms("neutral", withdrawn=True, disposition="4.10"),
    "withdrawn": {**TEXTED, "withdrawn": True, "disposition": "4.10"},
    "undelivered, never called": {"texted": True, "disposition": "3.30"},
    "undelivered, no answer": {
        "texted": True, "called": True, "attempts": 3, "disposition": "3.13",
    },
    "opted out": {**TEXTED, "replied": True, "opted_out": True, "disposition": "2.112"},
    "not my case": {
        **TEXTED, "replied": True, "denied": True, "contact_data_bad": True, "disposition": "3.90",
    },
    "unreadable": {**TEXTED, "replied": True, "disposition": "2.36"},
    "hung up": {**TEXTED, **CALLED, "attempts": 1, "disposition": "2.12"},
    "no reply": {**TEXTED, "disposition": "3.19"},
    "never attempted": {"disposition": "3.11"},
    "handed over, wrote later": {
        **TEXTED, "replied": True, "handed_over_on": date(2023, 5, 9), "disposition": "3.19",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Office:
    """An office with what it reported beside its drawn cases, and the stories of these."""

    code: str
    name: str
    category: str
    undrawn: int = 0
    stories: tuple[tuple[int, tuple[str, ...]], ...] = ()
    """(day of May, stories of the cases drawn that day)."""
    delivered: Mapping[str, Any] | None = None
    register: Mapping[str, Any] = field(default_factory=dict)


def brought(reported: int, sampled: int, *answers: int, mode: str, late: bool = False) -> Any:
    satisfied, neutral, dissatisfied = answers
    return {
        "reported": reported, "sampled": sampled, "satisfied": satisfied, "neutral": neutral,
        "dissatisfied": dissatisfied, "source": "lead agency", "mode": mode, "late": late,
        "delivered_on": date(2023, 6, 30) if late else date(2023, 6, 20),
    }  # fmt: skip


CITY = (
    Office(
        "AG-1", "Permits desk", "agency", undrawn=115,
        stories=(
            (4, ("sms satisfied", "sms satisfied", "sms dissatisfied, said why")),
            (5, ("sms neutral", "phone satisfied", "no reply", "not my case")),
            (8, ("sms satisfied, verified", "digits swapped, corrected on the phone")),
        ),
    ),
    Office("AG-2", "One-stop hall", "agency", undrawn=260,
           register={"approval_service": True},
           delivered=brought(241, 60, 30, 5, 5, mode="all", late=True)),
    Office("AG-3", "Approvals without results", "agency", undrawn=40,
           register={"approval_service": True}),
    Office("ED-1", "School office", "education", undrawn=6,
           stories=((4, ("sms satisfied", "sms dissatisfied", "phone neutral", "no reply")),),
           delivered=brought(33, 10, 7, 1, 0, mode="all")),
    Office("ED-2", "University office", "education", undrawn=90,
           stories=((5, ("sms satisfied", "sms neutral", "landline dissatisfied", "opted out")),),
           delivered=brought(80, 12, 4, 0, 1, mode="joint")),
    Office("FI-1", "Savings bank", "finance", undrawn=2,
           stories=((9, ("no reply", "undelivered, never called", "undelivered, no answer",
                         "never attempted", "hung up")),)),
    Office("FI-2", "=HYPERLINK(\"x\";\"Bank\")", "finance", undrawn=18,
           stories=((9, ("sms satisfied", "withdrawn, rated before", "withdrawn", "unreadable")),
                    (31, ("phone satisfied",)))),
    Office("HE-1", "People's hospital", "health", undrawn=520,
           stories=((4, ("sms satisfied", "sms satisfied", "sms neutral",
                         "handed over, wrote later")),
                    (8, ("handed over, wrote later", "no reply", "withdrawn"))),
           delivered=brought(520, 40, 18, 2, 1, mode="phone")),
    Office("HE-2", "+Clinic", "health", undrawn=9, stories=((8, ("sms satisfied", "no reply")),)),
    Office("SO-1", "-Water works", "soe", undrawn=112,
           stories=((5, ("sms satisfied", "sms satisfied, else on the phone", "sms satisfied",
                         "phone satisfied", "sms satisfied", "sms neutral",
                         "sms dissatisfied")),)),
    Office("SO-2", "@Gas works", "soe"),
    Office("SO-3", "\tBuses", "soe", undrawn=95,
           stories=((31, ("sms satisfied",) * 4 + ("phone satisfied", "phone neutral",
                                                   "landline dissatisfied")),)),
    Office("SC-1", "Community centre", "social", undrawn=20,
           stories=((4, ("sms satisfied", "sms dissatisfied")),),
           register={"exempt_reason": "merged, -2 desks"}),
    Office("SC-2", "Sports hall", "social", register={"exempt_reason": "rebuilt"}),
    Office("SC-3", "Opens in June", "social", register={"valid_from": date(2023, 6, 1)}),
)  # fmt: skip

COLUMNS_OF_STORY = {"landline"}


@dataclass(frozen=True)
class Month:
    """The small month in a database of its own."""

    context: SetContext
    city: tuple[Office, ...] = CITY

    def score(self, month: str = MONTH) -> StoredMonth:
        """Score it as `score month` does."""
        return score(self.context, month)

    def report(self) -> MonthReport:
        """Score it and read it as the exports do."""
        return read_month(self.context, MONTH, self.score().version)

    @property
    def reported(self) -> dict[str, int]:
        """What each office reported: given, not to be recomputed."""
        return {one.code: _reported(one) for one in self.city}


def score(context: SetContext, month: str) -> StoredMonth:
    """Gather, score and store a month."""
    in_force = standard_of_month(month, context.settings.standards, context.home / FOLDER)
    return assess_month(context, in_force, gather_month(context, in_force.standard, month))


def _reported(office: Office) -> int:
    told = [STORIES[story] for _, stories in office.stories for story in stories]
    return office.undrawn + sum(1 for story in told if not story.get("withdrawn"))


def scoring_workspace(home: Path, **sections: Any) -> SetContext:
    """Make a workspace with the shipped standard, its clock in July 2023, when May is over."""
    home.mkdir(parents=True, exist_ok=True)
    shutil.copytree(ROOT / FOLDER, home / FOLDER)
    july = datetime(2023, 7, 3, 4, 0, tzinfo=UTC)
    return workspace(home, at=july, standards={2023: "wenzhou-2023"}, **sections)


def fill(
    context: SetContext, city: tuple[Office, ...] = CITY, *, shuffled: int | None = None
) -> None:
    """Fill the tables with a city, in the order given or in a shuffled one."""
    offices_in_order = list(city)
    cases = [
        (office, day, f"K-{day}-{number}", story)
        for office in city
        for day, stories in office.stories
        for number, story in enumerate(stories, 1)
    ]
    numbers = {(case[0].code, case[2]): 13800000000 + n for n, case in enumerate(cases)}
    if shuffled is not None:
        chance = random.Random(shuffled)
        chance.shuffle(offices_in_order)
        chance.shuffle(cases)
    _register(context, offices_in_order)
    _draw(context, cases)
    end = context.clock.at
    for office, day, case_no, story in cases:
        told = {k: v for k, v in STORIES[story].items() if k not in COLUMNS_OF_STORY}
        number = numbers[office.code, case_no]
        phone = f"+86577{number % 100000000}" if "landline" in STORIES[story] else f"+86{number}"
        context.clock.at = datetime(2023, 5, day, 9, 30, tzinfo=UTC)
        add_survey(
            context, office.code, case_no, phone,
            state="closed", closed_at=context.now() + timedelta(days=7), **told,
        )  # fmt: skip
    context.clock.at = end
    _reports_and_results(context, offices_in_order)


def _register(context: SetContext, city: list[Office]) -> None:
    with writing(context.engine) as connection:
        connection.execute(
            insert(parents),
            [
                {"parent_code": code, "name": name, "hotline_group": "city_agency"}
                for code, name in (("P-1", 'Bureau of, well, "quotes"'), ("P-2", "=Group"))
            ],
        )
        for office in city:
            connection.execute(
                insert(offices).values(
                    office_code=office.code,
                    name=office.name,
                    category=office.category,
                    parent_code="P-2" if office.category == "soe" else "P-1",
                    **office.register,
                )
            )


def _draw(context: SetContext, cases: list[Any]) -> None:
    drawn = Counter((day, office.code) for office, day, _, _ in cases)
    with writing(context.engine) as connection:
        for day in sorted({day for day, _ in drawn}):
            connection.execute(
                insert(draws).values(
                    day=date(2023, 5, day), drawn_at=context.now(), frame=99, frame_hash="0" * 64,
                    roll_hash="0" * 64, seed_hash="0" * 64, policy={}, roll=b"",
                    seed=context.keys.encrypt("seed"),
                )
            )  # fmt: skip
        for (day, code), count in drawn.items():
            connection.execute(
                insert(draw_offices).values(
                    day=date(2023, 5, day), office_code=code, frame=4 * count,
                    eligible=3 * count, drawn=count,
                )
            )  # fmt: skip


def _reports_and_results(context: SetContext, city: list[Office]) -> None:
    first = date(2023, 5, 4)
    with writing(context.engine) as connection:
        for office in city:
            taken_back = sum(
                1 for _, day in office.stories for one in day if STORIES[one].get("withdrawn")
            )
            for day, _ in office.stories[:1]:
                connection.execute(
                    update(daily_reports)
                    .where(
                        daily_reports.c.office_code == office.code,
                        daily_reports.c.reported_on == date(2023, 5, day),
                    )
                    .values(reported=daily_reports.c.reported + office.undrawn - taken_back)
                )
            if office.undrawn and not office.stories:
                connection.execute(
                    insert(daily_reports).values(
                        office_code=office.code, reported_on=first, reported=office.undrawn
                    )
                )
            if office.delivered:
                connection.execute(
                    insert(satisfaction_results).values(
                        office_code=office.code, month=MONTH, import_id=0, row_no=2,
                        **office.delivered,
                    )
                )  # fmt: skip


@pytest.fixture
def new_month(tmp_path: Path) -> Iterator[Callable[..., Month]]:
    """A function that fills a new database with the small month."""
    made: list[SetContext] = []

    def make(*, shuffled: int | None = None, **sections: Any) -> Month:
        context = scoring_workspace(tmp_path / f"city-{len(made)}", **sections)
        made.append(context)
        fill(context, shuffled=shuffled)
        return Month(context)

    yield make
    for context in made:
        context.engine.dispose()


@pytest.fixture
def month(new_month: Callable[..., Month]) -> Month:
    """The small month."""
    return new_month()
