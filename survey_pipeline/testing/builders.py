"""Builders of workspaces, and of rows as if a whole history lay behind them."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import CursorResult, Row, select

from survey_pipeline.context import Context
from survey_pipeline.scoring.facts import Answers
from survey_pipeline.scoring.month_row import ModeComparison, MonthRow
from survey_pipeline.stages.review import NamedOffice, select_by_hand
from survey_pipeline.store.engine import reading, writing
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


def select_every_office(context: Context, year: int) -> None:
    """Select all offices that are not exempt for a year's online review, by hand."""
    with reading(context.engine) as connection:
        codes = connection.scalars(
            select(offices.c.office_code).where(offices.c.exempt_reason.is_(None))
        ).all()
    named = [NamedOffice(row, code, "all of them") for row, code in enumerate(sorted(codes), 2)]
    select_by_hand(context, year, named)


def inserted(result: CursorResult[Any]) -> int:
    """Return the key of the row that was just inserted."""
    key = result.inserted_primary_key
    if key is None:
        raise AssertionError("the statement inserted no row")
    return int(key[0])


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
