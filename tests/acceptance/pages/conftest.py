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
from playwright.sync_api import Browser, Page, Response, sync_playwright

from survey_pipeline.app import App
from survey_pipeline.context import Context
from survey_pipeline.people.accounts import add_user
from survey_pipeline.people.sessions import open_session
from survey_pipeline.testing import NOON, workspace
from survey_pipeline.vocabulary import Role
from survey_pipeline.web.application import make_web
from survey_pipeline.web.serving import listen, make_server

PASSWORD = "correct horse battery"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


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
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
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


class Site:
    """A served workspace and the people of it."""

    def __init__(self, app: App, web: FastAPI, url: str, browser: Browser) -> None:
        self.app, self.web, self.url, self._browser = app, web, url, browser
        self.context: Context = app.context

    def person(self, role: Role, name: str = "", office_code: str | None = None) -> str:
        """Make somebody; return their session, as if they had signed in."""
        shown = name or f"{role.value}-1"
        add_user(self.context, shown, role, PASSWORD, office_code)
        return open_session(self.context, shown)

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
        opened = self._browser.new_context(viewport={"width": width, "height": 900}, **options)
        opened.set_default_timeout(10_000)
        cookies = [{"name": "language", "value": language, "url": self.url}]
        if role is not None:
            token = self.person(role, name, office_code)
            cookies.append({"name": "session", "value": token, "url": self.url})
        opened.add_cookies(cookies)  # type: ignore[arg-type] # plain dicts of the right keys
        return Visitor(self, opened.new_page())


@pytest.fixture(scope="session")
def chromium(need: Callable[[str], None]) -> Iterator[tuple[Browser, asyncio.AbstractEventLoop]]:
    """The browser, and the loop that Playwright marks as running as long as it lives."""
    need("chromium")
    need("cjk-font")
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        yield made, loop
        asyncio._set_running_loop(loop)
        made.close()


@pytest.fixture
def browser(chromium: tuple[Browser, asyncio.AbstractEventLoop]) -> Iterator[Browser]:
    """The browser for one test; those that come next may run loops of their own."""
    made, loop = chromium
    asyncio._set_running_loop(loop)
    yield made
    asyncio._set_running_loop(None)


@pytest.fixture
def site(tmp_path: Path, browser: Browser) -> Iterator[Site]:
    """A served workspace whose clock stands at NOON; `site.context` changes it."""
    context = workspace(tmp_path, at=NOON, gateway=[{"kind": "simulated"}])
    app = App(context, {})
    listening = listen("127.0.0.1", 0)
    web = make_web(app)
    server = make_server(web)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield Site(app, web, f"http://127.0.0.1:{listening.getsockname()[1]}", browser)
    for one in browser.contexts:
        one.close()
    server.should_exit = True
    thread.join()
    listening.close()
    context.engine.dispose()
