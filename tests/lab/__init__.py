"""The lab: a real package index over HTTP on loopback, and everything a test can put into it.

Wheels and sdists are built on the spot, honest ones and hostile ones; hostile code proves that it ran by
leaving a marker file. The index speaks the standards of the real thing, can be slow, broken or dishonest
on request, and is a peer for real pip: nothing here is a mock, and nothing here knows trustguard.
"""
