"""Stopping pip and uv where nobody guards them, by their own configuration; and the way past.

The mechanism, and what it cannot stop: docs/enforcement.md and docs/adr/0015-enforcement.md.
"""
