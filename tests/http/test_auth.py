from __future__ import annotations

import pytest

from gatebook.domain.errors import Unauthenticated
from gatebook.http import HTTPConnection
from gatebook.http.auth import Presented, Way, presented

EVERY = tuple(Way)


def asking(*headers: tuple[str, str], query: str = "") -> HTTPConnection:
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    return HTTPConnection({"type": "http", "headers": raw, "query_string": query.encode(), "path": "/"})


@pytest.mark.parametrize(
    ("header", "value", "found"),
    [
        ("Authorization", "Bearer abc.def", Presented(way=Way.BEARER, secret="abc.def")),
        ("Authorization", "bearer  abc ", Presented(way=Way.BEARER, secret="abc")),
        ("Authorization", "Basic a2V5Ong6eQ==", Presented(way=Way.BASIC, name="key", secret="x:y")),
        ("Authorization", "Token token=KEY", Presented(way=Way.TOKEN, secret="KEY")),
        ("Authorization", 'Token token="KEY", a=b', Presented(way=Way.TOKEN, secret="KEY")),
        ("Authorization", "Token KEY", Presented(way=Way.TOKEN, secret="KEY")),
        ("X-API-Key", "KEY", Presented(way=Way.API_KEY, secret="KEY")),
        ("Cookie", "other=1; gatebook=KEY", Presented(way=Way.COOKIE, secret="KEY")),
    ],
)
def test_a_credential_is_found(header: str, value: str, found: Presented) -> None:
    assert presented(asking((header, value)), EVERY) == (found,)


def test_a_credential_in_the_query_is_found_only_when_it_is_asked_for() -> None:
    request = asking(query="api_key=K%2BY&x=1")

    assert presented(request, (Way.QUERY,)) == (Presented(way=Way.QUERY, secret="K+Y"),)
    assert presented(request) == ()


def test_two_credentials_are_both_told() -> None:
    request = asking(("Authorization", "Bearer a"), ("X-API-Key", "b"))

    assert [one.secret for one in presented(request)] == ["a", "b"]


@pytest.mark.parametrize("value", ["Basic !!!", "Basic /w==", "Bearer " + "x" * 20_000])
def test_what_cannot_be_read_is_no_credential(value: str) -> None:
    with pytest.raises(Unauthenticated):
        presented(asking(("Authorization", value)), EVERY)


def test_two_authorisations_are_refused() -> None:
    with pytest.raises(Unauthenticated):
        presented(asking(("Authorization", "Bearer a"), ("Authorization", "Bearer b")))


def test_a_secret_is_not_in_the_repr() -> None:
    assert "KEY" not in repr(Presented(way=Way.API_KEY, secret="KEY"))
