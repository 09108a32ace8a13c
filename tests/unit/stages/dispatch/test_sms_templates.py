"""The texts that citizens receive: strict, versioned, and honest about their digits."""

import shutil
from pathlib import Path

import pytest

from survey_pipeline.errors import ConfigurationError
from survey_pipeline.settings import Settings
from survey_pipeline.stages.dispatch.segments import measure
from survey_pipeline.stages.dispatch.templates import (
    SAMPLE,
    SmsTemplate,
    check_templates,
    load_templates,
    naming_the_matter,
    template_for,
)

SHIPPED = Path(__file__).parents[4] / "templates" / "sms"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(SHIPPED, tmp_path / "sms")
    return tmp_path / "sms"


def rendered(template: SmsTemplate, organisation: str = "市评议办") -> str:
    return template.render(template.variables(SAMPLE, organisation))


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, "utf-8")


def test_the_shipped_texts_are_in_order(folder: Path) -> None:
    assert check_templates(folder, Settings()) == []


def test_the_shipped_question_takes_one_segment_for_a_usual_case(folder: Path) -> None:
    question = rendered(load_templates(folder)["survey"])
    assert measure(question).segments == 1
    assert question.startswith(
        "【市评议办】您12月31日在市市场监督管理局企业注册处办理“企业设立登记”"
    )


def test_every_text_says_how_to_stop(folder: Path) -> None:
    assert all("退订回T" in rendered(text) for text in load_templates(folder).values())


def test_an_unknown_variable_is_an_error_not_a_blank(folder: Path) -> None:
    write(folder, "reason.txt", "{{ officer }}")
    (problem,) = check_templates(folder, Settings())
    assert "reason.txt" in str(problem)
    assert "officer" in str(problem)


def test_a_broken_template_is_named(folder: Path) -> None:
    write(folder, "survey.txt", "{# digits: 1=satisfied 2=neutral 3=dissatisfied #}{{ office")
    with pytest.raises(ConfigurationError, match=r"survey\.txt"):
        load_templates(folder)


def test_a_missing_text_names_its_remedy(folder: Path) -> None:
    (folder / "survey_short.txt").unlink()
    with pytest.raises(ConfigurationError, match=r"survey_short\.txt is missing\. Run init"):
        load_templates(folder)


@pytest.mark.parametrize(
    "first_line",
    [
        "",
        "{# digits: 1=satisfied 2=neutral #}",
        "{# digits: 1=satisfied 2=satisfied 3=dissatisfied #}",
        "{# digits: 1=good 2=neutral 3=dissatisfied #}",
    ],
)
def test_a_question_must_say_what_its_digits_mean(folder: Path, first_line: str) -> None:
    write(folder, "survey.txt", f"{first_line}\n1 2 3 {{{{ office }}}}")
    with pytest.raises(ConfigurationError, match="does not say what its digits mean"):
        load_templates(folder)


def test_digits_may_stand_in_another_order(folder: Path) -> None:
    write(folder, "survey.txt", "{# digits: 3=satisfied 2=neutral 1=dissatisfied #}\n1 2 3")
    assert load_templates(folder)["survey"].digits == {
        "3": "satisfied",
        "2": "neutral",
        "1": "dissatisfied",
    }


def test_a_digit_that_is_not_offered_is_found(folder: Path) -> None:
    text = "{# digits: 1=satisfied 2=neutral 3=dissatisfied #}\n{{ served_on.month }} 1 2"
    write(folder, "survey.txt", text)
    (problem,) = check_templates(folder, Settings())
    assert "the digit 3" in str(problem)


def test_a_text_too_long_for_the_setting_is_found(folder: Path) -> None:
    settings = Settings.model_validate({"sending": {"max_segments": 1}})
    write(folder, "reason.txt", "请" * 71)
    (problem,) = check_templates(folder, settings)
    assert "2 segments" in str(problem)


def test_a_category_without_a_text_of_its_own_takes_the_general_one(folder: Path) -> None:
    texts = load_templates(folder)
    assert template_for(texts, "survey", "health").file == "survey.health.txt"
    assert template_for(texts, "survey", "finance").file == "survey.txt"
    (folder / "survey.health.txt").unlink()
    assert template_for(load_templates(folder), "survey", "health").file == "survey.txt"


def test_any_category_may_have_a_text_of_its_own(folder: Path) -> None:
    write(folder, "reason.finance.txt", "【{{ organisation }}】{{ item }}：请说说原因。退订回T")
    text = template_for(load_templates(folder), "reason", "finance")
    assert rendered(text, "区考评办") == "【区考评办】企业设立登记：请说说原因。退订回T"
    write(folder, "reason.finance.txt", "{{ officer }}")
    (problem,) = check_templates(folder, Settings())
    assert "reason.finance.txt" in str(problem)


@pytest.mark.parametrize("category", ["health", "education"])
def test_health_and_education_have_no_item_to_name(folder: Path, category: str) -> None:
    write(folder, f"reason.{category}.txt", "{{ item }}：请说说原因。退订回T")
    (problem,) = check_templates(folder, Settings())
    assert "item" in str(problem)


def test_a_workspace_without_those_texts_is_told_what_its_citizens_read(folder: Path) -> None:
    assert naming_the_matter(folder) == []
    (folder / "survey.health.txt").unlink()
    (warning,) = naming_the_matter(folder)
    assert "templates/sms/survey.health.txt is missing" in str(warning)


def test_another_text_is_another_version(folder: Path) -> None:
    before = load_templates(folder)["reason"].version
    write(folder, "reason.txt", "请说说原因。退订回T")
    assert load_templates(folder)["reason"].version != before
    assert len(before) == 12
