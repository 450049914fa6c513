"""``trustguard run``, with the real programs."""
