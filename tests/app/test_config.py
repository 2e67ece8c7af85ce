"""Settings: what is read, what wins, and how a wrong one is refused."""

from pathlib import Path
from typing import Annotated

import msgspec
import pytest

from gatebook.app.config import Loaded, Settings, known, load
from gatebook.app.settings import setting
from gatebook.domain.errors import BadInput

VALUES = {
    "server.host": ('"::1"', "::1", "::1"),
    "server.port": ("9000", "9000", 9000),
    "server.base_url": ('"https://gate.example.org/doors"', "https://gate.example.org/doors", ...),
    "server.max_body_bytes": ("2048", "2048", 2048),
    "server.tls_cert": ('"/etc/cert.pem"', "/etc/cert.pem", "/etc/cert.pem"),
    "server.tls_key": ('"/etc/key.pem"', "/etc/key.pem", "/etc/key.pem"),
    "server.trusted_proxies": ('["10.0.0.0/8", "::1"]', "10.0.0.0/8, ::1", ("10.0.0.0/8", "::1")),
    "server.allowed_origins": ('["https://a.example"]', "https://a.example", ("https://a.example",)),
    "store.url": ('"sqlite:////var/gatebook.db"', "sqlite:////var/gatebook.db", "sqlite:////var/gatebook.db"),
    "store.queue_limit": ("10", "10", 10),
    "store.readers": ("2", "2", 2),
    "store.read_timeout_s": ("2.5", "2.5", 2.5),
    "dialects.enabled": ('["native", "other"]', "native,other", ("native", "other")),
    "dialects.prefix": (
        '{ native = "/n", other = "/o/p" }',
        "native=/n, other=/o/p",
        {"native": "/n", "other": "/o/p"},
    ),
    "dialects.host": ('{ native = "doors.example.org" }', "native=doors.example.org", {"native": "doors.example.org"}),
    "dialects.product_version": ('{ native = "24.2.0.0" }', "native=24.2.0.0", {"native": "24.2.0.0"}),
    "cors.dialects": ('["native"]', "native", ("native",)),
    "cors.allow_origins": ('["https://a.example", "*"]', "https://a.example, *", ("https://a.example", "*")),
    "cors.allow_headers": ('["Authorization"]', "Authorization", ("Authorization",)),
    "cors.allow_methods": ('["GET", "POST"]', "GET, POST", ("GET", "POST")),
    "limits.principal_per_s": ("0", "0", 0.0),
    "limits.principal_burst": ("5.5", "5.5", 5.5),
    "limits.address_per_s": ("100", "100", 100.0),
    "limits.address_burst": ("1", "1", 1.0),
    "limits.request_timeout_s": ("5", "5", 5.0),
    "limits.body_timeout_s": ("2.5", "2.5", 2.5),
    "limits.streams": ("1", "1", 1),
    "limits.address_streams": ("0", "0", 0),
    "egress.allow": ('["hooks.internal", "::1"]', "hooks.internal, ::1", ("hooks.internal", "::1")),
    "egress.timeout_s": ("1", "1", 1.0),
    "egress.max_answer_bytes": ("1024", "1024", 1024),
    "email.host": ('"mail.example.org"', "mail.example.org", "mail.example.org"),
    "email.port": ("25", "25", 25),
    "email.security": ('"tls"', "tls", "tls"),
    "email.user": ('"gatebook"', "gatebook", "gatebook"),
    "email.password": ('"open sesame"', "open sesame", "open sesame"),
    "email.sender": ('"gate@example.org"', "gate@example.org", "gate@example.org"),
    "sessions.idle_s": ("60", "60", 60),
    "sessions.absolute_s": ("300", "300", 300),
    "oidc.issuer": ('"https://login.example.org/a"', "https://login.example.org/a", "https://login.example.org/a"),
    "oidc.audience": ('"gatebook"', "gatebook", "gatebook"),
    "oidc.login_claim": ('"sub"', "sub", "sub"),
    "log.level": ('"debug"', "debug", "debug"),
    "log.format": ('"json"', "json", "json"),
}
"""Setting -> as in the file, as in the environment, as it is in force (`...`: the same text)."""

PAIRED = {
    "server.tls_cert": "server.tls_key",
    "server.tls_key": "server.tls_cert",
    "email.user": "email.password",
    "oidc.issuer": "oidc.audience",
    "oidc.audience": "oidc.issuer",
}


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "gatebook.toml"
    path.write_text(text)
    return path


def in_force(loaded: Loaded, dotted: str) -> object:
    table, _, name = dotted.partition(".")
    return getattr(getattr(loaded.settings, table), name)


def refusal(path: Path | None, environ: dict[str, str]) -> str:
    with pytest.raises(BadInput) as caught:
        load(path, environ)
    return str(caught.value)


def variable(dotted: str) -> str:
    return f"GATEBOOK_{dotted.replace('.', '_').upper()}"


def test_every_setting_is_tried_here() -> None:
    assert {each.dotted for each in known()} == set(VALUES)


def test_without_file_and_environment_all_is_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    loaded = load(None, {})

    assert loaded.settings == Settings()
    assert set(loaded.origins.values()) == {"default"}


@pytest.mark.parametrize("dotted", VALUES)
def test_a_setting_is_read_from_the_file(dotted: str, tmp_path: Path) -> None:
    text, plain, value = VALUES[dotted]
    table, _, name = dotted.partition(".")
    other = PAIRED.get(dotted)
    pair = f"{other.partition('.')[2]} = {VALUES[other][0]}\n" if other else ""
    path = written(tmp_path, f"[{table}]\n{name} = {text}\n{pair}")

    loaded = load(path, {})

    assert in_force(loaded, dotted) == (plain if value is ... else value)
    assert loaded.origins[dotted] == str(path)
    assert [each for each, origin in loaded.origins.items() if origin != "default" and each != other] == [dotted]


@pytest.mark.parametrize("dotted", VALUES)
def test_the_environment_beats_the_file(dotted: str, tmp_path: Path) -> None:
    _, plain, value = VALUES[dotted]
    text = '[server]\nport = 1\ntls_cert = "c.pem"\ntls_key = "k.pem"\n[log]\nlevel = "error"\n'
    text += '[oidc]\nissuer = "https://issuer.example"\naudience = "a"\n[email]\npassword = "p"\n'
    path = written(tmp_path, text)

    loaded = load(path, {variable(dotted): plain, "HOME": "/root"})

    assert in_force(loaded, dotted) == (plain if value is ... else value)
    assert loaded.origins[dotted] == variable(dotted)


def test_the_file_is_found_in_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, "[server]\nport = 1\n")
    monkeypatch.chdir(tmp_path)

    assert load(None, {}).settings.server.port == 1


def test_the_environment_can_name_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "[server]\nport = 1\n")

    assert load(None, {"GATEBOOK_CONFIG": str(path)}).settings.server.port == 1


def test_an_empty_variable_sets_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, "[server]\nport = 1\n")

    assert load(path, {"GATEBOOK_SERVER_PORT": ""}).settings.server.port == 1


def test_what_a_container_platform_sets_is_no_setting(tmp_path: Path) -> None:
    platform = {"GATEBOOK_PORT": "tcp://10.0.0.1:8480", "GATEBOOK_PORT_8480_TCP_ADDR": "10.0.0.1"}

    loaded = load(written(tmp_path, ""), platform | {"GATEBOOK_SERVICE_HOST": "10.0.0.1"})

    assert loaded.settings == Settings()


TABLES = ", ".join(Settings.__struct_fields__)
FILE_FAULTS = {
    "[server]\nprot = 1": "server.prot: unknown setting; did you mean server.port?",
    "[sever]\nport = 1": "sever: unknown table; did you mean server?",
    "[xyzzy]\nport = 1": f"xyzzy: unknown table; known here: {TABLES}",
    "[log]\nxyzzy = 1": "log.xyzzy: unknown setting; known here: log.level, log.format",
    "port = 1": "port: stands in no table; did you mean server.port?",
    "xyzzy = 1": f"xyzzy: stands in no table; tables: {TABLES}",
    "server = 1": "server: is a table, not a value; write [server] and its settings below it",
    "[server]\nport = 'abc'": 'server.port: got "abc"; expected a port from 1 to 65535, or 0 for any free one',
    "[server]\nport = '8480'": 'server.port: got "8480"; expected a port from 1 to 65535, or 0 for any free one',
    "[server]\nport = 65536": "server.port: got 65536; expected a port from 1 to 65535, or 0 for any free one",
    "[store]\nreaders = true": "store.readers: got true; expected connections that read, from 1 to 64",
    "[store]\nread_timeout_s = nan": "store.read_timeout_s: got NaN; expected seconds, more than 0 and at most 600",
    "[store]\nread_timeout_s = 0": "store.read_timeout_s: got 0; expected seconds, more than 0 and at most 600",
    "[store]\nurl = ':memory:'": "store.url: is not on disk; expected the path of a file, or sqlite:/// and a path",
    "[log]\nlevel = 'loud'": 'log.level: got "loud"; expected debug, info, warning or error',
    "[server]\ntls_cert = 'c'": "server.tls_key: is missing, and tls_cert is set; expected the path of",
    "[server]\ntls_key = 'c'": "server.tls_cert: is missing, and tls_key is set; expected the path of",
    "[server]\nbase_url = 'ftp://x'": "server.base_url: is not an http or https address",
    "[oidc]\nissuer = 'http://x.example'\naudience = 'a'": "oidc.issuer: is not an https address",
    "[oidc]\nissuer = 'https://x.example'": "oidc.audience: is missing, and issuer is set",
    "[oidc]\naudience = 'a'": "oidc.issuer: is missing, and audience is set",
    "[server]\nbase_url = 'https://u:p@x'": "server.base_url: is not an http or https address",
    "[server]\nallowed_origins = ['*']": 'server.allowed_origins: "*" is not an origin like https://host:port',
    "[server]\nallowed_origins = ['https://a.example/x']": "server.allowed_origins: ",
    "[egress]\nallow = ['http://a']": 'egress.allow: "http://a" is not a host name or an address',
    "[limits]\nstreams = -1": "limits.streams: got -1; expected a whole number from 0",
    "[limits]\nbody_timeout_s = 0": "limits.body_timeout_s: got 0; expected seconds",
    "[dialects]\nenabled = ['No!']": 'dialects.enabled: "No!" is not a dialect\'s name',
    "[dialects.prefix]\nnative = 'x'": 'dialects.prefix: native = "x" is not a path like /lobby',
    "[dialects.product_version]\nnative = '24'": 'dialects.product_version: native = "24" is not a version',
    "[cors]\nallow_origins = ['null']": 'cors.allow_origins: "null" is not an origin',
    "[cors]\nallow_headers = ['a b']": 'cors.allow_headers: "a b" is not a name of HTTP',
    "[dialects.host]\nnative = 'x:80'": 'dialects.host: native = "x:80" is not a host name',
}


@pytest.mark.parametrize("text", FILE_FAULTS, ids=lambda text: text.replace("\n", " "))
def test_a_wrong_setting_in_the_file_is_refused_by_name(text: str, tmp_path: Path) -> None:
    assert refusal(written(tmp_path, text), {}).startswith(FILE_FAULTS[text])


ENVIRONMENT_FAULTS = {
    ("GATEBOOK_SERVER_PORT", "abc"): 'got "abc"; expected a port from 1 to 65535, or 0 for any free one',
    ("GATEBOOK_SERVER_PROT", "1"): "unknown setting; did you mean GATEBOOK_SERVER_PORT?",
    ("GATEBOOK_XYZZY", "1"): "unknown setting; known here: GATEBOOK_SERVER_HOST, ",
    ("GATEBOOK_SERVER_TRUSTED_PROXIES", "10.0.0.1/8"): "10.0.0.1/8 has host bits set; expected a list of IP addresses",
    ("GATEBOOK_DIALECTS_PREFIX", "native"): 'got "native"; expected name=value, …: a path for each dialect named',
    ("GATEBOOK_DIALECTS_PREFIX", "native=n"): 'native = "n" is not a path like /lobby',
    ("GATEBOOK_STORE_URL", "sqlite://"): "has no path after sqlite:///; expected the path of a file",
}


@pytest.mark.parametrize("given", ENVIRONMENT_FAULTS, ids="=".join)
def test_a_wrong_variable_is_refused_by_name(given: tuple[str, str], tmp_path: Path) -> None:
    name, value = given

    message = refusal(written(tmp_path, ""), {name: value})

    assert message.startswith(f"{name}: {ENVIRONMENT_FAULTS[given]}")


def test_a_refusal_does_not_repeat_a_password(tmp_path: Path) -> None:
    message = refusal(written(tmp_path, ""), {"GATEBOOK_STORE_URL": "postgresql://me:hunter2@db/gatebook"})

    assert message.startswith("GATEBOOK_STORE_URL: postgresql:// is not a kind of store that is known here")
    assert "hunter2" not in message


def test_a_refusal_does_not_repeat_a_long_value_whole(tmp_path: Path) -> None:
    message = refusal(written(tmp_path, ""), {"GATEBOOK_LOG_LEVEL": "x" * 10_000})

    assert len(message) < 200


def test_a_file_that_cannot_be_read_is_refused_with_its_path(tmp_path: Path) -> None:
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b"# \xe9\n")

    assert refusal(tmp_path / "none.toml", {}).startswith(f"{tmp_path}/none.toml: cannot be read (No such file")
    assert refusal(tmp_path, {}).startswith(f"{tmp_path}: cannot be read (Is a directory)")
    assert refusal(written(tmp_path, "[server"), {}).startswith(f"{tmp_path}/gatebook.toml: is not TOML (Expected")
    assert refusal(latin, {}).startswith(f"{latin}: is not UTF-8")


class Vault(msgspec.Struct, frozen=True):
    """A part with a secret, as a later one may have."""

    key: Annotated[str, setting("a key", secret=True)] = ""
    door: Annotated[str, setting("a door")] = ""


class House(msgspec.Struct, frozen=True):
    vault: Vault = Vault()


def test_a_setting_says_whether_it_is_secret() -> None:
    assert {each.dotted: each.secret for each in known(House)} == {"vault.key": True, "vault.door": False}
