"""Windows users: a handshake with a real client, and what a dishonest one gets."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
import spnego
from requests_ntlm import HttpNtlmAuth

from gatebook.services.ntlm_acceptor import Acceptor, nt_hash
from tests.dialects.xprotect.asking import PASSWORD, user, windows_user
from tests.houses import House

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BODY = "grant_type=windows_credentials&client_id=GrantValidatorClient"


def signed_in(house: House, login: str, password: str = PASSWORD) -> requests.Response:
    """As the vendor's sample does it."""
    with requests.Session() as session:
        return session.post(
            f"{house.url}/IDP/connect/token", headers=FORM, data=BODY, auth=HttpNtlmAuth(login, password), timeout=20
        )


def test_a_windows_user_gets_a_token(house: House) -> None:
    """Events REST API, "Retrieve events with Python using a Windows users"."""
    windows_user(house, "wendy")

    answer = signed_in(house, "ACME\\wendy")

    assert answer.status_code == 200, answer.text
    assert [one.status_code for one in answer.history] == [401, 401]
    assert answer.history[0].headers["WWW-Authenticate"] == "NTLM"
    assert set(answer.json()) == {"access_token", "expires_in", "token_type", "scope"}


@pytest.mark.parametrize("login", ["wilma", "WILMA", "other-domain\\Wilma"])
def test_the_domain_and_the_letter_case_do_not_matter(house: House, login: str) -> None:
    """Gatebook's own rule: it knows no domains."""
    if login == "wilma":
        windows_user(house, "wilma")

    assert signed_in(house, login).status_code == 200


def test_a_wrong_password_fails(house: House) -> None:
    """NTLM: 401 and another call."""
    windows_user(house, "walter")

    answer = signed_in(house, "walter", "not the password")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "NTLM"
    assert answer.json()["error_code"] == "InvalidCredentials"


def test_a_user_who_was_not_let_in_fails_as_an_unknown_one_does(house: House) -> None:
    """Gatebook's own rule: NTLM is for those who were let in to it, one by one."""
    user(house, "plain")

    plain, unknown = signed_in(house, "plain"), signed_in(house, "nobody at all")

    assert (plain.status_code, unknown.status_code) == (401, 401)
    assert plain.content == unknown.content


def test_the_sixth_wrong_password_locks_out_here_as_well(house: House) -> None:
    """protocol sample SecurityPermission: `LockedOut`."""
    windows_user(house, "wanda")

    with ThreadPoolExecutor(5) as guessers:  # side by side, since each waits longer than the one before
        guesses = [*guessers.map(lambda domain: signed_in(house, f"{domain}\\wanda", "not the password"), "ABCDE")]
    assert [guess.status_code for guess in guesses] == [401] * 5

    answer = signed_in(house, "wanda")
    assert (answer.status_code, answer.json()["error_code"]) == (400, "LockedOut")


def test_another_password_ends_it(house: House) -> None:
    """Gatebook's own rule: what was made of the old password is of no use any more."""
    made = windows_user(house, "wes")
    house.client.post(f"/v1/users/{made.id}/password", json={"password": "another fine word"})

    assert signed_in(house, "wes").status_code == 401
    assert house.store.read_now(house.store.ntlm.sealed, made.id) is None


def test_who_is_shut_out_again_fails(house: House) -> None:
    """Gatebook's own rule."""
    made = windows_user(house, "willow")

    assert house.client.delete(f"/v1/users/{made.id}/ntlm").status_code == 204

    assert signed_in(house, "willow").status_code == 401
    assert house.client.delete(f"/v1/users/{made.id}/ntlm").status_code == 404


def test_only_the_users_own_password_lets_in(house: House) -> None:
    """Gatebook's own rule: one user, one password."""
    made = user(house, "wolf")

    answer = house.client.put(f"/v1/users/{made.id}/ntlm", json={"password": "another password"})

    assert answer.status_code == 400
    assert "password" in answer.text


def test_the_hash_is_kept_encrypted(house: House, tmp_path: Path) -> None:
    """Gatebook's own rule: a copy of the file is no copy of the hash."""
    made = windows_user(house, "winona")

    kept = house.store.read_now(house.store.ntlm.sealed, made.id)

    assert kept is not None
    assert nt_hash(PASSWORD) not in kept
    assert nt_hash(PASSWORD) not in house.store.path.read_bytes()


@contextmanager
def compatibility(level: str) -> Iterator[None]:
    """pyspnego's client at another level: 2 and below is version 1."""
    os.environ["LM_COMPAT_LEVEL"] = level
    try:
        yield
    finally:
        os.environ.pop("LM_COMPAT_LEVEL", None)


def message(text: str) -> dict[str, str]:
    return {**FORM, "Authorization": f"NTLM {text}"}


def shaken(session: requests.Session, url: str, login: str, level: str = "3") -> tuple[str, requests.Response]:
    """The first two requests of a client; its answer to the challenge, not sent yet, and the challenge."""
    with compatibility(level):
        client = spnego.client(login, PASSWORD, protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
        first = base64.b64encode(client.step() or b"").decode()
    challenge = session.post(url, data=BODY, headers=message(first), timeout=20)
    asked = base64.b64decode(challenge.headers["WWW-Authenticate"].removeprefix("NTLM "))
    return base64.b64encode(client.step(asked) or b"").decode(), challenge


def test_version_1_is_refused(house: House) -> None:
    """Gatebook's own rule: version 1 can be guessed from what goes over the wire."""
    windows_user(house, "wart")
    url = f"{house.url}/IDP/connect/token"

    with requests.Session() as session:
        old, _ = shaken(session, url, "wart", "1")
        refused = session.post(url, data=BODY, headers=message(old), timeout=20)
        new, _ = shaken(session, url, "wart")
        taken = session.post(url, data=BODY, headers=message(new), timeout=20)

    assert refused.status_code == 400
    assert "version 1" in refused.json()["error_description"]
    assert taken.status_code == 200


def test_an_answer_serves_once_and_on_its_own_connection(house: House) -> None:
    """NTLM belongs to a connection: what one was asked, no other can answer."""
    windows_user(house, "wade")
    url = f"{house.url}/IDP/connect/token"

    with requests.Session() as session, requests.Session() as other:
        answer, _ = shaken(session, url, "wade")
        elsewhere = other.post(url, data=BODY, headers=message(answer), timeout=20)
        taken = session.post(url, data=BODY, headers=message(answer), timeout=20)
        again = session.post(url, data=BODY, headers=message(answer), timeout=20)

    assert (elsewhere.status_code, taken.status_code, again.status_code) == (401, 200, 401)


@pytest.mark.parametrize("text", ["!!", "", base64.b64encode(b"NTLMSSP\0\x02\0\0\0" + bytes(60)).decode(), "AAAA"])
def test_what_is_no_message_is_refused(house: House, text: str) -> None:
    """NTLM: a client's messages are of type 1 and 3."""
    answer = requests.post(f"{house.url}/IDP/connect/token", data=BODY, headers=message(text), timeout=20)

    assert answer.status_code in (400, 401)
    assert answer.json()["error"] in ("invalid_grant", "invalid_request")


@pytest.mark.parametrize("tail", [b"", b"\xff" * 40, bytes(200)])
@pytest.mark.parametrize("kind", [1, 3])
def test_a_message_that_is_cut_off_or_made_up_is_refused(house: House, kind: int, tail: bytes) -> None:
    """MS-NLMP: lengths and offsets that lead nowhere."""
    url = f"{house.url}/IDP/connect/token"
    made = base64.b64encode(b"NTLMSSP\0" + kind.to_bytes(4, "little") + tail).decode()

    with requests.Session() as session:
        if kind == 3:
            shaken(session, url, "anybody")
        answer = session.post(url, data=BODY, headers=message(made), timeout=20)

    assert answer.status_code in (400, 401)


def test_nothing_of_an_account_is_on_disk_or_left_in_the_environment() -> None:
    """Gatebook's own rule: the acceptor's accounts are in memory, for as long as a step takes."""
    acceptor = Acceptor()
    client = spnego.client("ann", "secret", protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)

    answer = client.step(acceptor.challenge(client.step() or b"")) or b""

    assert not acceptor.proves(answer, nt_hash("wrong"))
    assert "NTLM_USER_FILE" not in os.environ
    assert not [one for one in os.listdir("/proc/self/fd") if "memfd:accounts" in _target(one)]


def _target(handle: str) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{handle}")
    except OSError:
        return ""
