"""A MariaDB server of its own around a command: ``python tests/mariadb.py make test``.

As `tests/postgres.py`: a fresh data folder, a free port of 127.0.0.1, the address in RELATEDNESS_MARIADB, and nothing left
behind. The server's programs are Debian's (`apt-get install mariadb-server`); root runs them as the user `mysql`.
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


@contextmanager
def server() -> Iterator[str]:
    """The address of a running server, which ends with the block."""
    if shutil.which("mariadbd") is None:
        raise SystemExit("MariaDB's server is not installed: apt-get install mariadb-server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="relatedness-mariadb-"))
    try:
        common = ["--no-defaults", f"--datadir={folder / 'data'}"]
        if os.getuid() == 0:
            shutil.chown(folder, "mysql")
            common.append("--user=mysql")
        subprocess.run(
            ["mariadb-install-db", *common, "--auth-root-authentication-method=normal", "--skip-test-db"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [
                    "mariadbd",
                    *common,
                    "--bind-address=127.0.0.1",
                    f"--port={port}",
                    f"--socket={folder / 'socket'}",
                    f"--pid-file={folder / 'pid'}",
                ],
                stdout=log,
                stderr=log,
            )
        try:
            _wait(process, port, folder / "log")
            yield f"mysql+pymysql://root@127.0.0.1:{port}/mysql?charset=utf8mb4"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
    finally:
        shutil.rmtree(folder)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(3000):
        if process.poll() is not None:
            raise SystemExit(f"MariaDB did not start:\n{log.read_text()}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"MariaDB does not answer:\n{log.read_text()}")


def main(command: Sequence[str]) -> int:
    """Run a command beside a server."""
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    with server() as url:
        return subprocess.run(command, env={**os.environ, "RELATEDNESS_MARIADB": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
