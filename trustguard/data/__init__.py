"""Data that is part of a release.

``popular.txt``: the names of the most downloaded projects of the Python ecosystem, normalized (PEP 503), in
rank order, from a public ranking by downloads; its first lines say of when, and how many there are. The form
is that of :mod:`trustguard.model.popular`. ``trustguard update`` keeps a newer list in the user's data
folder, which then takes the place of this one.

``names.json``: what benchmarks/names.py fitted for the comparison of names: the weight of each feature, by
group; the odds (natural logarithms) from which on a name is ``suspicious`` and ``likely``; under
``imitated``, how many malicious projects are known to have imitated a target, counted from public records
(OpenSSF malicious-packages, pypi_malregistry, ecosyste.ms and others). ``modules``, names of modules of the
standard library of any Python 3, is kept by hand. ``telling``: words that stand around known squats more, or
less, often than around the names of a whole index, with their weights.

``import_names.json``, by hand: what is imported under another name than that of its project.

``trusted_root.json``: the trust root of Sigstore's public instance (certificate authorities, logs, time
stamps), as the sigstore library 4.5.1 embeds it, taken on 2026-11-22. ``sigstore_root.json``: version 15 of
the root metadata of the repository that newer ones come from (TUF), likewise. ``trustguard update`` begins
with it, and keeps what it fetches in the user's data folder.
"""
