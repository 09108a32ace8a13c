"""No page reads a table that grows from its first row to its last: the plans of all its queries.

A small city is made as `scripts/year` makes a large one. Every page is opened, and each query that
it makes is explained. PostgreSQL is told that the tables are large, and to go by indexes wherever
one leads to the rows; SQLite, which knows no sizes, chooses by the indexes alone.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Engine, event, text

from bench.made_year import YearSize
from bench.year import fill_city, pages
from survey_pipeline.app import App
from survey_pipeline.people.sessions import open_session
from survey_pipeline.store.tables import (
    answers,
    audit_entries,
    audit_links,
    call_attempts,
    calls,
    cases,
    inbound,
    message_events,
    messages,
    receipts,
    send_attempts,
    survey_events,
    surveys,
)
from survey_pipeline.testing import NOON, workspace
from survey_pipeline.testing.asgi_client import AsgiClient
from survey_pipeline.web.access import COOKIE
from survey_pipeline.web.application import make_web

pytestmark = pytest.mark.usefixtures("database")

LARGE = (
    answers, audit_entries, audit_links, call_attempts, calls, cases, inbound, message_events,
    messages, receipts, send_attempts, survey_events, surveys,
)  # fmt: skip
NAMES = frozenset(table.name for table in LARGE)
PARTIAL = frozenset(
    str(index.name)
    for table in LARGE
    for index in table.indexes
    if index.dialect_options["sqlite"].get("where") is not None
)
"""Indexes of what waits: they are short however long the table is."""
SIZE = YearSize(offices=6, days=60, cases=30)
LARGER = 100_000
"""So many times as many rows PostgreSQL is told of."""

REASONS: Mapping[str, str] = {
    "/metrics": "texts by state; counting takes at most a twentieth of the time (reports.measures)"
}
"""Pages that read a whole table, each with its reason."""


class Asked(NamedTuple):
    """One query that a page made."""

    page: str
    statement: str
    values: Any


@pytest.fixture(scope="module")
def asked(
    database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Engine, list[Asked]]]:
    context = workspace(tmp_path_factory.mktemp("city"), at=NOON + timedelta(days=200))
    app = App(context, {})
    fill_city(app, SIZE, SIZE.days)
    made: list[Asked] = []
    page = ""

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if page and statement.lstrip().split()[0] in ("SELECT", "WITH"):
            made.append(Asked(page, statement, values))

    event.listen(context.engine, "before_cursor_execute", note)
    web = make_web(app)
    for role, address in pages(app):
        client = AsgiClient(web, **{COOKIE: open_session(context, f"bench-{role.value}")})
        page = address.partition("?")[0]
        client.get(address)
        page = ""
    web.state.pools.close()
    event.remove(context.engine, "before_cursor_execute", note)
    yield context.engine, made
    context.engine.dispose()


def test_no_page_reads_a_large_table_as_a_whole(asked: tuple[Engine, list[Asked]]) -> None:
    engine, made = asked
    assert len({query.page for query in made}) > 40
    whole = sqlite_scans if engine.dialect.name == "sqlite" else postgresql_scans
    found = {
        f"{query.page}: {table}: {' '.join(query.statement.split())}"
        for query, table in whole(engine, list({query[:2]: query for query in made}.values()))
        if query.page not in REASONS
    }
    assert "\n".join(sorted(found)) == ""


def sqlite_scans(engine: Engine, made: list[Asked]) -> Iterator[tuple[Asked, str]]:
    with engine.connect() as connection:
        for query in made:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query.statement}", query.values)
            lines = [row.detail for row in plan]
            first = "LIMIT" in query.statement and not any("TEMP B-TREE" in line for line in lines)
            for line in lines:
                scan = re.match(r"SCAN (\w+?)(?:_\d+)?(?: USING (?:COVERING )?INDEX (\w+))?$", line)
                if scan and scan[1] in NAMES and scan[2] not in PARTIAL and not first:
                    yield query, scan[1]


def postgresql_scans(engine: Engine, made: list[Asked]) -> Iterator[tuple[Asked, str]]:
    with engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.execute(
            text("UPDATE pg_class SET reltuples = reltuples * :larger WHERE relname = ANY(:names)"),
            {"larger": LARGER, "names": sorted(NAMES)},
        )
        for dear in ("seqscan", "hashjoin", "mergejoin"):
            connection.execute(text(f"SET enable_{dear} = off"))
        for query in made:
            said = connection.exec_driver_sql(
                f"EXPLAIN (FORMAT JSON) {query.statement}", query.values
            ).scalar()
            plan = (json.loads(said) if isinstance(said, str) else said)[0]["Plan"]
            for table in _whole_tables(plan, limited=False):
                yield query, table
        connection.rollback()


def _whole_tables(node: dict[str, Any], *, limited: bool) -> Iterator[str]:
    """Yield the large tables that a plan reads from their first row to their last."""
    table, kind = node.get("Relation Name", ""), node["Node Type"]
    indexed = "Index Cond" in node or node.get("Index Name") in PARTIAL
    short = indexed or kind == "Bitmap Heap Scan" or (limited and kind != "Seq Scan")
    if table in NAMES and not short:
        yield table
    for part in node.get("Plans", ()):
        if part.get("Parent Relationship") == "SubPlan":
            continue  # an EXISTS: hashed or looked up, as the number of its rows makes cheaper
        below = limited or kind == "Limit"
        yield from _whole_tables(part, limited=below and kind not in ("Sort", "Aggregate", "Hash"))
