"""`/admin/people/offices`, `/admin/keys/offices`: an account or a key for every office at once.

Secrets are written into the answer alone: no file of them is on the server. One request makes a
bounded part, in a room of its own with one thread, so that people who sign in keep a core for their
passwords; the page asks for part after part and joins them into one file (`static/bulk.js`).
"""

import csv
import io
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from survey_pipeline.errors import CannotProceed
from survey_pipeline.i18n import N_, Message
from survey_pipeline.people.bulk import (
    KEY_COLUMNS,
    PASSWORD_COLUMNS,
    Made,
    Write,
    make_accounts,
    make_keys,
    offices_without_account,
    offices_without_key,
)
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.web.access import Workspace
from survey_pipeline.web.admin import ADMINS, Code, Text
from survey_pipeline.web.pages import locale_of
from survey_pipeline.web.rooms import Room

PART = 25
"""Offices of one request: their passwords are hashed in a few seconds."""
BUSY = N_("Accounts or keys are being made at the moment. Try again in a minute.")
PROBLEM = "problem"
"""A column of the file: why an office got nothing."""

router = APIRouter(include_in_schema=False)


class HasCode(Protocol):
    """An office that lacks something."""

    @property
    def office_code(self) -> str | None:
        """Its key in the register."""


Lacking = TypeVar("Lacking", bound=HasCode)


def make_room() -> Room:
    """Return the room in which many are made: one at a time, however many ask."""
    return Room("bulk", threads=1, most=4, most_each=1)


@router.post("/admin/people/offices")
async def add_accounts(
    request: Request,
    context: Workspace,
    after: Code = "",
    who: SignedIn = ADMINS,
) -> Response:
    """Make accounts for the next offices without one; answer their first passwords."""

    def make() -> Response:
        return _part(
            request,
            "first-passwords.csv",
            PASSWORD_COLUMNS,
            _behind(offices_without_account(context), after),
            lambda part, write: make_accounts(context, part, write),
        )

    return await _in_turn(request, who, make)


@router.post("/admin/keys/offices")
async def add_keys(
    request: Request, context: Workspace, label: Text, after: Code = "", who: SignedIn = ADMINS
) -> Response:
    """Make keys for the next offices that have none with this label; answer them."""
    system = label.strip()

    def make() -> Response:
        return _part(
            request,
            "keys.csv",
            KEY_COLUMNS,
            _behind(offices_without_key(context, system), after),
            lambda part, write: make_keys(context, part, system, write),
        )

    return await _in_turn(request, who, make)


async def _in_turn(request: Request, who: SignedIn, make: Callable[[], Response]) -> Response:
    room: Room = request.app.state.rooms.bulk
    with room.place(who.name, Message(BUSY), Message(BUSY)):
        return await room.work(make)


def _behind(lacking: Sequence[Lacking], after: str) -> list[Lacking]:
    """Return the offices behind a code, by code point: what was refused before is not met again."""
    behind = [one for one in lacking if (one.office_code or "") > after]
    return sorted(behind, key=lambda one: one.office_code or "")


def _part(
    request: Request,
    name: str,
    columns: Sequence[str],
    lacking: Sequence[Lacking],
    make: Callable[[Sequence[Lacking], Write], Made],
) -> Response:
    """Make the first of those that lack something; answer a file, and how many are left.

    Raises:
        CannotProceed: nothing is lacking.
    """
    if not lacking:
        raise CannotProceed("every office has one already; nothing was made")
    part = lacking[:PART]
    file = io.StringIO(newline="")
    lines = csv.DictWriter(file, (*columns, PROBLEM), restval="")
    lines.writeheader()
    made = make(part, lambda *cells: lines.writerow(dict(zip(columns, cells, strict=True))))
    for one in made.refused:
        why = one.why.render(locale_of(request))
        lines.writerow({columns[0]: one.name, PROBLEM: why})
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Made": str(made.count),
        "X-Refused": str(len(made.refused)),
        "X-Left": str(len(lacking) - len(part)),
        "X-Last": quote(part[-1].office_code or ""),
    }
    body = file.getvalue().encode("utf-8-sig")
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)
