from __future__ import annotations

import base64
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatebook.domain.errors import BadInput
from gatebook.http.cursors import Binding, Cursors, HistoryCursor, LogCursor

KEY = b"k" * 32
ASKER = UUID("5e6a4c06-b290-473d-80b5-8e0dffa1d3a6")
BINDING = Binding("history", 1, b"fingerprint", ASKER)
BIG = st.integers(0, 2**63 - 1)


@given(st.builds(HistoryCursor, st.integers(-(2**63), 2**63 - 1), BIG, BIG, BIG, st.booleans(), st.booleans()))
def test_a_cursor_comes_back_as_it_was(cursor: HistoryCursor) -> None:
    cursors = Cursors(KEY)

    text = cursors.seal(cursor, BINDING)

    assert cursors.open(text, BINDING, HistoryCursor) == cursor


@given(st.integers(0, 2**63 - 1))
def test_a_cursor_shows_neither_its_place_nor_that_it_is_the_same(seq: int) -> None:
    cursors = Cursors(KEY)

    one, other = cursors.seal(LogCursor(seq), BINDING), cursors.seal(LogCursor(seq), BINDING)

    assert one != other
    assert len(one) == len(cursors.seal(HistoryCursor(0, 0, 0, 0, True), BINDING))


@pytest.mark.parametrize(
    "binding",
    [
        Binding("log", 1, b"fingerprint", ASKER),
        Binding("history", 2, b"fingerprint", ASKER),
        Binding("history", 1, b"another", ASKER),
        Binding("history", 1, b"fingerprint", None),
    ],
    ids=["another purpose", "another organisation", "another filter", "another principal"],
)
def test_a_cursor_is_good_for_its_own_question_only(binding: Binding) -> None:
    cursors = Cursors(KEY)
    text = cursors.seal(LogCursor(7), BINDING)

    with pytest.raises(BadInput) as refusal:
        cursors.open(text, binding, LogCursor, "after")

    assert refusal.value.field == "after"


def test_a_cursor_of_another_server_is_refused() -> None:
    text = Cursors(b"x" * 32).seal(LogCursor(7), BINDING)

    with pytest.raises(BadInput):
        Cursors(KEY).open(text, BINDING, LogCursor)


@given(st.data())
def test_no_altered_cursor_is_taken(data: st.DataObject) -> None:
    cursors = Cursors(KEY)
    token = bytearray(base64.urlsafe_b64decode(cursors.seal(LogCursor(7), BINDING) + "=="))
    at = data.draw(st.integers(0, len(token) - 1))
    token[at] ^= data.draw(st.integers(1, 255))

    with pytest.raises(BadInput):
        cursors.open(base64.urlsafe_b64encode(token).rstrip(b"=").decode(), BINDING, LogCursor)


@given(st.text(max_size=200) | st.text("ABCxyz019-_=+/ \n", max_size=700))
def test_no_text_of_others_is_taken(text: str) -> None:
    with pytest.raises(BadInput):
        Cursors(KEY).open(text, BINDING, LogCursor)


def test_a_cursor_has_one_spelling() -> None:
    cursors = Cursors(KEY)
    text = cursors.seal(LogCursor(7), BINDING)

    for other in (text + "=", text[:10] + "\n" + text[10:], text + "!"):
        with pytest.raises(BadInput):
            cursors.open(other, BINDING, LogCursor)
