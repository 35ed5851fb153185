"""What PySide imports and hardly ever uses: loaded when somebody first asks it for something.

PySide's signatures serve help texts and the sentences of its errors, and the modules that it imports for them, or for
the sake of installers, serve nobody else before the first page is there. Without them it is loaded in half the time.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from types import CodeType, ModuleType
from typing import Any, Final

PYSIDES: Final = {"inspect": "", "tempfile": "", "textwrap": "", "traceback": "", "bz2": "_bz2", "lzma": "_lzma"}
"""What PySide and ``logging`` import and do not use -> what it needs that a Python may lack; "" for nothing."""

MSGSPECS: Final = dict.fromkeys(
    ("inspect", "textwrap", "platform", "msgspec.inspect", "msgspec.toml", "msgspec.yaml"), ""
)
"""The same of msgspec."""

POSTPONED: Final = frozenset(
    f"shibokensupport/signature/{name}.py"
    for name in ("errorhandler", "layout", "parser", "lib/enum_sig", "lib/pyi_generator", "lib/tool")
)
"""Files of PySide's own modules that its loader imports and does not use; ``mapping`` it looks into from C."""

KNOWN: Final = frozenset({(6, 11)})
"""Versions of PySide of which that is so, as a test finds; C code of another one may look into others too."""


class PostponedModule(ModuleType):
    """A module in the place of another, which it imports when it is first asked for something."""

    def __getattr__(self, name: str) -> object:
        # What importing itself looks for; a module that has none of it is one without a package.
        if name in ("__path__", "__file__", "__all__"):
            raise AttributeError(name)
        return getattr(_real(self), name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(_real(self), name, value)


def _real(stand_in: ModuleType) -> ModuleType:
    if sys.modules.get(stand_in.__name__) is stand_in:
        del sys.modules[stand_in.__name__]
    return importlib.import_module(stand_in.__name__)


@contextlib.contextmanager
def stand_ins(unused: Mapping[str, str]) -> Iterator[None]:
    """Meanwhile others stand in the places of unused modules; whoever imports them afterwards gets themselves."""
    placed = []
    for name, needed in unused.items():
        if name not in sys.modules and (not needed or importlib.util.find_spec(needed) is not None):
            made = sys.modules[name] = PostponedModule(name)
            placed.append(made)
    try:
        yield
    finally:
        for made in placed:
            if sys.modules.get(made.__name__) is made:
                del sys.modules[made.__name__]


def load_msgspec() -> None:
    """Import msgspec without what it imports and does not use, in a third of the time.

    Of ``typing_extensions`` it takes what Python has had itself since 3.11, and ``uuid`` asks ``platform`` for nothing
    but the system's name.
    """
    if "msgspec" in sys.modules:
        return
    with stand_ins(MSGSPECS):
        platform = sys.modules["platform"]
        if isinstance(platform, PostponedModule) and hasattr(os, "uname"):
            vars(platform)["system"] = lambda: os.uname().sysname
        extensions = sys.modules.get("typing_extensions")
        try:
            if extensions is None:
                # None is how Python is told that there is no module of a name.
                sys.modules["typing_extensions"] = None  # type: ignore[assignment]
            importlib.import_module("msgspec")
        except ImportError:
            # A later one may need it; whatever else is wrong is said by whoever imports msgspec next.
            for name in [name for name in sys.modules if name.partition(".")[0] == "msgspec"]:
                del sys.modules[name]
        finally:
            if extensions is None:
                del sys.modules["typing_extensions"]


STUB: Final = compile(
    f"import sys\n__getattr__ = sys.modules[{__name__!r}].postponed(globals())", "<postponed module>", "exec"
)
"""Code of a module that runs its own code later."""

_codes: Final[dict[str, Callable[[], CodeType]]] = {}
"""Name of a module -> what gives its code."""

_running: Final = threading.RLock()


def may_postpone(filename: str) -> bool:
    """Whether a file's module, of the PySide that is being loaded, can wait until somebody asks it for something."""
    version = getattr(sys.modules.get("PySide6"), "__version_info__", ())
    return filename in POSTPONED and version[:2] in KNOWN


def postpone(filename: str, code: Callable[[], CodeType]) -> CodeType:
    """Code that stands for that of a file until a name of its module is asked for."""
    _codes[filename.removesuffix(".py").replace("/", ".")] = code
    return STUB


def postponed(space: dict[str, Any]) -> Callable[[str], object]:
    """The ``__getattr__`` of a module whose code is run at the first name that is asked for."""
    module = space["__name__"]
    waiting = [_codes[module]]

    def find(name: str) -> object:
        if not name.startswith("__"):
            # What its code imports may ask it for something in turn, as in any circle of imports.
            with _running:
                while waiting:
                    exec(waiting.pop()(), space)  # noqa: S102 (as an importer does)
            if name in space:
                return space[name]
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return find
