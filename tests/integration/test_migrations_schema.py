"""The schema moves by migrations alone, and ends where the models are (docs/architecture.md)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text
from sqlmodel import SQLModel

from survey_pipeline.errors import SchemaError
from survey_pipeline.store import migrate
from survey_pipeline.store.engine import open_engine, reading, writing
from survey_pipeline.testing.databases import new_database

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_engine(new_database(tmp_path, empty=True), tmp_path)
    yield made
    made.dispose()


def test_the_migrated_schema_is_the_one_of_the_models(engine: Engine) -> None:
    assert migrate.upgrade(engine) == (None, migrate.head())
    with reading(engine) as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, SQLModel.metadata) == []


def test_a_difference_would_be_found(engine: Engine) -> None:
    migrate.upgrade(engine)
    with writing(engine) as connection:
        connection.execute(text("ALTER TABLE offices ADD COLUMN colour TEXT"))
    with reading(engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)


def test_every_step_leads_to_the_next_and_the_files_are_numbered(engine: Engine) -> None:
    for before, revision in zip([None, *migrate.revisions()], migrate.revisions(), strict=False):
        assert migrate.current(engine) == before
        with writing(engine) as connection:
            command.upgrade(migrate.configuration(connection), revision)
        assert migrate.current(engine) == revision
    migrate.check(engine)


def test_a_second_upgrade_changes_nothing(engine: Engine) -> None:
    migrate.upgrade(engine)
    assert migrate.upgrade(engine) == (migrate.head(), migrate.head())


def test_a_database_without_tables_says_what_to_run(engine: Engine) -> None:
    assert migrate.current(engine) is None
    with pytest.raises(SchemaError, match="Run: survey-pipeline db upgrade"):
        migrate.check(engine)


def test_a_newer_database_is_refused_and_left_alone(engine: Engine) -> None:
    migrate.upgrade(engine)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaError, match=r"9999.*Use the newer program"):
        migrate.upgrade(engine)
    with pytest.raises(SchemaError):
        migrate.check(engine)
    assert migrate.current(engine) == "9999"


def test_no_column_stores_points_or_rates_as_floats(engine: Engine) -> None:
    migrate.upgrade(engine)
    kinds = {
        str(column["type"])
        for table in inspect(engine).get_table_names()
        for column in inspect(engine).get_columns(table)
    }
    assert not [kind for kind in kinds if kind.startswith(("FLOAT", "REAL", "DOUBLE", "NUMERIC"))]


def test_receipts_of_the_first_version_are_kept_by_the_second(engine: Engine) -> None:
    with writing(engine) as connection:
        command.upgrade(migrate.configuration(connection), "0001")
        connection.execute(
            text(
                "INSERT INTO receipts (gateway, provider_id, state, received_at) "
                "VALUES ('simulated', 'p-1', 'delivered', '2023-05-04 02:00:00')"
            )
        )
    assert migrate.upgrade(engine) == ("0001", migrate.head())
    with reading(engine) as connection:
        kept = connection.execute(text("SELECT provider_id, reason, waited FROM receipts")).one()
    assert tuple(kept) == ("p-1", None, None)


def test_what_the_second_version_kept_is_kept_by_the_third(engine: Engine) -> None:
    with writing(engine) as connection:
        command.upgrade(migrate.configuration(connection), "0002")
        for statement in (
            (
                "INSERT INTO parents (parent_code, name, hotline_group) "
                "VALUES ('P-1', 'Bureau', 'city_agency')"
            ),
            (
                "INSERT INTO offices (office_code, name, category, parent_code, approval_service) "
                "VALUES ('AG-1', 'Office', 'agency', 'P-1', false)"
            ),
            (
                "INSERT INTO audit_log (at, actor, action, kind, key) "
                "VALUES ('2023-05-04 02:00:00', 'li', 'created', 'offices', 'AG-1')"
            ),
        ):
            connection.execute(text(statement))
    assert migrate.upgrade(engine) == ("0002", migrate.head())
    with reading(engine) as connection:
        kept = connection.execute(
            text(
                "SELECT office_code, parent_code, actor FROM offices JOIN audit_log "
                "ON key = office_code"
            )
        ).one()
        assert connection.scalar(text("SELECT count(*) FROM supervision_records")) == 0
    assert tuple(kept) == ("AG-1", "P-1", "li")
