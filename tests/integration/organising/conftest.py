"""A workspace as it is shipped, with its files, and its pages asked for in this process."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile, copytree

import pytest

from survey_pipeline.app import App
from survey_pipeline.edited import shipped
from survey_pipeline.people.accounts import add_user
from survey_pipeline.people.sessions import open_session
from survey_pipeline.testing import SetContext, workspace
from survey_pipeline.testing.asgi_client import AsgiClient
from survey_pipeline.vocabulary import Role
from survey_pipeline.web.application import make_web

NOVEMBER = datetime(2023, 11, 22, 2, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"


class Town:
    """A workspace and a browser for each role, in English."""

    def __init__(self, context: SetContext) -> None:
        self.context = context
        self.web = make_web(App(context, {}))
        self._browsers: dict[Role, AsgiClient] = {}

    def browser(self, role: Role) -> AsgiClient:
        if role not in self._browsers:
            add_user(self.context, role.value, role, PASSWORD)
            session = open_session(self.context, role.value)
            self._browsers[role] = AsgiClient(self.web, session=session, language="en")
        return self._browsers[role]


def make_town(home: Path) -> Town:
    context = workspace(
        home,
        at=NOVEMBER,
        gateway=[{"kind": "simulated", "price_per_segment": "0.05"}],
        review={"min_ratings": 0, "representatives": 3},
    )
    copytree(shipped() / "templates", home / "templates")
    copyfile(shipped() / "config" / "pipeline.toml", home / "config" / "pipeline.toml")
    return Town(context)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = make_town(tmp_path)
    yield made
    made.context.engine.dispose()
