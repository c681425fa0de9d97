"""Tests of idp.persons."""
