"""Tests of trustguard.reports."""
