"""Whether PostgreSQL has on its disk what it has answered: else a power cut loses it.

`synchronous_commit` is turned on for our own connections (`store.engine`); what the server does
with its disk only its administrator can say (manual, "Write Ahead Log").
"""

from collections.abc import Iterator

from sqlalchemy import Connection, text

from survey_pipeline.checks.check import Check, ok, warning
from survey_pipeline.i18n import N_, Message

NAME = "database"
NEEDED = ("fsync", "full_page_writes", "synchronous_commit")
"""Settings that must not be off."""


def look_at_durability(connection: Connection) -> Iterator[Check]:
    """Look at the settings of the server that keep commits through a power cut."""
    found = {name: connection.scalar(text(f"SHOW {name}")) for name in NEEDED}
    off = [name for name, value in found.items() if value == "off"]
    for name in off:
        yield warning(
            NAME,
            Message(
                N_("PostgreSQL runs with {setting} = off: a power cut loses what was reported"),
                {"setting": name},
            ),
            Message(N_("turn {setting} on in postgresql.conf and reload it"), {"setting": name}),
        )
    if not off:
        yield ok(NAME, N_("PostgreSQL writes to its disk before it answers"))
