"""The files that version 0.1 wrote, and what it said of them; see ``fixtures/version_0_1/README.md``."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

import msgspec

OLD: Final = Path(__file__).resolve().parent / "fixtures" / "version_0_1"
DESIGNS: Final = sorted((OLD / "designs").glob("*.json"))
FIGURES: Final[dict[str, Any]] = json.loads((OLD / "figures.json").read_text(encoding="utf-8"))


def read_json(path: Path) -> Any:
    """The document in a file."""
    return json.loads(path.read_text(encoding="utf-8"))


def kept(recorded: Any, present: object) -> Any:
    """The part of a present value that was recorded: what has joined since, such as a new field, is left out."""
    return _part(recorded, msgspec.to_builtins(present))


def _part(recorded: Any, present: Any) -> Any:
    if isinstance(recorded, dict) and isinstance(present, dict):
        return {name: _part(value, present[name]) for name, value in recorded.items() if name in present}
    if isinstance(recorded, list) and isinstance(present, list | tuple) and len(recorded) == len(present):
        return [_part(*pair) for pair in zip(recorded, present, strict=True)]
    return list(present) if isinstance(present, tuple) else present


def digest(document: object) -> str:
    """SHA-256 over a document as JSON without spaces and with sorted keys."""
    return hashlib.sha256(json.dumps(document, separators=(",", ":"), sort_keys=True).encode()).hexdigest()
