"""Our own files: artifacts, evidence and the ledger. Written whole, safe for several processes at once."""
