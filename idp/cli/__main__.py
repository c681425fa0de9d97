"""`python -m idp.cli` is the idp command."""

from idp.cli.main import main

main()
