"""What XProtect's clients send and read, field for field."""

from __future__ import annotations
