"""Tests of realname.documents."""
