"""Tests of the guard index by itself."""
