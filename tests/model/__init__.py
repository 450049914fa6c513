"""Tests of trustguard.model."""
