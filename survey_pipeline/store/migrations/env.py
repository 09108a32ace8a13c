"""Alembic's entry: runs the migrations on the connection that `store.migrate` hands over."""

from alembic import context
from sqlmodel import SQLModel

import survey_pipeline.store.tables  # noqa: F401 - registers every table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
