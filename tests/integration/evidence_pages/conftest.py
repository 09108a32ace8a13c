"""The organisers' pages as an operator's browser sees them: a small register, forms posted."""

import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from survey_pipeline.app import App
from survey_pipeline.edited import shipped
from survey_pipeline.people.accounts import add_user
from survey_pipeline.people.sessions import open_session
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import offices, parents
from survey_pipeline.testing import SetContext, workspace
from survey_pipeline.testing.asgi_client import AsgiClient
from survey_pipeline.vocabulary import Role
from survey_pipeline.web.application import make_web

MID_NOVEMBER = datetime(2023, 11, 15, 4, 0, tzinfo=UTC)
"""Wednesday 15 November 2023, noon in Shanghai: the window of 2023 is over."""
PASSWORD = "correct horse battery"


class Desk:
    """The pages as people with several names use them."""

    def __init__(self, context: SetContext) -> None:
        self.context = context
        self._web = make_web(App(context, {}))
        self._browsers: dict[str, AsgiClient] = {}
        self._now = ""

    @property
    def browser(self) -> AsgiClient:
        """The browser of the person who uses the pages now."""
        return self._browsers[self._now]

    def acting(self, name: str, role: Role = Role.OPERATOR, office: str | None = None) -> None:
        """Let a person use the pages from now on."""
        if name not in self._browsers:
            add_user(self.context, name, role, PASSWORD, office)
            session = open_session(self.context, name)
            self._browsers[name] = AsgiClient(self._web, session=session, language="en")
        self._now = name

    def get(self, path: str, **query: Any) -> Any:
        return self.browser.get(path + (f"?{urlencode(query)}" if query else ""))

    def post(self, path: str, form: Mapping[str, str]) -> Any:
        return self.browser.post(path, **form)

    def follow(self, answer: Any) -> Any:
        """Open the page that a form leads to."""
        assert answer.status == 303, answer.text
        return self.browser.get(answer.location)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """P-1 with two agency offices, P-2 with a school; an operator is signed in."""
    context = workspace(tmp_path, at=MID_NOVEMBER, locale="en")
    if not (tmp_path / "config/standards").exists():
        shutil.copytree(shipped() / "config/standards", tmp_path / "config/standards")
    with writing(context.engine) as connection:
        for code, group in (("P-1", "city_agency"), ("P-2", "soe_institution")):
            values = {"parent_code": code, "name": f"Bureau {code}", "hotline_group": group}
            connection.execute(parents.insert().values(**values))
        for code, category, parent in (
            ("A-1", "agency", "P-1"), ("A-2", "agency", "P-1"), ("E-1", "education", "P-2"),
        ):  # fmt: skip
            values = {"office_code": code, "name": f"Office {code}", "category": category}
            connection.execute(offices.insert().values(**values, parent_code=parent))
    made = Desk(context)
    made.acting("li")
    yield made
    context.engine.dispose()
