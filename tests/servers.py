"""Database servers of their own around a command: ``python tests/servers.py make test``.

For each of PostgreSQL and MariaDB it makes a fresh data folder, starts the server on a free port of 127.0.0.1 and puts its
address into RELATEDNESS_POSTGRES or RELATEDNESS_MARIADB; when the command has ended, it ends those processes and removes the
folders. The servers' programs are Debian's (`apt-get install postgresql mariadb-server`) or those on the path. Root runs them
as the users that these packages made, for PostgreSQL refuses to run as root.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool


@dataclass(frozen=True)
class Server:
    """How a server is set up in a folder, run at a port, asked whether it answers, and told to end."""

    name: str
    user: str
    setup: Sequence[str]
    run: Sequence[str]
    url: str
    end: signal.Signals

    def programs(self, folder: Path, port: int) -> tuple[list[str], list[str]]:
        """The command lines of set-up and run."""
        named = {"folder": str(folder), "port": str(port), "user": self.user}

        def filled(line: Sequence[str]) -> list[str]:
            return [_program(line[0]), *(word.format(**named) for word in line[1:])]

        return filled(self.setup), filled(self.run)


POSTGRES = Server(
    "PostgreSQL",
    "postgres",
    ["initdb", "-D", "{folder}/data", "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
    ["postgres", "-D", "{folder}/data", "-p", "{port}", "-h", "127.0.0.1", "-k", "{folder}", "-F"],
    "postgresql+psycopg://tester@127.0.0.1:{port}/postgres",
    signal.SIGINT,  # its "fast shutdown"
)
MARIADB = Server(
    "MariaDB",
    "mysql",
    [
        "mariadb-install-db",
        "--no-defaults",
        "--datadir={folder}/data",
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
    ],
    [
        "mariadbd",
        "--no-defaults",
        "--datadir={folder}/data",
        "--bind-address=127.0.0.1",
        "--port={port}",
        "--socket={folder}/socket",
        "--pid-file={folder}/pid",
    ],
    "mysql+pymysql://root@127.0.0.1:{port}/mysql?charset=utf8mb4",
    signal.SIGTERM,
)


def _program(name: str) -> str:
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    found = str(debian[-1]) if debian else shutil.which(name)
    if found is None:
        raise SystemExit(f"{name} is not installed: apt-get install postgresql mariadb-server")
    return found


@contextmanager
def running(server: Server) -> Iterator[str]:
    """The address of a running server, which ends with the block."""
    user = server.user if os.getuid() == 0 else None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="relatedness-server-"))
    try:
        if user is not None:
            shutil.chown(folder, user)
        setup, run = server.programs(folder, port)
        with (folder / "log").open("wb") as log:
            subprocess.run(setup, check=True, user=user, cwd=folder, stdout=log)
            process = subprocess.Popen(run, user=user, cwd=folder, stdout=log, stderr=log)
        try:
            url = server.url.format(port=port)
            _wait(server, process, url, folder / "log")
            yield url
        finally:
            process.send_signal(server.end)
            process.wait(600)
    finally:
        shutil.rmtree(folder)


def _wait(server: Server, process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    engine = create_engine(url, poolclass=NullPool)
    for _ in range(3000):
        if process.poll() is not None:
            raise SystemExit(f"{server.name} did not start:\n{log.read_text()}")
        try:
            engine.connect().close()
        except OperationalError:  # not yet there, or still starting up
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{server.name} does not answer:\n{log.read_text()}")


def main(command: Sequence[str]) -> int:
    """Run a command beside the servers."""
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    with ExitStack() as stack:
        postgres, mariadb = (stack.enter_context(running(server)) for server in (POSTGRES, MARIADB))
        named = {"RELATEDNESS_POSTGRES": postgres, "RELATEDNESS_MARIADB": mariadb}
        return subprocess.run(command, env={**os.environ, **named}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
