"""Programs that import in their own ways, behind the guard: a web server that preloads, and a notebook."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.import_guard.house import House
from tests.lab.environment import isolated_environ
from tests.lab.markers import Markers

pytestmark = pytest.mark.slow

_APP = """
import nice
def app(environ, start_response):
    try:
        import evil
    except ImportError as error:
        told = str(error)
    else:
        told = "evil runs"
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [told.encode()]
"""
_NOTEBOOK = """
import nbformat
from nbclient import NotebookClient
cells = [nbformat.v4.new_code_cell(code) for code in ("import nice; print(nice.x)", "import evil")]
notebook = nbformat.v4.new_notebook(cells=cells)
NotebookClient(notebook, timeout=60, kernel_name="python3", allow_errors=True).execute()
for cell in notebook.cells:
    for output in cell.outputs:
        print(output.get("text") or output.get("evalue"))
"""


def furnished(house: House, markers: Markers, *programs: str) -> None:
    """Programs from the registry, accepted as they are; then a vetted module, and one that nobody vetted."""
    pip = (sys.executable, "-m", "pip", "--python", str(house.environment.python))
    done = subprocess.run(
        [*pip, "install", "--quiet", "--retries", "0", *programs],
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"{programs} cannot be had: {done.stderr.strip()[-200:]}")
    house.enable(everything=True)
    house.put("nice", {"nice.py": "x = 1\n"})
    house.put("evil", {"evil.py": markers.snippet("ran")}, decision=None)


@contextmanager
def serving(house: House, *options: str) -> Iterator[str]:
    """The application, served; gives its address."""
    (house.home / "served.py").write_text(_APP, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        place = f"127.0.0.1:{free.getsockname()[1]}"
    words = [str(house.environment.python), "-m", "gunicorn", *options, "--bind", place, "served:app"]
    with subprocess.Popen(words, cwd=house.home, env=isolated_environ(house.home / "user")) as server:
        try:
            yield f"http://{place}/"
        finally:
            server.terminate()


def answer(url: str) -> str:
    """What is served, once it is."""
    for _ in range(100):
        try:
            with urllib.request.urlopen(url, timeout=10) as response:  # noqa: S310 - our own
                text: str = response.read().decode()
                return text
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"nothing is served at {url}")


@pytest.mark.parametrize("options", [(), ("--preload",)])
def test_a_web_server_serves_and_its_workers_are_guarded(
    house: House, markers: Markers, options: tuple[str, ...]
) -> None:
    """With the application loaded before the workers are forked, and in each of them."""
    furnished(house, markers, "gunicorn")
    with serving(house, *options) as url:
        assert "nobody has vetted it" in answer(url)
    assert markers.ran() == set()
    house.enable("warn")
    with serving(house, *options) as url:
        assert answer(url) == "evil runs"
    assert markers.ran() == {"ran"}


def test_a_notebook_runs_and_its_cells_are_guarded(house: House, markers: Markers) -> None:
    """A kernel is a process of its own, which runs cells that are no files."""
    furnished(house, markers, "nbclient", "ipykernel")
    done = house.run("-c", _NOTEBOOK)
    assert done.returncode == 0, done
    assert done.stdout.startswith("1\n"), done
    assert "trustguard: evil" in done.stdout, done
    assert markers.ran() == set()
    house.enable("warn")
    assert house.run("-c", _NOTEBOOK).returncode == 0
    assert markers.ran() == {"ran"}
