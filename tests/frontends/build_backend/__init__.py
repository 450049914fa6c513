"""Tests of the parts of ``trustguard.build_backend``."""
