"""Tests of trustguard.sources.attestations."""
