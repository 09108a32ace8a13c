"""Notices that the visitor's next page shows once, carried there by a cookie."""

from fastapi import Request, Response

from survey_pipeline.i18n import N_

COOKIE = "told"
KEPT_SECONDS = 60
"""A notice that no page has shown by then is dropped."""
SIGNED_IN_ELSEWHERE, PASSWORD_CHANGED, FACTOR_REMOVED = "elsewhere", "password", "factor"
NOTICES = {
    SIGNED_IN_ELSEWHERE: N_(
        "You are signed in elsewhere too. If that is not you, end that session and change your "
        "password."
    ),
    PASSWORD_CHANGED: N_("Your password is changed. You are signed out everywhere else."),
    FACTOR_REMOVED: N_(
        "Your second factor is removed. You are signed out everywhere else. Delete the entry in "
        "your app."
    ),
}


def notify_next_page(request: Request, response: Response, notice: str) -> None:
    """Show a notice (a key of `NOTICES`) on the visitor's next page."""
    response.set_cookie(
        COOKIE,
        notice,
        max_age=KEPT_SECONDS,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        path="/",
    )


def pending_notice(request: Request) -> str:
    """Return the notice that the visitor's page must show; empty if there is none."""
    return NOTICES.get(request.cookies.get(COOKIE, ""), "")


def clear_notice(request: Request, response: Response) -> None:
    """Delete the cookie, if the browser sent one."""
    if request.cookies.get(COOKIE):
        response.delete_cookie(COOKIE, path="/")
