"""The texts that citizens receive: Jinja2 files under `templates/sms/`, which operators edit.

A question names in its first line what its digits mean, whichever order an office prefers:
`{# digits: 1=satisfied 2=neutral 3=dissatisfied #}`. Each stored text keeps that meaning and the
version of its file, so that a reply is read by the text it answers.

A category may have texts of its own (`survey.health.txt`); where it has none, the general one goes
out. Those of health and education are never given the case's item (`MATTER_UNSAID`).
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from survey_pipeline.errors import ConfigurationError
from survey_pipeline.i18n import Message
from survey_pipeline.settings import Settings
from survey_pipeline.stages.dispatch.segments import measure
from survey_pipeline.vocabulary import MATTER_UNSAID, Category, Rating

if TYPE_CHECKING:
    from survey_pipeline.text_templates import TextTemplate

FOLDER = Path("templates/sms")
SURVEY, SHORT, REASON = "survey", "survey_short", "reason"
"""The question, its short form, and the follow-up that asks for the reason."""
QUESTIONS = (SURVEY, SHORT)
TEXTS = (*QUESTIONS, REASON)
"""The texts that every workspace has; a category may have its own of each."""


class TextCase(NamedTuple):
    """What a text may say of a case."""

    office: str
    parent: str
    """The department above the office."""
    category: str
    item: str
    served_on: date


SAMPLE = TextCase(
    office="市市场监督管理局企业注册处",
    parent="市市场监督管理局",
    category=Category.AGENCY,
    item="企业设立登记",
    served_on=date(2023, 12, 31),
)
"""A case of usual length, to see whether a text renders and fits."""

_DIGITS = re.compile(r"\{#\s*digits:\s*(.*?)\s*#\}")
_PAIR = re.compile(r"([0-9])=([a-z]+)")
_VERSION_LENGTH = 12


@dataclass(frozen=True)
class SmsTemplate:
    """One file."""

    name: str
    """The file's name without its ending: `survey` or `survey.health`."""
    version: str
    """SHA-256 of the source, first 12 hex digits."""
    digits: Mapping[str, str]
    """What the digits it offers mean: `{"1": "satisfied", ...}`; nothing for a follow-up."""
    text: "TextTemplate"

    @property
    def file(self) -> str:
        """The file's name."""
        return f"{self.name}.txt"

    def variables(self, case: TextCase, organisation: str) -> dict[str, Any]:
        """Return what the text is given; a text that must not name the matter never has the item.

        Args:
            case: which the text is about.
            organisation: the name of the office that asks.
        """
        return _variables(self.category, case, organisation)

    @property
    def category(self) -> str:
        """The category that it is for; blank for a general text."""
        return self.name.partition(".")[2]

    def render(self, variables: Mapping[str, Any]) -> str:
        """Fill the text in; line ends and blanks around it are cut.

        Raises:
            ConfigurationError: the file uses a variable that there is not.
        """
        return self.text.render(variables)


def _variables(category: str, case: TextCase, organisation: str) -> dict[str, Any]:
    known = {**case._asdict(), "organisation": organisation}
    unsaid = {"category"} | ({"item"} if category in MATTER_UNSAID else set())
    return {name: value for name, value in known.items() if name not in unsaid}


def sample_variables(name: str, organisation: str) -> dict[str, Any]:
    """Return what a text of that name is given of the made-up case."""
    return _variables(name.partition(".")[2], SAMPLE, organisation)


def load_templates(folder: Path) -> dict[str, SmsTemplate]:
    """Read the texts by name: the three general ones, and those that a category has of its own.

    Raises:
        ConfigurationError: a general one is missing; one is no template, or does not say what its
            digits mean.
    """
    return {name: _load(folder, name) for name in (*TEXTS, *texts_of_categories(folder))}


def texts_of_categories(folder: Path) -> Sequence[str]:
    """Return the names of the texts that are for one category, as `survey.health`."""
    names = (f"{name}.{category}" for name in TEXTS for category in Category)
    return [name for name in names if (folder / f"{name}.txt").exists()]


def template_for(templates: Mapping[str, SmsTemplate], name: str, category: str) -> SmsTemplate:
    """Return the text of a category, or the general one where it has none."""
    return templates.get(f"{name}.{category}") or templates[name]


def _load(folder: Path, name: str) -> SmsTemplate:
    # Jinja2 loads where a text is written: `status` looks at this room and writes none
    from survey_pipeline.text_templates import read_text_template  # noqa: PLC0415

    return _made(name, read_text_template(folder / f"{name}.txt"))


def parse_template(name: str, source: str) -> SmsTemplate:
    """Check what is to be written into a text's file.

    Raises:
        ConfigurationError: it is no template, or does not say what its digits mean.
    """
    from survey_pipeline.text_templates import parse_text_template  # noqa: PLC0415 - as in _load

    return _made(name, parse_text_template(FOLDER / f"{name}.txt", source))


def _made(name: str, text: "TextTemplate") -> SmsTemplate:
    return SmsTemplate(name, version_of(text.source), _digits(name, text.source), text)


def version_of(source: str) -> str:
    """Return the version of a text's file: SHA-256 of the source, first 12 hex digits."""
    return hashlib.sha256(source.encode()).hexdigest()[:_VERSION_LENGTH]


def _digits(name: str, source: str) -> dict[str, str]:
    if name.partition(".")[0] not in QUESTIONS:
        return {}
    declared = _DIGITS.search(source)
    digits = dict(_PAIR.findall(declared[1])) if declared else {}
    if sorted(digits.values()) != sorted(rating.value for rating in Rating):
        raise ConfigurationError(
            "{file} does not say what its digits mean. Put into its first line: {example}",
            file=_place(name),
            example="{# digits: 1=satisfied 2=neutral 3=dissatisfied #}",
        )
    return digits


def check_templates(folder: Path, settings: Settings) -> list[Message]:
    """Return what is wrong with the texts, in words; nothing where all is well."""
    try:
        templates = load_templates(folder)
        return [
            problem
            for template in templates.values()
            for problem in problems_of(template, settings)
        ]
    except ConfigurationError as error:
        return [error.message]


def naming_the_matter(folder: Path) -> list[Message]:
    """Return a line for each text that would tell health's or education's matter on a phone.

    Raises:
        ConfigurationError: a text cannot be used.
    """
    templates = load_templates(folder)
    pairs = [(name, category) for category in sorted(MATTER_UNSAID) for name in TEXTS]
    return [
        Message(
            "{own} is missing: the text of {general} goes out, which may name the matter",
            {"own": _place(f"{name}.{category}"), "general": _place(name)},
        )
        for name, category in pairs
        if template_for(templates, name, category).name == name
    ]


def _place(name: str) -> str:
    return (FOLDER / f"{name}.txt").as_posix()


def problems_of(template: SmsTemplate, settings: Settings) -> Iterator[Message]:
    """Yield what keeps a text that can be written from going out: too long, digits not offered."""
    name = settings.organisation.name
    size = measure(template.render(template.variables(SAMPLE, name)))
    if size.segments > settings.sending.max_segments:
        yield Message(
            "{file} takes {segments} segments for a case of usual length; {most} are allowed "
            "(sending.max_segments)",
            {
                "file": _place(template.name),
                "segments": size.segments,
                "most": settings.sending.max_segments,
            },
        )
    # on a day that is written without the digits of any option
    some_day = SAMPLE._replace(served_on=date(8888, 8, 8))
    undated = template.render(template.variables(some_day, name))
    for digit in template.digits:
        if digit not in undated:
            yield Message(
                "{file} gives the digit {digit} a meaning and does not offer it",
                {"file": _place(template.name), "digit": digit},
            )
