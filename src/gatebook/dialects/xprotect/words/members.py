"""Members of a body in any letter case, as the vendor's gateway takes them.

Source: "How to enable case-insensitive property name matching with System.Text.Json", learn.microsoft.com: the default
of ASP.NET Core.  Assumed: that the gateway, which runs on it, keeps to the default.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Raw, Struct


def names_of(*shapes: type[Struct]) -> Mapping[str, str]:
    """The members of these shapes by their lower-case names."""
    return {name.lower(): name for shape in shapes for name in shape.__struct_encode_fields__}


def respelled(text: bytes, names: Mapping[str, str]) -> bytes:
    """JSON with the members that are known spelt as they are known, at every depth; what cannot be read stays as it is.

    Of two spellings of one member, its own counts.
    """
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text
    found = _spelled(value, names)
    return text if found is value else msgspec.json.encode(found)


def respelled_above(text: bytes | Raw, names: Mapping[str, str]) -> bytes | Raw:
    """The same for the members of one object alone; what stands below them is left as it was sent, byte for byte."""
    try:
        told = msgspec.json.decode(text, type=dict[str, Raw])
    except msgspec.DecodeError:
        return text
    return text if _is_own(told, names) else msgspec.json.encode(_renamed(told, names))


def _spelled(value: object, names: Mapping[str, str]) -> object:
    """The very same value where nothing is to be spelt in another way."""
    if isinstance(value, list):
        items = [_spelled(item, names) for item in value]
        return value if all(new is old for new, old in zip(items, value, strict=True)) else items
    if not isinstance(value, dict):
        return value
    below = {name: _spelled(item, names) for name, item in value.items()}
    if _is_own(below, names):
        return value if all(below[name] is value[name] for name in value) else below
    return _renamed(below, names)


def _is_own(told: Iterable[str], names: Mapping[str, str]) -> bool:
    return all(names.get(name.lower(), name) == name for name in told)


def _renamed(told: Mapping[str, object], names: Mapping[str, str]) -> Mapping[str, object]:
    own_last = sorted(told, key=lambda name: names.get(name.lower()) == name)
    return {names.get(name.lower(), name): told[name] for name in own_last}
