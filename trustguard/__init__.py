"""trustguard: an install firewall for Python.

Nothing is installed, and no line of a package's code runs, before there is a verdict on the exact bytes.
"""

__version__ = "0.1.0"
