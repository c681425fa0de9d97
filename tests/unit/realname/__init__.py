"""Tests of realname."""
