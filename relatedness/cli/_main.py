"""The command line: parses, calls, turns errors into exit codes; nothing else.

A command is defined in the module where it belongs; `relatedness.cli._group` names that module and loads it when the command is
asked for. A module takes the library's heavy parts only when its command runs.
"""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
import warnings
from collections.abc import Sequence

import click

from relatedness import errors
from relatedness.cli._group import commands
from relatedness.cli._shared import OK, USAGE, echo, ending
from relatedness.cli._wrong import at_the_shell, sentence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the process if not given.
    """
    _open_closed_streams()
    # Most commands end before there are cycles worth looking for; to look after every 700 objects took a tenth of their time.
    gc.set_threshold(10_000)
    # Registered first and run last, when other packages have tidied up.
    atexit.register(_end)
    # Nothing is gained by looking for cycles in what ends with the process; it took a fifth of a second.
    atexit.register(gc.freeze)
    warnings.showwarning = lambda message, *_: echo(f"relatedness: {at_the_shell(str(message))}", err=True)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup ignores SIGHUP
            signal.signal(number, _interrupt)
    color = False if os.environ.get("NO_COLOR") else None  # https://no-color.org
    try:
        code = commands.main(args=arguments, prog_name="relatedness", standalone_mode=False, color=color)
    except click.ClickException as error:
        _show(error)
        code = USAGE
    except SystemExit:
        # Click's answer when the reader of a pipe went away (`| head`): that is no failure, and nobody is there.
        code = OK
    except (click.Abort, errors.RelatednessError, OSError, MemoryError) as error:
        message, code = ending(error)
        echo(f"relatedness: {message}", err=True)
    sys.exit(code or OK)


def _open_closed_streams() -> None:
    """Open the standard streams that the caller closed (``>&-``) on nothing: no file that is opened may get their numbers."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))


_received: list[int] = []


def _end() -> None:
    """End by the signal that was received, as its sender expects."""
    for number in _received:
        os.kill(os.getpid(), number)


def _interrupt(number: int, _: object) -> None:
    """End as by Ctrl-C, so that temporary files and locks are removed; a second signal ends the process at once."""
    signal.signal(number, signal.SIG_DFL)
    _received.append(number)
    raise KeyboardInterrupt


def _show(error: click.ClickException) -> None:
    """Every error begins in the same way; wrong usage is followed by what to type. A bare `relatedness` is a question: its help."""
    if isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ())):  # of click 8.2
        echo(error.format_message(), err=True)
        return
    echo(f"relatedness: {sentence(error, lambda: commands.every().values())}", err=True)
    context = getattr(error, "ctx", None)
    if context is not None:
        echo(f"{context.get_usage()}\nTry '{context.command_path} --help' for help.", err=True)
