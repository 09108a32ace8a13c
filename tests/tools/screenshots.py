"""Takes the pictures of docs/screenshots: the three desks and the ballot, of a made-up city.

`scripts/screenshots` runs it. The city, its month and the moments are fixed, so that a picture
changes only with the page that it shows. It needs Chromium and a font with Chinese characters.
"""

import csv
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Page, sync_playwright

from survey_pipeline.app import open_app
from survey_pipeline.appraisal import score_year
from survey_pipeline.calendar import SetClock
from survey_pipeline.context import Context
from survey_pipeline.people.accounts import add_user
from survey_pipeline.people.sessions import open_session
from survey_pipeline.simulation.demo import DemoSize, run_demo, stop_demo_at
from survey_pipeline.simulation.representatives import begin_review
from survey_pipeline.vocabulary import Role
from survey_pipeline.web.application import make_web
from survey_pipeline.web.serving import listen, make_server

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
MONTH, YEAR, SEED = "2023-05", 2023, "pictures"
ZONE = ZoneInfo("Asia/Shanghai")
EVENING = datetime(2023, 5, 18, 19, 50, tzinfo=ZONE)
"""A Thursday, two hours after its daily run: the first citizens have answered."""
MORNING = datetime(2023, 5, 19, 10, 5, tzinfo=ZONE)
JUNE = datetime(2023, 6, 12, 10, 0, tzinfo=ZONE)
"""The month is closed."""
DESK, PHONE = (1280, 900), (390, 844)
LANGUAGES = {"zh": "zh_CN", "en": "en"}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
]


def nothing(_page: Page) -> None:
    """Take the page as it comes."""


@dataclass(frozen=True)
class Picture:
    """A page, and how it is come by."""

    name: str
    path: str
    at: datetime
    role: Role | None = None
    size: tuple[int, int] = DESK
    prepare: Callable[[Page], None] = field(default=nothing)


def take_call(page: Page) -> None:
    """Let the caller have a call in hand, and an answer chosen."""
    if not page.locator("#script").is_visible():
        page.keyboard.press("n")
        page.locator("#script").wait_for()
    page.keyboard.press("3")


def fill_in(page: Page) -> None:
    """Answer for some offices."""
    for number in range(1, 8):
        if number != 4:
            page.locator(f"#office-{number} input").nth(number % 5 // 2).check()
    page.locator("#office-2").scroll_into_view_if_needed()


def main() -> None:
    """Make the city twice, once in the midst of its month and once after it, and look at it."""
    names = set(sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        half, whole = Path(folder) / "half", Path(folder) / "whole"
        stop_demo_at(half, MONTH, SEED, DemoSize(), EVENING)
        token = _open_link(half, Path(folder))
        run_demo(whole, MONTH, SEED, DemoSize())
        pictures = (
            (half, Picture("day", "/", EVENING, Role.OPERATOR)),
            (half, Picture("calls", "/callbacks", MORNING, Role.CALLER, prepare=take_call)),
            (half, Picture("ballot", f"/review/{token}", MORNING, size=PHONE, prepare=fill_in)),
            (whole, Picture("scores", f"/scores?month={MONTH}", JUNE, Role.ANALYST)),
        )
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
            for home, picture in pictures:
                if not names or picture.name in names:
                    _take(browser, home, picture)
            browser.close()


def _open_link(home: Path, folder: Path) -> str:
    """Open the city's online review; return the token of its first representative."""
    with closing(open_app(home, actor="demo", clock=SetClock(EVENING), environ={})) as app:
        score_year(app.context, YEAR)
        links = begin_review(app.context, SEED, YEAR, folder)
    with links.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))[1][-1].rsplit("/", 1)[1]


@contextmanager
def _served(home: Path, at: datetime) -> Iterator[tuple[Context, str]]:
    with closing(open_app(home, actor="web", clock=SetClock(at), environ={})) as app:
        listening = listen("127.0.0.1", 0)
        server = make_server(make_web(app))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield app.context, f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
            listening.close()


def _take(browser: Browser, home: Path, picture: Picture) -> None:
    with _served(home, picture.at) as (context, url):
        session = _session(context, picture)
        for short, language in LANGUAGES.items():
            width, height = picture.size
            opened = browser.new_context(
                viewport={"width": width, "height": height},
                device_scale_factor=1 if picture.size == DESK else 2,
                locale=language.replace("_", "-"),
                color_scheme="light",
                reduced_motion="reduce",
            )
            cookies = {"language": language, **session}
            opened.add_cookies(
                [{"name": name, "value": value, "url": url} for name, value in cookies.items()]
            )
            page = opened.new_page()
            page.goto(url + picture.path, wait_until="networkidle")
            picture.prepare(page)
            page.wait_for_timeout(1500)  # charts are drawn
            page.screenshot(path=FOLDER / f"{picture.name}-{short}.png")
            opened.close()


def _session(context: Context, picture: Picture) -> dict[str, str]:
    if picture.role is None:
        return {}
    name = {"operator": "王芳", "caller": "陈洁", "analyst": "林涛"}[picture.role.value]
    add_user(context, name, picture.role, "a password of the pictures")
    return {"session": open_session(context, name)}


if __name__ == "__main__":
    main()
