"""A house with one user, and browsers that sign in there; its clock goes on when told."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass, field

import httpx

from gatebook.domain.times import SECOND_NS, Instant, parse_instant
from tests.houses import House

PASSWORD, OTHER = "a horse and a battery", "another horse, another battery"


@dataclass(slots=True)
class Clock:
    now: Instant = field(default_factory=lambda: parse_instant("2027-05-29T12:00:00Z"))

    def __call__(self) -> Instant:
        return self.now

    def pass_s(self, seconds: int) -> None:
        self.now = Instant(self.now + seconds * SECOND_NS)


@dataclass(slots=True)
class Place:
    """A house with one user, ada, and the time there."""

    house: House
    clock: Clock
    ada: str
    browsers: ExitStack

    def browser(self) -> httpx.Client:
        return self.browsers.enter_context(httpx.Client(base_url=self.house.url, timeout=20))

    def promote(self, *scopes: str) -> None:
        """Ada may do this beside reading events."""
        body = {"scopes": ["events:read", *scopes]}
        answer = self.house.client.patch(f"/v1/users/{self.ada}", json=body)
        assert answer.status_code == 200, answer.text

    def signed_in(self, password: str = PASSWORD) -> httpx.Client:
        browser = self.browser()
        assert sign_in(browser, password=password).status_code == 303
        return browser


def form_token(page: httpx.Response) -> str:
    found = re.search(r'name="form" value="([^"]*)"', page.text)
    assert found is not None, page.text
    return found[1]


def sign_in(browser: httpx.Client, *, password: str = PASSWORD, following: str = "", **fields: str) -> httpx.Response:
    page = browser.get("/console/sign-in", params={"next": following} if following else None)
    where = re.search(r'name="next" value="([^"]*)"', page.text)
    assert where is not None
    body = {"form": form_token(page), "next": where[1], "login": "ada", "password": password, **fields}
    return browser.post("/console/sign-in", data=body)


def is_in(browser: httpx.Client) -> bool:
    return browser.get("/console/sessions").status_code == 200
