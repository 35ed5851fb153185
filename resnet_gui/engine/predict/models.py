"""Networks by name: runs, weights files of any origin, torchvision's weights, and the one inside."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeAlias

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from resnet_gui.base.cache import LruCache
from resnet_gui.base.errors import InputError
from resnet_gui.base.file_states import FileState, file_state
from resnet_gui.base.files import is_there
from resnet_gui.base.text import shape_text, shortened
from resnet_gui.checkpoints.files.torch_files import map_file
from resnet_gui.checkpoints.identify import Identification
from resnet_gui.checkpoints.load import NAMED, NORMALISED, LoadedWeights, load_any
from resnet_gui.checkpoints.reader import weights_in_folder
from resnet_gui.data.labels import SETS, known_labels, read_labels, suggest_labels
from resnet_gui.data.preprocessing import PREPROCESSES, Preprocess, for_channels, suggest
from resnet_gui.data.weights_catalogue import SHIPPED, WEIGHTS, published_by_name, published_file, shipped_file
from resnet_gui.design.choices import HEADS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.design.undetermined import open_fields
from resnet_gui.design.words import assignment, read_assignments
from resnet_gui.engine.checkpoint import last_network
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.weights import WeightsDigest
from resnet_gui.protocol.jobs import ModelRequest
from resnet_gui.runs.folder import BEST_FILE, LAST_FILE, RUN_FILE, read_run_info
from resnet_gui.training.start import BEST, LAST, WhichWeights

KEPT: Final = 4
"""Networks that stay in memory."""

ModelKey: TypeAlias = tuple[str, str, FileState, tuple[str, ...]]
"""Path, network, state of a file, and what was assigned to its open fields."""

SILENT: Final = frozenset({"dropout", "input"})
"""Open fields that change no answer, or that an option of its own says."""


class LoadedModel(msgspec.Struct, frozen=True, kw_only=True):
    """A network as it was read, in eval mode on the CPU, in fp32; shared by all who use it and never changed.

    Attributes:
        classes: label of each output; of a network with one logit two, the second its own.
        own: whether the file tells classes and normalisation; else they are suggestions.
        labels: name of the set of labels that was suggested; empty for the file's own.
        notices: what whoever asks should know first, a sentence each.
        opened: fields of the design that the file leaves open.
        networks, key: keys of the networks that the file holds, and of the one that this is, if they are several.
        named, normalised: whether the file itself tells names of classes, and mean and deviation.
        names: name of a tensor in the network -> name in the file, where they are not the same.
        unused: what of the file is no tensor of the network.
        lacking: biases that the file lacks; they are zero.
        digest: of its weights.
    """

    model: ResNet
    name: str
    spec: ResNetSpec
    classes: tuple[str, ...]
    preprocess: Preprocess
    own: bool
    labels: str = ""
    notes: tuple[str, ...] = ()
    data: str = ""
    top1: float = 0.0
    notices: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    key: str = ""
    named: bool = False
    normalised: bool = False
    names: dict[str, str] = {}
    unused: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    digest: WeightsDigest | None = None


def weights_file(model: str, weights: WhichWeights = BEST) -> Path:
    """The weights file that a MODEL names.

    Args:
        model: a run folder, a weights file, the network inside, or torchvision weights by name.
        weights: which of a run's: its best ones, or its last ones, which its checkpoint holds.

    Raises:
        InputError: it is none of them, or is not on this computer yet; or the last weights of what is no run are asked
            for.
    """
    if weights == LAST:
        return _last_file(model)
    path = Path(model)
    if not is_there(path):
        if model == SHIPPED:
            return shipped_file()
        if model in WEIGHTS:
            found = published_file(model)
            if not found.is_file():
                size = WEIGHTS[model].megabytes
                raise InputError(
                    f"The weights {model} are not on this computer; 'resnet-gui download {model}' fetches them "
                    f"({size:.1f} MB)."
                )
            return found
        raise InputError(
            f"There is no run folder or weights file '{shortened(model)}', and no network of that name: {SHIPPED}, "
            f"{', '.join(WEIGHTS)}."
        )
    if path.is_file():
        return path
    if not (path / RUN_FILE).is_file():
        if (inside := weights_in_folder(path)) is not None:
            return inside
        raise InputError(f"{model or 'The empty name'} is not a run folder: it has no {RUN_FILE}.")
    if not (path / BEST_FILE).is_file():
        raise InputError(f"The run {model} has no weights yet: none of its epochs is over.")
    return path / BEST_FILE


def _last_file(run: str) -> Path:
    """The checkpoint that holds a run's last weights.

    Raises:
        InputError: it is no run, or has no checkpoint yet.
    """
    folder = Path(run)
    if not is_there(folder / RUN_FILE):
        raise InputError(f"'{shortened(run)}' is not a run folder: only a run has last weights beside its best ones.")
    if not is_there(folder / LAST_FILE):
        raise InputError(f"The run {run} has no checkpoint yet: there are no last weights.")
    return folder / LAST_FILE


def open_network(path: Path, key: str = "", assigned: Sequence[str] = ()) -> LoadedModel:
    """Read a weights file of any origin.

    Args:
        path: the file.
        key: which of several networks in it.
        assigned: ``field=value`` of what its tensors leave open.

    Raises:
        InputError: it cannot be read, is damaged, or is no residual network.
    """
    published = published_by_name(path)
    with ThreadPoolExecutor(1) as pool:
        # Read while its tensors are.
        digest = pool.submit(_sha256, path) if published is not None else None
        loaded = load_any(path, key, assigned)
    genuine = digest is not None and published is not None and digest.result().startswith(published.digits)
    found, tensors = loaded.found, loaded.model.state_dict()
    lacking = tuple(name for name in tensors if name not in found.names and name.endswith(".bias"))
    return msgspec.structs.replace(
        _with_card(loaded, path, assigned, genuine=genuine),
        digest=WeightsDigest(loaded.model, loaded.sha256),
        names={name: there for name, there in found.names.items() if name != there},
        unused=tuple(line for line in found.unmatched if line.partition(" ")[0] not in lacking),
        lacking=lacking,
    )


def open_last(run: Path) -> LoadedModel:
    """The network of a run as its last checkpoint has it; of an average of the weights (``ema``), the average.

    Raises:
        InputError: it is no run, has no checkpoint, or the checkpoint is damaged.
    """
    network, info = last_network(run), read_run_info(run)
    return LoadedModel(
        model=network, name=info.name, spec=info.spec, classes=_two_labels(info.data.classes), data=info.data.name,
        own=True, named=True, normalised=True, preprocess=info.preprocess, digest=WeightsDigest(network),
    )  # fmt: skip


def _with_card(loaded: LoadedWeights, path: Path, assigned: Sequence[str], *, genuine: bool) -> LoadedModel:
    """A network that was read, with what its file, its name or its shapes tell of classes and pictures.

    ``genuine`` says whether the file has the digest of the published one of its name.
    """
    model, found, info = loaded.model, loaded.found, loaded.info
    if info is not None:
        return LoadedModel(
            model=model, name=info.name, spec=info.spec, classes=_two_labels(info.classes),
            preprocess=info.preprocess, own=True, data=info.data, top1=info.top1, named=True, normalised=True,
        )  # fmt: skip
    published = published_by_name(path)
    if published is not None and genuine:
        labels = known_labels("imagenet", found.spec.classes)
        note = f"torchvision's {published.function}, {published.version}; the file has the published SHA-256."
        return LoadedModel(
            model=model, name=published.name, spec=evolve(found.spec, input=(3, 224, 224)), classes=labels,
            preprocess=published.preprocess, own=True, notes=(note,), data="ImageNet", top1=published.top1 / 100,
            named=True, normalised=True,
        )  # fmt: skip
    spec, notes = found.spec, _notes(found)
    if published is not None:
        # First: who asks for it by name should know.
        said = f"{path.name} has the name of torchvision's {published.name}, but not its SHA-256: it is another file."
        notes = (said, *notes)
    # One logit is the second of two classes, as losses of one logit (BCEWithLogitsLoss) have it.
    count = max(2, spec.classes) if HEADS[spec.head].classifies else 0
    labels_set = "" if found.classes else suggest_labels(count)
    classes = _two_labels(found.classes) if found.classes else known_labels(labels_set, count)
    preprocess = for_channels(PREPROCESSES[suggest(spec.input, count)].preprocess, spec.input[0])
    if found.mean:
        preprocess = msgspec.structs.replace(preprocess, mean=found.mean, std=found.std)
    return LoadedModel(
        model=model, name=found.preset or path.stem, spec=spec, classes=classes,
        preprocess=preprocess, own=False, labels=labels_set, notes=notes, notices=_notices(found),
        opened=tuple(sorted((open_fields(spec) | set(read_assignments(assigned))) - SILENT)),
        networks=keys if len(keys := tuple(each.key for each in found.networks)) > 1 else (), key=found.key,
        named=bool(found.classes), normalised=bool(found.mean),
    )  # fmt: skip


def _two_labels(labels: tuple[str, ...]) -> tuple[str, ...]:
    """The labels, and of one that stands alone what it is not in front of it."""
    return (f"not {labels[0]}", *labels) if len(labels) == 1 else labels


def _notices(found: Identification) -> tuple[str, ...]:
    """What a foreign file's user should know first."""
    if found.spec.classes > 1 or not HEADS[found.spec.head].classifies:
        return found.notices
    single = "It has one logit: its sigmoid is the probability of the second of two classes, the rest is the first's."
    return (*found.notices, single)


def check_classifies(loaded: LoadedModel, model: str) -> None:
    """Refuse a network that knows no classes.

    Raises:
        InputError: it has no head.
    """
    if not HEADS[loaded.spec.head].classifies:
        raise InputError(
            f"{model} holds a network without a head, which knows no classes: there is nothing to predict or to "
            "evaluate. What is missing is the linear layer that reads its features."
        )


def _notes(found: Identification) -> tuple[str, ...]:
    """How a foreign file was understood."""
    count = len(found.names)
    first = next(iter(found.names.items()), ("", ""))
    prefix = first[1].removesuffix(first[0]) if first[1].endswith(first[0]) else ""
    removed = f", prefix “{prefix}” removed" if prefix else ""
    matched = f"all {count} tensors matched" if not found.unmatched else f"{count} tensors matched"
    return (f"{matched}{removed}", *found.unmatched, *found.undetermined)


def _sha256(path: Path) -> str:
    # In one piece: between pieces a thread would wait for its turn with Python.
    return hashlib.sha256(map_file(path)).hexdigest()


def normalised(pixels: NDArray[np.uint8], how: Preprocess, device: torch.device) -> Tensor:
    """Bytes (..., C, H, W) as a network reads them: on its device, from 0 to 1, less the mean, over the deviation."""
    mean, std = (torch.tensor(values, device=device).view(-1, 1, 1) for values in (how.mean, how.std))
    return (torch.from_numpy(pixels).to(device).float() / 255 - mean) / std


def check_preprocess(preprocess: Preprocess, channels: int) -> None:
    """Refuse a normalisation or size that cannot be computed.

    Raises:
        InputError: wrong number of channels, no numbers, a deviation of zero, or an absurd size.
    """
    for what, values in (("mean", preprocess.mean), ("std", preprocess.std)):
        if len(values) != channels:
            raise InputError(f"--{what} has {len(values)} values, but the network reads {channels} channels.")
        if not all(math.isfinite(value) and abs(value) < 1e6 for value in values):
            raise InputError(f"--{what} must be numbers between -1000000 and 1000000.")
    if min(preprocess.std) < 1e-6:
        raise InputError("--std must be above 0 in every channel, 0.000001 at least.")
    if not 0 <= preprocess.resize <= 4096:
        raise InputError(f"--resize is {preprocess.resize}; it must be from 0 to 4096 pixels.")


def adjusted(loaded: LoadedModel, request: ModelRequest) -> LoadedModel:
    """A network with the classes and the preprocessing that a request asks for.

    Raises:
        InputError: they do not fit the network, or a lesion names no block that can be turned off.
    """
    classes, labels = loaded.classes, loaded.labels
    if request.labels:
        labels = request.labels if request.labels in SETS else ""
        classes = known_labels(labels, len(classes)) if labels else read_labels(Path(request.labels))
        if loaded.spec.classes == 1:
            classes = _two_labels(classes)
        if len(classes) != len(loaded.classes):
            word = "class" if len(classes) == 1 else "classes"
            raise InputError(
                f"{request.labels} names {len(classes)} {word}, but the network has {len(loaded.classes)}."
            )
    channels = loaded.spec.input[0]
    preprocess = request.changes.applied(for_channels(request.preprocess or loaded.preprocess, channels))
    check_preprocess(preprocess, channels)
    spec = loaded.spec
    if request.input is not None:
        if request.input[0] != spec.input[0]:
            raise InputError(f"--input has {request.input[0]} channels, but the network reads {spec.input[0]}.")
        if not HEADS[spec.head].pools and request.input != spec.input:
            raise InputError(
                f"--input cannot be changed: this network reads the whole last map, so only "
                f"{shape_text(spec.input, 'x')} fits."
            )
        spec = evolve(spec, input=request.input)
    notices = loaded.notices
    if (preprocess.mean, preprocess.std) != (loaded.preprocess.mean, loaded.preprocess.std):
        notices = tuple(notice for notice in notices if not notice.startswith(NORMALISED))
    if request.labels:
        notices = tuple(notice for notice in notices if not notice.startswith(NAMED))
    return msgspec.structs.replace(
        loaded, spec=spec, classes=classes, labels=labels, preprocess=preprocess, notices=notices
    )


def taken_fields(loaded: LoadedModel, request: ModelRequest) -> tuple[str, ...]:
    """``field=value`` of what a foreign file leaves open and nobody has assigned."""
    assigned = read_assignments(request.assigned)
    return tuple(assignment(field, getattr(loaded.spec, field)) for field in loaded.opened if field not in assigned)


def open_notice(taken: Sequence[str], used: LoadedModel) -> tuple[str, ...]:
    """What whoever asks should know of that, and of labels and normalisation that were used: a sentence, or none."""
    if not taken:
        return ()
    how = used.preprocess
    mean, std = (", ".join(f"{value:.4g}" for value in values) for values in (how.mean, how.std))
    labels = f"labels {used.labels}, " if used.labels else ""
    words = f"The file leaves open, taken here: {', '.join(taken)}; {labels}mean {mean}, std {std}"
    return (f"{words}; --set FIELD=VALUE says another, 'identify' explains them.",)


class ModelCache:
    """The networks that were used last, read once as long as their files do not change."""

    def __init__(self) -> None:
        self._loaded = LruCache[ModelKey, LoadedModel](KEPT)

    def get(
        self, model: str, network: str = "", assigned: tuple[str, ...] = (), weights: WhichWeights = BEST
    ) -> tuple[ModelKey, LoadedModel]:
        """A network with a key that changes when its file does; ``network`` says which of several.

        ``assigned`` is what the file leaves open, ``weights`` which of a run's.

        Raises:
            InputError: it cannot be read, or the last weights of what is no run are asked for.
        """
        path = weights_file(model, weights)
        if weights == LAST and (network or assigned):
            raise InputError(f"The last weights of the run {model} are one network; leave out --key and --set.")
        try:
            path.stat()
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error
        key = (str(path.resolve()), network, file_state(path), assigned)
        if weights == LAST:
            return key, self._loaded.get_or_make(key, lambda: open_last(path.parent))
        return key, self._loaded.get_or_make(key, lambda: open_network(path, network, assigned))
