"""The schema's history, run by Alembic.

A new revision: ``versions/<number>_<what>.py``, and ``HEAD`` here. There is no way down: that is what backups are for.
"""

import threading
from pathlib import Path

import sqlalchemy as sa

from tutor.domain.errors import StoreError

#: The newest revision. Known here so that a database that is up to date needs no Alembic at start.
HEAD = "0005"
FOLDER = Path(__file__).parent

_one_at_a_time = threading.Lock()  # Alembic keeps its context in module globals


def migrate(connection: sa.Connection, revision: str = "head") -> None:
    """Run Alembic's revisions on this connection, inside the caller's transaction. Raises ``StoreError``."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with _one_at_a_time:
        try:
            command.upgrade(config, revision)
        except CommandError as error:
            raise StoreError("the database can't be brought up to date; is it of a newer version?") from error
