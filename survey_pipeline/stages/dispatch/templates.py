"""The texts that citizens receive: Jinja2 files under `templates/sms/`, which operators edit.

A question names in its first line what its digits mean, whichever order an office prefers:
`{# digits: 1=satisfied 2=neutral 3=dissatisfied #}`. Each stored text keeps that meaning and the
version of its file, so that a reply is read by the text it answers.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey_pipeline.errors import ConfigurationError
from survey_pipeline.i18n import Message
from survey_pipeline.settings import Settings
from survey_pipeline.stages.dispatch.segments import measure
from survey_pipeline.vocabulary import Rating

if TYPE_CHECKING:
    from survey_pipeline.text_templates import TextTemplate

FOLDER = Path("templates/sms")
SURVEY, SHORT, REASON = "survey", "survey_short", "reason"
"""The question, its short form, and the follow-up that asks for the reason."""
QUESTIONS = (SURVEY, SHORT)
SAMPLE: Mapping[str, Any] = {
    "office": "市市场监督管理局企业注册处",
    "item": "企业设立登记",
    "served_on": date(2023, 12, 31),
}
"""A case of usual length, to see whether a text renders and fits."""

_DIGITS = re.compile(r"\{#\s*digits:\s*(.*?)\s*#\}")
_PAIR = re.compile(r"([0-9])=([a-z]+)")
_VERSION_LENGTH = 12


@dataclass(frozen=True)
class SmsTemplate:
    """One file."""

    name: str
    """The file's name without its ending."""
    version: str
    """SHA-256 of the source, first 12 hex digits."""
    digits: Mapping[str, str]
    """What the digits it offers mean: `{"1": "satisfied", ...}`; nothing for a follow-up."""
    text: "TextTemplate"

    @property
    def file(self) -> str:
        """The file's name."""
        return f"{self.name}.txt"

    def render(self, variables: Mapping[str, Any]) -> str:
        """Fill the text in; line ends and blanks around it are cut.

        Raises:
            ConfigurationError: the file uses a variable that there is not.
        """
        return self.text.render(variables)


def load_templates(folder: Path) -> dict[str, SmsTemplate]:
    """Read the three texts, by name.

    Raises:
        ConfigurationError: one is missing, is no template, or does not say what its digits mean.
    """
    return {name: _load(folder, name) for name in (*QUESTIONS, REASON)}


def _load(folder: Path, name: str) -> SmsTemplate:
    # Jinja2 loads where a text is written: `status` looks at this room and writes none
    from survey_pipeline.text_templates import read_text_template  # noqa: PLC0415

    text = read_text_template(folder / f"{name}.txt")
    version = hashlib.sha256(text.source.encode()).hexdigest()[:_VERSION_LENGTH]
    return SmsTemplate(name, version, _digits(name, text.source), text)


def _digits(name: str, source: str) -> dict[str, str]:
    if name not in QUESTIONS:
        return {}
    declared = _DIGITS.search(source)
    digits = dict(_PAIR.findall(declared[1])) if declared else {}
    if sorted(digits.values()) != sorted(rating.value for rating in Rating):
        raise ConfigurationError(
            "templates/sms/{file} does not say what its digits mean. Put into its first line: "
            "{example}",
            file=f"{name}.txt",
            example="{# digits: 1=satisfied 2=neutral 3=dissatisfied #}",
        )
    return digits


def check_templates(folder: Path, settings: Settings) -> list[Message]:
    """Return what is wrong with the texts, in words; nothing where all is well."""
    try:
        templates = load_templates(folder)
        return [
            problem for template in templates.values() for problem in _problems(template, settings)
        ]
    except ConfigurationError as error:
        return [error.message]


def _problems(template: SmsTemplate, settings: Settings) -> Iterator[Message]:
    text = template.render(SAMPLE)
    size = measure(text)
    if size.segments > settings.sending.max_segments:
        yield Message(
            "templates/sms/{file} takes {segments} segments for a case of usual length; {most} "
            "are allowed (sending.max_segments)",
            {
                "file": template.file,
                "segments": size.segments,
                "most": settings.sending.max_segments,
            },
        )
    # on a day that is written without the digits of any option
    undated = template.render({**SAMPLE, "served_on": date(8888, 8, 8)})
    for digit in template.digits:
        if digit not in undated:
            yield Message(
                "templates/sms/{file} gives the digit {digit} a meaning and does not offer it",
                {"file": template.file, "digit": digit},
            )
