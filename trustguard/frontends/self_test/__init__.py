"""``trustguard doctor --self-test``: harmless packages that must be refused: anyone can see a block."""
