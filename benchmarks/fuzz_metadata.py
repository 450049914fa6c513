"""Mutates the texts in wheels and sdists: ``python -m benchmarks.fuzz_metadata [--inputs N] [--seed N]``.

METADATA, RECORD, WHEEL, entry_points.txt, ``.pth`` and ``.start`` files of wheels, and PKG-INFO and
pyproject.toml of sdists are taken from what is installed here, or are known ones, and up to four things are
done to them: bytes changed, lines repeated, fields grown to almost 64 kB, brackets nested, encodings changed.
Each lies in an otherwise honest archive that is examined and judged as in an installation, all checks
included. So what is tried is not only each parser, but also each regular expression behind it.

Counted as failures: an exception that is not a refusal, and an input that takes more than 50 ms of one core
(the fastest of five times) although it has less than 64 kB. The exit code is 1 where there is any.
"""

from __future__ import annotations

import argparse
import io
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from random import Random

from benchmarks.contents import evidence_of
from tests.sources.archive.mutants import INFO, WHEEL, ZIP, random_of, record_of
from tests.sources.archive.zips import Part, zipped
from trustguard.judging import Judge
from trustguard.model.known_start_up import KNOWN
from trustguard.model.policy import Policy
from trustguard.model.project import FileName

MOST = 65_535
SLOW = 0.050
ROUNDS = 5
SEEDS = 60
"""So many real files of a kind are enough."""

HEAD = b"Metadata-Version: 2.4\nName: demo\nVersion: 1.0\n"
PYPROJECTS = (
    Path(__file__).parents[1].joinpath("pyproject.toml").read_bytes(),
    (
        b'[build-system]\nrequires = ["setuptools>=61", "wheel ; python_version < \'3.12\'"]\n'
        b'build-backend = "backend"\nbackend-path = ["_build", "."]\n\n[tool.black]\nline-length = 100\n'
    ),
    b'build-system.requires = ["a[b] @ https://files.example/a.whl"]\n[project]\nname = "demo"\n',
    b"",
)
STARTING = (
    *(known.code.encode() for known in KNOWN),
    (
        b"import sys, types, os;p = os.path.join(sys._getframe(1).f_locals['sitedir'], *('zope',));"
        b"ie = os.path.exists(os.path.join(p,'__init__.py'));m = not ie and sys.modules.setdefault('zope', "
        b"types.ModuleType('zope'));mp = (m or []) and m.__dict__.setdefault('__path__',[]);"
        b"(p not in mp) and mp.append(p)\n"
    ),
    b"import __editable___demo_1_0_finder; __editable___demo_1_0_finder.install()\n",
    b"import base64; exec(base64.b64decode('cHJpbnQoMSk='))\n",
    b"../elsewhere\n/opt/x\nfolder\n# comment\n",
)
ALONE = (
    *(
        b"(",
        b")",
        b"[",
        b"]",
        b"{",
        b"}",
        b"<",
        b">",
        b'"',
        b"'",
        b"\\",
        b"/",
        b".",
        b",",
        b";",
        b":",
        b"=",
        b"#",
    ),
    *(
        b"@",
        b"-",
        b"_",
        b" ",
        b"\t",
        b"\n",
        b"\r",
        b"\r\n",
        b"a",
        b"0",
        b"1",
        b"9",
        b"\x00",
        b"\x1a",
        b"\x1c",
    ),
    *(b"\x0b", b"\x0c", b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xae", b"\xef\xbb\xbf", b"\xff", b"\xc0\x80"),
    *(
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xc3\xa4",
        b"a\xcc\x88",
        b"\xf0\x9f\x98\x80",
        b'"""',
        b"'''",
        b"\\u",
    ),
)
WORDS = (
    *(b"\nRequires-Dist: ", b"\nAuthor: ", b"\nAuthor-email: ", b"\nProject-URL: Source, ", b"\nDynamic: "),
    *(
        b"\nDescription: ",
        b"\nVersion: ",
        b"\nName: ",
        b"\nMetadata-Version: ",
        b"\nHome-page: ",
        b"\n ",
        b"\n\t",
    ),
    *(
        b"\nTag: ",
        b"py2.py3-none-any",
        b"\nWheel-Version: ",
        b"\nContent-Type: multipart/mixed; boundary=a\n",
    ),
    *(
        b"a ; ",
        b" and ",
        b" or ",
        b"python_version<'3'",
        b"extra == 'x'",
        b"a>=",
        b"1.",
        b" @ https://a.example/",
    ),
    *(
        b"git+ssh://",
        b"user@host:",
        b"example.com",
        b"=?utf-8?q?",
        b"?=",
        b"sha256=",
        b",,\n",
        b"../",
        b"\nC:\\",
    ),
    *(
        b"\nimport ",
        b"\nimport\t",
        b"exec(",
        b"chr(1)",
        b"\\x41",
        b"__editable___a_finder",
        b"_finder",
        b"'a', ",
    ),
    *(b"[console_scripts]\n", b"[pytest11]\n", b"[distutils.commands]\n", b"a = b:c", b"a.b:c [d]"),
    *(
        b"\n[build-system]\n",
        b"\nrequires = [",
        b"[[a]]\n",
        b"a.",
        b"{a=",
        b"\nb.c = ",
        b"[a.",
        b"1e",
        b"1_",
        b"0x",
    ),
)
"""What parsers look for."""
METADATA_FIELDS = (
    *(
        b"Metadata-Version: ",
        b"Name: ",
        b"Version: ",
        b"Requires-Python: ",
        b"Provides-Extra: ",
        b"Dynamic: ",
    ),
    *(
        b"Requires-Dist: a ",
        b"Requires-Dist: a[",
        b"Requires-Dist: a>=",
        b"Requires-Dist: a; ",
        b"Description: ",
    ),
    *(
        b"Requires-Dist: a; extra == '",
        b"Requires-Dist: a @ ",
        b"Author: ",
        b"Author-email: ",
        b"Maintainer: ",
    ),
    *(b"Author-email: a <", b"Author-email: you@", b"Home-page: ", b"Home-page: https://", b"Summary: "),
    *(b"Project-URL: Source, ", b"Project-URL: Source, git@", b"Summary: a\n ", b"\n", b""),
)
ENTRY_POINTS = (
    *(b"[console_scripts]\n", b"[console_scripts]\na = ", b"[console_scripts]\na = b:", b"[pytest11]\na = "),
    *(b"[", b"[console_scripts]\na = b:c [", b"[distutils.commands]\n", b"[gui_scripts]\na = b."),
)
STARTS = (
    *(b"import ", b"import sys; exec('", b"import __editable___", b"import base64, ", b"\n"),
    b"import sys, types, os;p = os.path.join(sys._getframe(1).f_locals['sitedir'], *('",
)
PYPROJECT_FIELDS = (
    *(
        b"[build-system]\nrequires = [",
        b"[build-system]\nrequires = ['a ; ",
        b"[build-system]\nrequires = ['a[",
    ),
    *(b"[build-system]\nbuild-backend = '", b"[build-system]\nbackend-path = [", b"a = ", b"a = {", b"a."),
    *(b"[", b"[[", b"", b'a = """', b"a = '''", b"# "),
)
VALUES = (
    *(
        b"(",
        b"[",
        b"{",
        b"{a=",
        b"<",
        b'"',
        b"'",
        b"\\",
        b"/",
        b".",
        b",",
        b";",
        b":",
        b"=",
        b"@",
        b"-",
        b"_",
        b" ",
    ),
    *(
        b"a",
        b"1",
        b"a.",
        b"a@",
        b"1.",
        b">1,",
        b"'a',",
        b"a=1,",
        b"[a]\n",
        b"*",
        b"~",
        b"+",
        b"!",
        b"?",
        b"&",
        b"%41",
    ),
    *(
        b"example.",
        b" and ",
        b"os_name=='a' and ",
        b"\n ",
        b"=?utf-8?q?a?=",
        b")",
        b"]",
        b"}",
        b">",
        b"\xc3\xa4",
    ),
    *(
        b"a-",
        b"-a",
        b".a-",
        b"\\x41",
        b"chr(1) ",
        b"_finder",
        b"exec(",
        b"\t",
        b"\x00",
        b"\xff",
        b"\r",
        b"\n",
    ),
)
"""What a value is made long and deep with."""


@dataclass(frozen=True)
class Text:
    """A kind of text, and where it lies.

    Args:
        path: in the archive.
        filename: of the archive.
        seeds: honest ones.
        fields: how the parts of it begin that are read further.
    """

    path: str
    filename: str
    seeds: tuple[bytes, ...]
    fields: tuple[bytes, ...]

    def archive(self, content: bytes) -> bytes:
        """An archive with this text in it, and otherwise honest."""
        if self.filename == ZIP:
            files = {"demo-1.0/PKG-INFO": HEAD, "demo-1.0/setup.py": b"", f"demo-1.0/{self.path}": content}
            return zipped(*(Part(path.encode(), one) for path, one in files.items()))
        wheel = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        files = {"demo.py": b"", f"{INFO}/METADATA": HEAD, f"{INFO}/WHEEL": wheel, self.path: content}
        record = {} if self.path.endswith("RECORD") else {f"{INFO}/RECORD": record_of(files)}
        return zipped(*(Part(path.encode(), one) for path, one in (files | record).items()))


def installed(name: str) -> tuple[bytes, ...]:
    """Files of that name of what is installed here, in the order of the projects."""
    found = {text.encode() for one in distributions() if (text := one.read_text(name))}
    return tuple(sorted(one for one in found if len(one) <= MOST))[:SEEDS]


def texts() -> list[Text]:
    """Every kind of text."""
    metadata = installed("METADATA")
    return [
        Text(f"{INFO}/METADATA", WHEEL, metadata, METADATA_FIELDS),
        Text(f"{INFO}/RECORD", WHEEL, installed("RECORD"), (b"demo.py,sha256=", b"", b'"', b"../")),
        Text(f"{INFO}/WHEEL", WHEEL, installed("WHEEL"), (b"Tag: ", b"Tag: py3-none-", b"Wheel-Version: ")),
        Text(f"{INFO}/entry_points.txt", WHEEL, installed("entry_points.txt"), ENTRY_POINTS),
        Text("demo.pth", WHEEL, STARTING, STARTS),
        Text("demo.start", WHEEL, STARTING, STARTS),
        Text("PKG-INFO", ZIP, metadata, METADATA_FIELDS),
        Text("pyproject.toml", ZIP, PYPROJECTS, PYPROJECT_FIELDS),
    ]


def mutated(random: Random, text: Text) -> bytes:
    """A text with up to four things done to it."""
    content = random.choice(text.seeds)
    for _ in range(random.randint(1, 4)):
        content = random.choice(MUTATIONS)(random, content, text)[:MOST]
    return content


def flipped(random: Random, content: bytes, text: Text) -> bytes:  # noqa: ARG001 - the form of every mutation
    """Some bytes are others."""
    changed = bytearray(content or b"x")
    for _ in range(random.randint(1, 8)):
        changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def repeated(random: Random, content: bytes, text: Text) -> bytes:  # noqa: ARG001 - likewise
    """A line, many times."""
    lines = content.splitlines(keepends=True) or [b"\n"]
    place = random.randrange(len(lines))
    room = max(1, (MOST - len(content)) // len(lines[place]))
    lines[place] *= random.choice((2, 3, random.randint(1, room), room))
    return b"".join(lines)


def grown(random: Random, content: bytes, text: Text) -> bytes:  # noqa: ARG001 - likewise
    """Somewhere, most likely at the end of a line, one to four pieces come again and again."""
    some = [random.choice(WORDS if random.random() < 0.3 else ALONE) for _ in range(random.randint(1, 4))]
    piece = b"".join(some)
    room = max(1, (MOST - len(content)) // len(piece))
    many = random.choice((1, 2, random.randint(1, 40), random.randint(1, room), room))
    place = _place(random, content)
    before = random.choice((b"", b"", random.choice(WORDS)))
    after = random.choice((b"", b"", random.choice(ALONE)))
    return content[:place] + before + piece * many + after + content[place:]


def filled(random: Random, content: bytes, text: Text) -> bytes:
    """A line of the beginning of a field and one to three pieces, again and again, and how it ends."""
    piece = b"".join(random.choice(VALUES) for _ in range(random.choice((1, 1, 2, 3))))
    room = max(1, (MOST - len(content)) // len(piece))
    many = random.choice((1, 2, 3, 40, 300, random.randint(1, room), room))
    ending = random.choice((b"", random.choice(VALUES), b"']", b'"]', b"')"))
    headers = content.find(b"\n\n") + 1  # behind them nothing is read further
    end = headers if headers and random.random() < 0.8 else len(content)
    begin = content.rfind(b"\n", 0, random.randrange(end + 1)) + 1
    return content[:begin] + random.choice(text.fields) + piece * many + ending + b"\n" + content[begin:]


def nested(random: Random, content: bytes, text: Text) -> bytes:  # noqa: ARG001 - likewise
    """Somewhere, brackets in brackets."""
    opening, closing = random.choice(((b"(", b")"), (b"[", b"]"), (b"{a=", b"}"), (b"<", b">"), (b'"', b'"')))
    depth = random.choice((2, 20, 100, 300, 2_000, 20_000))
    place, before = _place(random, content), random.choice((b"", random.choice(WORDS)))
    inner = opening * depth + random.choice((b"", b"a", b"os_name=='a'")) + closing * depth
    return content[:place] + before + inner + content[place:]


def inserted(random: Random, content: bytes, text: Text) -> bytes:
    """Part of another one, anywhere."""
    other = random.choice(text.seeds)
    cut, place = random.randrange(len(other) + 1), _place(random, content)
    return content[:place] + other[cut : cut + random.randint(0, 2_000)] + content[place:]


def cut_out(random: Random, content: bytes, text: Text) -> bytes:  # noqa: ARG001 - likewise
    """Something is missing, perhaps the end."""
    place = random.randrange(len(content) + 1)
    return content[:place] + content[place + random.choice((1, 3, 80, MOST)) :]


def encoded(random: Random, content: bytes, text: Text) -> bytes:  # noqa: ARG001 - likewise
    """Another encoding, or other ends of lines."""
    chosen = random.choice(("utf-16", "utf-32", "utf-8-sig", "utf-7", "cp037", b"\r\n", b"\r", b"\x0c", b""))
    if isinstance(chosen, bytes):
        return content.replace(b"\n", chosen)
    return content.decode("utf-8", "replace").encode(chosen, "replace")


def _place(random: Random, content: bytes) -> int:
    place = random.randrange(len(content) + 1)
    end = content.find(b"\n", place)
    return place if end < 0 or random.random() < 0.4 else end


Mutation = Callable[[Random, bytes, Text], bytes]
MUTATIONS: tuple[Mutation, ...] = (
    *(flipped, repeated, grown, grown, filled, filled, filled, filled),
    *(nested, inserted, cut_out, encoded),
)


def tried(text: Text, content: bytes, judge: Judge) -> float:
    """Examine and judge; the seconds of one core that this takes."""
    name, body = FileName.parse(text.filename), io.BytesIO(text.archive(content))
    began = time.process_time()
    judge.vet(evidence_of(body, name))
    return time.process_time() - began


def failures(inputs: int, seed: int, times: dict[str, tuple[float, int]]) -> Iterator[tuple[str, int, str]]:
    """The path, the number and what is wrong, of every input that fails."""
    every, judge = texts(), Judge(Policy())
    for text in every:  # the first one of all loads what is needed
        tried(text, text.seeds[0], judge)
    for number in range(seed, seed + inputs):
        text = every[number % len(every)]
        content = mutated(random_of(number), text)
        try:
            seconds = tried(text, content, judge)
            if seconds > SLOW:
                seconds = min(tried(text, content, judge) for _ in range(ROUNDS))
        except Exception as error:  # noqa: BLE001 - that nothing comes out is what is tried
            where = traceback.extract_tb(error.__traceback__)[-1]
            yield text.path, number, f"{type(error).__name__} in {Path(where.filename).name}:{where.lineno}"
            continue
        times[text.path] = max(times.get(text.path, (0.0, 0)), (seconds, number))
        if seconds > SLOW:
            yield text.path, number, "takes too long"


def main() -> None:
    """Read the arguments, and do all of it."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("--inputs", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    times: dict[str, tuple[float, int]] = {}
    found: dict[tuple[str, str], list[int]] = {}
    for path, number, what in failures(chosen.inputs, chosen.seed, times):
        found.setdefault((path, what), []).append(number)
    for path, (seconds, number) in times.items():
        print(f"{path}: slowest {seconds * 1e3:.1f} ms (seed {number})")
    for (path, what), numbers in found.items():
        print(f"FAILED {path}: {what}: {len(numbers)} times, first with seed {numbers[0]}")
    exceptions = sum(len(numbers) for (_, what), numbers in found.items() if what != "takes too long")
    slow = sum(map(len, found.values())) - exceptions
    print(
        f"fuzzing of texts, {chosen.inputs:,} inputs: {exceptions:,} exceptions, {slow:,} slower than 50 ms"
    )
    raise SystemExit(1 if found else 0)


if __name__ == "__main__":
    main()
