"""Where representatives reach the pages: what links are made of."""

from typing import TYPE_CHECKING

from survey_pipeline.cli.support import say, stderr

if TYPE_CHECKING:
    from survey_pipeline.app import App

LOCAL_ADDRESS = "http://127.0.0.1:8000"
"""Where `run` serves as it is shipped."""


def address_of(app: "App", given: str | None) -> str:
    """Return where the pages are: as said, else as a gateway's provider reaches this workspace."""
    from survey_pipeline.stages.review import known_address

    if known := given or known_address(app.context.settings):
        return known
    stderr().print(
        say(
            "No gateway names a public_url, so the links lead to {address}: this machine alone. "
            "Give the public one with --address",
            address=LOCAL_ADDRESS,
        ),
        markup=False,
    )
    return LOCAL_ADDRESS
