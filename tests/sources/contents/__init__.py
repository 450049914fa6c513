"""Tests of what is gathered from the inside of distribution files."""
