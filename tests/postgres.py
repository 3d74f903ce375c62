"""A PostgreSQL server of its own around a command: ``python tests/postgres.py make test``.

It makes a fresh data folder, starts the server on a free port of 127.0.0.1, puts its address into
RELATEDNESS_POSTGRES, runs the command, ends that one process and removes the folder. The server's programs
are Debian's (`apt-get install postgresql`) or those on the path. Root runs them as the user `postgres`, for the
server refuses to run as root.
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
from contextlib import contextmanager
from pathlib import Path


def _program(name: str) -> str:
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    found = str(debian[-1]) if debian else shutil.which(name)
    if found is None:
        raise SystemExit(f"PostgreSQL's {name} is not installed: apt-get install postgresql")
    return found


@contextmanager
def server() -> Iterator[str]:
    """The address of a running server, which ends with the block."""
    user = "postgres" if os.getuid() == 0 else None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="relatedness-postgres-"))
    try:
        if user is not None:
            shutil.chown(folder, user)
        data = folder / "data"
        subprocess.run(
            [_program("initdb"), "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
            check=True,
            user=user,
            cwd=folder,
            stdout=subprocess.DEVNULL,
        )
        settings = [
            f"port={port}",
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={folder}",
            "fsync=off",
        ]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [
                    _program("postgres"),
                    "-D",
                    data,
                    *(part for setting in settings for part in ("-c", setting)),
                ],
                user=user,
                cwd=folder,
                stdout=log,
                stderr=log,
            )
        try:
            _wait(process, port, folder / "log")
            yield f"postgresql+psycopg://tester@127.0.0.1:{port}/postgres"
        finally:
            process.send_signal(signal.SIGINT)  # its "fast shutdown"
            process.wait(60)
    finally:
        shutil.rmtree(folder)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    ready = [_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    for _ in range(3000):
        if process.poll() is not None:
            raise SystemExit(f"PostgreSQL did not start:\n{log.read_text()}")
        if subprocess.run(ready, check=False).returncode == 0:
            return
        time.sleep(0.1)
    raise SystemExit(f"PostgreSQL does not answer:\n{log.read_text()}")


def main(command: Sequence[str]) -> int:
    """Run a command beside a server."""
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    with server() as url:
        return subprocess.run(
            command, env={**os.environ, "RELATEDNESS_POSTGRES": url}, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
