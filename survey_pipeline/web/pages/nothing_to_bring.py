"""`/deadlines/nothing`: the word that there is nothing to bring, and taking it back."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed
from survey_pipeline.reports.deadlines import Deadline, gather_deadlines
from survey_pipeline.stages.intake.nothing_reports import (
    NothingToBring,
    fresh_nothing_reports,
    report_nothing,
    take_nothing_back,
)
from survey_pipeline.vocabulary import Duty
from survey_pipeline.web.access import Workspace

Word = Annotated[str, Form(max_length=100)]

router = APIRouter(include_in_schema=False, prefix="/deadlines/nothing")


class Outstanding(NamedTuple):
    """A period that a form may say that there is nothing for."""

    nothing: NothingToBring
    deadline: Deadline


@router.post("")
def say_nothing(context: Workspace, what: Word) -> Response:
    """Record that there is nothing to bring for a period."""
    deadlines = gather_deadlines(context, context.today()).deadlines
    report_nothing(
        context, named_nothing(what, (found.nothing for found in _open(context, deadlines)))
    )
    return RedirectResponse("/deadlines#nothing", status_code=303)


@router.post("/back")
def take_back(context: Workspace, what: Word) -> Response:
    """Take the word back, so that the period is outstanding again."""
    take_nothing_back(context, named_nothing(what, fresh_nothing_reports(context)))
    return RedirectResponse("/deadlines#nothing", status_code=303)


def outstanding(
    context: Context, deadlines: Sequence[Deadline]
) -> Mapping[Duty, list[Outstanding]]:
    """Return the open self-checks and hotline quarters whose days are over, by duty."""
    found: dict[Duty, list[Outstanding]] = {}
    for period in _open(context, deadlines):
        found.setdefault(period.nothing.duty, []).append(period)
    return found


def _open(context: Context, deadlines: Sequence[Deadline]) -> list[Outstanding]:
    return [
        Outstanding(
            NothingToBring(deadline.term.duty, deadline.term.period, deadline.who.code or ""),
            deadline,
        )
        for deadline in deadlines
        if deadline.term.duty in (Duty.SELF_CHECK, Duty.HOTLINE)
        and deadline.is_open
        and deadline.term.period.last < context.today()
    ]


def named_nothing(what: str, offered: Iterable[NothingToBring]) -> NothingToBring:
    """Return what a form means by the form's value.

    Raises:
        CannotProceed: it is not offered any more.
    """
    for nothing in offered:
        if nothing.form_value == what:
            return nothing
    raise CannotProceed("{what} is not outstanding any more. Open the page again", what=what)
