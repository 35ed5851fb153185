"""What files of each kind end in and begin with, so that no command replaces one of another kind than it writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from resnet_gui.export.layer_csv import COLUMNS


@dataclass(frozen=True)
class OutputKind:
    """A kind of file that commands write.

    Attributes:
        title: with its article, for sentences.
        endings: of its files, in small letters.
        is_one: whether a file is of this kind, by its first bytes; without regard to who wrote it.
    """

    title: str
    endings: tuple[str, ...]
    is_one: Callable[[bytes], bool]


def _begins(*beginnings: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(beginnings)


def _is_onnx(head: bytes) -> bool:
    # Field 1 of its message is the version of the format, field 2 the program that wrote it.
    return len(head) > 2 and head[0] == 0x08 and head[2] == 0x12


SVG: Final = OutputKind("an SVG", (".svg",), lambda head: b"<svg" in head)
PDF: Final = OutputKind("a PDF", (".pdf",), _begins(b"%PDF-"))
PNG: Final = OutputKind("a PNG", (".png",), _begins(b"\x89PNG"))
REPORT: Final = OutputKind("a report", (".html", ".htm"), _begins(b"<!doctype html>"))
CARD: Final = OutputKind("a card", (".json",), lambda head: b'"format": "resnet-explorer-card"' in head)


def table(*beginnings: bytes) -> OutputKind:
    """A table as CSV whose first line begins so."""
    return OutputKind("a table of this kind", (".csv",), _begins(*beginnings))


DRAWINGS: Final = {"svg": SVG, "pdf": PDF, "png": PNG}

EXPORTS: Final = DRAWINGS | {
    "python": OutputKind("an exported Python file", (".py",), _begins(b'"""', b'r"""')),
    "onnx": OutputKind("an ONNX file", (".onnx",), _is_onnx),
    "safetensors": OutputKind("a safetensors file", (".safetensors",), lambda head: head[8:9] == b"{"),
    "latex": OutputKind("a LaTeX table", (".tex",), lambda head: rb"\begin{tab" in head),
    "csv": table(",".join(COLUMNS).encode()),
    "json": OutputKind("a design", (".json",), _begins(b'{\n  "name":')),
}
"""Form of ``export`` -> the kind of its file."""
