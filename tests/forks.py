"""Commands as processes that need not load the library first: each is forked from a process that has.

Hundreds of tests run a command or a short program. Each is a process with arguments, streams and an exit code of its own, as
users have it; the processes share the seconds that Python takes to load the library.

``python forks.py SOCKET ARGUMENTS...`` hands its arguments and streams over too, for what a shell runs.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path


class Commands:
    """A process that has loaded the library and forks another for each command; it ends with this one.

    Parameters
    ----------
    environment
        The environment of all its commands; by default what this process has when it runs one. What Python and the
        libraries read while they load is that of the first.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = environment
        self._folder = tempfile.TemporaryDirectory(prefix="forks-")
        self.address = str(Path(self._folder.name) / "socket")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.address)
            listener.listen()
            place = listener.fileno()
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(place)],
                pass_fds=[place],
                stdin=subprocess.PIPE,
                env=environment,
            )

    def close(self) -> None:
        """End the process; commands that still run go on."""
        self._process.communicate()
        self._folder.cleanup()

    def run(
        self, arguments: Sequence[object], *, text: str = "", folder: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run ``relatedness`` with such arguments, in a folder, with a text as its standard input.

        ``-c`` and a program as the first arguments run the program in its place, as Python's own ``-c`` does.
        """
        given = list(map(str, arguments))
        with (
            tempfile.TemporaryFile() as stdin,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as error,
        ):
            stdin.write(text.encode("utf-8"))
            stdin.seek(0)
            streams = [file.fileno() for file in (stdin, out, error)]
            environment = dict(os.environ if self._environment is None else self._environment)
            code = _ask(self.address, given, str(folder or Path.cwd()), environment, streams)
            for file in (out, error):
                file.seek(0)
            return subprocess.CompletedProcess(
                given, code, out.read().decode("utf-8"), error.read().decode("utf-8")
            )


@cache
def loaded() -> Commands:
    """The process from which the commands of all tests are forked."""
    return Commands()


def run(*arguments: object, text: str = "", folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command, as `Commands.run` does, in the environment of the tests."""
    return loaded().run(arguments, text=text, folder=folder)


def end() -> None:
    """End what `loaded` began, if anything."""
    if loaded.cache_info().currsize:
        loaded().close()
        loaded.cache_clear()


def _ask(
    address: str,
    arguments: Sequence[str],
    folder: str,
    environment: Mapping[str, str],
    streams: Sequence[int],
) -> int:
    """Have a command run; its exit code."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        socket.send_fds(connection, [b"!"], streams)
        connection.sendall(json.dumps([environment, folder, *arguments]).encode("ascii"))
        connection.shutdown(socket.SHUT_WR)
        return int(connection.recv(16))


def _wait(listener: socket.socket) -> list[str]:
    """In a process that is forked for a command: its arguments, when its streams, folder and environment are as asked."""
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:  # closed: the tests are over
            raise SystemExit
        connection, _ = listener.accept()
        if not os.fork():
            break
        connection.close()
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG) != (0, 0):  # those that have answered
                pass
    listener.close()
    _, streams, _, _ = socket.recv_fds(connection, 1, 3)
    environment, folder, *arguments = json.load(connection.makefile("rb"))
    child = os.fork()
    if child:
        for stream in streams:
            os.close(stream)
        _, status = os.waitpid(child, 0)
        connection.send(str(os.waitstatus_to_exitcode(status)).encode("ascii"))
        os._exit(0)
    connection.close()
    for place, stream in enumerate(streams):
        os.dup2(stream, place)
        os.close(stream)
    os.chdir(folder)
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    os.environ.update(environment)
    return arguments


def _load() -> None:
    """Load what any command needs, and what a first build and a first question load."""
    from relatedness import RelatedIndex
    from relatedness.cli._group import commands

    commands.every()
    RelatedIndex.build([{"id": "a", "date": "2014-06-10", "text": "Mosul falls."}]).query("Mosul")


def _perform(arguments: list[str]) -> None:
    if arguments[0] != "-c":
        from relatedness.cli import main

        main(arguments)
    else:
        sys.argv = ["-c", *arguments[2:]]
        sys.path[0] = ""
        exec(compile(arguments[1], "<string>", "exec"), {"__name__": "__main__"})


if __name__ == "__main__":
    if len(sys.argv) == 2:
        _load()
        _perform(_wait(socket.socket(fileno=int(sys.argv[1]))))
    else:
        ended = _ask(sys.argv[1], sys.argv[2:], str(Path.cwd()), dict(os.environ), range(3))
        sys.exit(ended if ended >= 0 else 128 - ended)
