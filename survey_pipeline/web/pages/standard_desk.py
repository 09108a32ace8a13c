"""`/organise/year/{year}/standard`: a year's standard made, changed rule by rule, and listed."""

from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.app import App
from survey_pipeline.context import Context
from survey_pipeline.editing.next_standard import (
    RuleForm,
    change_standard,
    make_standard,
    rule_form,
)
from survey_pipeline.editing.settings_file import list_standard
from survey_pipeline.editing.standard_files import (
    may_change,
    path_of_standard,
    read_named_standard,
    standard_names,
    standards_of,
)
from survey_pipeline.errors import (
    CannotProceed,
    ConfigurationError,
    SurveyPipelineError,
    UnknownRecord,
    UsageError,
)
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.settings import load_settings
from survey_pipeline.standard.load import FOLDER, standard_for
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.rule_book.chapters import GENERAL, TITLES, article
from survey_pipeline.standard.rule_book.checking_file import find_faults
from survey_pipeline.standard.rule_book.differences import ASPECTS, find_differences
from survey_pipeline.web.access import PUBLISHERS, User, Workspace
from survey_pipeline.web.pages.parameters import Year
from survey_pipeline.web.pages.settings_desk import typed_fields
from survey_pipeline.web.rendering.page import locale_of, render

Name = Annotated[str, Form(max_length=100)]
Told = Annotated[str, Query(max_length=100)]
Fields = Annotated[dict[str, str], Depends(typed_fields)]

router = APIRouter(include_in_schema=False)
changing = APIRouter(include_in_schema=False)
"""For fewer roles: who reads scores may not change the rules."""


@router.get("/organise/year/{year}/standard")
def standard_page(
    request: Request, context: Workspace, who: User, year: Year, made: Told = "", listed: Told = ""
) -> Response:
    """Show a year's standards: what is wrong in them, and what they lead to."""
    return _page(request, context, who, year, made=made, now_listed=listed)


@changing.post("/organise/year/{year}/standard")
def make(request: Request, context: Workspace, who: User, year: Year, source: Name) -> Response:
    """Make the year's file from another year's."""
    try:
        done = make_standard(context, source, year)
    except (CannotProceed, UsageError) as error:
        return _page(request, context, who, year, problem=error)
    address = f"/organise/year/{year}/standard?made={done.made.name}"
    return RedirectResponse(address, status_code=303)


@changing.post("/organise/year/{year}/standard/list")
def list_it(request: Request, context: Workspace, who: User, year: Year, name: Name) -> Response:
    """Name a standard for the year in the configuration."""
    app: App = request.app.state.app
    try:
        standard = read_named_standard(context, name)
        if standard.year != year:
            raise UsageError("{standard} is of {other}", standard=name, other=standard.year)
        list_standard(context, app.environ, year, name)
    except (CannotProceed, UsageError) as error:
        return _page(request, context, who, year, problem=error)
    return RedirectResponse(f"/organise/year/{year}/standard?listed={name}", status_code=303)


@router.get("/organise/year/{year}/standard/{name}")
def rules_page(
    request: Request, context: Workspace, who: User, year: Year, name: str, saved: Told = ""
) -> Response:
    """Show a standard rule by rule, and what differs from the year before."""
    return _rules(request, context, who, year, name, saved=saved)


@changing.post("/organise/year/{year}/standard/{name}")
def change(
    request: Request, context: Workspace, who: User, year: Year, name: str, fields: Fields
) -> Response:
    """Change figures of a standard."""
    typed = {key: value for key, value in fields.items() if key != "seen"}
    try:
        done = change_standard(context, name, typed, fields.get("seen", ""))
    except UnknownRecord:
        raise
    except (CannotProceed, UsageError) as error:
        return _rules(request, context, who, year, name, typed=typed, problem=error)
    address = f"/organise/year/{year}/standard/{name}?saved={len(done)}"
    return RedirectResponse(address, status_code=303)


def _page(
    request: Request,
    context: Context,
    who: SignedIn,
    year: int,
    *,
    problem: SurveyPipelineError | None = None,
    **told: Any,
) -> Response:
    found = standards_of(context, year)
    return render(
        request,
        "standard_desk.html",
        status=_status(problem),
        year=year,
        standards=[(one, _faults(context, one.id)) for one in found],
        names=standard_names(context),
        usual=context.settings.standards.get(year - 1, ""),
        listed=_listed_in_file(request, context, year),
        in_force=context.settings.standards.get(year),
        may_change=who.role in PUBLISHERS,
        problem=problem,
        **{"made": "", "now_listed": "", **told},
    )


def _faults(context: Context, name: str) -> list[Any]:
    return find_faults(path_of_standard(context, name), context.home)


def _listed_in_file(request: Request, context: Context, year: int) -> str | None:
    """Return the standard that the file names for a year: in force after a restart."""
    app: App = request.app.state.app
    try:
        return load_settings(context.home, app.environ).standards.get(year)
    except ConfigurationError:
        return context.settings.standards.get(year)


def _rules(
    request: Request,
    context: Context,
    who: SignedIn,
    year: int,
    name: str,
    *,
    problem: SurveyPipelineError | None = None,
    **told: Any,
) -> Response:
    form, locale = rule_form(context, name), locale_of(request)
    before = _year_before(context, form.standard)
    return render(
        request,
        "standard_rules.html",
        status=_status(problem),
        year=year,
        name=name,
        form=form,
        chapters=_chapters(form, locale),
        before=before,
        rules=find_differences(before, form.standard, locale) if before else [],
        faults=_faults(context, name),
        open=may_change(context, form.standard) and who.role in PUBLISHERS,
        problem=problem,
        words={"aspects": ASPECTS},
        **{"typed": {}, "saved": "", **told},
    )


def _chapters(form: RuleForm, locale: str) -> list[tuple[str, list[Any]]]:
    """Return a standard's parts in its order: each rule in words, with its values."""
    parts = groupby(form.rules, key=lambda rule: TITLES.get(rule[0].part, GENERAL))
    return [
        (title, [(article(form.standard, found, locale), figures) for found, figures in rules])
        for title, rules in parts
    ]


def _year_before(context: Context, standard: Standard) -> Standard | None:
    """Return the standard of the year before, which this one is compared with."""
    found = standard_for(
        standard.year - 1, context.settings.standards, context.home / FOLDER
    ).standard
    return None if found.id == standard.id else found


def _status(problem: SurveyPipelineError | None) -> int:
    if problem is None:
        return 200
    return 400 if isinstance(problem, UsageError) else 409
