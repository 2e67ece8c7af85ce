"""The console's own files: read once, served under an address that changes with them, and so kept for ever."""

from __future__ import annotations

import gzip
from hashlib import blake2b
from importlib.resources import files
from typing import Final

from gatebook.domain.errors import NotFound
from gatebook.http import HTTPConnection, Request, Response

PATH: Final = "/console/static/{version}/{name}"
MEDIA: Final = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
FOREVER: Final = "public, max-age=31536000, immutable"
FILES: Final[dict[str, bytes]] = {
    entry.name: entry.read_bytes()
    for entry in sorted(files("gatebook.console").joinpath("static").iterdir(), key=lambda entry: entry.name)
    if entry.name.rpartition(".")[2] in MEDIA
}
PACKED: Final = {name: gzip.compress(body, mtime=0) for name, body in FILES.items()}
VERSION: Final = blake2b(b"".join(FILES.values()), digest_size=6).hexdigest()


def address_of_asset(name: str) -> str:
    """Where a file is served; KeyError for one that there is not."""
    assert name in FILES, name
    return PATH.format(version=VERSION, name=name)


def accepts_gzip(request: HTTPConnection) -> bool:
    """Whether the client takes gzip; `q=0` says that it does not."""
    told = request.headers.get("accept-encoding", "").lower().replace(" ", "").split(",")
    return any(one == "gzip" or (one.startswith("gzip;q=") and one[7:].strip("0.")) for one in told)


async def asset(request: Request) -> Response:
    """One of the files; under another version's address too, for a page that was made before an upgrade."""
    name = request.path_params["name"]
    if name not in FILES:
        raise NotFound("no such file")
    current = request.path_params["version"] == VERSION
    headers = {"Cache-Control": FOREVER if current else "no-store", "X-Content-Type-Options": "nosniff"}
    body = FILES[name]
    if accepts_gzip(request):
        body, headers["Content-Encoding"] = PACKED[name], "gzip"
    return Response(body, 200, {**headers, "Vary": "Accept-Encoding"}, MEDIA[name.rpartition(".")[2]])
