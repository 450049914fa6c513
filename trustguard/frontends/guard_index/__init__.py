"""The guard index: a simple index on loopback that offers and serves only what has been vetted."""
