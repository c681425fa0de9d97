"""The level function."""
