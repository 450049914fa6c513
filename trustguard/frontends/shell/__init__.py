"""What a shell is given so that what installs in it goes through trustguard (docs/shells.md)."""
