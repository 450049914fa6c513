"""The import-time guard: what came in by another door than trustguard's does not run unseen.

``guard``, ``refusal`` and ``survey`` are the guard: they stand alone, and are copied into an environment.
``placing`` puts them there, and takes them out again.
"""
