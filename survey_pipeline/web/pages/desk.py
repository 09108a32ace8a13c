"""What the desks of callers and readers share: one record at a time, taken, decided and undone.

The keyboard of both is `static/desk.js`, the attributes of their forms are in `_htmx.html`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from survey_pipeline.context import Context
from survey_pipeline.errors import SurveyPipelineError, UnknownRecord
from survey_pipeline.i18n import Message
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.web.access import OPERATORS
from survey_pipeline.web.rendering.fragments import FINGERPRINT, unless_unchanged
from survey_pipeline.web.rendering.page import render


class Undoable(Protocol):
    """The user's last decision, which can be undone for a while."""

    @property
    def until(self) -> datetime:
        """Until when."""


Show = Callable[[Sequence[Message]], Response]
"""Renders the desk with what went wrong, if anything did."""


@dataclass(frozen=True)
class Desk:
    """A page where a user works on one record at a time."""

    address: str
    name: str
    """Of its templates: `NAME.html`, `_NAME_desk.html` and `_NAME_waiting.html`."""

    def show(
        self,
        request: Request,
        context: Context,
        who: SignedIn,
        last: Undoable | None,
        **values: Any,
    ) -> Response:
        """Render the desk: a fragment for htmx, else the whole page.

        Args:
            request: whose desk it is.
            context: the workspace.
            who: the user.
            last: the decision that the page offers to undo.
            values: what the templates are given besides.
        """
        return render(
            request,
            f"_{self.name}_desk.html" if from_htmx(request) else f"{self.name}.html",
            last=last,
            undo_seconds=int((last.until - context.now()).total_seconds()) if last else 0,
            seen="",
            supervises=supervises(who),
            **values,
        )

    def show_waiting(self, request: Request, seen: str, waits: object) -> Response:
        """Return the fragment that tells what waits, unless the browser shows it already."""
        fragment = render(request, f"_{self.name}_waiting.html", waits=waits, seen=FINGERPRINT)
        return unless_unchanged(fragment, seen)

    def answer(self, request: Request, show: Show) -> Response:
        """Answer a step that was done: htmx with the desk as it is now, else a redirect to it."""
        if from_htmx(request):
            return show(())
        return RedirectResponse(self.address, status_code=303)

    def refuse(
        self, request: Request, error: SurveyPipelineError, show: Show, *more: Message
    ) -> Response:
        """Answer a step that could not be done: htmx with the desk and what went wrong.

        htmx swaps successful responses only, so that the status is 200.

        Raises:
            SurveyPipelineError: the error itself, if no script has asked or there is no such
                record; the error page tells it.
        """
        if not from_htmx(request) or isinstance(error, UnknownRecord):
            raise error
        return show((error.message, *more))


def from_htmx(request: Request) -> bool:
    """Return whether htmx has sent the request."""
    return "hx-request" in request.headers


def supervises(who: SignedIn) -> bool:
    """Return whether a user of a desk sees and corrects the work of others."""
    return who.role in OPERATORS
