"""The `ringbook` command. Each command loads its own module, so that none waits for the others."""

import sys
from importlib import import_module

import click

from web.config import MissingSetting

COMMANDS = {
    "serve": "web.cli.serve:serve",
    "demo": "web.cli.demo:demo",
    "doctor": "web.cli.doctor:doctor",
    "user": "web.cli.users:user",
    "token": "web.cli.tokens:token",
    "journal": "web.cli.journal:journal",
    "reconcile": "web.cli.reconcile:reconcile",
    "recordings": "web.cli.recordings:recordings",
    "live": "web.cli.live:live",
    "db": "web.cli.db:db",
    "secret-key": "web.cli.secret_key:secret_key",
    "verify": "web.cli.verify:verify",
}


class LazyGroup(click.Group):
    """Finds a command by its name in the table above and imports it only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name of the table."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)  # noqa: S101 - a slip in the table above
        return command


@click.group(cls=LazyGroup)
@click.version_option(package_name="ringbook")
def cli() -> None:
    """Ringbook: a call-center CRM that lives on an Asterisk PBX."""


def main() -> None:
    """Run the command; a missing setting is one sentence, not a traceback."""
    try:
        cli(prog_name="ringbook")
    except MissingSetting as missing:
        click.echo(f"ringbook: {missing}", err=True)
        sys.exit(2)
