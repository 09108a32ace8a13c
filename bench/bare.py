"""The other side of the figure `page`: a bare FastAPI page that makes the same queries.

It knows nothing of the product: `sqlite3`, the statements as they were written down, their rows as
JSON. Imported by child processes alone.
"""

import ast
import json
import sqlite3
import threading
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response

from bench.asking import served, timed


def page(database: str, file: str) -> dict[str, float]:
    """Time the bare page."""
    asked = [ast.literal_eval(line) for line in Path(file).read_text("utf-8").splitlines()]
    web = FastAPI()
    own = threading.local()

    def connection() -> sqlite3.Connection:
        if not hasattr(own, "connection"):
            own.connection = sqlite3.connect(database)
            own.connection.execute("PRAGMA cache_size = -65536")  # as the product's
        found: sqlite3.Connection = own.connection
        return found

    @web.get("/page")
    def bare() -> Response:
        rows: list[Any] = [
            connection().execute(statement, values).fetchall() for statement, values in asked
        ]
        return Response(json.dumps(rows, default=str), media_type="application/json")

    with served(web) as port:
        return timed(port, "/page")
