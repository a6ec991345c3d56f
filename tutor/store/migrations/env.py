"""Alembic's environment: runs on the connection that ``migrate`` passes in, inside its transaction."""

from alembic import context

from tutor.store.sql.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by rebuilding it
    transactional_ddl=True,
)
context.run_migrations()
