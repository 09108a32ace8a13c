"""`/scores/signals`: what stands out of offices' months, and what people found of it."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.calendar import ONE_DAY, first_day, month_of
from survey_pipeline.context import Context
from survey_pipeline.errors import UsageError
from survey_pipeline.i18n import Message
from survey_pipeline.signals.day_counts import count_frames
from survey_pipeline.signals.looking_into import decide_signal
from survey_pipeline.signals.month_signals import refresh_signals
from survey_pipeline.signals.signal_file import take_signals
from survey_pipeline.signals.signal_table import (
    SignalRow,
    figures,
    listed_rows,
    sentences,
    share_of,
    signal_rows,
)
from survey_pipeline.vocabulary import SignalKind, SignalState
from survey_pipeline.vocabulary.signal_names import SIGNAL_STATES, SIGNALS
from survey_pipeline.web.access import Workspace
from survey_pipeline.web.pages.months import month_writer
from survey_pipeline.web.pages.parameters import RecordId, parse_month
from survey_pipeline.web.pages.passing_files import send_file
from survey_pipeline.web.pages.score_tables import office_address
from survey_pipeline.web.rendering.page import locale_of, render

MOST = 200
"""Offices in the table of one signal, those that stand out most first; the files hold all."""
WORDS: Mapping[str, Mapping[str, str]] = {"signals": SIGNALS, "states": SIGNAL_STATES}

Kind = Annotated[str, Query(max_length=40)]
Month = Annotated[str, Query(max_length=10)]

router = APIRouter(include_in_schema=False)


@router.get("/scores/signals")
def signals_page(
    request: Request, context: Workspace, month: Month = "", kind: Kind = ""
) -> Response:
    """Show the list to look into; with a kind, every office's count of it too."""
    return _page(request, context, _wanted(context, month), kind)


@router.post("/scores/signals/count")
def count(context: Workspace, month: Annotated[str, Form(max_length=10)]) -> Response:
    """Count a month anew, before its end too, and bring its list up to date."""
    wanted = parse_month(month)
    count_frames(context)
    refresh_signals(context, wanted)
    return RedirectResponse(f"/scores/signals?month={wanted}", status_code=303)


@router.post("/scores/signals/{number}")
def decide(
    request: Request,
    context: Workspace,
    number: RecordId,
    month: Annotated[str, Form(max_length=10)],
    reason: Annotated[str, Form(max_length=2000)] = "",
    finding: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Put on record what was found of a signal; no score changes."""
    wanted = parse_month(month)
    try:
        if finding not in list(SignalState):
            raise UsageError("say what was found: nothing_wrong or confirmed")
        decide_signal(context, number, SignalState(finding), reason=reason)
    except UsageError as error:
        return _page(request, context, wanted, "", (number, error.message, reason))
    return RedirectResponse(f"/scores/signals?month={wanted}#signal-{number}", status_code=303)


@router.get("/scores/signals/{month}/{form}")
def signals_file(request: Request, context: Workspace, month: str, form: str) -> Response:
    """Answer every count of a month as a file, in the visitor's language."""
    locale, wanted = locale_of(request), parse_month(month)
    return send_file(context, lambda folder: take_signals(context, wanted, form, locale, folder))


def _wanted(context: Context, month: str) -> str:
    """Return the month that is asked for; unasked, that before this one."""
    if month:
        return parse_month(month)
    return month_of(first_day(month_of(context.today())) - ONE_DAY)


def _page(
    request: Request,
    context: Context,
    month: str,
    kind: str,
    refused: tuple[int, Message, str] | None = None,
) -> Response:
    """Render the page.

    Args:
        request: whose page it is.
        context: the workspace.
        month: `YYYY-MM`.
        kind: the signal whose counts are shown, a `SignalKind`; else none are.
        refused: the signal whose form was refused, why, and the reason that it contained.
    """
    chosen = SignalKind(kind) if kind in list(SignalKind) else None
    return render(
        request,
        "signals.html",
        status=400 if refused else 200,
        month=month,
        kind=chosen,
        kinds=list(SignalKind),
        listed=[(row, sentences(row)) for row in listed_rows(context, month=month)],
        counts=_of_kind(context, month, chosen) if chosen else [],
        most=MOST,
        refused=refused,
        level=context.settings.signals.level,
        words=WORDS,
        figures=figures,
        share=share_of,
        address=office_address,
        month_name=month_writer(request),
    )


def _of_kind(context: Context, month: str, kind: SignalKind) -> list[SignalRow]:
    rows = [row for row in signal_rows(context, month) if row.kind is kind]
    return sorted(rows, key=lambda row: (not row.named, -(row.own.share or 0), row.office_code))
