"""Texts and scripts of health and education do not name the matter (specification, 5.1, 7.1)."""

import json
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from survey_pipeline.edited import shipped
from survey_pipeline.stages.callbacks import next_call, queue_calls
from survey_pipeline.stages.callbacks.scripts import ScriptCase, check_scripts, script_of
from survey_pipeline.stages.dispatch import dispatch, preview
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import cases, messages, offices, surveys
from survey_pipeline.testing import (
    NOON,
    FakeGateway,
    SetContext,
    add_offices,
    add_survey,
    workspace,
)
from survey_pipeline.vocabulary import CallReason, Mode, Rating

pytestmark = pytest.mark.usefixtures("database")

MATTER, REMARK, OFFICE = "人工流产手术", "患者情绪低落", "妇产科"
"""A case that tells much about a person: its item, its remark and the office's name."""
UNSAID = (MATTER, REMARK, OFFICE)
MORNING = NOON - timedelta(hours=2)
LANDLINE = "+8657788886666"


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    made = workspace(tmp_path, at=MORNING)
    shutil.copytree(shipped() / "templates", tmp_path / "templates")
    return made


def ask(context: SetContext, category: str, phone: str = "+8613812345678", **values: Any) -> int:
    """Register an office of the category under a telling name, and draw its telling case."""
    (code,) = add_offices(context, category)
    survey = add_survey(context, code, "K-7", phone, **values)
    with writing(context.engine) as connection:
        connection.execute(update(offices).values(name=OFFICE))
        connection.execute(update(cases).values(item=MATTER, remark=context.keys.encrypt(REMARK)))
    return survey


def texts(context: SetContext) -> list[Any]:
    with reading(context.engine) as connection:
        return list(connection.execute(select(messages).order_by(messages.c.id)))


def telling(*said: str) -> Iterator[str]:
    return (word for word in UNSAID for text in said if word in text)


@pytest.mark.parametrize("category", ["health", "education"])
def test_no_text_to_a_citizen_names_the_matter(context: SetContext, category: str) -> None:
    survey, gateway = ask(context, category), FakeGateway()
    (planned,) = preview(context).texts
    dispatch(context, {gateway.label: gateway})
    with writing(context.engine) as connection:
        connection.execute(
            update(surveys)
            .where(surveys.c.id == survey)
            .values(rating=Rating.DISSATISFIED, rated_by=Mode.SMS)
        )
    dispatch(context, {gateway.label: gateway})
    sent = [text.text for text in gateway.ledger]
    assert len(sent) == 2, "the question, and the one that asks for the reason"
    assert planned.text == sent[0]
    assert planned.template == f"survey.{category}.txt"
    assert [*telling(*sent)] == []
    assert "5月4日Bureau所属单位" in sent[0]
    assert [text.template for text in texts(context)] == [
        f"survey.{category}.txt",
        f"reason.{category}.txt",
    ]
    assert all(len(text.template_version) == 12 for text in texts(context))
    assert texts(context)[0].digits == {"1": "satisfied", "2": "neutral", "3": "dissatisfied"}
    assert [*telling(*(json.dumps(dict(text.variables)) for text in gateway.ledger))] == []
    assert not any("item" in text.variables for text in gateway.ledger)


def test_other_categories_are_told_what_they_are_asked_about(context: SetContext) -> None:
    ask(context, "agency")
    (planned,) = preview(context).texts
    assert (planned.template, [*telling(planned.text)]) == ("survey.txt", [MATTER, OFFICE])


@pytest.mark.parametrize("category", ["health", "education"])
def test_a_long_name_gives_way_to_a_short_text_that_names_as_little(
    context: SetContext, category: str
) -> None:
    (context.home / f"templates/sms/survey.{category}.txt").write_text(
        "{# digits: 1=satisfied 2=neutral 3=dissatisfied #}\n1 2 3 " + "请" * 200, "utf-8"
    )
    ask(context, category)
    (planned,) = preview(context).texts
    assert planned.template == f"survey_short.{category}.txt"
    assert [*telling(planned.text)] == []


def test_a_call_to_education_does_not_name_the_matter(context: SetContext) -> None:
    ask(context, "education", LANDLINE)
    queue_calls(context)
    card = next_call(context, "Li").call
    assert card is not None
    assert card.item == MATTER, "the caller sees it"
    assert [*telling(card.script)] == []
    assert "Bureau所属单位为您提供了服务" in card.script


TELLING = ScriptCase("市评议办", OFFICE, "市卫健委", MATTER, date(2023, 5, 4))


@pytest.mark.parametrize("reason", list(CallReason))
@pytest.mark.parametrize("category", ["health", "education"])
def test_no_script_names_the_matter(tmp_path: Path, reason: CallReason, category: str) -> None:
    said = script_of(tmp_path, reason, category, TELLING)
    assert [*telling(said)] == []
    assert "2023年5月4日" in said
    assert "满意、一般，还是不满意？" in said, "every call asks the question"
    assert MATTER in script_of(tmp_path, reason, "agency", TELLING)


def write(home: Path, name: str, text: str) -> None:
    (home / "templates/calls").mkdir(parents=True, exist_ok=True)
    (home / "templates/calls" / name).write_text(text, "utf-8")


def test_a_workspace_words_its_own_scripts_and_lacks_none(tmp_path: Path) -> None:
    packaged = script_of(tmp_path, CallReason.LANDLINE, "soe", TELLING)
    assert packaged.startswith("您好，这里是市评议办。")
    write(tmp_path, "call.txt", "{{ organisation }}：{{ item }}满意吗？")
    assert script_of(tmp_path, CallReason.LANDLINE, "soe", TELLING) == f"市评议办：{MATTER}满意吗？"
    write(tmp_path, "call.soe.txt", "{{ parent }}满意吗？")
    assert script_of(tmp_path, CallReason.NO_REPLY, "soe", TELLING) == "市卫健委满意吗？"
    hospital = script_of(tmp_path, CallReason.NO_REPLY, "health", TELLING)
    assert [*telling(hospital)] == [], "a general script of the workspace is not health's"


@pytest.mark.parametrize("text", ["{{ officer }}", "{% if %}", "{% include 'x' %}"])
def test_a_broken_script_is_told_and_the_packaged_one_is_said(tmp_path: Path, text: str) -> None:
    packaged = script_of(tmp_path, CallReason.VERIFY, "finance", TELLING)
    write(tmp_path, "call_verify.txt", text)
    assert script_of(tmp_path, CallReason.VERIFY, "finance", TELLING) == packaged
    (problem,) = check_scripts(tmp_path)
    assert "templates/calls/call_verify.txt cannot be used" in str(problem)


def test_a_script_of_health_that_asks_for_the_item_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, "call.health.txt", "{{ item }}满意吗？")
    (problem,) = check_scripts(tmp_path)
    assert "'item' is undefined" in str(problem)


def test_the_shipped_scripts_are_in_order() -> None:
    assert [*check_scripts(shipped())] == []
