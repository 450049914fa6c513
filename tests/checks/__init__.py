"""Tests of trustguard.checks."""
