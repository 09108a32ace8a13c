"""Who is told what by chat, e-mail or SMS: once a day at most, by real requests to a channel."""

import json
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import select, text

from survey_pipeline.app import App
from survey_pipeline.day_runs import claim, give_back
from survey_pipeline.errors import SurveyPipelineError, UnknownRecord, UsageError
from survey_pipeline.i18n import Message
from survey_pipeline.notifications.channels import Text
from survey_pipeline.notifications.contacts import (
    Concern,
    add_contact,
    find_contact,
    list_contacts,
    remove_contact,
)
from survey_pipeline.notifications.sending import (
    NewsForContact,
    due_deliveries,
    send_notifications,
    send_test_notification,
)
from survey_pipeline.notifications.sent import list_sent
from survey_pipeline.people.accounts import add_user
from survey_pipeline.people.sessions import open_session
from survey_pipeline.reports.alerts import alerts
from survey_pipeline.stages.dispatch.gateway_states import resume, stop
from survey_pipeline.stages.dispatch.segments import measure
from survey_pipeline.stages.evidence.objections import add_objection, decide_objection
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import audit_log, offices, parents
from survey_pipeline.survey.opt_outs import opt_out
from survey_pipeline.testing import FakeGateway, SetContext, add_case, add_offices, workspace
from survey_pipeline.testing.asgi_client import AsgiClient
from survey_pipeline.vocabulary import AuditAction, Audited, Decision, NotificationKind, Role
from survey_pipeline.web.application import make_web

pytestmark = pytest.mark.usefixtures("database")

MORNING = datetime(2023, 5, 24, 2, 0, tzinfo=UTC)
"""Wednesday 24 May 2023, 10:00 in Shanghai: the day before the 25th."""
EVERYTHING = list(NotificationKind)
SECRET = "a-token-that-opens-it"


class Channel:
    """A group chat's address: takes what is posted, or refuses it while it is broken."""

    def __init__(self) -> None:
        self.taken: list[dict[str, str]] = []
        self.broken = False
        channel = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                posted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if not channel.broken:
                    channel.taken.append(posted)
                self.send_response(500 if channel.broken else 200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"json://user:{SECRET}@127.0.0.1:{self._server.server_port}/hook"

    @property
    def lines(self) -> list[str]:
        return [line for posted in self.taken for line in posted["message"].splitlines()]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def channel() -> Iterator[Channel]:
    made = Channel()
    yield made
    made.close()


@pytest.fixture
def context(tmp_path: Path) -> Iterator[SetContext]:
    """A city of two departments that reports since Sunday; of Monday and Tuesday nothing came."""
    made = workspace(tmp_path, at=MORNING - timedelta(days=3), gateway=[{"kind": "simulated"}])
    with writing(made.engine) as connection:
        for code in ("P-1", "P-2"):
            connection.execute(
                parents.insert().values(
                    parent_code=code, name=f"Bureau {code}", hotline_group="none"
                )
            )
    add_offices(made, "agency", "education")
    with writing(made.engine) as connection:
        connection.execute(
            offices.update().where(offices.c.office_code == "ED-2").values(parent_code="P-2")
        )
    add_case(made, "AG-1", "C-1", "+8613812345678", reported_on=date(2023, 5, 21))
    made.clock.at = MORNING
    yield made
    made.engine.dispose()


def sent(context: SetContext, gateway: FakeGateway | None = None) -> Sequence[NewsForContact]:
    gateways = {"simulated": gateway} if gateway else {}
    return send_notifications(context, lambda: gateways)


def test_everything_new_comes_in_one_text_and_comes_once(
    context: SetContext, channel: Channel
) -> None:
    add_contact(context, "organisers", channel.address, EVERYTHING)
    add_objection(context, "AG-1", text="Citizen 13812345678 never came", month="2023-04")
    stop(context, "simulated", "bad password", 100)
    sent(context)
    [posted] = channel.taken
    assert posted["title"] == f"Satisfaction survey: {len(channel.lines)} notifications"
    assert "Office 1 has objected to its score of 2023-04: objection 1" in channel.lines
    assert "the gateway simulated has stopped: its configuration is to be mended" in channel.lines
    assert "13812345678" not in posted["message"]
    assert "never came" not in posted["message"]
    assert any("2023-04" in line and "due tomorrow" in line for line in channel.lines)
    sent(context)
    context.clock.at += timedelta(hours=2)
    assert not due_deliveries(context)
    assert len(channel.taken) == 1


def test_missing_reports_are_told_each_working_day_while_they_are_missing(
    context: SetContext, channel: Channel
) -> None:
    add_contact(context, "o", channel.address, [NotificationKind.MISSING_REPORTS])
    sent(context)
    assert channel.lines == [
        "Office 1: no case reports of 2 working days from 2023-05-22 to 2023-05-23",
        "Office 2: no case reports of 2 working days from 2023-05-22 to 2023-05-23",
    ]
    context.clock.at += timedelta(days=1)
    sent(context)
    assert len(channel.taken) == 2
    context.clock.at = datetime(2023, 5, 27, 2, 0, tzinfo=UTC)  # a Saturday
    assert not due_deliveries(context)


def test_reminders_go_out_within_their_hours_and_what_stops_the_work_at_any(
    context: SetContext, channel: Channel
) -> None:
    add_contact(context, "o", channel.address, EVERYTHING)
    context.clock.at = datetime(2023, 5, 24, 15, 0, tzinfo=UTC)  # 23:00
    assert not due_deliveries(context)
    with writing(context.engine) as connection:
        held = claim(connection, context.today(), context.now())
        assert held is not None
        give_back(connection, held, context.now(), Message("the disk is full"))
    sent(context)
    assert channel.lines == [
        "the daily run of 2023-05-24 failed: the disk is full. It is tried again"
    ]


@pytest.mark.parametrize(
    ("day", "is_told"),
    [
        (date(2023, 5, 18), True),  # 7 days before the 25th
        (date(2023, 5, 19), False),
        (date(2023, 5, 24), True),
        (date(2023, 5, 25), True),
        (date(2023, 5, 26), True),  # the first day after it
        (date(2023, 5, 29), False),
        (date(2023, 6, 2), True),  # a week later
    ],
)
def test_a_monthly_duty_is_reminded_of_near_its_date(
    context: SetContext, channel: Channel, day: date, is_told: bool
) -> None:
    context.clock.at = datetime(2023, 4, 3, tzinfo=UTC)
    add_contact(context, "o", channel.address, [NotificationKind.MONTHLY])
    context.clock.at = datetime.combine(day, MORNING.time(), tzinfo=UTC)
    told = [line for delivery in due_deliveries(context) for line in delivery.text.lines]
    assert any("2023-04" in line for line in told) is is_told


def test_a_contact_of_a_body_is_told_of_that_body_alone(
    context: SetContext, channel: Channel
) -> None:
    bodies = {
        "office": Concern(office_code="AG-1"),
        "department": Concern(parent_code="P-2"),
        "bureau": Concern(agency="市教育局"),
    }
    for name, concern in bodies.items():
        add_contact(context, name, channel.address, EVERYTHING, concern, "zh_CN")
    add_objection(context, "ED-2", text="t", month="2023-04")
    stop(context, "simulated", "bad password", 100)
    told = {delivery.contact.name: delivery.text.lines for delivery in due_deliveries(context)}
    assert all("Office 1" in line for line in told["office"])
    assert all("Office 2" in line or "Bureau P-2" in line for line in told["department"])
    assert any("Office 2" in line for line in told["department"])
    assert all("市教育局" in line for line in told["bureau"])
    assert told["bureau"]


def test_a_decision_is_told_to_the_office_that_objected(
    context: SetContext, channel: Channel
) -> None:
    kinds = [NotificationKind.DECISION]
    add_contact(context, "mine", channel.address, kinds, Concern(office_code="AG-1"))
    add_contact(context, "theirs", channel.address, kinds, Concern(office_code="ED-2"))
    made = add_objection(context, "AG-1", text="t", month="2023-04")
    decide_objection(context, made.id, Decision.REJECTED, reason="it was in time")
    [delivery] = sent(context)
    assert delivery.contact.name == "mine"
    assert channel.lines == ["Office 1: objection 1 was rejected"]


def test_a_gateway_that_stops_again_is_told_again(context: SetContext, channel: Channel) -> None:
    add_contact(context, "o", channel.address, [NotificationKind.GATEWAY_STOPPED])
    for _ in range(2):
        stop(context, "simulated", "bad password", 100)
        sent(context)
        context.clock.at += timedelta(minutes=10)
        resume(context, "simulated", 100)
        sent(context)
    assert len(channel.taken) == 2


def test_a_channel_that_fails_is_tried_three_times_and_shown_on_the_day(
    context: SetContext, channel: Channel
) -> None:
    add_contact(context, "group", channel.address, [NotificationKind.OBJECTION])
    add_objection(context, "AG-1", text="t", month="2023-04")
    channel.broken = True
    for _ in range(5):
        sent(context)
        context.clock.at += timedelta(minutes=16)
    [listed] = list_sent(context, only_failed=True)
    assert listed.attempts == 3
    [alert] = [each for each in alerts(context) if "group" in str(each)]
    assert "are not delivered" in str(alert)
    assert SECRET not in str(alert)
    channel.broken = False
    add_objection(context, "AG-1", text="u", month="2023-03")
    sent(context)
    assert not [each for each in alerts(context) if "group" in str(each)]


def test_processes_at_once_tell_each_thing_once(context: SetContext, channel: Channel) -> None:
    add_contact(context, "o", channel.address, EVERYTHING)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: sent(context), range(4)))
    assert len(channel.lines) == len(set(channel.lines)) > 0


def test_what_was_cut_off_is_not_sent_again(context: SetContext, channel: Channel) -> None:
    class Killed(BaseException):
        """Stands for the end of the process."""

    def gateways() -> dict[str, FakeGateway]:
        raise Killed

    add_contact(context, "o", channel.address, [NotificationKind.MISSING_REPORTS])
    with pytest.raises(Killed):
        send_notifications(context, gateways)
    sent(context)
    assert channel.taken == []
    assert {each.state for each in list_sent(context)} == {"sending"}


def test_a_number_gets_a_short_text_through_the_gateway(context: SetContext) -> None:
    add_contact(context, "wang", "138 1234 5678", [NotificationKind.MISSING_REPORTS])
    gateway = FakeGateway()
    [delivery] = sent(context, gateway)
    assert delivery.problem is None
    [message] = gateway.ledger
    assert message.to == "+8613812345678"
    assert measure(message.text).segments <= 2
    assert "Office 1" in message.text


def test_a_number_that_opted_out_gets_nothing(context: SetContext) -> None:
    with writing(context.engine) as connection:
        opt_out(
            connection,
            context.keys.phone_hash("+8613812345678"),
            "simulated",
            None,
            context.now(),
        )
    add_contact(context, "wang", "13812345678", [NotificationKind.MISSING_REPORTS])
    gateway = FakeGateway()
    [delivery] = sent(context, gateway)
    assert "opted out" in str(delivery.problem)
    assert gateway.ledger == []


@pytest.mark.parametrize("count", [1, 2, 3, 40])
def test_a_short_text_says_how_much_it_leaves_out(count: int) -> None:
    lines = tuple(f"Office {number}: no case report of 2023-05-22" for number in range(count))
    short = Text("Satisfaction survey", lines, "en").short()
    assert measure(short).segments <= 2
    shown = sum(line in short for line in lines)
    assert shown == count or f"{count - shown} more" in short


@pytest.mark.parametrize("address", ["", "nonsense", "nonsense://x", "0577-88966822", "1381234567"])
def test_an_address_that_nothing_reaches_is_refused(context: SetContext, address: str) -> None:
    with pytest.raises(UsageError):
        add_contact(context, "o", address, EVERYTHING)
    assert list_contacts(context) == []


@pytest.mark.parametrize(
    "concern",
    [
        Concern(office_code="XX"),
        Concern(parent_code="XX"),
        Concern(agency="some bureau"),
        Concern(office_code="AG-1", parent_code="P-1"),
    ],
)
def test_a_body_that_nobody_knows_is_refused(
    context: SetContext, channel: Channel, concern: Concern
) -> None:
    with pytest.raises(SurveyPipelineError):
        add_contact(context, "o", channel.address, EVERYTHING, concern)


def test_no_address_stands_in_the_database_the_journal_or_a_message(
    context: SetContext, channel: Channel
) -> None:
    made = add_contact(context, "o", channel.address, EVERYTHING)
    assert SECRET not in repr(made) + made.shown_address
    with reading(context.engine) as connection:
        [stored] = connection.execute(text("SELECT address FROM notification_contacts")).scalars()
        entries = connection.execute(
            select(audit_log).where(audit_log.c.kind == Audited.NOTIFICATION_CONTACTS)
        ).all()
    assert SECRET not in stored
    assert [entry.action for entry in entries] == [AuditAction.CREATED]
    assert SECRET not in str(entries)
    remove_contact(context, made.id)
    with pytest.raises(UnknownRecord):
        find_contact(context, made.id)
    assert sent(context) == []


def test_a_test_reaches_a_contact_and_says_what_came_of_it(
    context: SetContext, channel: Channel
) -> None:
    made = add_contact(context, "group", channel.address, EVERYTHING)
    assert send_test_notification(context, dict, made.id) is None
    assert channel.lines == ["This is a test: notifications to group arrive here"]
    channel.broken = True
    problem = send_test_notification(context, dict, made.id)
    assert problem is not None
    assert SECRET not in str(problem)


def test_a_demo_tells_nobody(tmp_path: Path, channel: Channel) -> None:
    made = workspace(tmp_path, at=MORNING, demo=True)
    add_offices(made, "agency")
    add_contact(made, "o", channel.address, EVERYTHING)
    add_objection(made, "AG-1", text="t", month="2023-04")
    assert due_deliveries(made) == []
    made.engine.dispose()


def test_the_page_adds_tests_and_removes_a_contact_and_shows_no_address(
    context: SetContext, channel: Channel
) -> None:
    add_user(context, "boss", Role.ADMIN, "correct horse battery")
    client = AsgiClient(
        make_web(App(context, {})), session=open_session(context.acting("boss"), "boss")
    )
    form = {"name": "group", "about": "office", "code": "AG-1", "kinds": "objection"}
    refused = client.post("/admin/notifications", **form, address=f"nonsense://{SECRET}")
    assert refused.status == 400
    assert 'value="group"' in refused.text
    added = client.post("/admin/notifications", **form, address=channel.address)
    assert added.status == 303
    page = client.get("/admin/notifications")
    tried = client.post("/admin/notifications/test", number="1")
    assert "The channel took the test" in tried.text
    for shown in (refused, page, tried):
        assert SECRET not in shown.text
    assert "group" in page.text
    assert client.post("/admin/notifications/remove", number="1").status == 303
    assert list_contacts(context) == []
