from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gatebook.domain.errors import BadInput
from gatebook.http.jsontext import check_json


def fit(text: bytes) -> bool:
    """The rules once more, by a plain walk over what Python reads."""
    value = json.loads(text.decode())

    def sound(one: object, depth: int) -> bool:
        if isinstance(one, str):
            return "\0" not in one and not any(0xD800 <= ord(character) < 0xE000 for character in one)
        if isinstance(one, bool) or one is None:
            return True
        if isinstance(one, int):
            return -(2**63) <= one < 2**64
        if isinstance(one, float):
            return abs(one) != float("inf")
        inner = [*one, *one.values()] if isinstance(one, dict) else list(one)  # type: ignore[call-overload]
        return depth < 64 and all(sound(each, depth + 1) for each in inner)

    return sound(value, 0)


def passes(text: bytes) -> bool:
    try:
        check_json(text)
    except BadInput:
        return False
    return True


EDGES = st.sampled_from(
    [2**63, 2**64 - 1, 2**64, -(2**63), -(2**63) - 1, 10**18, 10**19, 0.1234567890123456789, 1e308, 5e-324]
)
TEXTS = st.text(st.sampled_from('\\"[]{}ude0D8c,:- .19+\u00e9\U0001f600\ud83d\ude00\0'), max_size=30) | st.sampled_from(
    ["12345678901234567890", "0e999", ": 1e999", "481d4d6c-9156-4698-0e00-74b32f9e4359", "\\u0000", "\\\\u0000"]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | EDGES
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=600, deadline=None)
@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
@example([{"a": "]" * 70}, *[["["] * 3]], True, None)
def test_the_filters_agree_with_a_plain_walk(value: object, escaped: bool, indent: int | None) -> None:
    try:
        text = json.dumps(value, ensure_ascii=escaped, indent=indent).encode()
    except UnicodeEncodeError:
        text = json.dumps(value, indent=indent).encode()

    assert passes(text) == fit(text)


@settings(max_examples=300, deadline=None)
@given(st.integers(55, 75), TEXTS, st.booleans(), st.integers(0, 5000))
def test_depth_is_counted_outside_strings_only(depth: int, text: str, objects: bool, padding: int) -> None:
    word = json.dumps(text)
    opening, closing = ('{"a":', "}") if objects else ("[", "]")
    document = (f"[{word}," + opening * depth + word + closing * depth + f",{json.dumps('x' * padding)}]").encode()

    assert passes(document) == fit(document)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b'{"a": "\xff"}', "UTF-8"),
        (b'{"a": "\0"}', "NUL"),
        (rb'{"a": "\u0000"}', "NUL"),
        (rb'{"a": "\ud83d"}', "surrogate"),
        (rb'{"a": "\ude00\ud83d"}', "surrogate"),
        (b'{"a": 1e400}', "64 bits"),
        (b'{"a": 1E+400}', "64 bits"),
        (b'{"a":-1.5e0400}', "64 bits"),
        (b"[18446744073709551616]", "64 bits"),
        (b"123456789012345678901234567890", "64 bits"),
        (b"[12345678901234567890123, NaN]", "64 bits"),
        (b"[" * 65 + b"]" * 65, "64"),
    ],
)
def test_what_is_refused_is_told(text: bytes, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        check_json(text)


@pytest.mark.parametrize(
    "text",
    [
        rb'{"a": "\\u0000"}',
        rb'{"a": "\ud83d\ude00"}',
        rb'{"a": "\\ud83d"}',
        b'{"id": "481d4d6c-9156-4e99-0e99-74b32f9e4359", "n": 0.12345678901234567890}',
        b'["18446744073709551616", 18446744073709551615, -9223372036854775808]',
        b"[" * 64 + b"]" * 64,
        b'["' + b"[" * 100 + b'"]',
    ],
)
def test_what_only_looks_so_passes(text: bytes) -> None:
    check_json(text)


def test_each_line_is_looked_at_for_itself() -> None:
    with pytest.raises(BadInput, match="64 bits"):
        check_json(b'{"broken\n{"a": 1e400}\n', lines=True)
