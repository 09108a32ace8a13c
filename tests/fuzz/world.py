"""The workspace that the fuzzer writes to, and what it must not have done to it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from survey_pipeline.app import App
from survey_pipeline.people.api_keys import add_key
from survey_pipeline.testing import add_offices, workspace
from survey_pipeline.testing.asgi_client import AsgiClient
from survey_pipeline.web.application import make_web

ACCOUNT, SECRET = "AC" + "1a" * 16, "9d2c4e8b7a6f5d3c1b0a9e8d7c6b5a4f"
PUBLIC = "https://surveys.example.org"
ENVIRONMENT = {"TOKEN": SECRET, "OTHER": "another secret of thirty characters"}
GATEWAYS = [
    {"kind": "simulated"},
    {
        "kind": "twilio",
        "account_sid": ACCOUNT,
        "auth_token_env": "TOKEN",
        "from_number": "+15005550006",
        "public_url": PUBLIC,
    },
    {
        "kind": "kannel",
        "sendsms_url": "http://127.0.0.1:9/cgi-bin/sendsms",
        "username": "survey",
        "password_env": "OTHER",
        "from_number": "1069000000",
        "public_url": PUBLIC,
        "webhook_token_env": "TOKEN",
    },
    {
        "kind": "aliyun",
        "access_key_id_env": "OTHER",
        "access_key_secret_env": "OTHER",
        "sign_name": "S",
        "templates": {"survey": "SMS_1", "survey_short": "SMS_2", "reason": "SMS_3"},
        "public_url": PUBLIC,
        "webhook_token_env": "TOKEN",
    },
]


class FuzzWorld:
    """A small city with every gateway, its web application, and an office's key."""

    def __init__(self, home: Path) -> None:
        self.context = workspace(home, gateway=GATEWAYS)
        self.app = App(self.context, ENVIRONMENT)
        self.office = add_offices(self.context, "agency", "agency")[0]
        self.key = add_key(self.context, self.office, "fuzz")[1]
        self.web = AsgiClient(make_web(self.app))
        self.file = home / "incoming"
        self._watch = sqlite3.connect(home / "survey.db")

    def version(self) -> int:
        """Return a number that changes with every transaction that writes something."""
        return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        return int(self._watch.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    def close(self) -> None:
        """Give the database connections back."""
        self._watch.close()
        self.context.engine.dispose()


@contextmanager
def fuzz_world() -> Iterator[FuzzWorld]:
    """A world in a temporary folder."""
    with TemporaryDirectory(prefix="fuzz-") as folder, closing(FuzzWorld(Path(folder))) as world:
        yield world
