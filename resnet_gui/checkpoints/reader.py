"""Reads the tensors of a checkpoint of any origin; only tensors are ever read, never a pickle's code."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Final

import msgspec
from safetensors import SafetensorError, safe_open
from torch import Tensor

from resnet_gui.base.errors import InputError
from resnet_gui.base.text import readable, shortened
from resnet_gui.checkpoints.beside import BesideValues, values_beside
from resnet_gui.checkpoints.files.distributed_files import LIST, PIECES, distributed_folder, read_distributed
from resnet_gui.checkpoints.files.foreign_files import describe_archive, describe_foreign
from resnet_gui.checkpoints.files.program_files import is_exported, is_script, read_exported
from resnet_gui.checkpoints.files.sharded_files import ShardSet, find_shards, lone_file
from resnet_gui.checkpoints.files.stand_ins import CommandError, DamagedPickleError, StandIn, UnreadableTensorError
from resnet_gui.checkpoints.files.tensor_reader import TensorReader
from resnet_gui.checkpoints.files.tensor_records import TensorRecord
from resnet_gui.checkpoints.files.torch_files import PICKLE, TorchArchive, map_file, read_stream
from resnet_gui.checkpoints.networks import (
    FoundNetwork,
    NetworkChoice,
    StoredNetwork,
    choose_network,
    find_networks,
    networks_text,
    stored,
)
from resnet_gui.checkpoints.weight_products import fold_products
from resnet_gui.network.weights import is_own, is_safetensors

RULE: Final = "the trained one comes before averages, teachers and momentum copies, then the one with the most tensors"
"""Which of several networks is read, as a sentence says it."""


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """The content of a file of weights.

    Attributes:
        state: name -> tensor, on the CPU, in the file's order.
        wrapper: keys of the dictionaries that the state_dict lay in, such as ``state_dict``.
        others: keys beside it (an optimiser's state, an epoch), which are not used.
        metadata: what a safetensors file says of itself.
        networks: all networks of the file, the one that was read among them.
        key: which of them was read.
        notes: how the file was read where that is not plain, a sentence each.
        beside: classes, mean and deviation that stand beside the weights.
    """

    state: dict[str, Tensor]
    wrapper: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    metadata: dict[str, str] = msgspec.field(default_factory=dict)
    networks: tuple[StoredNetwork, ...] = ()
    key: str = "."
    notes: tuple[str, ...] = ()
    beside: BesideValues = BesideValues()


class _FileContent(msgspec.Struct, frozen=True):
    """The content of a file before a network is looked for in it.

    Attributes:
        root: dictionaries, lists and stand-ins with tensors somewhere in them.
        notes: of the checkpoint.
        lack: what the file is if no network is found, as the end of a sentence; empty to say what ``root`` is.
        metadata: what a safetensors file says of itself.
    """

    root: object
    notes: tuple[str, ...] = ()
    lack: str = ""
    metadata: dict[str, str] = msgspec.field(default_factory=dict)


def weights_in_folder(path: Path) -> Path | None:
    """What to read of a folder that ``save_pretrained`` or ``torch.distributed.checkpoint`` wrote: a file, or all.

    None for any other folder.
    """
    several = distributed_folder(path) is not None or any(path.glob("*.index.json"))
    return lone_file(path) or (path if several else None)


def read_checkpoint(path: Path, key: str = "", *, checked: bool = True) -> Checkpoint:
    """Read the tensors of a weights file: safetensors, what ``torch.save`` writes, a set of either, and their kin.

    Args:
        path: a file; or the index or folder of a set, or one of its files.
        key: which of several networks; empty for the one that is meant (``choose_network``).
        checked: whether the values are compared with the file's checksums, which costs a pass over them; without it
            tensors are only mapped, and not read before somebody looks at them.

    Raises:
        InputError: it is missing, damaged, of another kind, holds no network, or would run a command; one sentence
            says which.
    """
    reader = TensorReader(checked)
    try:
        content = _content(path, reader)
        try:
            # A file of this program is one network, also where its widths are those of pictures.
            found = find_networks(content.root, several=not is_own(content.metadata))
            choice = choose_network(found, key)
        except InputError as error:
            raise InputError(f"{path} {error}.") from error
        if choice is None:
            said = f"holds {_kind(content.root)} and no network's weights; save a state_dict."
            raise InputError(f"{path} {content.lack or said}")
        return _checkpoint(path, content, choice, reader)
    except CommandError as error:
        raise InputError(
            f"{path} asks for '{_said(error.path)}' while it is read, which would run a command; it was refused and "
            "nothing ran; no honest weights file does so."
        ) from error
    except DamagedPickleError as error:
        raise InputError(f"{path} is cut off or damaged: {error}; copy or download it again.") from error
    except UnreadableTensorError as error:
        raise InputError(f"{path}: a part of it {error}.") from error
    except (OSError, MemoryError) as error:
        raise InputError(f"{path} cannot be read: {str(error) or type(error).__name__}.") from error


def _said(name: str) -> str:
    """A name out of a file, for a sentence."""
    return shortened("".join(letter if letter.isprintable() else "?" for letter in readable(name)), 100)


def _content(path: Path, reader: TensorReader) -> _FileContent:
    """What a path holds.

    Raises:
        InputError: nothing that can be read.
    """
    kind = _file_kind(path)
    folder = distributed_folder(path)
    if folder is not None:
        return _FileContent(
            read_distributed(folder, reader), ("The weights lie in a folder of torch.distributed.checkpoint.",)
        )
    if path.suffix == PIECES:
        raise InputError(
            f"{path} holds pieces of a torch.distributed.checkpoint folder, whose list '{LIST}' is not beside it; copy "
            "the whole folder."
        )
    lone = lone_file(path) if kind == "folder" else None
    if lone is not None:
        return _file_content(lone)
    shards = find_shards(path)
    if shards is not None:
        return _shards(shards, path)
    if kind == "folder":
        raise InputError(f"{path} is a folder, not a weights file; name the file inside.")
    return _file_content(path)


def _file_kind(path: Path) -> str:
    """Whether it is a "folder" or a "file".

    Raises:
        InputError: it is neither.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise InputError(f"There is no weights file {path}.") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
        # Opening a pipe would wait for whoever writes into it.
        raise InputError(f"{path} is a device or a pipe, not a weights file.")
    return "folder" if stat.S_ISDIR(mode) else "file"


def _file_content(path: Path) -> _FileContent:
    """What one file holds.

    Raises:
        InputError: nothing that can be read.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    if is_safetensors(head):
        return _safetensors(path)
    foreign = describe_foreign(head, path)
    if foreign:
        raise InputError(f"{path} {foreign}")
    if head[:4] == b"PK\x03\x04":
        return _archive(path)
    if path.suffix == ".safetensors":
        raise InputError(f"{path} is not a safetensors file, or is damaged: it does not begin with a header.")
    try:
        return _FileContent(read_stream(map_file(path)))
    except DamagedPickleError:
        if head.startswith(b"\x80"):
            raise
        # Pickles of Python 2's protocols begin with anything.
        raise InputError(f"{path} is no weights file: it is neither safetensors nor what torch.save writes.") from None


def _safetensors(path: Path) -> _FileContent:
    try:
        with safe_open(path, framework="pt") as file:
            metadata: dict[str, str] = file.metadata() or {}
            names = list(file.keys())
            return _FileContent({name: file.get_tensor(name) for name in names}, metadata=metadata)
    except SafetensorError as error:
        raise InputError(
            f"{path} is cut off or damaged: it is no whole safetensors file; copy or download it again."
        ) from error


def _archive(path: Path) -> _FileContent:
    """What a zip archive holds.

    Raises:
        InputError: it is cut off, another program's, or blown up by compression.
    """
    archive = TorchArchive(path, map_file(path))
    exported = is_exported(archive)
    if PICKLE not in archive.entries and not exported:
        raise InputError(f"{path} {describe_archive(archive.entries)}")
    if archive.compressed:
        raise InputError(f"{path} is compressed inside, which torch.save never does; it is not read.")
    if exported:
        note = "The file is a program of torch.export: its weights were read, and its code did not run."
        return _FileContent(read_exported(archive), (note,))
    root = archive.load()
    if not is_script(archive):
        return _FileContent(root)
    note = "The file is a TorchScript program: its tensors were read, and its code did not run."
    lack = (
        "is a TorchScript program whose weights are part of its code, which would be run to be read; save its "
        "state_dict with torch.save."
    )
    return _FileContent(root, (note,), lack)


def _shards(shards: ShardSet, path: Path) -> _FileContent:
    """What the files of a set hold together.

    Raises:
        InputError: one cannot be read, or a tensor that the index lists is in none.
    """
    state: dict[object, object] = {}
    for file in shards.files:
        content = _file_content(file)
        if not isinstance(content.root, dict):
            raise InputError(f"{file} is one part of a network in {len(shards.files)} files, and holds no tensors.")
        state |= content.root
    missing = next((name for name in shards.names if name not in state), None)
    if missing is not None:
        raise InputError(f"{path}: tensor '{_said(missing)}' is in none of the {len(shards.files)} files.")
    return _FileContent(state, (f"The network lies in {len(shards.files)} files, and all were read.",))


def _kind(found: object) -> str:
    """What was found instead of a network."""
    match found:
        case list() | tuple() if found and all(stored(entry) is not None for entry in found):
            return f"a list of {len(found):,} {'tensor' if len(found) == 1 else 'tensors'} without names"
        case _ if stored(found) is not None:
            return "a single tensor"
        case StandIn(path=path):
            return f"an object of '{_said(path)}'"
        case dict() | list() | tuple():
            return f"a {type(found).__name__}"
        case str() | bytes():
            return "a text"
        case None:
            return "nothing"
    return "a number"


def _checkpoint(path: Path, content: _FileContent, choice: NetworkChoice, reader: TensorReader) -> Checkpoint:
    """The network that was chosen, its tensors read.

    Raises:
        InputError: one of them cannot be read, or does not fit another.
    """
    network = choice.network
    state = {name: _tensor(name, value, path, reader) for name, value in network.state.items()}
    try:
        state, products = fold_products(state)
    except InputError as error:
        raise InputError(f"{path}: {error}.") from error
    networks = tuple(StoredNetwork(found.key, len(found.state)) for found in choice.networks)
    return Checkpoint(
        state=state, wrapper=network.trail, others=_others(network, choice.networks), metadata=content.metadata,
        networks=networks, key=network.key, notes=(*content.notes, *_network_notes(choice), *products),
        beside=values_beside(content.root, network.trail),
    )  # fmt: skip


def _others(network: FoundNetwork, networks: tuple[FoundNetwork, ...]) -> tuple[str, ...]:
    """Names beside a network without those of other networks, which a note names."""
    keys = {part for other in networks if other is not network for part in (*other.trail, other.prefix)}
    return tuple(name for name in network.beside if name not in keys)


def _network_notes(choice: NetworkChoice) -> list[str]:
    """What is worth knowing of how a network lies in its file."""
    network, networks = choice.network, choice.networks
    notes = []
    if len(networks) > 1:
        why = "as asked" if choice.asked else f"{RULE}; --key reads another"
        notes.append(
            f"The file holds {len(networks)} networks, {networks_text(networks)}: '{network.key}' was read ({why})."
        )
    if network.module and not network.module.startswith("__torch__."):
        notes.append(f"The file holds a whole pickled module ({_said(network.module)}): its code did not run.")
    arrays = sum(isinstance(tensor, TensorRecord) and tensor.array for tensor in network.state.values())
    if arrays:
        notes.append(f"{arrays} of its tensors are arrays of NumPy's.")
    return notes


def _tensor(name: str, value: TensorRecord | Tensor, path: Path, reader: TensorReader) -> Tensor:
    """The values of a tensor.

    Raises:
        InputError: it is sparse, quantised, without data, or a few bytes that claim to be many.
    """
    if isinstance(value, Tensor):
        return value.detach()
    try:
        return reader.tensor(value)
    except UnreadableTensorError as error:
        raise InputError(f"{path}: tensor '{_said(name)}' {error}.") from error
    except (RuntimeError, TypeError, OverflowError) as error:
        raise InputError(f"{path}: tensor '{_said(name)}' has an impossible form; the file is damaged.") from error
