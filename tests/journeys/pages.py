"""What the documentation prints: its shell blocks with the output that it shows, and JSON among other text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def values_in(text: str) -> list[Any]:
    """Every JSON object or array that stands in the text, in order."""
    found: list[Any] = []
    at = 0
    while met := re.compile(r"[\[{]").search(text, at):
        try:
            value, at = json.JSONDecoder().raw_decode(text, met.start())
        except ValueError:
            at = met.end()
        else:
            found.append(value)
    return found
