"""The parts of ``trustguard.build_backend``."""
