"""What holds for every test."""

import os
import socket

import hypothesis
import pytest

os.environ.setdefault("MPLBACKEND", "Agg")

# Compiling on first use breaks deadlines; in CI the same examples run every time.
hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")

_LOCAL_HOSTS = ("127.0.0.1", "::1", "localhost")
_connect = socket.socket.connect


def _connect_local(self: socket.socket, address: object) -> None:
    if self.family in {socket.AF_INET, socket.AF_INET6}:
        host = address[0] if isinstance(address, tuple) else address
        if host not in _LOCAL_HOSTS:
            message = f"a test without the network mark connects to {host}"
            raise AssertionError(message)
    _connect(self, address)


@pytest.fixture(autouse=True)
def _offline(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let only tests marked ``network`` leave this machine."""
    if request.node.get_closest_marker("network") is None:
        monkeypatch.setattr(socket.socket, "connect", _connect_local)


@pytest.fixture
def few_dots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw the pictures of reports of few dots: nobody looks at them."""
    monkeypatch.setattr("maps._figure_base._DPI_PLATE", 40)
    monkeypatch.setattr("maps._figure_base._DPI_CHART", 60)


@pytest.fixture
def short_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave one chapter, with a table and a chart, of each report that a test writes in passing.

    Whole reports take seconds; ``tests/test_chapters.py`` and others ask what stands in them.
    """
    from maps.chapters import benefits  # noqa: PLC0415 - most tests need none of it

    monkeypatch.setattr("maps.chapters._ORDER", (benefits,))
