"""Tests of idp."""
