"""The idp command, one file per group of commands. Enter by `main.main`."""
