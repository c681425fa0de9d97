"""Tests of realname.providers."""
