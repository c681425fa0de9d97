"""`python -m idp.cli` is the idp command: one error of ours is one line, never a traceback."""

import sys
from collections.abc import Callable

from idp.cli.memory import give_memory_back
from idp.cli.stopping import is_stop, leave_when_told
from idp.core.errors import IdpError

_SERVING = ("run", "worker")


def main() -> None:
    """Run the command that was given."""
    try:
        _command()(prog_name="idp", standalone_mode=True)
    except IdpError as error:
        print(f"idp: {error}", file=sys.stderr)  # noqa: T201 - this is the command's own output
        sys.exit(1)
    except RuntimeError as error:
        if not is_stop(error):
            raise
        sys.exit(0)


def _command() -> Callable[..., object]:
    """Import what is wanted: what serves starts sooner without the rest, and is smaller for as long as it runs."""
    if sys.argv[1:2] and sys.argv[1] in _SERVING:
        # Before the imports: they take a second, in which it may be told to stop.
        leave_when_told()
        give_memory_back()
        from idp.cli.serve import serving

        return serving
    from idp.cli.main import cli

    return cli


if __name__ == "__main__":
    main()
