"""A city with one citizen whose number, name and words are marked, through every table."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from survey_pipeline.stages.sampling import draw_day
from survey_pipeline.store import audit
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import answers, call_attempts, calls, cases, inbound, surveys
from survey_pipeline.survey.closing import close_surveys
from survey_pipeline.survey.opt_out_list import add_opt_out
from survey_pipeline.testing import (
    SetContext,
    add_case,
    add_inbound,
    add_offices,
    add_text,
    workspace,
)
from survey_pipeline.vocabulary import AuditAction, InboundUse, RecordKind, SurveyEnd

DAY = date(2023, 5, 4)
NUMBER, UNDRAWN, ASKED, STRANGER = (f"+8613857{last}" for last in (710001, 710002, 710003, 710004))
NAME, REMARK, TEXT = "Marked Name", "marked remark", "marked text of a citizen"


@dataclass(frozen=True)
class Marked:
    """The city, and the survey of the marked citizen."""

    context: SetContext
    survey: int
    words: tuple[str, ...] = ("Marked Name", "marked")
    numbers: tuple[str, ...] = (NUMBER, UNDRAWN, ASKED, STRANGER)

    def held(self) -> set[str]:
        """Return the numbers of the cases whose personal data is still there."""
        with reading(self.context.engine) as connection:
            rows = connection.execute(cases.select().where(cases.c.phone.is_not(None)))
            return {row.case_no for row in rows}


@pytest.fixture
def marked(tmp_path: Path) -> Marked:
    """Draw one of two cases, let its survey live and close, and keep what else may be personal."""
    context = workspace(tmp_path, sampling={"rate": "0.5", "minimum": 1})
    (office,) = add_offices(context, "agency")
    seal = context.keys.encrypt
    personal: dict[str, Any] = {"citizen_name": seal(NAME), "remark": seal(REMARK)}
    for case_no, number in (("C1", NUMBER), ("C2", UNDRAWN)):
        add_case(context, office, case_no, number, **personal)
    draw_day(context, DAY)
    survey, case_no = drawn(context)
    live(context, survey)
    with writing(context.engine) as connection:
        close_surveys(connection, [survey], SurveyEnd.SURVEY_CLOSED, context.now())
        change = audit.entry(
            at=context.now(),
            actor="tester",
            action=AuditAction.UPDATED,
            kind=RecordKind.CASES,
            key=f"{office}/{case_no}",
            before={"remark": seal("marked before"), "served_on": DAY},
            after={"remark": seal(REMARK), "served_on": DAY},
        )
        audit.append(connection, [change])
    add_opt_out(context, ASKED, "Li", "marked letter")
    return Marked(context, survey)


def drawn(context: SetContext) -> tuple[int, str]:
    """Return the one survey, with the number of its case."""
    with writing(context.engine) as connection:
        row = connection.execute(surveys.select()).one()
        return row.id, row.case_no


def live(context: SetContext, survey: int) -> None:
    """Let a survey be texted, answered and called, with words in every place that takes some."""
    add_text(context, survey, text=f"Dear {NAME}", variables={"name": NAME})
    add_inbound(context, survey, TEXT, use=InboundUse.CANNOT_TELL)
    now = context.now()
    with writing(context.engine) as connection:
        call = connection.execute(
            calls.insert()
            .values(survey_id=survey, reason="unclear", priority=1, due_at=now, last_at=now,
                    queued_at=now, state="closed")
            .returning(calls.c.id)
        ).scalar_one()  # fmt: skip
        connection.execute(
            call_attempts.insert().values(
                call_id=call, survey_id=survey, number=1, by="Li", logged_at=now, slot="m",
                outcome="answered", note="marked note", correct_why="marked words",
            )
        )  # fmt: skip
        connection.execute(
            answers.insert().values(
                survey_id=survey, role="rating", mode="phone", rating="satisfied", given_at=now,
                recorded_at=now, why="marked words",
            )
        )  # fmt: skip
        stranger = {
            "gateway": "simulated", "provider_id": "stranger", "received_at": now,
            "phone": context.keys.encrypt(STRANGER), "text": TEXT, "use": InboundUse.NO_SURVEY,
            "phone_hash": context.keys.phone_hash(STRANGER),
        }  # fmt: skip
        connection.execute(inbound.insert().values(stranger))
