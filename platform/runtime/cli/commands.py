"""The commands by name; a command's module is imported when it is asked for."""

from __future__ import annotations

import importlib

import click

from runtime.version import release

COMMANDS = {
    "demo": "runtime.cli.demo:demo",
    "serve": "runtime.cli.serve:serve",
    "doctor": "runtime.cli.doctor:doctor",
    "tenant": "runtime.cli.tenant:tenant",
    "import": "runtime.cli.importing:import_",
    "export": "runtime.cli.exporting:export",
    "usage": "runtime.cli.usage:usage",
    "staff": "runtime.cli.staff:staff",
    "viewer": "runtime.cli.viewer:viewer",
    "billing": "runtime.cli.billing:billing",
    "sandbox": "runtime.cli.sandbox:sandbox",
    "takedown": "runtime.cli.takedown:takedown",
}


class Commands(click.Group):
    """Finds commands in COMMANDS."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of a first day."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, or None for a name that is none."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(release(), prog_name="marquee")
def marquee() -> None:
    """Branded sites that stream films out of Telegram, metered to the byte.

    Settings come from MARQUEE_* variables over the TOML file that MARQUEE_CONFIG names.
    """
