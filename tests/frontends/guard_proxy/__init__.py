"""The guard as a proxy."""
