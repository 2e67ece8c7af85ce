"""What every test shares: coroutines run on asyncio, the loop that the server uses, and programs hear Ctrl-C."""

import signal

import pytest


def pytest_configure() -> None:
    # A shell that runs the tests in the background has them ignore SIGINT, and what they start inherits that.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
