"""Words to kinds and back."""

from gatebook.domain.kinds import Kind

from .schemas import Word

KINDS: dict[Kind, tuple[str, ...]] = {
    Kind.ACCESS_GRANTED: ("IN",),
    Kind.ACCESS_DENIED: ("NOT IN",),
    Kind.DOOR_FORCED: ("CRASH", "BANG"),
}
UNSPOKEN = frozenset(Kind) - frozenset(KINDS)


def words_starting(start: str) -> list[Word]:
    """All words that begin so, in alphabetical order."""
    return sorted(
        (Word(word, kind.value) for kind, words in KINDS.items() for word in words if word.startswith(start)),
        key=lambda one: one.word,
    )
