"""Whatever the reader accepts, others find the same in it; and nothing makes it fail but with a refusal."""

from __future__ import annotations

import gzip
import io
import re
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sources.archive import mutants, peers
from tests.sources.archive.zips import Part, deflated, zipped

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=200)
SEEDS = st.integers(0, 2**32)


@pytest.mark.parametrize("block", range(8))
def test_whatever_wheel_is_accepted_pip_installs_exactly_what_was_seen(tmp_path: Path, block: int) -> None:
    accepted = 0
    for seed in range(block * 50, block * 50 + 50):
        content = mutants.mutated_wheel(mutants.random_of(seed))
        ours = peers.by_us(content, mutants.WHEEL)
        if ours is None:
            continue
        accepted += 1
        assert peers.by_zipfile(content) == ours, seed
        theirs = peers.by_pip(content, mutants.WHEEL, tmp_path / str(seed))
        if theirs is not None:
            assert peers.without_shebang(theirs) == peers.without_shebang(peers.installed(ours)), seed
    assert accepted >= 3


@pytest.mark.parametrize("block", range(4))
def test_whatever_source_tree_is_accepted_pip_unpacks_exactly_what_was_seen(
    tmp_path: Path, block: int
) -> None:
    accepted = 0
    for seed in range(block * 50, block * 50 + 50):
        content = mutants.mutated_sdist(mutants.random_of(seed))
        ours = peers.by_us(content, mutants.SDIST)
        if ours is None:
            continue
        accepted += 1
        assert peers.by_tarfile(content) == ours, seed
        theirs = peers.unpacked_by_pip(content, mutants.SDIST, tmp_path / str(seed))
        everything = frozenset(ours.files) | ours.folders
        assert theirs is None or theirs == peers.below_the_top(ours.files, everything), seed
    assert accepted >= 3


@pytest.mark.parametrize("block", range(6))
def test_whatever_source_tree_is_accepted_tarfile_unpacks_exactly_what_was_seen(
    tmp_path: Path, block: int
) -> None:
    """PEP 706, the filter for data: files with their content, and links with the places where they end."""
    accepted = 0
    for seed in range(block * 100, block * 100 + 100):
        content = gzip.compress(mutants.mutated_tar(mutants.random_of(seed)), 1, mtime=0)
        ours = peers.by_us(content, mutants.SDIST)
        if ours is None:
            continue
        accepted += 1
        theirs = peers.unpacked_by_tarfile(content, tmp_path / str(seed))
        assert theirs == (ours.files, peers.links_by_us(content, mutants.SDIST)), seed
    assert accepted >= 10


@pytest.mark.parametrize("seed", range(60))
def test_an_honest_wheel_in_any_form_is_accepted_and_installed(tmp_path: Path, seed: int) -> None:
    content = mutants.wheel(mutants.random_of(seed))
    ours = peers.by_us(content, mutants.WHEEL)
    assert ours is not None
    assert ours == peers.by_zipfile(content)
    theirs = peers.by_pip(content, mutants.WHEEL, tmp_path)
    assert theirs is not None
    assert peers.without_shebang(theirs) == peers.without_shebang(peers.installed(ours))


@UNHURRIED
@given(seed=SEEDS)
def test_nothing_that_is_wrong_with_an_archive_raises_anything_but_a_refusal(seed: int) -> None:
    random = mutants.random_of(seed)
    wheel, tar = mutants.mutated_wheel(random), mutants.mutated_tar(random)
    for content, filename in (
        (wheel, mutants.WHEEL),
        (wheel, mutants.ZIP),
        (gzip.compress(tar, 1), mutants.SDIST),
        (mutants.damaged(random, gzip.compress(tar, 1)), mutants.SDIST),
    ):
        peers.by_us(content, filename)


@UNHURRIED
@given(
    content=st.binary(max_size=600),
    ending=st.sampled_from([".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"]),
)
def test_no_bytes_make_anything_but_an_archive_or_a_refusal(content: bytes, ending: str) -> None:
    framed = {".whl": content + zipped()[-22:], ".tar.gz": gzip.compress(content)}
    for data in (content, framed.get(ending, content)):
        peers.by_us(data, f"demo-1.0{ending}")


@UNHURRIED
@given(content=st.binary(max_size=300))
def test_no_bytes_in_place_of_packed_ones_make_anything_but_content_or_a_refusal(content: bytes) -> None:
    part = Part(b"a", b"x" * 40, raw=content)
    for data in (zipped(part), zipped(Part(b"a", b"x" * 40, raw=deflated(b"x" * 40) + content))):
        ours = peers.by_us(data, mutants.WHEEL)
        assert ours is None or ours.files == {"a": b"x" * 40}


@UNHURRIED
@given(
    files=st.dictionaries(
        st.text("abB/.- äé\\", min_size=1, max_size=8), st.binary(max_size=2000), max_size=8
    )
)
def test_what_the_standard_library_writes_is_read_back_or_refused_for_its_names(
    files: dict[str, bytes],
) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as peer:
        for name, content in files.items():
            peer.writestr(name, content)
    content = buffer.getvalue()
    ours = peers.by_us(content, mutants.WHEEL)
    simple = all(re.fullmatch(r"[abä]+", name) for name in files)
    assert ours == peers.by_zipfile(content) if ours is not None else not simple


class Unseekable(io.RawIOBase):
    """A file that can only be written forwards, as a pipe is."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""

    def writable(self) -> bool:
        """It is there to be written."""
        return True

    def write(self, content: Any, /) -> int:
        """Take all of it."""
        self.written += bytes(content)
        return len(content)


@pytest.mark.parametrize("wide", [False, True])
def test_what_the_standard_library_writes_without_going_back_is_read(wide: bool) -> None:
    file = Unseekable()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as peer:
        for name in ("a.py", "b/c.py"):
            with peer.open(name, "w", force_zip64=wide) as entry:
                entry.write(name.encode() * 100)
    assert peers.by_us(file.written, mutants.WHEEL) == peers.by_zipfile(file.written)
    assert b"PK\x07\x08" in file.written


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_what_the_standard_library_writes_in_each_format_of_tar_is_read(form: int) -> None:
    buffer = io.BytesIO()
    names = ["demo-1.0/a.py", "demo-1.0/" + "folder/" * 20 + "b.py", "demo-1.0/" + "ä" * 40 + ".py"]
    names += [] if form == tarfile.USTAR_FORMAT else ["demo-1.0/" + "long" * 50, "demo-1.0/" + "ö" * 70]
    with tarfile.open(fileobj=buffer, mode="w:gz", format=form) as peer:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = len(name)
            info.mtime, info.uname = 1.5 if form == tarfile.PAX_FORMAT else 1, "söme"
            peer.addfile(info, io.BytesIO(b"x" * len(name)))
    ours = peers.by_us(buffer.getvalue(), mutants.SDIST)
    assert ours is not None
    assert ours.files == {name: b"x" * len(name) for name in names}
