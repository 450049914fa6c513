"""The import-time guard, in real interpreters."""
