"""The command line: each command prints for people, or JSON with --json, and fails in one line."""

from __future__ import annotations

import sys

import click

from runtime.cli.commands import marquee
from runtime.cli.failures import exit_code_of, line_of

__all__ = ["main", "run"]


def main() -> None:
    """The entry point `marquee`."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command line; the exit code. Failures are one line on standard error."""
    try:
        outcome = marquee.main(arguments, prog_name="marquee", standalone_mode=False)
    except BaseException as error:  # noqa: BLE001 - whatever it is becomes a line and a code
        line = line_of(error)
        if line:
            click.echo(f"marquee: {line}", err=True)
        return exit_code_of(error)
    return outcome if isinstance(outcome, int) else 0
