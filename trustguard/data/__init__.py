"""Data that is part of a release.

``popular.txt``: the names of the most downloaded projects of the Python ecosystem, normalized (PEP 503), in
rank order, from a public ranking by downloads; its first lines say of when, and how many there are. The form
is that of :mod:`trustguard.model.popular`. ``trustguard update`` keeps a newer list in the user's data
folder, which then takes the place of this one.
"""
