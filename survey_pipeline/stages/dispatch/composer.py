"""Renders the texts that are due by the workspace's templates, and measures their segments."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from survey_pipeline.context import Context
from survey_pipeline.stages.dispatch.segments import Size, measure
from survey_pipeline.stages.dispatch.templates import (
    FOLDER,
    QUESTIONS,
    REASON,
    SmsTemplate,
    TextCase,
    load_templates,
    template_for,
)

TEXTS_KEPT = 10_000
"""Different texts remembered while composing: many cases of one office and day share theirs."""


class WrittenText(NamedTuple):
    """A text as it goes into the scratch table, in the order of its columns."""

    body: str
    template: str
    version: str
    digits: str
    variables: str
    encoding: str
    segments: int
    fits: int


class Composer:
    """Renders texts by the workspace's templates."""

    def __init__(
        self, templates: Mapping[str, SmsTemplate], most_segments: int, organisation: str
    ) -> None:
        self._templates = templates
        self._most = most_segments
        self._organisation = organisation
        self.question = lru_cache(TEXTS_KEPT)(self._question)
        self.reason = lru_cache(TEXTS_KEPT)(self._reason)

    def _question(self, case: TextCase) -> WrittenText:
        """Return the question, in the first form that fits, else in the last form (`fits` is 0)."""
        for name in QUESTIONS:
            written = self._written(name, case)
            if written.fits:
                break
        return written

    def _reason(self, case: TextCase) -> WrittenText:
        return self._written(REASON, case)

    def _written(self, name: str, case: TextCase) -> WrittenText:
        template = template_for(self._templates, name, case.category)
        variables = template.variables(case, self._organisation)
        body = template.render(variables)
        size: Size = measure(body)
        return WrittenText(
            body,
            template.file,
            template.version,
            json.dumps(dict(template.digits)),
            json.dumps({name: str(value) for name, value in variables.items()}, ensure_ascii=False),
            size.encoding,
            size.segments,
            int(size.segments <= self._most),
        )


def make_composer(context: Context) -> Composer:
    """Read the workspace's templates.

    Raises:
        ConfigurationError: a template is missing or wrong.
    """
    templates = load_templates(context.home / FOLDER)
    settings = context.settings
    return Composer(templates, settings.sending.max_segments, settings.organisation.name)
