"""Users of bodies that deliver, and leaders: bound to one body, shown and taking what is its own.

Source: specification, section 9.3.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
from fastapi import FastAPI
from sqlalchemy import Table, func, select

from survey_pipeline.app import App
from survey_pipeline.errors import UnknownRecord, UsageError
from survey_pipeline.people.accounts import add_user, list_users
from survey_pipeline.people.many_accounts import (
    Person,
    agencies_without_account,
    departments_without_account,
    read_people,
)
from survey_pipeline.people.sessions import open_session
from survey_pipeline.people.user_bodies import Body
from survey_pipeline.reports.leader_overview import month_overview
from survey_pipeline.scoring.facts import Answers
from survey_pipeline.stages.intake.kinds.satisfaction_kind import COUNTS
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import (
    audit_log,
    awards,
    filings,
    hotline_ranks,
    hotline_records,
    month_scores,
    nothing_reports,
    office_month_scores,
    parent_grades,
    parents,
    performance_points,
    satisfaction_results,
    users,
)
from survey_pipeline.testing import (
    SetContext,
    add_offices,
    add_survey,
    inserted,
    month_row,
    workspace,
)
from survey_pipeline.testing.asgi_client import AsgiAnswer, AsgiClient
from survey_pipeline.vocabulary import Category, Role
from survey_pipeline.web.application import make_web

PASSWORD = "correct horse battery"
BODIES = {
    "health": (Role.LEAD_AGENCY, "市卫健委"),
    "finance": (Role.LEAD_AGENCY, "the finance office"),
    "bureau": (Role.DEPARTMENT, "P-1"),
    "schools": (Role.DEPARTMENT, "P-2"),
    "hotline": (Role.HOTLINE_CENTRE, None),
    "wang": (Role.LEADER, None),
}
JUNE = datetime(2023, 6, 30, 4, 0, tzinfo=UTC)


class City(NamedTuple):
    context: SetContext
    web: FastAPI

    def visit(self, name: str) -> AsgiClient:
        """Return the browser of somebody who has signed in."""
        return AsgiClient(self.web, session=open_session(self.context, name), language="en")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """Two departments with offices of several categories, and a user of each body."""
    context = workspace(tmp_path_factory.mktemp("city"), at=JUNE)
    add_offices(context, "agency", "health", "health", "finance")
    with writing(context.engine) as connection:
        connection.execute(
            parents.insert().values(parent_code="P-2", name="Schools", hotline_group="none")
        )
    add_offices(context, "education")  # of P-1 as the others
    for name, (role, body) in BODIES.items():
        add_user(context, name, role, PASSWORD, body)
    yield City(context, make_web(App(context, {})))
    context.engine.dispose()


@pytest.mark.parametrize(
    ("role", "body", "error"),
    [
        (Role.DEPARTMENT, None, UsageError),
        (Role.LEAD_AGENCY, "", UsageError),
        (Role.HOTLINE_CENTRE, "P-1", UsageError),
        (Role.LEADER, "市卫健委", UsageError),
        (Role.DEPARTMENT, "AG-1", UnknownRecord),
        (Role.LEAD_AGENCY, "P-1", UnknownRecord),
        (Role.OFFICE, "P-1", UnknownRecord),
    ],
)
def test_a_role_goes_with_its_own_body_alone(
    city: City, role: Role, body: str | None, error: type[Exception]
) -> None:
    with pytest.raises(error):
        add_user(city.context, "new", role, PASSWORD, body)
    with reading(city.context.engine) as connection:
        assert connection.scalar(select(users.c.name).where(users.c.name == "new")) is None


def test_a_user_is_bound_to_the_body_under_its_own_name(city: City) -> None:
    bound = {user.name: user.body for user in list_users(city.context)}
    assert bound["health"] == Body(lead_agency="市卫健委")
    assert bound["finance"] == Body(lead_agency="市金融办"), "given in English"
    assert bound["bureau"] == Body(parent_code="P-1")
    assert bound["wang"] == Body()
    with reading(city.context.engine) as connection:
        made = select(audit_log.c.after).where(
            audit_log.c.key == "bureau", audit_log.c.kind == "users"
        )
        assert connection.scalar(made) == {"role": "department", "body": "P-1"}


def test_accounts_for_many_leave_out_bodies_that_have_one(city: City, tmp_path: Path) -> None:
    assert departments_without_account(city.context) == []
    lacking = [person.body for person in agencies_without_account(city.context)]
    assert "市卫健委" not in lacking
    assert {"市教育局", "市国资委", "市政务服务局", "市委直属机关工委"} == set(lacking)
    people = tmp_path / "people.csv"
    people.write_text("name,role,office,parent,agency\nli,department,,P-2,\nxu,leader,,,\n")
    assert read_people(people) == [Person("li", "department", "P-2"), Person("xu", "leader")]


def test_each_body_sees_what_it_owes_itself(city: City) -> None:
    said = {name: city.visit(name).get("/deliver").text for name in BODIES}
    assert "HE-2" in said["health"]
    assert "FI-4" not in said["health"]
    assert "FI-4" in said["finance"]
    assert "HE-2" not in said["finance"]
    assert "Bureau" in said["bureau"]
    assert "self_check/P-1/2023-05" in said["bureau"]
    assert "self_check" not in said["schools"], "it has no office that is appraised"
    assert "self_check" not in said["hotline"]
    assert "hotline/2023-Q1" in said["hotline"]


def test_no_body_says_nothing_for_another(city: City) -> None:
    others = {
        "hotline": "self_check/P-1/2023-05/2023-05-01",
        "bureau": "hotline/2023-Q1/2023-01-01",
    }
    others |= {"schools": "self_check/P-1/2023-05/2023-05-01", "health": others["hotline"]}
    for name, what in others.items():
        assert city.visit(name).post("/deliver/nothing", what=what).status == 409, name
    with reading(city.context.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(nothing_reports)) == 0


def test_the_word_that_there_was_nothing_is_given_and_taken_back(city: City) -> None:
    bureau, what = city.visit("bureau"), "self_check/P-1/2023-05/2023-05-01"
    assert bureau.post("/deliver/nothing", what=what).location == "/deliver#nothing"
    assert 'action="/deliver/nothing/back"' in bureau.get("/deliver").text
    assert city.visit("schools").post("/deliver/nothing/back", what=what).status == 409
    assert bureau.post("/deliver/nothing/back", what=what).status == 303
    with reading(city.context.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(nothing_reports)) == 0


def test_a_user_whose_department_is_gone_is_told_so(city: City) -> None:
    with writing(city.context.engine) as connection:
        connection.execute(
            parents.update().where(parents.c.parent_code == "P-2").values(withdrawn_at=JUNE)
        )
    gone = city.visit("schools").get("/deliver")
    with writing(city.context.engine) as connection:
        connection.execute(
            parents.update().where(parents.c.parent_code == "P-2").values(withdrawn_at=None)
        )
    assert gone.status == 404
    assert "there is no parent department P-2" in gone.text


def score(context: SetContext, month: str, **answers: tuple[int, int, int]) -> None:
    """Store a closed month with the answers of some offices."""
    with writing(context.engine) as connection:
        made = connection.execute(
            month_scores.insert().values(
                month=month,
                version=1,
                computed_at=JUNE,
                as_of=date(2023, 6, 30),
                standard="wenzhou-2023",
                standard_hash=f"{month}-standard",
                program_version="1",
                inputs_hash=f"{month}-inputs",
                complete=True,
            )
        )
        for code, given in answers.items():
            counted = Answers(*given)
            rate = Decimal(given[0]) / counted.rated
            row = month_row(
                month=month,
                office_code=code,
                office=f"Office {code}",
                category=Category.HEALTH,
                reported=2 * counted.rated,
                rated=counted.rated,
                satisfied=given[0],
                neutral=given[1],
                dissatisfied=given[2],
                rate=rate,
                rate_low=rate,
                rate_high=rate,
                points=30 * rate,
                rank=1,
            )
            connection.execute(
                office_month_scores.insert().values(
                    score_id=inserted(made), office_code=code, facts=row.to_json(), lines=[], rank=1
                )
            )


def test_a_leader_sees_the_sums_of_the_official_scores(city: City) -> None:
    score(city.context, "2023-04", A=(50, 30, 20))
    score(city.context, "2023-05", A=(60, 20, 20), B=(90, 10, 0), C=(10, 10, 10))
    found = month_overview(city.context, "2023-05")
    assert found is not None
    assert [office.office_code for office in found.offices] == ["C", "A", "B"]
    (category,), (department,) = found.categories, found.departments
    for group in (found.city, category, department):
        assert (group.now.offices, group.now.rated) == (3, 3)
        assert group.now.answers == Answers(160, 40, 30)
        assert group.since_month is not None
        assert group.since_year is None
    assert [month for month, _, _ in found.trend] == ["2023-04", "2023-05"]
    page = city.visit("wang").get("/overview?below=50").text
    assert "Office C" in page
    assert "Office A" not in page.partition('id="low"')[2], "60 % is not below the line"
    assert "Office B" not in page


@pytest.mark.parametrize("line", ["", "x", "101", "-1", "%EF%BC%91", "1e1", "nan", "9" * 9])
def test_a_line_that_is_no_share_is_refused(city: City, line: str) -> None:
    assert city.visit("wang").get(f"/overview?below={line}").status == 400
    assert city.visit("wang").get("/overview?month=2020-01").status == 200


def test_the_admin_binds_people_on_the_page(city: City) -> None:
    add_user(city.context, "boss", Role.ADMIN, PASSWORD)
    boss = city.visit("boss")
    form = {"name": "zhou", "role": "department", "office": "", "parent": "", "agency": ""}
    assert boss.post("/admin/people", **form).status == 400
    wrong = boss.post("/admin/people", **{**form, "parent": "P-2", "agency": "市卫健委"})
    assert wrong.status == 400
    assert 'value="P-2"' in wrong.text, "what was typed is kept"
    assert boss.post("/admin/people", **{**form, "parent": "P-2"}).status == 200
    zhou = next(user for user in list_users(city.context) if user.name == "zhou")
    assert zhou.body == Body(parent_code="P-2")


def test_a_department_opens_the_months_of_its_own_offices_alone(city: City) -> None:
    score(city.context, "2023-03", **{"AG-1": (60, 20, 20), "HE-2": (90, 6, 4)})
    bureau, schools = city.visit("bureau"), city.visit("schools")
    listed = bureau.get("/deliver/offices?month=2023-03").text
    assert "/deliver/offices/2023-03/AG-1" in listed
    assert listed.count("60.0%") == 1
    hidden = bureau.get("/deliver/offices/2023-03/HE-2").text
    assert "90.0%" not in hidden, "four people were dissatisfied"
    assert bureau.get("/deliver/offices/2023-03/AG-1").status == 200
    assert "AG-1" not in schools.get("/deliver/offices?month=2023-03").text
    for path in ("2023-03/AG-1", "2023-03/NO-1", "2023-02/AG-1"):
        assert schools.get(f"/deliver/offices/{path}").status == 404, path
    assert bureau.get("/deliver/offices/2023-02/AG-1").status == 404, "not scored"


def test_full_numbers_are_for_the_agency_that_calls_and_each_is_logged(city: City) -> None:
    drawn = JUNE - timedelta(days=10)
    add_survey(city.context, "HE-2", "K-1", drawn_on=drawn.date(), opened_at=drawn)
    health, finance = city.visit("health"), city.visit("finance")
    form = {"category": "health", "day": "2023-06-30"}
    for path in ("list", "file"):
        assert finance.post(f"/deliver/handover/{path}", **form).status == 404
        other = health.post(f"/deliver/handover/{path}", **{**form, "category": "finance"})
        assert other.status == 404
    assert finance.get("/deliver/handover?category=health").status == 404
    assert "K-1" not in health.get("/deliver/handover?month=2023-06").text
    assert looks(city) == []
    shown = health.post("/deliver/handover/list", **form).text
    assert "13812345678" in shown
    assert looks(city) == [("health", "HE-2/K-1")]
    assert health.post("/deliver/handover/file", **form).content.startswith(b"PK")
    assert len(looks(city)) == 2
    outstanding = health.get("/deliver/handover?month=2023-06").text
    assert "K-1" in outstanding
    assert "13812345678" not in outstanding


def looks(city: City) -> list[tuple[str, str]]:
    """Return who took which number, by the audit log."""
    exported = select(audit_log.c.actor, audit_log.c.key).where(audit_log.c.action == "exported")
    with reading(city.context.engine) as connection:
        return [(row.actor, row.key) for row in connection.execute(exported)]


def count(city: City, table: Table) -> int:
    with reading(city.context.engine) as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


FILING = {"filing_no": "F-1", "month": "2023-05", "filed_on": "2023-06-20", "nothing_found": ""}
FILING |= {"problems": "late permits", "year": "2023"}


def test_a_department_changes_no_filing_of_another(city: City) -> None:
    """Neither by naming the other department nor by using the number of its filing."""
    bureau, schools = city.visit("bureau"), city.visit("schools")
    assert bureau.post("/deliver/forms/filings", **FILING).status == 303
    stolen = schools.post("/deliver/forms/filings", **{**FILING, "problems": "none at all"})
    assert stolen.status == 400
    assert "there is another record under this number" in stolen.text
    assert "late permits" not in stolen.text
    named = schools.post(
        "/deliver/forms/filings", **{**FILING, "filing_no": "F-2", "parent_code": "P-1"}
    )
    assert named.status == 303, "its own code is put in the place of what is posted"
    with reading(city.context.engine) as connection:
        found = connection.execute(select(filings.c.filing_no, filings.c.parent_code)).all()
    assert sorted(tuple(row) for row in found) == [("F-1", "P-1"), ("F-2", "P-2")]


def test_grades_are_held_against_the_bounds_while_choosing_and_when_stored(city: City) -> None:
    bureau, address = city.visit("bureau"), "/deliver/forms/parent-grades"
    page = bureau.get(f"{address}?year=2023").text
    assert 'name="grade.AG-1"' in page
    assert "HE-2" not in page
    assert "at most 1 excellent" in bureau.post(f"{address}/check", year="2023").text
    stolen = city.visit("schools").post(address, **{"year": "2023", "grade.AG-1": "good"})
    assert stolen.status == 400
    assert "AG-1 is no office of P-2" in stolen.text
    assert bureau.post(address, **{"year": "2023", "grade.AG-1": "best"}).status == 400
    assert count(city, parent_grades) == 0
    assert bureau.post(address, **{"year": "2023", "grade.AG-1": "excellent"}).status == 303
    assert count(city, parent_grades) == 1


def test_an_agency_gives_points_to_its_own_categories_alone(city: City) -> None:
    health, address = city.visit("health"), "/deliver/forms/performance"
    refused = health.post(address, **{"year": "2023", "points.HE-2": "9.5", "points.FI-4": "1"})
    assert refused.status == 400
    assert 'value="9.5"' in refused.text, "what was typed is kept"
    assert count(city, performance_points) == 0, "no row of the form is stored"
    assert health.post(address, **{"year": "2023", "points.HE-2": "9.5"}).status == 303
    assert 'value="9.5"' in health.get(f"{address}?year=2023").text
    for name, kind in (("bureau", "performance"), ("health", "filings"), ("hotline", "cases")):
        assert city.visit(name).get(f"/deliver/forms/{kind}").status == 404, (name, kind)
        assert city.visit(name).post(f"/deliver/forms/{kind}", year="2023").status == 404
    for year in ("1999", "x", "3000"):
        assert health.get(f"{address}?year={year}").status == 400, year


def test_a_month_of_results_is_entered_and_comes_back(city: City) -> None:
    health, address = city.visit("health"), "/deliver/forms/satisfaction"
    counts = dict(zip(COUNTS, ("40", "20", "15", "3", "2"), strict=True))
    form = {f"{name}.HE-3": text for name, text in counts.items()}
    wrong = health.post(address, month="2023-05", **{**form, "sampled.HE-3": "10"})
    assert wrong.status == 400
    assert health.post(address, month="2023-05", **form).status == 303
    assert 'value="15"' in health.get(f"{address}?month=2023-05").text
    assert count(city, satisfaction_results) == 1


def test_an_award_to_the_department_brings_its_shares_together(city: City) -> None:
    form = {"award_no": "A-1", "work": "one window", "level": "G4", "recipient": "parent"}
    form |= {"issued_on": "2023-05-05", "confirmed": "yes", "year": "2023", "office.AG-1": "1"}
    form |= {"office.HE-2": "1", "share.AG-1": "0.5", "share.HE-2": "0.4"}
    bureau = city.visit("bureau")
    assert bureau.post("/deliver/forms/awards", **form).status == 400
    assert count(city, awards) == 0
    assert bureau.post("/deliver/forms/awards", **{**form, "share.HE-2": "0.5"}).status == 303
    assert count(city, awards) == 2


def test_the_hotline_centre_brings_records_and_ranks(city: City) -> None:
    hotline = city.visit("hotline")
    record = {"record_no": "H-1", "clause": "D1.1", "office_code": "AG-1", "year": "2023"}
    record |= {"occurred_on": "2023-05-05"}
    assert hotline.post("/deliver/forms/hotline", **record).status == 303
    assert "P-2" not in hotline.get("/deliver/forms/hotline-rank?year=2023").text, "not ranked"
    ranks = hotline.post("/deliver/forms/hotline-rank", **{"year": "2023", "rank.P-1": "3"})
    assert ranks.status == 303
    assert count(city, hotline_ranks) == count(city, hotline_records) == 1


def test_a_file_is_looked_at_and_taken_by_the_user_who_brought_it(city: City) -> None:
    lines = "office_code,points,source\nHE-3,8,市卫健委\nFI-4,1,市卫健委\n"
    health = city.visit("health")
    brought = bring(health, "performance", lines)
    assert brought.status == 303, brought.text
    token = brought.location.rpartition("/")[2]
    page = health.get(f"/deliver/files/{token}").text
    assert '<dd id="accepted">1</dd>' in page
    assert "FI-4" in page
    before = count(city, performance_points)
    for name in ("finance", "bureau", "hotline"):
        for path in (token, f"{token}/refused.csv"):
            assert city.visit(name).get(f"/deliver/files/{path}").status == 404, name
        assert city.visit(name).post(f"/deliver/files/{token}/take").status == 404
        assert city.visit(name).post(f"/deliver/files/{token}/drop").status == 404
    assert count(city, performance_points) == before
    assert health.post(f"/deliver/files/{token}/take").status == 303
    assert count(city, performance_points) == before + 1
    assert bring(health, "filings", lines).status == 400


def bring(visitor: AsgiClient, kind: str, text: str) -> AsgiAnswer:
    """Upload a file."""
    parts = [f'--b\r\nContent-Disposition: form-data; name="kind"\r\n\r\n{kind}\r\n']
    parts += ['--b\r\nContent-Disposition: form-data; name="year"\r\n\r\n2023\r\n']
    head = '--b\r\nContent-Disposition: form-data; name="file"; filename="points.csv"\r\n\r\n'
    body = "".join((*parts, head, text, "\r\n--b--\r\n")).encode()
    sent = {"content-type": "multipart/form-data; boundary=b"}
    return visitor.ask("POST", "/deliver/files", body, sent)
