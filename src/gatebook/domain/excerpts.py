"""What a client wrote, as a message may repeat it."""

from __future__ import annotations


def excerpt(text: str, longest: int = 64) -> str:
    """The text in quotation marks, cut at `longest` characters; what cannot be printed is shown as a question mark."""
    shown = "".join(character if character.isprintable() else "?" for character in text[:longest])
    return f'"{shown}"' if len(text) <= longest else f'"{shown}..."'
