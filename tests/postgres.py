"""A throwaway PostgreSQL: in a temporary folder, on a Unix socket only, gone when the tests end."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import psycopg

MISSING = (
    "PostgreSQL's server programs (initdb, pg_ctl) were not found. Install them: on Debian or Ubuntu the package"
    " `postgresql`; `make test` does it where it may."
)


def find_programs() -> Path | None:
    """The folder that holds initdb and pg_ctl."""
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if config := shutil.which("pg_config"):
        found = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        candidates.insert(0, Path(found.stdout.strip()))
    if initdb := shutil.which("initdb"):
        candidates.append(Path(initdb).resolve().parent)
    return next(
        (folder for folder in candidates if (folder / "initdb").exists() and (folder / "pg_ctl").exists()), None
    )


class Cluster:
    """A running server. ``start`` raises ``RuntimeError`` in plain words when it can't run."""

    def __init__(self, programs: Path, folder: Path, user: pwd.struct_passwd | None) -> None:
        self._programs = programs
        self._folder = folder
        self._user = user

    @classmethod
    def start(cls) -> "Cluster":
        programs = find_programs()
        if programs is None:
            raise RuntimeError(MISSING)
        folder = Path(tempfile.mkdtemp(prefix="diotima-pg-"))  # short: a socket's path has at most 107 characters
        cluster = cls(programs, folder, _unprivileged())
        if cluster._user is not None:
            os.chown(folder, cluster._user.pw_uid, cluster._user.pw_gid)
        cluster._run("initdb", "-D", "data", "-U", "diotima", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(folder),
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "shared_buffers": "32MB",
            "autovacuum": "off",
        }
        lines = "".join(f"{name} = '{value}'\n" for name, value in settings.items())
        with (folder / "data" / "postgresql.auto.conf").open("a") as file:
            file.write(lines)
        cluster._run("pg_ctl", "-w", "-D", "data", "-l", "log", "start")
        return cluster

    def stop(self) -> None:
        self._run("pg_ctl", "-D", "data", "-m", "immediate", "stop")
        shutil.rmtree(self._folder)

    def restart(self) -> None:
        """Stop it as an operator would, which ends every connection, and start it again."""
        self.halt()
        self.resume()

    def halt(self) -> None:
        self._run("pg_ctl", "-w", "-D", "data", "-m", "fast", "stop")

    def resume(self) -> None:
        self._run("pg_ctl", "-w", "-D", "data", "-l", "log", "start")

    def url(self, database: str) -> str:
        return f"postgresql://diotima@/{database}?host={self._folder}"

    def create(self, database: str) -> str:
        """A new, empty database; returns its URL."""
        self.sql(f'CREATE DATABASE "{database}" TEMPLATE template0')
        return self.url(database)

    def drop(self, database: str) -> None:
        self.sql(f'DROP DATABASE "{database}" WITH (FORCE)')

    def sql(self, statement: str, database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement.encode())

    def dump(self, database: str) -> bytes:
        """Every row of every table, as text."""
        return self._run("pg_dump", "-h", str(self._folder), "-U", "diotima", "--inserts", database)

    def _run(self, program: str, *arguments: str) -> bytes:
        command: Sequence[str] = [str(self._programs / program), *arguments]
        user, group = (self._user.pw_uid, self._user.pw_gid) if self._user else (None, None)
        # The server inherits pg_ctl's output: a pipe would stay open as long as it runs.
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            done = subprocess.run(
                command,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                user=user,
                group=group,
                extra_groups=None if self._user is None else [],
                env={**os.environ, "LC_ALL": "C"},
                check=False,
            )
            output.seek(0)
            errors.seek(0)
            if done.returncode:
                raise RuntimeError(f"{program} failed:\n{errors.read().decode()}{output.read().decode()}")
            return output.read()


def _unprivileged() -> pwd.struct_passwd | None:
    """Whom the server runs as when we are root, which it refuses to be."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]
