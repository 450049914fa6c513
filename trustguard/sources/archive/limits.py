"""How large an archive and its parts may be: one table for all formats. docs/archives.md shows it."""

from __future__ import annotations

from trustguard.model.record import record

__all__ = ["LIMITS", "Limits"]

_KIB, _MIB, _GIB = 1 << 10, 1 << 20, 1 << 30


@record
class Limits:
    """The largest that passes. Each is well above what honest projects ship, and bounds time or memory.

    Args:
        entries: files, folders and links. Machine-learning wheels have 12,000, the largest collections of
            generated code or of plug-ins 60,000; an entry costs half a kilobyte of memory here.
        directory_bytes: the central directory of a zip file. With usual paths an entry takes 150 bytes, and
            it is held in memory.
        entry_bytes: one file, unpacked. Compiled GPU libraries reach several GiB.
        total_bytes: all files of a zip together, unpacked; as much as a body that is fetched may have. Wheels
            with GPU libraries for many devices unpack to 20 GiB.
        stream_bytes: a tar archive, unpacked. It can only be read from its beginning to its end, so this is
            time; the largest source trees have 1 to 2 GiB.
        ratio: unpacked bytes for each packed one. Wheels have 2 to 5, generated code 20; deflate can reach
            1,032, and bzip2 more.
        ratio_from: unpacked bytes up to which the ratio does not count: a small file of zeros is no bomb.
        path_bytes: a path, in UTF-8. Linux takes 4,096 for an absolute one; the longest in use have 300.
        part_bytes: one part of a path. No common file system takes more.
        depth: parts of a path. Nested JavaScript packages reach 30.
        links: symbolic links. Source trees have some dozens; each has to be followed.
        link_hops: links on the way to where one ends; ``lib.so`` to ``lib.so.1`` to ``lib.so.1.2`` has 2.
        comment_bytes: a comment of a zip file or of an entry; forges write a commit there.
        header_bytes: one extended header of a tar archive, which is held in memory.
        metadata_bytes: METADATA, PKG-INFO, pyproject.toml and the like. The longest descriptions have
            half a MiB.
        record_bytes: RECORD, which has a line of about 150 bytes for each entry.
    """

    entries: int = 120_000
    directory_bytes: int = 32 * _MIB
    entry_bytes: int = 16 * _GIB
    total_bytes: int = 64 * _GIB
    stream_bytes: int = 4 * _GIB
    ratio: int = 200
    ratio_from: int = 16 * _MIB
    path_bytes: int = 1024
    part_bytes: int = 255
    depth: int = 64
    links: int = 10_000
    link_hops: int = 8
    comment_bytes: int = 1024
    header_bytes: int = _MIB
    metadata_bytes: int = 2 * _MIB
    record_bytes: int = 32 * _MIB

    def may_unpack_to(self, packed: int) -> int:
        """How many bytes so many packed ones may become."""
        return max(self.ratio_from, self.ratio * packed)


LIMITS = Limits()
