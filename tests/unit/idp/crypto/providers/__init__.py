"""Tests of idp.crypto.providers."""
