"""Between XProtect's words and ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gatebook.domain.kinds import Kind

KINDS: Final[Mapping[Kind, tuple[str, ...]]] = {}
UNSPOKEN: Final = frozenset(Kind)
