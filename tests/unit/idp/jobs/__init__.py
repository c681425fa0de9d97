"""Tests of idp.jobs."""
