"""Unit tests, mirroring the tree."""
