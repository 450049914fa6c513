"""Code that lab artifacts carry: these files are copied verbatim into wheels and sdists.

They run in somebody else's interpreter, so each stands alone: standard library, and its own neighbours by
relative import.
"""
