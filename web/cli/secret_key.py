"""`ringbook secret-key`: a fresh key for RINGBOOK_SECRET_KEY."""

import click

from storage.secrets import new_key


@click.command("secret-key")
def secret_key() -> None:
    """Print a fresh key for RINGBOOK_SECRET_KEY."""
    click.echo(new_key())
