"""Files that a command writes: refused before anything is computed where they would take the place of what it reads."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import is_there
from resnet_gui.base.system_folders import system_kind
from resnet_gui.base.text import shortened
from resnet_gui.data.layouts.tables import TABLE_SUFFIXES
from resnet_gui.export.layer_csv import COLUMNS

UNREAD: Final = frozenset([".html", ".svg", ".onnx", ".py", ".tex"])
"""Endings of files that no command reads, so that one beside inputs is an earlier output."""

HEAD: Final = 4096
"""Bytes of a file that are looked at: pictures, archives and weights have a zero among them, tables have none."""

SYSTEM: Final = ("/dev", "/proc")
"""Folders of devices and pipes, such as standard output."""


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


def _begins(*starts: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(starts)


def _is_onnx(head: bytes) -> bool:
    # Field 1 of its message is the version of the format, field 2 the program that wrote it.
    return len(head) > 2 and head[0] == 0x08 and head[2] == 0x12


SVG: Final = OutputKind("an SVG", (".svg",), lambda head: b"<svg" in head)
PDF: Final = OutputKind("a PDF", (".pdf",), _begins(b"%PDF-"))
PNG: Final = OutputKind("a PNG", (".png",), _begins(b"\x89PNG"))
REPORT: Final = OutputKind("a report", (".html", ".htm"), _begins(b"<!doctype html>"))
CARD: Final = OutputKind("a card", (".json",), lambda head: b'"format": "resnet-explorer-card"' in head)


def table(*starts: bytes) -> OutputKind:
    """A table as CSV whose first line begins so."""
    return OutputKind("a table of this kind", (".csv",), _begins(*starts))


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


class OutputFile(NamedTuple):
    """A file that a command was asked to write.

    Attributes:
        option: that names it, such as ``--csv``.
        path: None where it is not asked for.
        begins: bytes with which an earlier output of the same kind begins; empty where that is not known.
        binary: whether it may replace a file that is no text.
        kind: of what is written; a file of another one is not replaced.
    """

    option: str
    path: Path | None
    begins: bytes = b""
    binary: bool = False
    kind: OutputKind | None = None


class InputPath(NamedTuple):
    """A file or folder that a command reads.

    Attributes:
        words: what it is, such as "the model".
        path: its place.
        labelled: whether it is a data set, in whose folder a table may say classes.
    """

    words: str
    path: Path
    labelled: bool = False

    def holds(self, path: Path) -> bool:
        """Whether it is a folder in which a path lies, or which it is."""
        return self.path.is_dir() and Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self.path))


def input_paths(*named: tuple[str, str | Path | None], labelled: bool = False) -> tuple[InputPath, ...]:
    """Those of the named inputs that are files or folders; names such as ``cifar10`` are neither."""
    return tuple(InputPath(words, Path(name), labelled) for words, name in named if name and is_there(Path(name)))


def check_outputs(outputs: Sequence[OutputFile], inputs: Sequence[InputPath]) -> None:
    """Refuse files that cannot be written, that two options name, or that would replace what is read.

    Within a folder that is read, a file that is there may only be replaced where it is an earlier output.

    Raises:
        InputError: which option, which file, and what to do.
    """
    before: dict[str, str] = {}
    for output in outputs:
        if output.path is None:
            continue
        check_place(output.path)
        real = os.path.realpath(output.path)
        if real in before:
            raise InputError(f"{before[real]} and {output.option} both name {output.path}; name two files.")
        before[real] = output.option
        check_replaced(output, inputs)


def check_replaced(output: OutputFile, inputs: Sequence[InputPath]) -> None:
    """Refuse a file in whose place something lies that is read, or that is of another kind than what is written.

    Raises:
        InputError: what it is, and what to do.
    """
    if output.path is None:
        return
    for each in inputs:
        _check_input(output.option, output.path, output.begins, each)
    if is_there(output.path) and not output.binary and b"\0" in _head(output.path):
        raise InputError(f"{output.option} {output.path} would replace a file that is no text; name another file.")
    _check_kind(output, output.path)


def _check_kind(output: OutputFile, path: Path) -> None:
    """Refuse to replace a file that neither ends nor begins as one of its kind; an empty one is replaced."""
    kind = output.kind
    if kind is None or path.suffix.casefold() in kind.endings or not path.is_file():
        return
    head = _head(path)
    if head and not kind.is_one(head) and not (output.begins and head.startswith(output.begins)):
        raise InputError(
            f"{output.option} {path} would replace a file that is not {kind.title}; name one that ends in "
            f"{kind.endings[0]}, or remove that file first."
        )


def check_place(path: Path) -> None:
    """Refuse a name under which no file can be written.

    Raises:
        InputError: why.
    """
    parent = path.absolute().parent
    if path.is_dir():
        raise InputError(f"{path} cannot be written: it is a folder; name a file.")
    if path.absolute().as_posix().startswith(tuple(f"{folder}/" for folder in SYSTEM)) or (
        is_there(path) and not path.is_file()
    ):
        raise InputError(f"{path} cannot be written: it is a device or a pipe; name a file.")
    _check_folder(path, parent)


def check_new_folder(option: str, folder: Path, inputs: Sequence[InputPath]) -> None:
    """Refuse a folder for pictures that cannot be made, or that is or lies in one that is read.

    Raises:
        InputError: why, and what to do.
    """
    if folder.is_file():
        raise InputError(f"{folder} is a file; {option} takes a folder, which may be new.")
    if is_there(folder) and not folder.is_dir():
        raise InputError(f"{folder} is no folder; name one, which may be new.")
    for each in inputs:
        if each.holds(folder):
            raise InputError(
                f"{option} {folder} lies in {each.words} {each.path}, which would be another one the next time; name "
                "another folder."
            )
    _check_folder(folder, folder if folder.is_dir() else folder.absolute().parent)


def check_folder_to_make(option: str, folder: Path) -> None:
    """Refuse a folder for a run or a sweep that cannot be one, before anything is loaded for it.

    Raises:
        InputError: why, and what to do.
    """
    try:
        mode = folder.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        mode = None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise InputError(f"{option} {shortened(str(folder))!r} can be no folder: {why}; name another one.") from error
    if mode is not None and not stat.S_ISDIR(mode):
        what = "a file" if stat.S_ISREG(mode) else "a device or a pipe"
        raise InputError(f"{option} {folder} is {what}, and a folder is needed; name one, which may be new.")
    if mode is None and folder.is_symlink():
        raise InputError(f"{option} {folder} is a link that leads nowhere; name a folder, which may be new.")
    nearest = next(each for each in (folder.absolute(), *folder.absolute().parents) if is_there(each))
    if not nearest.is_dir():
        raise InputError(f"{option} {folder} cannot be made: {nearest} is no folder; name another place.")
    if kind := system_kind(nearest):
        raise InputError(
            f"{option} {folder} would lie in a folder of the system ({kind}), which keeps no files; name another place."
        )
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise InputError(
            f"{option} {folder} cannot be made: nothing can be written into {nearest}; name another place."
        )


def _check_folder(path: Path, folder: Path) -> None:
    if not folder.is_dir():
        raise InputError(f"{path} cannot be written: there is no folder {folder}; make it first.")
    if not os.access(folder, os.W_OK):
        raise InputError(f"{path} cannot be written: nothing can be written into {folder}; choose another place.")


def _check_input(option: str, path: Path, begins: bytes, each: InputPath) -> None:
    """Refuse an output that is an input, or is a file of one and no earlier output, or would be read as a table."""
    if each.labelled and path.suffix.casefold() in TABLE_SUFFIXES and each.holds(path):
        raise InputError(
            f"{option} {path} lies in {each.words} {each.path}, whose tables say classes; name a file elsewhere."
        )
    if not is_there(path):
        return
    earlier = path.suffix.casefold() in UNREAD or (begins and _head(path).startswith(begins))
    if each.holds(path) and not earlier:
        raise InputError(f"{option} {path} would replace a file of {each.words} {each.path}; name another file.")
    if path.samefile(each.path):
        raise InputError(f"{option} {path} would replace {each.words}; name another file.")


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD)
    except OSError:
        return b""
