"""pip: learn what the user means from pip itself, lift every source, run pip once against the guard index."""
