"""Measurements. Each module is run by itself (``python -m benchmarks.NAME``) and prints figures."""
