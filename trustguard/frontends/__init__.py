"""Ways in: they wire, print and exit, and hold no rule."""
