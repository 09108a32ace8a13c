"""`/admin/people/...`, `/admin/keys/offices`: an account or key for every office, or body, at once.

Passwords and keys are only in the response; the server keeps no file of them. One request makes
a batch, in a pool with one thread, so that a core is left for users who sign in; the page asks for
batch after batch and joins them into one file (`static/bulk.js`).
"""

import csv
import io
from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from survey_pipeline.errors import CannotProceed
from survey_pipeline.i18n import N_, Message
from survey_pipeline.people.many_accounts import (
    KEY_COLUMNS,
    PASSWORD_COLUMNS,
    BulkResult,
    Write,
    agencies_without_account,
    departments_without_account,
    make_accounts,
    make_keys,
    offices_without_account,
    offices_without_key,
)
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.web.access import User, Workspace
from survey_pipeline.web.pages.admin import Code, Text
from survey_pipeline.web.rendering.page import locale_of
from survey_pipeline.web.server.work_pools import WorkPool

BATCH = 25
"""Accounts or keys of one request: their passwords are hashed in a few seconds."""
BUSY = N_("Accounts or keys are being made at the moment. Try again in a minute.")
PROBLEM = "problem"
"""The column of the file that tells why an office got nothing."""

router = APIRouter(include_in_schema=False)


Item = TypeVar("Item")
LACKING = {
    "offices": offices_without_account,
    "departments": departments_without_account,
    "agencies": agencies_without_account,
}
"""Bodies whose accounts are made together, by the last part of the address."""


def make_pool() -> WorkPool:
    """Return the pool: one batch at a time, however many admins ask."""
    return WorkPool("bulk", threads=1, most=4, most_each=1)


@router.post("/admin/people/offices")
@router.post("/admin/people/departments")
@router.post("/admin/people/agencies")
async def add_accounts(
    request: Request, context: Workspace, who: User, after: Code = ""
) -> Response:
    """Make accounts for the next bodies without one; answer their first passwords."""
    lacking = LACKING[request.url.path.rpartition("/")[2]]

    def make() -> Response:
        return _batch(
            request,
            "first-passwords.csv",
            PASSWORD_COLUMNS,
            _after([(person.body or "", person) for person in lacking(context)], after),
            lambda batch, write: make_accounts(context, batch, write),
        )

    return await _in_pool(request, who, make)


@router.post("/admin/keys/offices")
async def add_keys(
    request: Request, context: Workspace, who: User, label: Text, after: Code = ""
) -> Response:
    """Make keys for the next offices without a key of this label; answer the keys."""
    system = label.strip()

    def make() -> Response:
        return _batch(
            request,
            "keys.csv",
            KEY_COLUMNS,
            _after(
                [(office.office_code, office) for office in offices_without_key(context, system)],
                after,
            ),
            lambda batch, write: make_keys(context, batch, system, write),
        )

    return await _in_pool(request, who, make)


async def _in_pool(request: Request, who: SignedIn, make: Callable[[], Response]) -> Response:
    pool: WorkPool = request.app.state.pools.bulk
    with pool.slot(who.name, Message(BUSY), Message(BUSY)):
        return await pool.run(make)


def _after(lacking: Sequence[tuple[str, Item]], after: str) -> list[tuple[str, Item]]:
    """Return what follows a code, in order of code points; nothing is tried twice."""
    left = [(code, item) for code, item in lacking if code > after]
    return sorted(left, key=lambda coded: coded[0])


def _batch(
    request: Request,
    name: str,
    columns: Sequence[str],
    lacking: Sequence[tuple[str, Item]],
    make: Callable[[Sequence[Item], Write], BulkResult],
) -> Response:
    """Make the first accounts or keys; answer a file, and in headers how many are left.

    Raises:
        CannotProceed: none lacks one.
    """
    if not lacking:
        raise CannotProceed("every office has one already; nothing was made")
    batch = lacking[:BATCH]
    file = io.StringIO(newline="")
    lines = csv.DictWriter(file, (*columns, PROBLEM), restval="")
    lines.writeheader()
    items = [item for _, item in batch]
    made = make(items, lambda *cells: lines.writerow(dict(zip(columns, cells, strict=True))))
    for refused in made.refused:
        why = refused.why.render(locale_of(request))
        lines.writerow({columns[0]: refused.name, PROBLEM: why})
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Made": str(made.count),
        "X-Refused": str(len(made.refused)),
        "X-Left": str(len(lacking) - len(batch)),
        "X-Last": quote(batch[-1][0]),
    }
    body = file.getvalue().encode("utf-8-sig")
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)
