"""What every test shares: coroutines run on asyncio, the loop that the server uses."""

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
