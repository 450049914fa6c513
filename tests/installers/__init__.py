"""Tests of trustguard.installers."""
