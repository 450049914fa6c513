"""Programs that install and are no pip."""
