"""Refuses JSON that programs read in different ways: NUL, lone surrogates, numbers beyond 64 bits, great depth.

Syntax is the decoder's business. Each rule has a filter in C that clears nearly every body; only what it suspects is
looked at piece by piece. No filter clears what the rule forbids: `tests/http` holds them equal to a plain walk.
"""

from __future__ import annotations

import json
import math
import re
from itertools import accumulate
from typing import Any

from gatebook.domain.errors import BadInput

DEPTH_LIMIT = 64

_EVERYTHING = bytes(range(256))
_NOT_STRUCTURE = bytes(set(_EVERYTHING) - set(b'"[]{}'))
_STEPS = bytes(1 if byte in b"[{" else 255 if byte in b"]}" else 0 for byte in range(256))
_NUMBERS = bytes(48 if byte in b"0123456789" else 101 if byte in b"eE" else 120 for byte in range(256))
"""Digits become `0`, both letters of an exponent `e`, all else `x`."""
_BEFORE_A_NUMBER = frozenset(b"[{:, \t\r\n")
_LONG = b"0" * 19
_DIGITS = re.compile(b"0*")
_PLUS = re.compile(rb"[0-9][eE]\+[0-9]{3}")
_HITS_LIMIT = 4096
_PAIR = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def check_json(text: bytes, *, lines: bool = False) -> None:
    """Raise BadInput (field `body`) for text that is not fit to be stored as JSON; time is linear in its length.

    With `lines`, each line is a JSON text of its own.
    """
    try:
        text.decode()
    except UnicodeDecodeError as error:
        raise BadInput("body", f"is not UTF-8 at byte {error.start}", "send UTF-8") from error
    if b"\0" in text:
        raise BadInput("body", f"holds a NUL at byte {text.index(0)}", "leave it out")
    plain = text
    if b"\\" in text:
        plain = text.replace(b"\\\\", b"__")  # from here on, every backslash begins an escape
        _check_escapes(plain)
        plain = plain.replace(b'\\"', b"__")  # from here on, every quote begins or ends a string
    if len(plain) > 4096 or plain.count(b"[") + plain.count(b"{") > DEPTH_LIMIT:
        _check_depth(plain)
    if _numbers_suspect(text):
        for one in text.split(b"\n") if lines else [text]:
            _check_numbers(one)


def _check_escapes(plain: bytes) -> None:
    if (at := plain.find(b"\\u0000")) >= 0:
        raise BadInput("body", f"holds a NUL, escaped, at byte {at}", "leave it out")
    if (b"\\ud" in plain or b"\\uD" in plain) and (lone := _SURROGATE.search(_PAIR.sub(b"____________", plain))):
        raise BadInput("body", f"holds half a surrogate pair at byte {lone.start()}", "send both halves, or UTF-8")


def _check_depth(plain: bytes) -> None:
    """Leave only quotes and brackets; two quotes with nothing between them are a string without brackets."""
    structure = plain.translate(None, _NOT_STRUCTURE).replace(b'""', b"")
    if b'"' in structure:
        structure = b"".join(structure.split(b'"')[::2])
    steps = memoryview(structure.translate(_STEPS)).cast("b")
    if max(accumulate(steps), default=0) > DEPTH_LIMIT:
        raise BadInput("body", f"is nested deeper than {DEPTH_LIMIT}", "send flatter JSON")


def _numbers_suspect(text: bytes) -> bool:
    """Whether there may be a number of 19 digits or more, or with an exponent of three digits or more."""
    classes = text.translate(_NUMBERS)
    return (
        (b"+" in text and _PLUS.search(text) is not None)
        or _hit(text, classes, _LONG, 0, b"-")
        or _hit(text, classes, b"0e000", 1, b"0123456789.-")
    )


def _hit(text: bytes, classes: bytes, pattern: bytes, own: int, number: bytes) -> bool:
    """Whether the pattern is found where a number could stand: UUIDs, strings of digits and fractions look alike."""
    at = classes.find(pattern)
    for _ in range(_HITS_LIMIT):
        if at < 0:
            return False
        before = text[max(0, at - 40) : at + own].rstrip(number)
        if not before or before[-1] in _BEFORE_A_NUMBER:
            return True
        digits = _DIGITS.match(classes, at + len(pattern))
        at = classes.find(pattern, digits.end() if digits else at + 1)
    return True


def _check_numbers(text: bytes) -> None:
    """Read every number as it would be read; what is not JSON at all is left for the decoder to refuse."""
    try:
        json.loads(text, parse_int=_integer, parse_float=_fraction, parse_constant=_constant)
    except (ValueError, RecursionError):
        return


def _integer(digits: str) -> int:
    if len(digits) > 20 or not -(2**63) <= int(digits) < 2**64:
        raise BadInput("body", f"holds the number {digits[:24]}, which needs more than 64 bits", "send it as a string")
    return 0


def _fraction(digits: str) -> float:
    if math.isinf(float(digits)):
        raise BadInput("body", f"holds the number {digits[:24]}, which needs more than 64 bits", "send a smaller one")
    return 0.0


def _constant(word: str) -> Any:
    raise BadInput("body", f"holds {word}, which JSON has no word for", "send null, or a number")
