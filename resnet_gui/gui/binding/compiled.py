"""The modules that PySide carries as text, compiled once and not at every start.

PySide's own Python (``shibokensupport``: signatures, features) lies zipped in a library. Its importer has no cache, so
each process compiles it anew, 20 ms until the first page is there. Here the code is kept where Python keeps that of
this module, with the text beside it: another text, of another version of PySide, is compiled as ever.
"""

from __future__ import annotations

import builtins
import contextlib
import marshal
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import CodeType
from typing import Any, Final

from resnet_gui.base.module_cache import beside_code, read_code, write_code
from resnet_gui.gui.binding.features import skip_search
from resnet_gui.gui.binding.late import may_postpone, postpone

PREFIXES: Final = ("shibokensupport/", "signature_bootstrap.py")
"""Of the names under which PySide compiles these modules, and what loads them."""

Kept = dict[str, tuple[str | bytes, bytes]]
"""Name of a module's file -> its text, and its code as bytes."""


class CompiledSources:
    """The code of texts that were compiled before, in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        found = read_code(path)
        self._kept: Kept = found if _is_kept(found) else {}
        self._is_new = False
        self._compile: Callable[..., Any] = compile

    def compile(self, source: Any, filename: Any, mode: str, *others: Any, **options: Any) -> Any:
        """What Python's ``compile`` gives; from the file where that has the same text under this name."""
        if not (isinstance(source, str | bytes) and isinstance(filename, str) and filename.startswith(PREFIXES)):
            return self._compile(source, filename, mode, *others, **options)
        if mode != "exec" or others or options:
            return self._compile(source, filename, mode, *others, **options)
        # What comes next is imported through the module that searches, if that is here by now.
        skip_search()
        text, data = self._kept.get(filename, (b"", b""))
        if not data or text != source:
            data = marshal.dumps(self._compile(source, filename, mode))
            self._kept[filename] = (source, data)
            self._is_new = True
        code: Callable[[], CodeType] = partial(marshal.loads, data)
        return postpone(filename, code) if may_postpone(filename) else code()

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
            write_code(self._path, self._kept)


def cache_path() -> Path:
    """Where the code is kept.

    Raises:
        NotImplementedError: this Python keeps no code.
    """
    return beside_code(__file__, "pyside_support")


def _is_kept(found: object) -> bool:
    """Whether this is what is kept, and not what an older version kept under the same name."""
    return isinstance(found, dict) and all(
        isinstance(each, tuple) and len(each) == 2 and isinstance(each[1], bytes) for each in found.values()
    )


def compiled_once() -> contextlib.AbstractContextManager[None]:
    """Meanwhile PySide's own modules are taken from the file; where Python keeps no code, nothing is done."""
    try:
        return CompiledSources(cache_path()).used()
    except NotImplementedError:
        return contextlib.nullcontext()
