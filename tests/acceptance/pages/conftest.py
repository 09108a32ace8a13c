"""Pages in a real browser: the workspace's own web on a free port, and Debian's Chromium.

`site` is a served workspace; `site.visit(role)` opens a browser page of somebody with that role.
Whatever page is opened with `Visitor.go` is looked at: valid HTML, one h1, labels, unique ids, no
console error, nothing that axe-core finds (WCAG 2.2 AA), nothing fetched from elsewhere.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import html5lib
import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Response,
    ViewportSize,
    sync_playwright,
)

from survey_pipeline.app import App
from survey_pipeline.context import Context
from survey_pipeline.people.accounts import add_user
from survey_pipeline.people.sessions import open_session
from survey_pipeline.store.engine import writing
from survey_pipeline.store.insert import insert_absent
from survey_pipeline.store.tables import parents
from survey_pipeline.testing import NOON, workspace
from survey_pipeline.vocabulary import Role
from survey_pipeline.web.application import make_web
from survey_pipeline.web.serving import listen, make_server

SCREEN = ViewportSize(width=1280, height=900)
PASSWORD = "correct horse battery"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--renderer-process-limit=1",  # of a profile: its pages share a process that runs already
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
"""What axe-core looks for, and describes: what passes has no report."""


class Visitor:
    """Somebody's browser page, looked at wherever it goes."""

    def __init__(self, site: "Site", page: Page) -> None:
        self.site, self.page = site, page
        self.errors: list[str] = []
        self.elsewhere: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._watch)

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def _watch(self, request: Any) -> None:
        if not request.url.startswith((self.site.url, "data:", "blob:")):
            self.elsewhere.append(request.url)

    def go(self, path: str, status: int = 200) -> Page:
        """Open a page of the site, and look at it."""
        answer = self.page.goto(self.site.url + path)
        assert answer is not None
        assert answer.status == status, answer.text()[:2000]
        if status >= 400:
            self.errors.clear()  # the browser itself says so
        self.look(answer)
        return self.page

    def look(self, answer: Response | None = None) -> None:
        """Check what every page owes its readers; with an answer, its HTML as it was sent too."""
        if answer is not None:
            html5lib.HTMLParser(strict=True).parse(answer.text())
        page = self.page
        assert page.locator("h1").count() == 1
        ids = page.eval_on_selector_all("[id]", "all => all.map(one => one.id)")
        assert len(ids) == len(set(ids)), "an id twice"
        found = Axe().run(page, options=AXE)
        assert found.response["violations"] == [], found.generate_report()
        assert self.errors == []
        assert self.elsewhere == []

    def fits(self, width: int) -> bool:
        """Say whether the page is as wide as the screen at that width, and no wider."""
        self.page.set_viewport_size({"width": width, "height": 800})
        return bool(
            self.page.evaluate(
                "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            )
        )


class Profile:
    """A browser's profile that is kept: its blank page keeps the process alive between tests.

    A new profile starts a process, which reads and compiles everything anew: that takes longer
    than most tests.
    """

    def __init__(self, browser: Browser, options: dict[str, Any]) -> None:
        self.options = options
        self.context = browser.new_context(viewport=SCREEN, **options)
        self.context.set_default_timeout(10_000)
        self._blank = self.context.new_page()
        self._inside = self.context.new_cdp_session(self._blank)

    def clear(self, url: str) -> None:
        """Close the pages, and forget what a site has stored."""
        for page in self.context.pages:
            if page is not self._blank:
                page.close()
        self.context.clear_cookies()
        stored = {"origin": url, "storageTypes": "all"}
        self._inside.send("Storage.clearDataForOrigin", stored)


class Profiles:
    """The profiles of a browser: each visitor of a test has an empty one of their own."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: list[Profile] = []
        self._taken: list[Profile] = []

    def take(self, options: dict[str, Any]) -> BrowserContext:
        """Return the context of a profile with these options that no other visitor has."""
        matching = [profile for profile in self._free if profile.options == options]
        if matching:
            self._free.remove(matching[0])
        profile = matching[0] if matching else Profile(self._browser, options)
        self._taken.append(profile)
        return profile.context

    def clear(self, url: str) -> None:
        """Take back all profiles from the visitors of a site."""
        while self._taken:
            profile = self._taken.pop()
            profile.clear(url)
            self._free.append(profile)


BODIES = {Role.DEPARTMENT: "P-1", Role.LEAD_AGENCY: "市教育局"}
"""Of people for whom a test names none."""


class Site:
    """A served workspace and the people of it."""

    def __init__(self, app: App, web: FastAPI, url: str, profiles: Profiles) -> None:
        self.app, self.web, self.url, self._profiles = app, web, url, profiles
        self.context: Context = app.context

    def person(self, role: Role, name: str = "", office_code: str | None = None) -> str:
        """Make somebody; return their session, as if they had signed in."""
        shown = name or f"{role.value}-1"
        if role is Role.DEPARTMENT and office_code is None:
            self._make_department()
        add_user(self.context, shown, role, PASSWORD, office_code or BODIES.get(role))
        return open_session(self.context, shown)

    def _make_department(self) -> None:
        row = {"parent_code": BODIES[Role.DEPARTMENT], "name": "Bureau", "hotline_group": "none"}
        with writing(self.context.engine) as connection:
            insert_absent(connection, parents, [row])

    def visit(
        self,
        role: Role | None = None,
        *,
        name: str = "",
        office_code: str | None = None,
        language: str = "en",
        width: int = 1280,
        **options: Any,
    ) -> Visitor:
        """Open a browser page, of somebody with a role or of a stranger."""
        opened = self._profiles.take(options)
        cookies = [{"name": "language", "value": language, "url": self.url}]
        if role is not None:
            token = self.person(role, name, office_code)
            cookies.append({"name": "session", "value": token, "url": self.url})
        opened.add_cookies(cookies)  # type: ignore[arg-type] # plain dicts of the right keys
        page = opened.new_page()
        page.set_viewport_size({"width": width, "height": SCREEN["height"]})
        return Visitor(self, page)


@pytest.fixture(scope="session")
def chromium(need: Callable[[str], None]) -> Iterator[tuple[Profiles, asyncio.AbstractEventLoop]]:
    """The browser, and the loop that Playwright marks as running as long as it lives."""
    need("chromium")
    need("cjk-font")
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        yield Profiles(made), loop
        asyncio._set_running_loop(loop)
        made.close()


@pytest.fixture
def profiles(chromium: tuple[Profiles, asyncio.AbstractEventLoop]) -> Iterator[Profiles]:
    """The browser's profiles for one test; those that come next may run loops of their own."""
    kept, loop = chromium
    asyncio._set_running_loop(loop)
    yield kept
    asyncio._set_running_loop(None)


@pytest.fixture
def site(tmp_path: Path, profiles: Profiles) -> Iterator[Site]:
    """A served workspace whose clock stands at NOON; `site.context` changes it."""
    context = workspace(tmp_path, at=NOON, gateway=[{"kind": "simulated"}])
    app = App(context, {})
    listening = listen("127.0.0.1", 0)
    web = make_web(app)
    server = make_server(web)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    yield Site(app, web, url, profiles)
    profiles.clear(url)
    server.should_exit = True
    thread.join()
    listening.close()
    context.engine.dispose()
