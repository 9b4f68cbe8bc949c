"""Alembic's entry point: migrates on the connection that ``upgrade`` opened."""

from alembic import context

from imgrepo_server.db.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
)
context.run_migrations()
