"""The command that teaches a shell to complete commands, options and paths."""

from __future__ import annotations

import click

from relatedness.cli._group import SET_UP, commands
from relatedness.cli._types import OneOf


@commands.command(section=SET_UP, short_help="Print the script for completion in a shell.")
@click.argument("shell", type=OneOf(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that lets a SHELL complete commands, options and file names.

    \b
    To load it whenever the shell starts, add this line to the shell's startup file:
      ~/.bashrc                    eval "$(relatedness completion bash)"
      ~/.zshrc                     eval "$(relatedness completion zsh)"
      ~/.config/fish/config.fish   relatedness completion fish | source
    """  # noqa: D301
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    # Not click's `source`: for bash it runs the bash on the PATH to check its version, which may not be the user's shell.
    script = kind(commands, {}, "relatedness", "_RELATEDNESS_COMPLETE").source_vars()
    click.echo(kind.source_template % script)
