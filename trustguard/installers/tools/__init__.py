"""Programs that install and are no pip: how they are pointed at the guard, and how they are configured."""
