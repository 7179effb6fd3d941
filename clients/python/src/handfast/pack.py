"""Values as they are on the wire: bytes as Base64, words of the system, and what nobody knows yet."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from typing import Any, Dict, Union

__all__ = ["Other", "Word", "nothing", "pack", "pack_bytes", "pack_word", "unpack_bytes", "unpack_word"]

Word = Union[str, bytes]
"""A word of the system: an argument, a path, a variable. It need not be text."""


@dataclass(frozen=True)
class Other:
    """Something that a newer daemon says and this client does not know."""

    wire: Any
    """As it was said."""

    def to_wire(self) -> Any:
        """As it is said."""
        return self.wire


def pack(params: Dict[str, Any]) -> Dict[str, Any]:
    """Without what was not said."""
    return {name: value for name, value in params.items() if value is not None}


def pack_bytes(data: bytes) -> str:
    """Bytes as Base64."""
    return base64.b64encode(data).decode("ascii")


def unpack_bytes(text: str) -> bytes:
    """Bytes of Base64."""
    return base64.b64decode(text, validate=True)


def pack_word(word: Word) -> Any:
    """As text where it is UTF-8, else as Base64."""
    raw = word if isinstance(word, bytes) else os.fsencode(word)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": pack_bytes(raw)}


def unpack_word(wire: Any) -> Word:
    """As text where it is UTF-8, else as bytes."""
    return wire if isinstance(wire, str) else unpack_bytes(wire["base64"])


def nothing(wire: Any) -> None:
    """There is nothing to say."""
