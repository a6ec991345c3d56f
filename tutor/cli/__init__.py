"""The ``diotima`` command. Everything heavy is imported inside the command that needs it."""

from tutor.cli.command import main

__all__ = ["main"]
