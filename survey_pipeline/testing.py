"""Fakes and builders for tests, ours and gateway authors'. Nothing in the product imports it."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from shutil import copytree
from typing import Any, Self
from zoneinfo import ZoneInfo

from sqlalchemy import CursorResult, Row

from survey_pipeline.calendar import Calendar, SetClock
from survey_pipeline.context import Context
from survey_pipeline.edited import shipped
from survey_pipeline.errors import WebhookRefused
from survey_pipeline.gateways.port import (
    InboundEvent,
    OutgoingMessage,
    ReceiptEvent,
    SendResult,
    SentAnswer,
    SentState,
    WebhookRequest,
    accepted,
)
from survey_pipeline.scoring.facts import Answers
from survey_pipeline.scoring.month_row import ModeComparison, MonthRow
from survey_pipeline.settings import Settings
from survey_pipeline.standard.load import FOLDER as STANDARDS
from survey_pipeline.store.crypto import derived_keys
from survey_pipeline.store.engine import open_engine, writing
from survey_pipeline.store.tables import (
    cases,
    daily_reports,
    inbound,
    messages,
    offices,
    parents,
    representatives,
    surveys,
)
from survey_pipeline.testing_databases import database_url, new_database
from survey_pipeline.vocabulary import (
    Category,
    HotlineGroup,
    InboundUse,
    MessagePurpose,
    MessageState,
    Mode,
    PhoneKind,
    ReplyClass,
    ScoreSource,
    SendOutcome,
)

NOON = datetime(2023, 5, 4, 4, 0, tzinfo=UTC)
"""Thursday 4 May 2023, 12:00 in Shanghai: a working day."""


def workspace(home: Path, *, at: datetime = NOON, **sections: dict[str, Any]) -> Context:
    """Make a workspace with an up-to-date database, the shipped standards and a clock set to `at`.

    Args:
        home: an empty folder.
        at: the moment the clock shows; `context.clock.at = ...` moves it.
        sections: settings that differ from the shipped ones, by section
            (`sampling={"rate": "0.5"}`).
    """
    if not (home / STANDARDS).exists():
        copytree(shipped() / STANDARDS, home / STANDARDS)
    new_database(home)
    return reopened(home, at, **sections)


def reopened(home: Path, at: datetime, **sections: dict[str, Any]) -> Context:
    """Open a workspace that `workspace` has made once more, in another process for instance."""
    standards = {2023: "wenzhou-2023"}
    usual = {"locale": "en", "standards": standards, "database": {"url": database_url(home)}}
    settings = Settings.model_validate({**usual, **sections})
    return Context(
        home=home,
        settings=settings,
        engine=open_engine(settings.database.url, home),
        keys=derived_keys("test"),
        calendar=Calendar(ZoneInfo(settings.timezone)),
        clock=SetClock(at),
        actor="tester",
    )


def add_offices(context: Context, *categories: Category | str, **values: Any) -> list[str]:
    """Register one office per category named; return their codes (`AG-1`, `HE-2`, ...)."""
    codes = []
    with writing(context.engine) as connection:
        if connection.execute(parents.select()).first() is None:
            connection.execute(
                parents.insert().values(
                    parent_code="P-1", name="Bureau", hotline_group=HotlineGroup.CITY_AGENCY
                )
            )
        taken = len(connection.execute(offices.select()).all())
        for number, category in enumerate(categories, taken + 1):
            code = f"{str(category)[:2].upper()}-{number}"
            connection.execute(
                offices.insert().values(
                    office_code=code,
                    name=f"Office {number}",
                    category=str(category),
                    parent_code="P-1",
                    **values,
                )
            )
            codes.append(code)
    return codes


def add_case(
    context: Context,
    office_code: str,
    case_no: str,
    phone: str,
    *,
    reported_on: date | None = None,
    **values: Any,
) -> None:
    """Store one accepted case; `phone` is E.164, reported (and served) today unless said."""
    add_cases(context, [(office_code, case_no, phone)], reported_on=reported_on, **values)


def add_cases(
    context: Context,
    rows: Sequence[tuple[str, str, str]],
    *,
    reported_on: date | None = None,
    **values: Any,
) -> None:
    """Store accepted cases given as (office_code, case_no, phone)."""
    day = reported_on or context.today()
    common = {"served_on": day, "reported_on": day, "item": "Licence", "import_id": 0, "row_no": 2}
    with writing(context.engine) as connection:
        connection.execute(
            cases.insert(),
            [
                {
                    "office_code": office,
                    "case_no": case_no,
                    "phone": context.keys.encrypt(phone),
                    "phone_hash": context.keys.phone_hash(phone),
                    "phone_kind": (
                        PhoneKind.MOBILE if phone.startswith("+861") else PhoneKind.LANDLINE
                    ),
                    "never_a_case": False,
                    **common,
                    **values,
                }
                for office, case_no, phone in rows
            ],
        )
        for office in {office for office, _, _ in rows}:
            count = sum(1 for row in rows if row[0] == office)
            found = connection.execute(
                daily_reports.update()
                .where(daily_reports.c.office_code == office, daily_reports.c.reported_on == day)
                .values(reported=daily_reports.c.reported + count)
            )
            if not found.rowcount:
                connection.execute(
                    daily_reports.insert().values(
                        office_code=office, reported_on=day, reported=count
                    )
                )


def add_survey(
    context: Context,
    office_code: str,
    case_no: str = "K-1",
    phone: str = "+8613812345678",
    **values: Any,
) -> int:
    """Open the survey of one case drawn now, with the case; return its id.

    Args:
        context: the workspace; the draw is at its clock's moment.
        office_code: a registered office; the standard in force decides who makes the calls.
        case_no: the case's number.
        phone: E.164; `+861...` is a mobile, everything else a landline.
        values: columns of `surveys` that differ from a fresh survey's.
    """
    add_case(context, office_code, case_no, phone, frame_on=context.today())
    with writing(context.engine) as connection:
        case = connection.execute(
            cases.select().where(cases.c.office_code == office_code, cases.c.case_no == case_no)
        ).one()
        office = connection.execute(
            offices.select().where(offices.c.office_code == office_code)
        ).one()
        columns = {
            "case_id": case.id,
            "office_code": office_code,
            "case_no": case_no,
            "category": office.category,
            "month": f"{case.reported_on:%Y-%m}",
            "drawn_on": context.today(),
            "rank_hash": hashlib.sha256(f"{office_code}:{case_no}".encode()).hexdigest(),
            "phone": case.phone,
            "phone_hash": case.phone_hash,
            "phone_kind": case.phone_kind,
            "own_calls": _calls_are_ours(context, office),
            "opened_at": context.now(),
            "closes_at": context.now() + context.settings.survey.closes_after,
            **values,
        }
        return inserted(connection.execute(surveys.insert().values(**columns)))


def _calls_are_ours(context: Context, office: Row[Any]) -> bool:
    rules = context.standard_on(context.today()).standard.satisfaction
    arrangement = rules.arrangement(office.category, approval_service=office.approval_service)
    return arrangement.calls_are_ours


def add_text(
    context: Context,
    survey_id: int,
    *,
    purpose: MessagePurpose = MessagePurpose.SURVEY,
    state: MessageState = MessageState.DELIVERED,
    **values: Any,
) -> int:
    """Store a text of a survey in the state named; return its id.

    A question's text that went out sets the survey's reply window, as dispatch does.
    """
    now = context.now()
    went_out = state in {MessageState.ACCEPTED, MessageState.DELIVERED, MessageState.UNDELIVERED}
    columns = {
        "survey_id": survey_id,
        "purpose": purpose,
        "text": "How was it? 1 good 2 fair 3 bad",
        "template": "survey.en.txt",
        "template_version": "0" * 12,
        "digits": {"1": "satisfied", "2": "neutral", "3": "dissatisfied"},
        "encoding": "GSM-7",
        "segments": 1,
        "state": state,
        "queued_at": now,
        "not_before": now,
        "expires_at": now + context.settings.sending.hold_for,
        "accepted_at": now if went_out else None,
        **values,
    }
    with writing(context.engine) as connection:
        survey = connection.execute(surveys.select().where(surveys.c.id == survey_id)).one()
        columns = {"phone": survey.phone, "phone_hash": survey.phone_hash, **columns}
        if went_out and purpose is MessagePurpose.SURVEY:
            connection.execute(
                surveys.update()
                .where(surveys.c.id == survey_id)
                .values(
                    texted=True,
                    delivered=state is MessageState.DELIVERED,
                    reply_until=now + context.settings.survey.reply_window,
                )
            )
        return inserted(connection.execute(messages.insert().values(**columns)))


def add_inbound(context: Context, survey_id: int, text: str, **values: Any) -> int:
    """Store a citizen's text, tied to a survey and waiting for a reader unless said; its id."""
    now = context.now()
    with writing(context.engine) as connection:
        survey = connection.execute(surveys.select().where(surveys.c.id == survey_id)).one()
        count = len(connection.execute(inbound.select()).all())
        columns = {
            "gateway": "simulated",
            "provider_id": f"in-{count + 1}",
            "phone": survey.phone,
            "phone_hash": survey.phone_hash,
            "text": text,
            "received_at": now,
            "reply_class": ReplyClass.UNCLEAR,
            "use": InboundUse.READER,
            "read_at": now,
            "survey_id": survey_id,
            **values,
        }
        connection.execute(surveys.update().where(surveys.c.id == survey_id).values(replied=True))
        return inserted(connection.execute(inbound.insert().values(**columns)))


def add_representatives(context: Context, year: int, *rep_nos: str) -> None:
    """Put representatives into the pool of a year's online review, all with one phone."""
    phone = "+8613857710001"
    with writing(context.engine) as connection:
        connection.execute(
            representatives.insert(),
            [
                {
                    "year": year,
                    "rep_no": rep_no,
                    "name": context.keys.encrypt(f"Name of {rep_no}"),
                    "phone": context.keys.encrypt(phone),
                    "phone_hash": context.keys.phone_hash(phone),
                    "phone_kind": PhoneKind.MOBILE,
                    "import_id": 0,
                    "row_no": 2,
                }
                for rep_no in rep_nos
            ],
        )


def inserted(result: CursorResult[Any]) -> int:
    """Return the key of the row that was just inserted."""
    key = result.inserted_primary_key
    if key is None:
        raise AssertionError("the statement inserted no row")
    return int(key[0])


class FakeGateway:
    """A gateway that does what a test tells it, and keeps a ledger of what it took.

    Args:
        script: what to answer to each text; every text is taken where there is none.
        label: its name.
        takes: whether a text whose answer is *unknown* was taken all the same.
    """

    def __init__(
        self,
        script: Callable[[OutgoingMessage], SendResult | None] | None = None,
        *,
        label: str = "simulated",
        takes: bool = True,
        can_tell: bool = True,
    ) -> None:
        self.label = label
        self.ledger: list[OutgoingMessage] = []
        """Every text it took, in order: the truth about what a citizen got."""
        self.calls = 0
        self._script = script
        self._takes = takes
        self._can_tell = can_tell

    async def __aenter__(self) -> Self:
        """Open nothing."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close nothing."""

    async def send(self, message: OutgoingMessage) -> SendResult:
        """Answer as the script says; without an answer of its own the text is accepted."""
        self.calls += 1
        result = self._script(message) if self._script else None
        result = result or accepted(f"p-{message.attempt_id}")
        took = result.outcome is SendOutcome.ACCEPTED
        if took or (result.outcome is SendOutcome.UNKNOWN and self._takes):
            self.ledger.append(message)
        return result

    async def find_sent(
        self, message: OutgoingMessage, since: datetime, provider_id: str | None = None
    ) -> SentAnswer:
        """Look into the ledger, if this provider can be asked at all."""
        if not self._can_tell:
            return SentAnswer(SentState.CANNOT_TELL)
        if any(sent.attempt_id == message.attempt_id for sent in self.ledger):
            return SentAnswer(SentState.FOUND, f"p-{message.attempt_id}")
        return SentAnswer(SentState.ABSENT)

    def read_receipt(self, request: WebhookRequest) -> Sequence[ReceiptEvent]:
        """Refuse: tests store receipts themselves."""
        raise WebhookRefused("a fake gateway has no webhooks")

    def read_inbound(self, request: WebhookRequest) -> Sequence[InboundEvent]:
        """Refuse: tests store texts themselves."""
        raise WebhookRefused("a fake gateway has no webhooks")


def month_row(**changes: Any) -> MonthRow:
    """Return an appraised office's row of a month, without a case unless `changes` say so."""
    return replace(_EMPTY_ROW, **changes)


_EMPTY_ROW = MonthRow(
    month="2023-05", office_code="AG-1", office="Office", category=Category.AGENCY,
    parent_code="P-1", parent="Bureau", reported=0, drawn=0, texted=0, delivered=0, replied=0,
    called=0, reached=0, rated=0, satisfied=0, neutral=0, dissatisfied=0, rated_by_sms=0,
    rated_by_phone=0, rated_elsewhere=0, rate=None, rate_low=None, rate_high=None,
    coefficient=None, points=None, rank=None, response_rate=None, source=ScoreSource.OWN, notes=(),
    appraised=True, approval_service=False, outcomes={}, reasons={},
    by_mode={Mode.SMS: Answers(), Mode.PHONE: Answers()}, open=0,
    verification=ModeComparison(0, 0, None, None), delivered_by_others=None, to_date=None,
)  # fmt: skip
