"""Where the guard listens nobody else does, under no address that a program is told of."""

from __future__ import annotations

import errno
import socket
from contextlib import closing

import pytest

from trustguard.frontends.guard_index.entrance import listening
from trustguard.installers.tools.variables import INDEX_HOST


def test_nobody_else_can_listen_where_programs_look_for_the_index() -> None:
    """Another user of this machine, who is there first or comes later."""
    with listening(4712, also=INDEX_HOST) as sock:
        usual = sock.getsockname()[1]
        with closing(socket.socket()) as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with pytest.raises(OSError, match=r".") as refused:
                other.bind((INDEX_HOST, usual))
            assert refused.value.errno == errno.EADDRINUSE
            assert other.connect_ex((INDEX_HOST, usual)) == errno.ECONNREFUSED
    with closing(socket.create_server((INDEX_HOST, usual))), listening(4712, also=INDEX_HOST) as sock:
        assert sock.getsockname()[1] != usual
