"""E-mails that rules send, against a real mail server that takes, refuses, is busy, hangs, or wants a password."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import Message
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from gatebook.connectors.email import Mailbox, sender_of_emails
from gatebook.domain.kinds import Kind
from gatebook.domain.times import SECOND_NS, Instant
from gatebook.services.certificates import self_signed
from gatebook.services.egress import Egress, Post
from gatebook.services.rule_effects import Outbox
from gatebook.services.rule_runs import RuleRuns
from gatebook.services.tail import Wakeup
from tests.services.test_rule_runs import Receiver, Town, add, caught_up, town

__all__ = ["town"]
LETTER = {"email": {"to": ["ada@example.org"], "subject": "Held open", "text": "Go and look.\n.\n"}}


class Takes:
    """Notes what it takes; answers as it is told first."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.got: list[tuple[Envelope, bytes]] = []
        self.logins: list[object] = []

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.got.append((envelope, envelope.content))
        self.logins.append((session.auth_data, session.ssl is not None))
        return self.answers.pop(0) if self.answers else "250 taken"

    @property
    def letters(self) -> list[Message]:
        return [message_from_bytes(content, policy=default) for _, content in self.got]


@asynccontextmanager
async def server(takes: Takes, host: str = "127.0.0.1", **options: Any) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    found = await loop.create_server(lambda: SMTP(takes, hostname="mail.example", **options), host, 0)
    try:
        yield found.sockets[0].getsockname()[1]
    finally:
        found.close()


def outbox_to(town: Town, post: Post, egress: Egress, **more: Any) -> Outbox:
    mailbox = Mailbox(post=post, sender="gatebook@example.org")
    senders = {"email": sender_of_emails(egress, mailbox), **more}
    return Outbox(town.store, Wakeup(), senders, now=town.now, chance=lambda: 0.5)


async def held(town: Town) -> None:
    await add(town, name="Held doors", when={"kind": "door.held"}, actions=[LETTER])
    town.happen(Kind.DOOR_HELD)
    caught_up(town, RuleRuns(town.store, now=town.now))


def states(town: Town) -> list[Any]:
    return town.all("SELECT state, attempts FROM outbox ORDER BY effect")


async def test_an_email_comes_to_the_server_with_what_the_rule_says_and_what_happened(town: Town) -> None:
    takes = Takes()
    await held(town)

    async with server(takes) as port:
        await outbox_to(town, Post(host="127.0.0.1", port=port, security="none"), Egress(allow=["127.0.0.1"])).drain()

    [(envelope, _)], [letter] = takes.got, takes.letters
    assert (envelope.mail_from, envelope.rcpt_tos) == ("gatebook@example.org", ["ada@example.org"])
    assert (letter["Subject"], letter["From"]) == ("Held open", "gatebook@example.org")
    text = str(letter.get_payload())
    assert text.replace("\r\n", "\n").startswith("Go and look.\n.\n\n\ndoor.held at a door, 2026-05-29T12:00:00Z\n")
    assert "rule Held doors" in text
    assert states(town) == [("done", 1)]


async def test_a_busy_server_is_tried_again_under_the_same_id(town: Town) -> None:
    takes = Takes("451 busy")
    await held(town)

    async with server(takes) as port:
        outbox = outbox_to(town, Post(host="127.0.0.1", port=port, security="none"), Egress(allow=["127.0.0.1"]))
        tried = []
        for _ in range(3):
            await outbox.drain()
            tried.append(len(takes.got))
            town.at = Instant(town.at + 3 * SECOND_NS)

    assert tried == [1, 1, 2]  # five seconds later
    assert len({letter["Message-ID"] for letter in takes.letters}) == 1
    assert states(town) == [("done", 2)]


async def test_what_a_server_refuses_for_good_is_not_tried_again(town: Town) -> None:
    takes = Takes("554 never")
    await held(town)

    async with server(takes) as port:
        outbox = outbox_to(town, Post(host="127.0.0.1", port=port, security="none"), Egress(allow=["127.0.0.1"]))
        for _ in range(3):
            await outbox.drain()
            town.at = Instant(town.at + 3600 * SECOND_NS)

    assert len(takes.got) == 1
    assert town.all("SELECT state, attempts, error FROM outbox") == [
        ("failed", 1, "127.0.0.1 did not take the e-mail: it answered 554")
    ]


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's and the client's view of one certificate, for `mail.example`."""
    folder: Path = tmp_path_factory.mktemp("tls")
    signed = self_signed(["mail.example"])
    (folder / "cert.pem").write_bytes(signed.certificate)
    (folder / "key.pem").write_bytes(signed.key)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return served, ssl.create_default_context(cafile=str(folder / "cert.pem"))


def checked(_server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: LoginPassword) -> AuthResult:
    right = data == LoginPassword(b"gatebook", b"open sesame")
    return AuthResult(success=right, handled=right, auth_data=data.login)  # not handled: the server says no by itself


async def local(_host: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


async def test_a_password_goes_out_under_tls_alone_to_the_host_that_the_certificate_names(
    town: Town, sides: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    served, trusting = sides
    takes = Takes()
    await held(town)
    egress = Egress(allow=["mail.example"], resolve=local, tls=trusting)

    async with server(takes, tls_context=served, require_starttls=True, authenticator=checked) as port:
        post = Post(host="mail.example", port=port, user="gatebook", password="open sesame")
        await outbox_to(town, post, egress).drain()

    assert takes.logins == [(b"gatebook", True)]


async def test_a_certificate_of_another_name_or_a_wrong_password_sends_nothing(
    town: Town, sides: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    served, trusting = sides
    takes = Takes()
    await held(town)
    egress = Egress(allow=["other.example", "mail.example"], resolve=local, tls=trusting)

    async with server(takes, tls_context=served, require_starttls=True, authenticator=checked) as port:
        await outbox_to(town, Post(host="other.example", port=port), egress).drain()
        town.at = Instant(town.at + 10 * SECOND_NS)
        await outbox_to(town, Post(host="mail.example", port=port, user="gatebook", password="x"), egress).drain()

    assert takes.got == []
    assert states(town) == [("waiting", 2)]  # somebody may put it right


async def test_a_private_mail_server_that_no_setting_names_is_never_called(town: Town) -> None:
    takes = Takes()
    await held(town)

    async with server(takes) as port:
        await outbox_to(town, Post(host="127.0.0.1", port=port, security="none"), Egress()).drain()

    assert takes.got == []
    assert states(town) == [("failed", 1)]


async def test_a_mail_server_that_hangs_is_given_up_and_holds_up_no_command(town: Town) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # nothing, until the other side goes
        writer.close()

    await held(town)
    await add(town, when={"kind": "door.held"}, actions=[{"command": {}}])
    town.happen(Kind.DOOR_HELD)
    caught_up(town, RuleRuns(town.store, now=town.now))
    hung, commands = await asyncio.start_server(silent, "127.0.0.1", 0), Receiver()
    post = Post(host="127.0.0.1", port=hung.sockets[0].getsockname()[1], security="none")
    outbox = outbox_to(town, post, Egress(allow=["127.0.0.1"], timeout_s=1), command=commands)

    running = asyncio.create_task(outbox.run())
    async with asyncio.timeout(30):
        while not commands.taken:
            await asyncio.sleep(0.02)
        waited = town.all("SELECT attempts FROM outbox WHERE kind = 'email' ORDER BY effect")
        while town.all("SELECT count(*) FROM outbox WHERE kind = 'email' AND attempts > 0") != [(2,)]:
            await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    hung.close()
    await hung.wait_closed()

    assert waited == [(0,), (0,)]
    assert set(town.all("SELECT error FROM outbox WHERE kind = 'email'")) == {
        ("127.0.0.1 did not take the e-mail within 1 s",)
    }
