"""The words that every other layer speaks: frozen values, no I/O, no clock."""
