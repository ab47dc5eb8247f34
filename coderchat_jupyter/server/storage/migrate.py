"""Bring a database file up to date. Forward only, run at every start."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, create_engine
from sqlalchemy.pool import NullPool

__all__ = ["NewerDatabaseError", "upgrade"]

_SCRIPTS: Final = Path(__file__).parent / "migrations"


class NewerDatabaseError(Exception):
    """The file was written by a newer version of this package."""


def upgrade(path: Path) -> None:
    """Apply every migration `path` lacks, in one transaction.

    Raises:
        NewerDatabaseError: The file is ahead of this version.
    """
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=NullPool,
        connect_args={"timeout": 30},
    )
    with closing(engine.raw_connection()) as raw:
        # Persistent, and must be set outside any transaction.
        raw.cursor().execute("PRAGMA journal_mode=WAL")
    try:
        with engine.begin() as connection:
            # Two starts at once: the second waits here, then finds nothing to do.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            current = MigrationContext.configure(connection).get_current_revision()
            if current is not None and current not in known:
                msg = (
                    f"the database was written by a newer version (revision {current});"
                    " upgrade coderchat-jupyter, or start with another --database"
                )
                raise NewerDatabaseError(msg)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
