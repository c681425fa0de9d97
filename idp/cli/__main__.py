"""`python -m idp.cli` is the idp command: one error of ours is one line, never a traceback."""

import sys

from idp.cli.stopping import leave_when_told

_SERVING = ("run", "worker")


def main() -> None:
    """Run the command that was given."""
    if sys.argv[1:2] and sys.argv[1] in _SERVING:
        # Before the imports: they take a second, in which it may be told to stop.
        leave_when_told()
    import click

    from idp.cli.main import cli
    from idp.core.errors import IdpError

    try:
        cli(prog_name="idp", standalone_mode=True)
    except IdpError as error:
        click.echo(f"idp: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
