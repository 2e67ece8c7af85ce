"""Certificates that a server signs for itself: enough to encrypt, until it has one that others trust."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gatebook.domain.errors import BadInput, Conflict

LONGEST_DAYS = 825
"""Source: Apple, "Requirements for trusted certificates in iOS 13 and macOS 10.15": longer ones are not accepted."""
EARLIER = timedelta(hours=1)
"""A client whose clock is a little behind takes it too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A certificate and its private key, both in PEM."""

    certificate: bytes
    key: bytes
    fingerprint: str
    """SHA-256, as browsers show it."""
    ends: datetime

    def __repr__(self) -> str:
        return f"Signed(fingerprint={self.fingerprint!r})"


def self_signed(names: Sequence[str], *, days: int = LONGEST_DAYS, now: datetime | None = None) -> Signed:
    """One for these host names and addresses, the first of which is also its subject; for a server alone.

    Raises BadInput for a name that no certificate can hold, or days that are not 1 to 825.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise BadInput("days", f"got {days}", f"expected 1 to {LONGEST_DAYS}")
    if not names:
        raise BadInput("host", "is missing", "name at least one host name or address that clients use")
    begins = (now or datetime.now(UTC)) - EARLIER
    key = generate_private_key(SECP256R1())
    public = key.public_key()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
        .sign(key, SHA256())
    )
    return Signed(
        certificate=certificate.public_bytes(Encoding.PEM),
        key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        fingerprint=certificate.fingerprint(SHA256()).hex(":").upper(),
        ends=certificate.not_valid_after_utc,
    )


def written(signed: Signed, certificate: Path, key: Path, *, replace: bool = False) -> None:
    """Write both files, the key for its owner alone (0600) from the first byte on.

    Raises Conflict where one is there already, unless `replace`: then each is replaced at once, the key first.
    """
    for path in (certificate, key):
        if path.exists() and not replace:
            raise Conflict(f"{path} is there already; name another, or give --replace")
    for path, content, mode in ((key, signed.key, 0o600), (certificate, signed.certificate, 0o644)):
        new = path.with_name(f"{path.name}.{os.getpid()}.new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
        new.replace(path)


def _usage() -> x509.KeyUsage:
    """For signatures alone: TLS 1.3, and 1.2 with ephemeral keys, ask for nothing else."""
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name.strip("[]")))
    except ValueError:
        pass
    try:
        plain = name.encode("idna").decode()
        if not plain or any(not (letter.isalnum() or letter in "-.*_") for letter in plain):
            raise ValueError(name)
        return x509.DNSName(plain)
    except ValueError as error:
        raise BadInput("host", f"got {name[:80]!r}", "expected a host name or an address, without a port") from error
