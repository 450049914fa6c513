"""The guard as a proxy: programs that are no pip ask their own indexes, and the guard answers."""
