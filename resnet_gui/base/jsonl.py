"""One JSON document a line, whatever the line holds."""

from __future__ import annotations

from typing import TypeVar

import msgspec

T = TypeVar("T")


def encode_line(message: msgspec.Struct) -> bytes:
    """A message as one line, its end included."""
    return msgspec.json.encode(message) + b"\n"


def decode_line(decoder: msgspec.json.Decoder[T], line: bytes) -> T:
    """Decode a line.

    Raises:
        msgspec.MsgspecError: the line is not what the decoder reads; also where msgspec itself raises something else:
            for bytes that are no text, and for a line that is nested too deeply.
    """
    try:
        return decoder.decode(line)
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from error
