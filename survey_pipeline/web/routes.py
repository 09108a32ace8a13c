"""Every family of addresses, and who may open it: this table decides, no handler does.

`python -m survey_pipeline.web.routes` prints every address with its access;
docs/reference/addresses.md is that list.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from survey_pipeline.web import access, health, hooks, metrics
from survey_pipeline.web.access import Anyone, Roles
from survey_pipeline.web.api import endpoints as api
from survey_pipeline.web.pages import (
    account,
    admin,
    ballot,
    bulk_accounts,
    call_desk,
    call_overview,
    calls_handed_over,
    day,
    deadlines,
    deliver,
    deliver_files,
    deliver_forms,
    department_offices,
    draws,
    evidence_desk,
    evidence_form,
    factor_enrolment,
    failed_texts,
    first_admin,
    first_password,
    first_steps,
    gateway_test,
    hotline_quarters,
    import_files,
    import_history,
    local_decisions,
    month_scores,
    nothing_to_bring,
    notification_contacts,
    objections,
    office_hotline,
    office_months,
    office_objections,
    office_records,
    office_reports,
    office_uploads,
    organise,
    overview,
    register_desk,
    reply_desk,
    review_desk,
    review_standing,
    score_breakdowns,
    score_files,
    score_papers,
    score_versions,
    settings_desk,
    sign_in,
    sign_in_code,
    signals,
    standard_desk,
    survey_figures,
    text_desk,
    upkeep_desk,
    what_if,
    year_desk,
    year_scores,
)

Access = Roles | Anyone | api.KeyAccess


class Family(NamedTuple):
    """The addresses of one router, and who may open them."""

    router: APIRouter
    access: Access


FAMILIES = (
    Family(hooks.router, Anyone("the gateway verifies that its provider sent the request")),
    Family(health.router, Anyone("tells only whether the program works")),
    Family(metrics.router, Anyone("counts only, for the networks of the configuration")),
    Family(api.router, api.KEY_HOLDER),
    Family(sign_in.router, Anyone("signs in and out, and sets the language")),
    Family(sign_in_code.router, Anyone("the password opens it, then it takes the code")),
    Family(first_admin.router, Anyone("the one-time link of the first start opens it")),
    Family(first_password.router, Anyone("every session opens it, before the password is chosen")),
    Family(ballot.router, Anyone("the personal link of a representative opens it")),
    Family(account.router, access.EVERYONE_SIGNED_IN),
    Family(factor_enrolment.router, access.ENROLLING),
    Family(draws.router, access.DRAW_READERS),
    Family(draws.packages, access.PUBLISHERS),
    Family(day.router, access.OPERATORS),
    Family(organise.router, access.ORGANISERS),
    Family(register_desk.router, access.ORGANISERS),
    Family(evidence_form.router, access.ORGANISERS),
    Family(evidence_desk.router, access.ORGANISERS),
    Family(import_history.router, access.ORGANISERS),
    Family(import_files.router, access.ORGANISERS),
    Family(failed_texts.router, access.OPERATORS),
    Family(deadlines.router, access.SCORE_READERS),
    Family(nothing_to_bring.router, access.OPERATORS),
    Family(admin.router, access.ADMINS),
    Family(bulk_accounts.router, access.ADMINS),
    Family(notification_contacts.router, access.ADMINS),
    Family(gateway_test.router, access.ADMINS),
    Family(first_steps.router, access.ADMINS),
    Family(text_desk.router, access.ADMINS),
    Family(settings_desk.router, access.ADMINS),
    Family(upkeep_desk.router, access.ADMINS),
    Family(office_uploads.router, access.OFFICES),
    Family(office_reports.router, access.OFFICES),
    Family(office_months.router, access.OFFICES),
    Family(office_hotline.router, access.OFFICES),
    Family(office_records.router, access.OFFICES),
    Family(office_objections.router, access.OFFICES),
    Family(deliver.router, access.DELIVERERS),
    Family(deliver_files.router, access.DELIVERERS),
    Family(deliver_forms.router, access.DELIVERERS),
    Family(department_offices.router, access.DEPARTMENTS),
    Family(calls_handed_over.router, access.HANDOVER_READERS),
    Family(overview.router, access.LEADERS),
    Family(month_scores.router, access.SCORE_READERS),
    Family(local_decisions.router, access.SCORE_READERS),
    Family(local_decisions.adopting, access.PUBLISHERS),
    Family(objections.router, access.SCORE_READERS),
    Family(score_breakdowns.router, access.SCORE_READERS),
    Family(survey_figures.router, access.SCORE_READERS),
    Family(score_files.router, access.SCORE_READERS),
    Family(signals.router, access.PUBLISHERS),
    Family(score_papers.router, access.SCORE_READERS),
    Family(score_papers.own, access.OFFICES),
    Family(hotline_quarters.router, access.SCORE_READERS),
    Family(review_standing.router, access.SCORE_READERS),
    Family(what_if.router, access.ORGANISERS),
    Family(standard_desk.router, access.ORGANISERS),
    Family(standard_desk.changing, access.PUBLISHERS),
    Family(year_desk.router, access.ORGANISERS),
    Family(review_desk.router, access.ORGANISERS),
    Family(year_scores.router, access.SCORE_READERS),
    Family(score_versions.router, access.SCORE_READERS),
    Family(score_versions.publishing, access.PUBLISHERS),
    Family(call_desk.router, access.CALLERS),
    Family(call_overview.router, access.OPERATORS),
    Family(reply_desk.router, access.CALLERS),
)


def include_families(web: FastAPI) -> None:
    """Add every family to the application, guarded by its access."""
    for family in FAMILIES:
        web.include_router(family.router, dependencies=[Depends(family.access)])


class Address(NamedTuple):
    """One method of one address."""

    method: str
    path: str
    access: Access | None
    """None: nothing decides who may open it, which is a fault of the program."""


def addresses_of(web: FastAPI) -> Iterator[Address]:
    """Yield every address of an application with its access, in the order of the table."""
    for route in iter_route_contexts(web.routes):
        if isinstance(route.original_route, APIRoute):
            calls = [dependency.call for dependency in route.dependant.dependencies]
            for method in sorted(route.methods or ()):
                yield Address(method, route.path or "", _access_among(calls))


def _access_among(calls: list[Callable[..., Any] | None]) -> Access | None:
    return next((call for call in calls if isinstance(call, Roles | Anyone | api.KeyAccess)), None)


def reference() -> str:
    """Return the list of addresses as a page of Markdown."""
    web = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    include_families(web)
    lines = [
        "# Addresses",
        "",
        "Every address of the web application and who may open it, written by `scripts/reference`",
        "from the table in `survey_pipeline/web/routes.py`.",
        "",
        "| method | address | who may open it |",
        "| --- | --- | --- |",
        *(
            f"| {address.method} | `{address.path}` | {address.access} |"
            for address in addresses_of(web)
        ),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(reference(), end="")
