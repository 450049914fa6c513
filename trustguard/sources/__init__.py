"""Where facts come from: indexes, distribution files, advisories. Errors leave as ``model.errors`` only."""
