"""`/admin/upkeep`: backups, the purge, the keys, and what `doctor` finds that a button mends."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.app import App
from survey_pipeline.checks.permissions import close_to_others
from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, SurveyPipelineError, UsageError
from survey_pipeline.i18n import N_, Message
from survey_pipeline.privacy.deletion_words import COUNTED
from survey_pipeline.privacy.held_files import BACKUPS
from survey_pipeline.privacy.purging import due_now, purge
from survey_pipeline.upkeep.backing_up import backups_in, make_backup, note_backup
from survey_pipeline.web.access import User, Workspace
from survey_pipeline.web.rendering.page import render
from survey_pipeline.web.server.work_pools import WorkPool
from survey_pipeline.workspace import put_missing_files

OLD_AFTER_DAYS = 2
"""A last backup older than that is marked."""
BUSY = N_("A backup or a purge is under way. Try again when it is through.")

Word = Annotated[str, Form(max_length=40)]
Told = Annotated[str, Query(max_length=80)]
Count = Annotated[int, Query(ge=0, le=1_000_000)]

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class KeptBackup:
    """A backup in the workspace's folder."""

    name: str
    size: int
    """In bytes."""
    at: datetime


def make_pool() -> WorkPool:
    """Return the pool for work that takes minutes."""
    return WorkPool("upkeep", threads=1, most=2, most_each=1)


@router.get("/admin/upkeep")
def upkeep_page(
    request: Request,
    context: Workspace,
    made: Told = "",
    mended: Count | None = None,
    purged: Told = "",
) -> Response:
    """Show the backups, what is due to be deleted, and how keys are changed."""
    return _page(request, context, made=made, mended=mended, purged=purged)


@router.post("/admin/upkeep/backup")
async def back_up(request: Request, context: Workspace, who: User) -> Response:
    """Make a backup in the workspace's folder."""
    return await _at_work(request, context, who.name, _backed_up)


@router.post("/admin/upkeep/purge")
async def purge_now(request: Request, context: Workspace, who: User) -> Response:
    """Delete the personal data that is due."""
    return await _at_work(request, context, who.name, _purged)


@router.post("/admin/upkeep/mend")
def mend(request: Request, context: Workspace, what: Word) -> Response:
    """Mend what `doctor` found: rights of files, or shipped files that are missing."""
    app: App = request.app.state.app
    if what == "permissions":
        count = close_to_others(app)
    elif what in {"templates", "documents"}:
        count = len(put_missing_files(context.home, context.settings.locale)[0])
    else:
        raise UsageError("there is nothing here that mends {what}", what=what)
    return RedirectResponse(f"/admin/upkeep?mended={count}", status_code=303)


async def _at_work(
    request: Request, context: Context, name: str, work: Callable[[Context], str]
) -> Response:
    """Do in the pool what may take long; another request of the kind is refused meanwhile."""
    pool: WorkPool = request.app.state.pools.upkeep
    with pool.slot(name, Message(BUSY), Message(BUSY)):
        return await pool.run(_told, request, context, work)


def _told(request: Request, context: Context, work: Callable[[Context], str]) -> Response:
    try:
        return RedirectResponse(f"/admin/upkeep?{work(context)}", status_code=303)
    except CannotProceed as error:
        return _page(request, context, problem=error)


def _backed_up(context: Context) -> str:
    made = make_backup(context)
    note_backup(context, made)
    return f"made={made.file.name}"


def _purged(context: Context) -> str:
    done = purge(context)
    return "purged=" + ("nothing" if done.receipt is None else str(done.receipt.id))


def _page(
    request: Request, context: Context, *, problem: SurveyPipelineError | None = None, **more: Any
) -> Response:
    kept = _backups(context)
    values = {"made": "", "mended": None, "purged": "", **more}
    old = not kept or (context.now() - kept[0].at).days >= OLD_AFTER_DAYS
    return render(
        request,
        "upkeep.html",
        status=409 if problem else 200,
        backups=kept,
        folder=BACKUPS,
        old=old,
        due=dict(sorted(due_now(context).items())),
        counted=COUNTED,
        key_file=context.settings.privacy.key_file,
        in_variable=bool(context.settings.privacy.key),
        problem=problem,
        **values,
    )


def _backups(context: Context) -> list[KeptBackup]:
    """Return the backups of the workspace's folder, the newest first."""
    found = []
    for path in reversed(backups_in(context.home / BACKUPS)):
        about = path.stat()
        at = datetime.fromtimestamp(about.st_mtime, UTC)
        found.append(KeptBackup(path.name, about.st_size, at))
    return found
