"""What the other agencies bring in for a made-up city's year, one file of each kind.

Everything is dated in the month that the city lives through, and is brought in at its end. Among
the records are some that do not count, as there are in real files: a claim that was unreasonable,
an award without its stamp, an office that is not appraised.
"""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select

from survey_pipeline.calendar import ONE_DAY, first_day, last_day
from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed
from survey_pipeline.gateways.simulated.chance import Dice
from survey_pipeline.simulation.departments import INTERMEDIARIES
from survey_pipeline.simulation.papers import (
    CHECKED,
    CHECKED_CLAUSE,
    FINDINGS,
    LEVELS,
    SHARED_LETTERHEAD,
    SHARED_LEVEL,
    SHARED_WORK,
    SURNAMES,
    UNNUMBERED,
    WORKS,
    CityFinding,
    document_no,
)
from survey_pipeline.stages.intake import import_file
from survey_pipeline.stages.intake.judging.grade_quota import GradeBounds, grade_bounds
from survey_pipeline.standard.load import FOLDER, standard_of_month
from survey_pipeline.standard.model import Standard
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import offices, parents
from survey_pipeline.vocabulary import Category, Grade, RecordKind
from survey_pipeline.vocabulary.record_names import kind_named

Rows = Iterator[Sequence[object]]

FAULTY, ON_THE_HOTLINE, HONOURED = 240, 320, 130
"""Of a thousand offices: with a finding, with a fault in a hotline case, with an award."""
FAULTS = (("D1.1", "0.2"), ("D1.3", "0.3"), ("D2.5", "0.3"), ("D2.7", "0.4"), ("D3.8", "0.4"))
SELF_CHECKED = 400
"""Of a thousand departments: with a self-check that found something."""
OWN = 500
"""Of a thousand findings that a self-check may make: found and put right by the department."""
HEADINGS: Mapping[RecordKind, str] = {
    RecordKind.FILINGS: (
        "备案编号,主管单位编码,自查月份,备案日期,未发现问题,自查发现问题,人员查处情况,根源剖析,"
        "整改措施,责任处室,整改时序"
    ),
    RecordKind.SUPERVISION: (
        "记录编号,条款,处室编码,主管单位编码,发生日期,扣分,责任人,事由,与职务有关,自查发现,"
        "整改到位,备案编号,文号"
    ),
    RecordKind.HOTLINE: "工单编号,条款,处室编码,发生日期,扣分,是否无理诉求",
    RecordKind.HOTLINE_RANK: "主管单位编码,热线年度排名",
    RecordKind.PERFORMANCE: "处室编码,履职成效得分,来源",
    RecordKind.PARENT_GRADES: "处室编码,等次",
    RecordKind.PARENT_POINTS: "处室编码,主管单位评价得分,来源",
    RecordKind.AWARDS: (
        "表彰编号,表彰工作,表彰级别,表彰对象,处室编码,主管单位编码,发文日期,文号,"
        "是否盖章确认,是否主要职能工作"
    ),
}


class YearsEvidence:
    """The agencies of a made-up city, and what they deliver for the year of a month."""

    def __init__(self, context: Context, seed: str, month: str) -> None:
        self._context = context
        self._seed = seed
        self._month = month
        settings = context.settings
        self._standard: Standard = standard_of_month(
            month, settings.standards, context.home / FOLDER
        ).standard
        with reading(context.engine) as connection:
            self._parents = connection.execute(
                select(parents).order_by(parents.c.parent_code)
            ).all()
            self._offices = connection.execute(
                select(offices)
                .where(offices.c.exempt_reason.is_(None))
                .order_by(offices.c.office_code)
            ).all()

    @property
    def year(self) -> int:
        """The appraisal year in whose window the month lies."""
        return self._standard.year

    def bring_in(self, folder: Path) -> None:
        """Write the files into a folder and import them, one of every kind.

        Raises:
            CannotProceed: a row was refused, which no city that we make up deserves.
        """
        makers: Mapping[RecordKind, Callable[[], Rows]] = {
            RecordKind.FILINGS: self._filings,
            RecordKind.SUPERVISION: self._supervision,
            RecordKind.HOTLINE: self._hotline,
            RecordKind.HOTLINE_RANK: self._ranks,
            RecordKind.PERFORMANCE: self._performance,
            RecordKind.PARENT_GRADES: self._grades,
            RecordKind.PARENT_POINTS: self._points,
            RecordKind.AWARDS: self._awards,
        }
        for kind, rows in makers.items():
            path = folder / f"{kind.value}.csv"
            with path.open("w", newline="", encoding="utf-8-sig") as file:
                writer = csv.writer(file)
                writer.writerow(HEADINGS[kind].split(","))
                writer.writerows(rows())
            bring(self._context, kind, path, self.year)

    def _dice(self, *key: str) -> Dice:
        return Dice(self._seed, "year", *key)

    def _some_day(self, dice: Dice) -> date:
        first, last = first_day(self._month), last_day(self._month)
        return first + timedelta(days=dice.number("day", (last - first).days + 1))

    def _some_working_day(self, dice: Dice) -> date:
        """Return a day of the month on which papers are signed."""
        first, last = first_day(self._month), last_day(self._month)
        days = [first + number * ONE_DAY for number in range((last - first).days + 1)]
        return dice.pick("day", [*filter(self._context.calendar.is_working_day, days)])

    def _filings(self) -> Rows:
        """File every department's self-check of the month; most of them found nothing."""
        last = last_day(self._month)
        for parent in self._parents:
            dice = self._dice("filing", parent.parent_code)
            filed_on = min(last + timedelta(days=1 + dice.number("day", 9)), self._context.today())
            found: Sequence[str] = ("是", *("",) * 6)
            if self._found_something(parent.parent_code):
                found = ("否", *dice.pick("checked", CHECKED), self._office_of(parent), "下月底前")
            yield f"ZC-{parent.parent_code}", parent.parent_code, self._month, filed_on, *found

    def _found_something(self, parent_code: str) -> bool:
        return self._dice("filing", parent_code).happens("found", SELF_CHECKED)

    def _office_of(self, parent: Row[Any]) -> str:
        """Return the name of a department's first office."""
        own = (office for office in self._offices if office.parent_code == parent.parent_code)
        return next((office.name for office in own), "")

    def _supervision(self) -> Rows:
        for number, office in enumerate(self._offices, 1):
            dice = self._dice("finding", office.office_code)
            if dice.happens("has", FAULTY):
                found = dice.pick("clause", self._findings(office))
                day, parent = self._some_working_day(dice), office.parent_code
                may_be_own = found.clause == CHECKED_CLAUSE and self._found_something(parent)
                is_own = may_be_own and dice.happens("own", OWN)
                own = ("是", "是", f"ZC-{parent}") if is_own else ("",) * 3
                yield (
                    f"JD-{number:03d}", found.clause, office.office_code, "", day, found.points,
                    f"{dice.pick('person', SURNAMES)}某" if found.person else "",
                    found.matter, "是" if found.person else "", *own,
                    "" if is_own else document_no(found.letterhead, day, dice),
                )  # fmt: skip
        late = self._parents[-1]
        day = self._some_working_day(self._dice("material"))
        yield (
            f"JD-{self._beyond_offices()}", "C3.4", "", late.parent_code, day, "0.5", "",
            "未按要求报送评议对象调整材料", *("",) * 5,
        )  # fmt: skip

    def _findings(self, office: Row[Any]) -> Sequence[CityFinding]:
        """Return what may concern an office: C3.2 is about intermediaries alone."""
        excludes = self._standard.supervision.excludes
        is_intermediary = office.name.endswith(INTERMEDIARIES)
        return [
            found
            for found in FINDINGS
            if found.intermediary == is_intermediary
            and office.category in found.categories
            and not excludes(found.clause, office.category)
        ]

    def _hotline(self) -> Rows:
        numbered = list(enumerate(self._offices, 1))
        complained_of = [
            (number, office)
            for number, office in numbered
            if self._dice("hotline", office.office_code).happens("has", ON_THE_HOTLINE)
        ]
        # no record at all of a quarter is a delivery that is owed: the smallest city has one
        for number, office in complained_of or numbered[:1]:
            dice = self._dice("hotline", office.office_code)
            clause, points = dice.pick("clause", FAULTS)
            claim = "是" if clause == "D2.7" and dice.happens("claim", 400) else "否"
            day = self._some_day(dice)
            yield f"12345-{number:04d}", clause, office.office_code, day, points, claim

    def _ranks(self) -> Rows:
        groups: dict[str, list[Row[Any]]] = defaultdict(list)
        for parent in self._parents:
            groups[parent.hotline_group].append(parent)
        for group in groups.values():
            group.sort(key=lambda office: self._dice("rank", office.parent_code).hex())
            for rank, parent in enumerate(group, 1):
                yield parent.parent_code, rank

    def _performance(self) -> Rows:
        for office in self._offices:
            dice = self._dice("performance", office.office_code)
            source = self._standard.performance.source(office.category)
            yield office.office_code, _tenths(75 + dice.number("points", 26)), self._named(source)

    def _grades(self) -> Rows:
        """Grade as well as the standard allows, each department's offices among themselves."""
        rating = self._standard.parent_rating
        graded: dict[str, list[str]] = defaultdict(list)
        for office in self._offices:
            if office.category == rating.graded:
                graded[office.parent_code].append(office.office_code)
        for codes in graded.values():
            codes.sort(key=lambda code: self._dice("grade", code).hex())
            bounds = grade_bounds(rating, len(codes))
            for place, code in enumerate(codes):
                yield code, _grade_at(place, len(codes), bounds).value

    def _points(self) -> Rows:
        rating = self._standard.parent_rating
        for office in self._offices:
            if office.category != rating.graded:
                dice = self._dice("parent", office.office_code)
                source = self._named(rating.source(office.category))
                yield office.office_code, _tenths(35 + dice.number("points", 16)), source

    def _awards(self) -> Rows:
        for number, office in enumerate(self._offices, 1):
            dice = self._dice("award", office.office_code)
            if dice.happens("has", HONOURED):
                level, letterhead = dice.pick("level", LEVELS)
                numbered = not dice.happens("unnumbered", UNNUMBERED)
                day = self._some_working_day(dice)
                yield (
                    f"BZ-{number:03d}", dice.pick("work", WORKS[office.category]), level,
                    "个人" if dice.happens("person", 300) else "处室", office.office_code, "", day,
                    document_no(letterhead, day, dice) if numbered else "",
                    "否" if dice.happens("unstamped", 200) else "是", "是",
                )  # fmt: skip
        shared, dice = self._offices[0].parent_code, self._dice("shared award")
        day = self._some_working_day(dice)
        paper = document_no(SHARED_LETTERHEAD, day, dice)
        for office in self._offices:
            if office.parent_code == shared and office.category == Category.AGENCY:
                yield (
                    f"BZ-{self._beyond_offices()}", SHARED_WORK, SHARED_LEVEL, "主管单位",
                    office.office_code, shared, day, paper, "是", "是",
                )  # fmt: skip

    def _beyond_offices(self) -> int:
        """Return a number that no office's own record has."""
        return max(900, len(self._offices) + 1)

    def _named(self, label: Any) -> str:
        return str(label.in_locale(self._context.settings.locale))


def bring(context: Context, kind: RecordKind, path: Path, year: int) -> None:
    """Import a file of the year that must be taken whole.

    Raises:
        CannotProceed: a row was refused.
    """
    done = import_file(context, kind, path, year=year)
    if done.refused:
        raise CannotProceed(
            "{count} rows of the made-up city's {kind} were refused: {reason}",
            count=done.refused,
            kind=kind_named(kind),
            reason=done.problems[0].reason,
        )


def _grade_at(place: int, offices: int, bounds: GradeBounds) -> Grade:
    """Grade the office that stands at a place (from 0) of its department's own order."""
    if place < bounds.most_excellent:
        return Grade.EXCELLENT
    return Grade.FAIR if place >= offices - bounds.fewest_fair else Grade.GOOD


def _tenths(number: int) -> str:
    return f"{number // 10}.{number % 10}"
