"""What a shell is given, evaluated in the real shells."""
