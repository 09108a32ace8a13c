"""The offices' API and the metrics, over a real server (specification, sections 3, 9, 10)."""

import http.client
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from prometheus_client.parser import text_string_to_metric_families
from schemathesis import GenerationMode
from schemathesis.checks import negative_data_rejection
from sqlalchemy import select

from survey_pipeline import appraisal
from survey_pipeline.app import App
from survey_pipeline.people.api_keys import add_key, revoke_key
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import cases, import_runs
from survey_pipeline.survey.pausing import pause_sending
from survey_pipeline.testing import (
    NOON,
    SetContext,
    add_inbound,
    add_offices,
    add_survey,
    add_text,
    workspace,
)
from survey_pipeline.vocabulary import Category, MessageState, Rating, SurveyState
from survey_pipeline.web.api.endpoints import LARGEST_BODY
from survey_pipeline.web.application import make_web
from survey_pipeline.web.serving import listen, make_server

Answer = tuple[int, dict[str, str], Any]


class Served:
    """Our web on a free port, with two offices and the key of the first."""

    def __init__(self, context: SetContext, web: FastAPI, port: int) -> None:
        self.context, self.web, self.port = context, web, port
        self.mine, self.other = add_offices(context, Category.AGENCY, Category.AGENCY)
        self.number, self.key = add_key(context, self.mine, "counter system")

    def ask(
        self, method: str, path: str, body: bytes | Iterator[bytes] = b"", **headers: str
    ) -> Answer:
        named = {"Authorization": f"Bearer {self.key}", "Accept-Language": "en"}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            said = answer.read().decode()
        finally:
            connection.close()
        kind = answer.getheader("content-type") or ""
        known = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, known, json.loads(said) if "json" in kind else said

    def report(self, document: object, **headers: str) -> Answer:
        return self.ask("POST", "/api/v1/cases", json.dumps(document).encode(), **headers)

    def row(self, case_no: str = "K-1", **more: Any) -> dict[str, object]:
        values = {"served_on": "2023-05-04", "phone": "13857710001", "item": "Licence"}
        return {"office_code": self.mine, "case_no": case_no, **values, **more}

    def stored(self) -> list[str]:
        with reading(self.context.engine) as connection:
            return list(connection.scalars(select(cases.c.case_no).order_by(cases.c.case_no)))


@contextmanager
def serving(home: Path, **sections: Any) -> Iterator[Served]:
    context = workspace(home, **sections)
    web = make_web(App(context, {}))
    listening = listen("127.0.0.1", 0)
    server = make_server(web)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield Served(context, web, listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
        context.engine.dispose()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as one:
        yield one


def test_rows_are_answered_one_by_one_and_the_sound_ones_stored(served: Served) -> None:
    served.report([served.row("K-1"), served.row("K-2")])
    status, _, said = served.report(
        [
            served.row("K-1"),
            served.row("K-2", item="Permit"),
            served.row("K-3", phone=13857710003),
            served.row("K-4", phone="1.38123E+10", served_on="04/05/2023"),
            served.row("K-5", office_code=served.other),
            "no row",
        ]
    )
    assert status == 200
    assert [(one["row"], one["outcome"]) for one in said["rows"]] == [
        (1, "unchanged"),
        (2, "updated"),
        (3, "accepted"),
        (4, "refused"),
        (5, "refused"),
        (6, "refused"),
    ]
    numbers = {name: said[name] for name in ("accepted", "updated", "unchanged", "refused")}
    assert numbers == {"accepted": 1, "updated": 1, "unchanged": 1, "refused": 3}
    assert [one["column"] for one in said["rows"][3]["problems"]] == ["served_on", "phone"]
    assert "lost digits" in said["rows"][3]["problems"][1]["reason"]
    assert said["rows"][4]["problems"][0]["column"] == "office_code"
    assert served.stored() == ["K-1", "K-2", "K-3"]


def test_numbers_are_read_as_they_are_written(served: Served) -> None:
    """1.38E+10 has lost its digits, 13857710001.0 has not; a long number loses none."""
    body = '[{"office_code": "AG-1", "case_no": 20230504000000000017, "served_on": "2023-05-04", '
    body += '"phone": 13857710001.0, "item": "x"}]'
    status, _, _ = served.ask("POST", "/api/v1/cases", body.encode())
    assert (status, served.stored()) == (200, ["20230504000000000017"])


def test_the_journal_says_whose_key_it_was(served: Served) -> None:
    served.report([served.row()])
    with reading(served.context.engine) as connection:
        (run,) = connection.execute(select(import_runs)).all()
    assert (run.by, run.file_name) == (f"key of {served.mine}", "API")


def test_a_missed_day_can_be_named(served: Served) -> None:
    rows = [served.row(served_on="2023-05-03")]
    status, _, said = served.report({"rows": rows, "reported_on": "2023-05-03"})
    assert (status, said["reported_on"], said["accepted"]) == (200, "2023-05-03", 1)
    status, _, said = served.report({"rows": rows, "reported_on": "2023-05-05"})
    assert (status, said["detail"]) == (409, "the report day 2023-05-05 is in the future")


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer nonsense", "Basic c3A6eA==", "Bearer \xff"]
)
def test_without_a_key_nothing_is_answered(served: Served, authorization: str) -> None:
    for method, path in (("POST", "/api/v1/cases"), ("GET", "/api/v1/scores?month=2023-04")):
        status, headers, said = served.ask(method, path, Authorization=authorization)
        assert (status, headers["www-authenticate"]) == (401, "Bearer")
        assert "office's key" in said["detail"]


def test_a_revoked_key_opens_nothing(served: Served) -> None:
    revoke_key(served.context, served.number)
    assert served.report([served.row()])[0] == 401
    assert served.stored() == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "no JSON"),
        (b"office_code,case_no", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"{}", "send the rows as a list"),
        (b"5", "send the rows as a list"),
        (b'{"rows": {}}', "send the rows as a list"),
        (b'{"rows": [], "reported_on": "yesterday"}', "reported_on is no date"),
        (b'{"rows": [], "reported_on": ["2023"]}', "reported_on is no date"),
    ],
)
def test_a_body_without_rows_is_refused_in_words(served: Served, body: bytes, words: str) -> None:
    status, _, said = served.ask("POST", "/api/v1/cases", body)
    assert status == 422
    assert words in said["detail"]


TRIALS = Path(__file__).parents[1] / "data" / "trials"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_json_does_not_have_is_refused(served: Served, number: str) -> None:
    body = (TRIALS / "nan.json").read_text().replace("NaN", number)
    status, _, said = served.ask("POST", "/api/v1/cases", body.encode())
    assert status == 422
    assert f"{number} is no number of JSON" in said["detail"]
    assert served.stored() == []


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("case_no", "1E400", "out of range"),
        ("case_no", "1e-400", "out of range"),
        ("case_no", "9" * 5_000, "5000 characters"),
        ("phone", "9" * 5_000, "too long"),
        ("case_no", '"\\ud800"', "control characters"),
        ("item", '"a\\udfffb"', "control characters"),
        ("item", "[" * 900 + "]" * 900, "no text"),
        ("item", "true", "no text"),
        ("item", '"#REF!"', "spreadsheet's error"),
        ("item", '"无"', "there is nothing"),
        ("item", '"\\u200b"', "the cell is empty"),
        ("phone", '"138****0001"', "masked"),
    ],
)
def test_a_value_that_is_no_cell_refuses_its_row_alone(
    served: Served, name: str, value: str, reason: str
) -> None:
    row = json.dumps({**served.row("K-1"), name: "HERE"}).replace('"HERE"', value)
    sound = json.dumps(served.row("K-2"))
    status, _, said = served.ask("POST", "/api/v1/cases", f"[{row},{sound}]".encode())
    assert (status, served.stored()) == (200, ["K-2"])
    (problem,) = said["rows"][0]["problems"]
    assert problem["column"] == name
    assert reason in problem["reason"]


@pytest.mark.parametrize(
    ("written", "key"), [("2.023E3", "2023"), ("2023.0", "2023"), ("2e1", "20"), ('"7e12"', "7e12")]
)
def test_a_number_with_an_exponent_is_its_digits(served: Served, written: str, key: str) -> None:
    row = json.dumps(served.row("HERE")).replace('"HERE"', written)
    served.ask("POST", "/api/v1/cases", f"[{row}]".encode())
    assert served.stored() == [key]


def test_a_name_that_stands_twice(served: Served) -> None:
    row = json.dumps(served.row("K-1"))
    twice = row.replace("{", '{"case_no": "K-0", ', 1)
    _, _, said = served.ask("POST", "/api/v1/cases", f"[{twice}]".encode())
    assert said["rows"][0]["problems"] == [
        {"column": "case_no", "reason": "the name case_no stands twice in the row; write it once"}
    ]
    body = f'{{"rows": [{row}], "rows": []}}'.encode()
    status, _, said = served.ask("POST", "/api/v1/cases", body)
    assert (status, "the name rows stands twice" in said["detail"]) == (422, True)
    assert served.stored() == []


def test_deep_nesting_is_refused_in_words(served: Served) -> None:
    for body in (b"[" * 100_000, b'{"a":' * 100_000):
        status, _, said = served.ask("POST", "/api/v1/cases", body)
        assert (status, "nested too deeply" in said["detail"]) == (422, True)


def test_a_byte_order_mark_does_no_harm(served: Served) -> None:
    body = b"\xef\xbb\xbf" + json.dumps([served.row()]).encode()
    assert served.ask("POST", "/api/v1/cases", body)[0] == 200
    assert served.stored() == ["K-1"]


def test_of_two_names_of_one_column_the_better_one_that_is_filled_counts(served: Served) -> None:
    rows = [
        served.row("K-1", phone=None, 手机="13857710001"),
        served.row("K-2", phone="无", 手机="13857710001", 电话="\u200b"),
        {"电话": "0577-88966822", **served.row("K-3")},
        served.row("K-4", 手机="13857710001"),
    ]
    _, _, said = served.report(rows)
    assert [one["outcome"] for one in said["rows"]] == ["accepted"] * 4
    warnings = [[problem["reason"] for problem in one["warnings"]] for one in said["rows"]]
    different = "电话 means the same and says something else; it is not read"
    assert warnings == [[], [], [different], []]


def test_a_number_in_the_wrong_place_is_masked_in_the_answer(served: Served) -> None:
    row = served.row("K-1", served_on="138 5771 0001", **{"13857710002": "x"})
    _, _, said = served.report([row])
    assert "138****0001" in said["rows"][0]["problems"][0]["reason"]
    assert said["ignored"] == ["138****0002"]


def test_the_words_are_in_the_callers_language(served: Served) -> None:
    _, _, said = served.report([{}], Accept_Language="fr, zh;q=0.8")
    (reason,) = [one["reason"] for one in said["rows"][0]["problems"]]
    assert reason != "the row is empty"
    assert not reason.isascii()


def test_too_much_at_once_is_refused(served: Served) -> None:
    status, _, said = served.report([{}] * 10_001)
    assert (status, said["detail"]) == (413, "10001 rows are too many at once; send at most 10000")

    def endless() -> Iterator[bytes]:
        for _ in range(LARGEST_BODY // 65_536 + 2):
            yield b" " * 65_536

    status, _, said = served.ask("POST", "/api/v1/cases", endless())
    assert status == 413


def test_an_address_that_is_not_there_is_answered_like_the_others(served: Served) -> None:
    status, headers, said = served.ask("GET", "/api/v1/nothing")
    assert (status, list(said)) == (404, ["detail"])
    status, headers, said = served.ask("GET", "/api/v1/cases")
    assert (status, headers["allow"], list(said)) == (405, "POST", ["detail"])


def rated(
    served: Served,
    office: str,
    at: datetime,
    count: int,
    state: SurveyState,
    ratings: Sequence[Rating] = (Rating.DISSATISFIED, Rating.NEUTRAL, Rating.SATISFIED),
    now: datetime = NOON,
) -> None:
    """Rate so many cases, with the ratings in turn; the month is scored `now`."""
    served.context.clock.at = at
    for number in range(count):
        add_survey(
            served.context,
            office,
            f"{at:%m%d}-{number}",
            f"+86138123456{number:02}",
            state=state,
            rating=(rating := ratings[number % len(ratings)]),
            rated_by="sms",
            reason="attitude" if rating is Rating.DISSATISFIED else None,
        )
    served.context.clock.at = now
    appraisal.score_month(served.context, f"{at:%Y-%m}")


MARCH, APRIL = datetime(2023, 3, 6, 4, tzinfo=UTC), datetime(2023, 4, 6, 4, tzinfo=UTC)


def test_a_closed_month_of_the_keys_office_is_shown(served: Served) -> None:
    rated(served, served.mine, MARCH, 15, SurveyState.CLOSED)
    status, _, said = served.ask("GET", "/api/v1/scores?month=2023-03")
    assert status == 200
    assert (said["office_code"], said["rated"], said["satisfied"]) == (served.mine, 15, 5)
    assert (said["rate"], said["whole"], said["reasons"]) == ("0.5333", True, {"attitude": 5})
    assert "drawn" not in said


def test_a_single_dissatisfied_citizen_is_not_told(served: Served) -> None:
    ratings = (Rating.SATISFIED, Rating.DISSATISFIED)
    rated(served, served.mine, MARCH, 5, SurveyState.CLOSED, ratings)
    _, _, said = served.ask("GET", "/api/v1/scores?month=2023-03")
    assert (said["shown"], said["whole"], said["rated"]) == (True, False, 5)
    hidden = ("satisfied", "neutral", "dissatisfied", "rate", "rate_low", "rate_high")
    assert not [name for name in (*hidden, "points", "rank", "nearly_all") if said[name]]
    assert (said["reasons"], said["notes"]) == ({}, [])


def test_unanimous_citizens_are_not_told(served: Served) -> None:
    rated(served, served.mine, MARCH, 20, SurveyState.CLOSED, (Rating.SATISFIED,))
    _, _, said = served.ask("GET", "/api/v1/scores?month=2023-03")
    assert (said["rated"], said["satisfied"], said["rate"]) == (20, None, None)
    assert (said["nearly_all"], said["nearly_all_share"]) == ("satisfied", "0.80")


def test_versions_of_a_closed_month_do_not_tell_one_answer(served: Served) -> None:
    """Neither computed again nor published; many more answers are shown again."""
    seen = []
    for day, (more, published) in enumerate([(18, False), (1, False), (0, True), (15, False)]):
        at, now = MARCH + timedelta(day), NOON + timedelta(hours=day)
        rated(served, served.mine, at, more, SurveyState.CLOSED, now=now)
        if published:
            appraisal.publish_score(served.context, "2023-03")
        _, _, said = served.ask("GET", "/api/v1/scores?month=2023-03")
        seen.append((said["version"], said["rated"], said["satisfied"], said["changed_since"]))
    assert seen == [(1, 18, 6, False), *[(1, 18, 6, True)] * 3]
    appraisal.publish_score(served.context, "2023-03")
    _, _, said = served.ask("GET", "/api/v1/scores?month=2023-03")
    assert (said["version"], said["rated"], said["published"]) == (3, 34, True)
    assert not said["changed_since"]


def test_four_ratings_show_nothing_that_rests_on_them(served: Served) -> None:
    rated(served, served.mine, MARCH, 4, SurveyState.CLOSED)
    _, _, said = served.ask("GET", "/api/v1/scores?month=2023-03")
    assert (said["shown"], said["least"], said["reported"]) == (False, 5, 4)
    shown = {name for name, value in said.items() if value}
    assert shown == {"month", "office_code", "version", "standard", "reported", "least"}


@pytest.mark.usefixtures("database")
def test_no_other_month_and_no_other_office_is_shown(served: Served) -> None:
    rated(served, served.mine, MARCH, 5, SurveyState.OPEN)
    rated(served, served.other, APRIL, 5, SurveyState.CLOSED)
    for month in ("2023-03", "2022-01", "0000-01"):
        status, _, said = served.ask("GET", f"/api/v1/scores?month={month}")
        assert (status, "last survey has ended" in said["detail"]) == (404, True)
    _, _, said = served.ask("GET", "/api/v1/scores?month=2023-04")
    assert said["office_code"] == served.mine
    assert (said["reported"], said["rated"]) == (0, None)
    for month in ("", "2023", "2023-13", "２０２３-04"):
        assert served.ask("GET", f"/api/v1/scores?month={quote(month)}")[0] == 422
    assert served.ask("GET", "/api/v1/scores")[0] == 422


def test_the_description_has_the_api_alone_with_examples_and_the_key(served: Served) -> None:
    status, _, said = served.ask("GET", "/openapi.json", Authorization="")
    assert status == 200
    assert sorted(said["paths"]) == ["/api/v1/cases", "/api/v1/scores"]
    assert said["components"]["securitySchemes"]["OfficeKey"]["scheme"] == "bearer"
    for path in said["paths"].values():
        for operation in path.values():
            assert operation["security"] == [{"OfficeKey": []}]
            assert operation["summary"]
            assert operation["description"]
            assert "401" in operation["responses"]
    body = said["paths"]["/api/v1/cases"]["post"]["requestBody"]["content"]["application/json"]
    for example in body["examples"].values():
        value = json.dumps(example["value"]).replace("WZ-AG-001", served.mine)
        _, _, answer = served.ask("POST", "/api/v1/cases", value.encode())
        assert [one["outcome"] for one in answer["rows"]] != []


MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
AT_ONCE = settings(
    max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("path", ["/api/v1/cases", "/api/v1/scores"])
def test_schemathesis_finds_no_fault(served: Served, path: str, mode: GenerationMode) -> None:
    """Whatever the description allows or forbids, the answer is one that it promises.

    A wrong row is answered, it does not make the whole request a wrong one: so rows that the
    description does not allow are not held against a 200.
    """
    url = f"http://127.0.0.1:{served.port}/openapi.json"
    schema = schemathesis.openapi.from_url(url).include(path=path)
    (operation,) = [one.ok() for one in schema.get_all_operations()]
    rated(served, served.mine, MARCH, 5, SurveyState.CLOSED)

    @AT_ONCE
    @given(case=operation.as_strategy(mode))
    def try_one(case: Any) -> None:
        case.call_and_validate(
            headers={"Authorization": f"Bearer {served.key}"},
            excluded_checks=[negative_data_rejection] if path.endswith("cases") else [],
        )

    try_one()


METRICS = {
    "survey_messages",
    "survey_receipts_pending",
    "survey_inbound_pending",
    "survey_inbound_unclear",
    "survey_calls",
    "survey_sending_paused",
    "survey_sending_stands_still",
    "survey_daily_run_timestamp_seconds",
    "survey_gateway_share",
    "survey_gateway_part",
    "survey_gateway_stopped",
    "survey_gateway_resting",
    "survey_spool_bytes",
    "survey_ready",
    "survey_queue_oldest_seconds",
    "survey_imported_rows_last_day",
    "survey_gateway_attempts_last_hour",
    "survey_stage_runs_total",
    "survey_stage_failures_total",
    "survey_stage_items_total",
    "survey_stage_seconds_total",
    "survey_stage_success_timestamp_seconds",
}
"""Dashboards know them by these names."""


def test_the_metrics_count_and_name_nobody(served: Served) -> None:
    survey = add_survey(served.context, served.mine, "K-77", "+8613812345678")
    add_text(served.context, survey, state=MessageState.QUEUED)
    add_inbound(served.context, survey, "who is this?")
    pause_sending(served.context)
    status, headers, said = served.ask("GET", "/metrics", Authorization="")
    assert status == 200
    assert headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = list(text_string_to_metric_families(said))
    values = {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }
    assert values["survey_messages", "queued"] == 1
    assert values["survey_messages", "failed"] == 0
    assert values["survey_inbound_unclear",] == 1
    assert values["survey_sending_paused",] == 1
    assert values["survey_daily_run_timestamp_seconds",] == 0
    assert {family.type for family in families} == {"gauge", "counter"}
    names = [line.split()[2] for line in said.splitlines() if line.startswith("# TYPE")]
    assert sorted(names) == sorted(METRICS)
    for word in ("138", "K-77", served.mine, "tester"):
        assert word not in said


def test_the_metrics_are_counted_anew_after_a_while(served: Served) -> None:
    served.ask("GET", "/metrics")
    survey = add_survey(served.context, served.mine)
    add_text(served.context, survey, state=MessageState.QUEUED)
    assert 'survey_messages{state="queued"} 0.0\n' in served.ask("GET", "/metrics")[2]
    served.context.clock.advance(timedelta(seconds=15))
    assert 'survey_messages{state="queued"} 1.0\n' in served.ask("GET", "/metrics")[2]


def test_the_metrics_are_for_this_machine(served: Served) -> None:
    """The proxy on this machine says who asks."""
    assert served.ask("GET", "/metrics", X_Forwarded_For="203.0.113.7")[0] == 403


def test_other_machines_may_read_the_metrics_where_it_is_configured(tmp_path: Path) -> None:
    with serving(tmp_path, metrics={"allow": ["203.0.113.0/24"]}) as served:
        assert served.ask("GET", "/metrics", X_Forwarded_For="203.0.113.7")[0] == 200
        assert served.ask("GET", "/metrics")[0] == 403
