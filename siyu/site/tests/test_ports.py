"""Two Siyus never share a port, and two demos never share a home."""

from __future__ import annotations

import socket

import pytest

from siyu.kernel.errors import Refused
from siyu.site.demo.home import free_port, fresh_home, hold_home
from siyu.site.ports import is_taken, require_free


@pytest.fixture
def listening():
    """A port that its owner is ready to share."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield int(server.getsockname()[1])


def test_a_port_somebody_listens_on_is_refused(listening):
    with pytest.raises(Refused) as error:
        require_free("127.0.0.1", listening, patience=0)
    assert (error.value.code, error.value.field) == ("web.port", "--port")
    assert str(listening) in error.value.reason


def test_a_free_port_is_free_and_stays_so():
    port = free_port()
    require_free("127.0.0.1", port, patience=0)
    assert not is_taken("127.0.0.1", port)


def test_the_demo_takes_another_port_when_its_own_is_taken(listening):
    assert free_port(listening) != listening


def test_a_demo_does_not_sweep_the_home_of_one_that_runs(tmp_path):
    home = tmp_path / "demo"
    with hold_home(home):
        (fresh_home(home) / "kept").touch()
        with pytest.raises(Refused) as error, hold_home(home):
            fresh_home(home)
        assert error.value.code == "demo.running"
        assert (home / "kept").exists()
    with hold_home(home):
        assert not (fresh_home(home) / "kept").exists()
