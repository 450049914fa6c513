"""Tests of trustguard.sources.names."""
