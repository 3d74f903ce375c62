"""The command line as a process that need not load the library first: forked from one that has.

Hundreds of tests run a command. Each of them is a process with arguments, streams and an exit code of its own, as users have it;
what they share is the second that Python takes to load what is imported.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

_MESSAGE = 1 << 16


class Commands:
    """A process that has loaded the library, and forks one more for each command; it ends with this one."""

    def __init__(self) -> None:
        self._environment = dict(os.environ)
        self._socket, theirs = socket.socketpair()
        with theirs:
            place = theirs.fileno()
            self._process = subprocess.Popen([sys.executable, __file__, str(place)], pass_fds=[place])

    def run(
        self, arguments: Sequence[str], *, text: str = "", folder: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run ``relatedness`` with such arguments, in a folder, with a text as its standard input."""
        assert dict(os.environ) | PYTEST == self._environment | PYTEST, "loaded under another environment"
        with (
            tempfile.TemporaryFile() as given,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as error,
        ):
            given.write(text.encode("utf-8"))
            given.seek(0)
            message = json.dumps([str(folder or Path.cwd()), *arguments]).encode("ascii")
            assert len(message) < _MESSAGE
            socket.send_fds(self._socket, [message], [file.fileno() for file in (given, out, error)])
            code = int(self._socket.recv(_MESSAGE))
            for file in (out, error):
                file.seek(0)
            return subprocess.CompletedProcess(
                arguments, code, out.read().decode("utf-8"), error.read().decode("utf-8")
            )


PYTEST = {"PYTEST_CURRENT_TEST": ""}
"""What pytest itself changes in the environment from test to test."""


def _wait(connection: socket.socket) -> list[str]:
    """In a process that is forked for a command: its arguments, when its streams and folder are as asked."""
    while True:
        message, streams, _, _ = socket.recv_fds(connection, _MESSAGE, 3)
        if not message:
            raise SystemExit
        child = os.fork()
        if child:
            for stream in streams:
                os.close(stream)
            _, status = os.waitpid(child, 0)
            connection.send(str(os.waitstatus_to_exitcode(status)).encode("ascii"))
            continue
        connection.close()
        for place, stream in enumerate(streams):
            os.dup2(stream, place)
            os.close(stream)
        folder, *arguments = json.loads(message)
        os.chdir(folder)
        return arguments


if __name__ == "__main__":
    from relatedness import RelatedIndex
    from relatedness.cli import main
    from relatedness.cli._group import commands

    commands.every()
    # What a first build and a first question load.
    RelatedIndex.build([{"id": "a", "date": "2014-06-10", "text": "Mosul falls."}]).query("Mosul")
    main(_wait(socket.socket(fileno=int(sys.argv[1]))))
