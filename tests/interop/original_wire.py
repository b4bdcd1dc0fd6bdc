"""What the client and the server of the original QUICChat share on the wire (docs/protocol.md, chat/0).

The original hands each received chunk to a JSON parser as exactly one object. These programs do the same
and count what would have been an exception there, so that a test sees a peer that writes for it wrongly.
Both speak JSON lines with the test that started them: one object a line, commands in, events out.
"""

import json
import sys
import time
from typing import Any, Callable

ALPN = "chat/0"


def tell(event: str, **fields: Any) -> None:
    """Prints one event for the test that started this program."""
    sys.stdout.write(json.dumps({"event": event, **fields}, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def pdu(kind: str, seq: int, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "seq": seq, "ts": time.time(), **fields}


def encode(value: dict[str, Any]) -> bytes:
    """One object, with no delimiter and no length."""
    return json.dumps(value).encode("utf-8")


class ChunkReader:
    """Takes each chunk as exactly one JSON object, as the original does."""

    def __init__(self, on_error: Callable[[str, bytes], None]) -> None:
        self.chunks = 0
        self.errors = 0
        self._on_error = on_error

    def take(self, chunk: bytes) -> dict[str, Any] | None:
        self.chunks += 1
        try:
            value = json.loads(chunk.decode("utf-8"))
            if not isinstance(value, dict):
                raise ValueError("not a JSON object")
            return value
        except ValueError as error:  # JSONDecodeError and UnicodeDecodeError are ValueErrors
            self.errors += 1
            self._on_error(str(error), chunk)
            return None
