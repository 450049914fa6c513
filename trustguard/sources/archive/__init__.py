"""One strict, bounded reader for wheels and sdists; every look inside an archive goes through it.

Installers, unpackers and operating systems do not agree on what a doubtful archive holds: the first or the
last of two entries, the name at the front or the one in the directory, the archive at the beginning or the
one at the end. What is judged here must be what is installed there, so an archive that two of them could read
in two ways is refused, with the one reason. What is left means the same to everybody.

Nothing is unpacked to disk, and content goes by in pieces.
"""

from trustguard.sources.archive.entry import Digest, Entry, Kind
from trustguard.sources.archive.limits import LIMITS, Limits
from trustguard.sources.archive.opening import Archive, open_archive

__all__ = ["LIMITS", "Archive", "Digest", "Entry", "Kind", "Limits", "open_archive"]
