"""The modules that PySide carries as text, compiled once and not at every start.

PySide's own Python (``shibokensupport``: signatures, features) lies zipped in a library. Its importer has no cache, so
each process compiles it anew, 20 ms until the first page is there. Here the code is kept where Python keeps that of
this module, with the text beside it: another text, of another version of PySide, is compiled as ever.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib.util
import marshal
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType
from typing import Any, Final

PREFIXES: Final = ("shibokensupport/", "signature_bootstrap.py")
"""Of the names under which PySide compiles these modules, and what loads them."""

Kept = dict[str, tuple[str | bytes, CodeType]]
"""Name of a module's file -> its text and its code."""


class CompiledSources:
    """The code of texts that were compiled before, in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept = _read(path)
        self._is_new = False
        self._compile: Callable[..., Any] = compile

    def compile(self, source: Any, filename: Any, mode: str, *others: Any, **options: Any) -> Any:
        """What Python's ``compile`` gives; from the file where that has the same text under this name."""
        if not (isinstance(source, str | bytes) and isinstance(filename, str) and filename.startswith(PREFIXES)):
            return self._compile(source, filename, mode, *others, **options)
        if mode != "exec" or others or options:
            return self._compile(source, filename, mode, *others, **options)
        text, code = self._kept.get(filename, (b"", None))
        if code is None or text != source:
            code = self._compile(source, filename, mode)
            self._kept[filename] = (source, code)
            self._is_new = True
        return code

    @contextlib.contextmanager
    def used(self) -> Iterator[None]:
        """Have everything that is compiled meanwhile go through here, and keep what was new."""
        self._compile = builtins.compile
        setattr(builtins, "compile", self.compile)  # noqa: B010 (only for as long as PySide is loaded)
        try:
            yield
        finally:
            setattr(builtins, "compile", self._compile)  # noqa: B010
        if self._is_new and not sys.dont_write_bytecode:
            _write(self._path, self._kept)


def cache_path() -> Path:
    """Where the code is kept: beside this module's own, by the version of Python and its optimisation.

    Raises:
        NotImplementedError: this Python keeps no code.
    """
    own = Path(importlib.util.cache_from_source(__file__))
    return own.with_name(own.name.replace(Path(__file__).stem, "pyside_support", 1)).with_suffix(".code")


def _read(path: Path) -> Kept:
    """What a file keeps; nothing if it is missing, broken or of another Python."""
    magic = importlib.util.MAGIC_NUMBER
    try:
        data = path.read_bytes()
        kept = marshal.loads(data[len(magic) :]) if data.startswith(magic) else {}  # noqa: S302 (as Python's own)
    except (OSError, EOFError, ValueError, TypeError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _write(path: Path, kept: Kept) -> None:
    """Keep code, whole or not at all; where nothing can be written, the next start compiles again."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(importlib.util.MAGIC_NUMBER + marshal.dumps(kept))
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()


def compiled_once() -> contextlib.AbstractContextManager[None]:
    """Meanwhile PySide's own modules are taken from the file; where Python keeps no code, nothing is done."""
    try:
        return CompiledSources(cache_path()).used()
    except NotImplementedError:
        return contextlib.nullcontext()
