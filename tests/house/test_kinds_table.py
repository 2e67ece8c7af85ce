"""docs/dialects/kinds.md is what the mappings say; `python -m tests.house.test_kinds_table` writes it anew."""

from __future__ import annotations

from pathlib import Path

from gatebook.dialects import doordeck, doorflow, native, smartphonekey, xprotect
from gatebook.domain.kinds import Kind

PAGE = Path(__file__).parents[2] / "docs" / "dialects" / "kinds.md"
DIALECTS = tuple(one.DIALECT for one in (native, smartphonekey, doorflow, doordeck, xprotect))
HEAD = """# Kinds by dialect

What each dialect calls each kind of event. A dash: it has no word for the kind. Several words: the method, the reason
or the tag of an event chooses. Written from the mappings by `python -m tests.house.test_kinds_table`; a test keeps it
true.
"""


def table() -> str:
    """The page."""
    rows = [f"| {' | '.join(one.name for one in DIALECTS)} |", "|---" * len(DIALECTS) + "|"]
    for kind in Kind:
        words = ["; ".join(one.kinds[kind]) if kind in one.kinds else "-" for one in DIALECTS]
        rows.append(f"| {' | '.join(words)} |")
    return HEAD + "\n" + "\n".join(rows) + "\n"


def test_the_page_says_what_the_mappings_say() -> None:
    assert PAGE.read_text() == table(), "stale: run python -m tests.house.test_kinds_table"


def test_each_dialect_has_a_word_for_a_kind_or_says_that_it_has_none() -> None:
    for one in DIALECTS:
        assert set(one.kinds) | one.unspoken == set(Kind), one.name
        assert not set(one.kinds) & one.unspoken, one.name


if __name__ == "__main__":
    PAGE.write_text(table())
