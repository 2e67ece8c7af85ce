"""Somebody guesses passwords at a real server: how many guesses are answered, and what the answers give away."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from msgspec import Struct

from gatebook.domain.access import Scope
from gatebook.http import Request, Response
from gatebook.http.dialect import Dialect, Operation
from gatebook.http.problems import on_error
from gatebook.http.wire import json_reply, read_json
from gatebook.services import Services
from gatebook.services.forms import NewUser
from tests.houses import House, house_in

PASSWORD = "correct horse battery"
GUESSES = 40


class SignIn(Struct):
    """A name and a password."""

    login: str
    password: str


def operations(services: Services) -> Sequence[Operation]:
    async def sign_in(request: Request) -> Response:
        asked = await read_json(request, SignIn)
        address = request.client.host if request.client else ""
        found = await services.access.sign_in(asked.login, asked.password, address=address)
        return json_reply({"name": found.name})

    return (Operation(method="POST", path="/door/sign-in", handler=sign_in, summary="Sign in", public=True),)


DOOR: Dialect[Services] = Dialect(name="door", title="Door", roots=("/door",), operations=operations, on_error=on_error)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with house_in(tmp_path, DOOR) as found:
        for login in ("ada", "grace"):
            user = NewUser(
                login=login,
                name=login.title(),
                scopes=frozenset({Scope.EVENTS_READ}),
                password=PASSWORD,
                must_change=False,
            )
            asyncio.run(found.services.entities.users.add(found.admin, user))
        yield found


def asked(house: House, login: str, password: str, local: str = "127.0.0.1") -> httpx.Response:
    """An attempt from this address of this machine."""
    with httpx.Client(base_url=house.url, transport=httpx.HTTPTransport(local_address=local), timeout=30) as client:
        return client.post("/door/sign-in", json={"login": login, "password": password})


def told(answer: httpx.Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    """All of an answer but when it was given and its own id."""
    own = ("date", "x-request-id")
    return answer.status_code, answer.content, [pair for pair in answer.headers.items() if pair[0] not in own]


def test_a_name_that_there_is_and_one_that_there_is_not_are_refused_byte_for_byte_alike(house: House) -> None:
    known = [told(asked(house, "ada", "wrong")) for _ in range(6)]
    unknown = [told(asked(house, "nobody", "wrong")) for _ in range(6)]

    assert known == unknown
    assert [status for status, _body, _headers in known] == [401] * 5 + [429]
    assert dict(known[-1][2])["retry-after"] == "300"


def test_guesses_side_by_side_are_bounded_and_the_right_one_comes_too_late(house: House) -> None:
    with ThreadPoolExecutor(GUESSES) as threads:
        answers = list(threads.map(lambda number: asked(house, "ada", f"guess {number}"), range(GUESSES)))
    right = asked(house, "ada", PASSWORD)
    elsewhere = asked(house, "ada", PASSWORD, "127.0.1.1")
    somebody_else = asked(house, "grace", PASSWORD)

    assert Counter(answer.status_code for answer in answers) == {401: 5, 429: GUESSES - 5}
    assert right.status_code == 429
    assert int(right.headers["retry-after"]) <= 300
    assert (elsewhere.status_code, somebody_else.status_code) == (200, 200)


def test_a_slip_of_the_finger_costs_no_more_than_a_moment(house: House) -> None:
    statuses = [asked(house, "ada", word).status_code for word in ("wrong", PASSWORD, "wrong", "wrong", PASSWORD)]

    assert statuses == [401, 200, 401, 401, 200]
