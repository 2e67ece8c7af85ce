"""Questions that cost less than to wake a thread for them: a few rows off an index, asked on the event loop itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Q = TypeVar("Q", bound=Callable[..., Any])


def at_a_glance(question: Q) -> Q:
    """Marks a question that one statement answers from some rows next to each other, however long the log is."""
    question.at_a_glance = True  # type: ignore[attr-defined]  # a function's own attribute, which its type cannot tell
    return question


def is_at_a_glance(question: Callable[..., Any]) -> bool:
    """Whether the question was marked so."""
    return getattr(question, "at_a_glance", False)
