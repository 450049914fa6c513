"""What lies in the site-packages folders of an environment, read without running anything of it."""
