"""The other side of the figure `page`: a bare FastAPI page that makes the same queries.

It knows nothing of the product: SQLAlchemy as every FastAPI page has it, one connection, the
statements as they were written down, their rows as JSON. Imported by child processes alone.
"""

import ast
import json
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response
from sqlalchemy import create_engine, event

from bench.asking import served, timed


def page(database: str, file: str) -> dict[str, float]:
    """Time the bare page."""
    asked = [ast.literal_eval(line) for line in Path(file).read_text("utf-8").splitlines()]
    engine = create_engine(f"sqlite:///{database}")
    event.listen(engine, "connect", _as_the_product)
    web = FastAPI()

    @web.get("/page")
    def bare() -> Response:
        with engine.connect() as connection:
            rows = [
                [tuple(row) for row in connection.exec_driver_sql(statement, values)]
                for statement, values in asked
            ]
        return Response(json.dumps(rows, default=str), media_type="application/json")

    with served(web) as port:
        return timed(port, ["/page"])


def _as_the_product(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA cache_size = -65536")
