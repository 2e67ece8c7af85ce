"""What the throwaway dialect sends and takes."""

from typing import Annotated

from msgspec import Meta, Struct


class Word(Struct, frozen=True):
    """One word, and the kind that it stands for."""

    word: str
    kind: str


class Words(Struct, frozen=True):
    """A page of words."""

    words: list[Word]
    total: int


class WordsQuery(Struct, frozen=True):
    """Which words."""

    starts_with: str = ""
    limit: Annotated[int, Meta(ge=1, le=100)] = 20


class Guess(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody's idea of what a word stands for."""

    word: str
    kind: str


class Verdict(Struct, frozen=True):
    """Whether it does."""

    right: bool


class Refusal(Struct, frozen=True):
    """How the throwaway dialect says no."""

    no: str
    number: int
