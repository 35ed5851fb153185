"""The networks in what a file holds: where their tensors lie, which of several is meant, and what lies beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from torch import Tensor

from resnet_gui.base.errors import InputError
from resnet_gui.base.text import readable, shortened
from resnet_gui.checkpoints.files.program_files import is_script_object
from resnet_gui.checkpoints.files.stand_ins import Budget, DamagedPickleError, StandIn
from resnet_gui.checkpoints.files.tensor_records import TensorRecord, array_record, wrapped_record

StoredTensor = TensorRecord | Tensor

_LEAST: Final = 3
"""A dictionary with fewer tensors is not taken for a network's."""
_MOST: Final = 100_000
"""Modules and tensors of a pickled module; a few bytes can name one part a million times."""
_MOST_LOOKS: Final = 10_000_000
"""Looks at parts of whatever lies in a file; each of many objects can have the same long list."""
_MOST_DEEP: Final = 100
_MOST_STEMS: Final = 3
_LEAST_CONVOLUTIONS: Final = 4
_SHOWN: Final = 8

FOLLOWERS: Final = frozenset(
    ["ema", "swa", "average", "averaged", "avg", "shadow", "teacher", "t", "momentum", "m", "target", "k", "key",
     "discriminator", "disc", "d", "critic", "old", "previous", "initial", "init", "frozen", "reference", "ref",
     "anchor", "backup"]
)  # fmt: skip
"""Words in the key of a network that follows, teaches or judges another, and is not the one that was trained."""

COMPANIONS: Final = frozenset(
    ["optimizer", "optimizers", "optim", "hyper", "hparams", "args", "config", "cfg", "callbacks", "loss", "criterion",
     "scheduler", "message", "history"]
)  # fmt: skip
"""Words in the key of what lies beside a network."""


class StoredNetwork(msgspec.Struct, frozen=True):
    """A network in a file: its key, as ``--key`` takes it, and how many tensors it has."""

    key: str
    tensors: int


@dataclass(eq=False)
class FoundNetwork:
    """A network in a file.

    Attributes:
        trail: keys of the dictionaries that it lies in.
        state: name -> tensor.
        prefix: how its names begin in a state_dict that holds several networks; empty for one of its own.
        module: class of the whole pickled module that it is; empty for a state_dict.
        beside: names beside it, in its own dictionary and in those around it.
    """

    trail: tuple[str, ...]
    state: dict[str, StoredTensor]
    prefix: str = ""
    module: str = ""
    beside: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """How ``--key`` names it; a dot for what is the whole file."""
        return "/".join((*self.trail, *([self.prefix] if self.prefix else ()))) or "."

    @property
    def standing(self) -> int:
        """2 for what holds the weights of convolutions, 1 for other weights by name, 0 for named tensors."""
        weights = [tensor for name, tensor in self.state.items() if _is_weight(name)]
        if any(len(tensor.shape) == 4 for tensor in weights):
            return 2
        return 1 if weights or any("." in name for name in self.state) else 0

    @property
    def rank(self) -> int:
        """0 for a network that was trained, 1 for one that follows or teaches it, 2 for what lies beside."""
        words = {word for key in (*self.trail, self.prefix) for word in words_of(key)}
        return 2 if words & COMPANIONS else 1 if words & FOLLOWERS else 0


def words_of(key: str) -> list[str]:
    """``netD`` -> net, d; ``state_dict_ema`` -> state, dict, ema."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", key)]


def _is_weight(name: str) -> bool:
    part = name.rpartition(".")[2]
    return part.startswith(("weight", "original")) or part in {"kernel", "w", "W"}


def find_networks(root: object, *, several: bool = True) -> list[FoundNetwork]:
    """All that may be a network in what a file holds, the nearest to its surface first.

    A dictionary (or an object like one) with tensors by names, or a whole pickled module; of a state_dict with several
    networks each, unless ``several`` says that none has more than one.

    Raises:
        DamagedPickleError: an array has sizes that none can have, or parts are named far too often.
        InputError: a pickled module's parts lie in each other.
    """
    budget = Budget(_MOST_LOOKS)
    nodes: list[tuple[int, str, object]] = [(-1, "", root)]
    seen = {id(root)}
    found: list[FoundNetwork] = []
    signatures: set[frozenset[tuple[int, str, int]]] = set()
    for number, (_, _, value) in enumerate(nodes):
        module = value.path if isinstance(value, StandIn) and _is_module(value) else ""
        state = _module_state(value, budget) if module and isinstance(value, StandIn) else _tensors_of(value)
        if len(state) >= _LEAST:
            signature = _signature(state)
            if not signature or signature not in signatures:
                signatures.add(signature)
                trail, beside = _surroundings(nodes, number, budget)
                inside = () if module else tuple(name for name in _names_of(value) if name not in state)
                network = FoundNetwork(trail, state, module=module, beside=(*inside, *beside))
                found += split_siblings(network) if several else [network]
        for key, child in () if module else _children(value, budget):
            # A few bytes can name one dictionary a million times.
            if id(child) not in seen:
                seen.add(id(child))
                nodes.append((number, readable(str(key)), child))
    return found


def _surroundings(
    nodes: Sequence[tuple[int, str, object]], number: int, budget: Budget
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Keys of the dictionaries that a node lies in, and the names beside it there, from the outside in."""
    chain = []
    while number > 0:
        parent, key, _ = nodes[number]
        budget.spend(1 + _extent(nodes[parent][2]))
        chain.append((nodes[parent][2], key))
        number = parent
    chain.reverse()
    trail = tuple(key for _, key in chain)
    return trail, tuple(name for outside, key in chain for name in _names_of(outside) if name != key)


def _children(value: object, budget: Budget) -> Iterator[tuple[object, object]]:
    """What lies in a container and may hold tensors in turn."""
    budget.spend(_extent(value))
    if isinstance(value, dict):
        pairs: Iterator[tuple[object, object]] = iter(value.items())
    elif isinstance(value, list | tuple):
        pairs = iter(enumerate(value))
    elif isinstance(value, StandIn):
        pairs = _parts(value)
    else:
        return
    for key, child in pairs:
        if isinstance(child, dict | list | tuple | StandIn) and child and not isinstance(key, StandIn):
            yield key, child


def _extent(value: object) -> int:
    """How many parts are looked at for what lies in a container."""
    if isinstance(value, StandIn):
        states = value.state if isinstance(value.state, tuple) else (value.state,)
        inside = sum(len(state) for state in states if isinstance(state, dict))
        return len(states) + inside + len(value.items) + len(value.values) + len(value.args)
    return len(value) if isinstance(value, dict | list | tuple) else 0


def _parts(value: StandIn) -> Iterator[tuple[object, object]]:
    """What a stand-in was given: attributes, items, values, arguments."""
    states = value.state if isinstance(value.state, tuple) else (value.state,)
    for state in states:
        if isinstance(state, dict):
            yield from state.items()
        elif isinstance(state, list | tuple | StandIn):
            yield "state", state
    yield from value.items.items()
    yield from enumerate(value.values)
    yield from enumerate(value.args)


def _names_of(value: object) -> list[str]:
    match value:
        case dict():
            names: list[object] = [name for name in value if not isinstance(name, StandIn)]
        case StandIn():
            names = [name for name, _ in _parts(value) if isinstance(name, str)]
        case list() | tuple():
            names = list(range(len(value)))
        case _:
            names = []
    return [readable(str(name)) for name in names]


def stored(value: object) -> StoredTensor | None:
    """A tensor, or what holds one (an array of NumPy's, a tensor of a subclass); None for anything else.

    Raises:
        DamagedPickleError: an array has sizes that none can have.
    """
    if isinstance(value, TensorRecord | Tensor):
        return value
    try:
        return array_record(value) or wrapped_record(value)
    except ValueError as error:
        raise DamagedPickleError("an array has sizes that none can have") from error


def _tensors_of(value: object) -> dict[str, StoredTensor]:
    """The tensors by name in a dictionary, or in an object like one."""
    items = value if isinstance(value, dict) else value.items if isinstance(value, StandIn) else {}
    found = ((name, stored(entry)) for name, entry in items.items() if isinstance(name, str))
    return {readable(name): tensor for name, tensor in found if tensor is not None}


def _signature(state: Mapping[str, StoredTensor]) -> frozenset[tuple[int, str, int]]:
    """Which values a network has, to tell one that stands twice in a file."""
    storages = ((tensor.storage, tensor.offset) for tensor in state.values() if isinstance(tensor, TensorRecord))
    return frozenset((id(storage.holder), storage.key, offset) for storage, offset in storages if storage is not None)


# ---- whole pickled modules


def _is_module(found: StandIn) -> bool:
    return is_script_object(found) or (
        isinstance(found.state, dict) and {"_parameters", "_modules"} <= found.state.keys()
    )


def _module_state(module: StandIn, budget: Budget) -> dict[str, StoredTensor]:
    """The state_dict of a pickled module, as ``torch.nn.Module.state_dict`` names it.

    Raises:
        InputError: its parts lie in each other.
        DamagedPickleError: they are named far too often.
    """
    state: dict[str, StoredTensor] = {}
    visits = 0
    # The last first, so that the first comes first; what a module itself has comes before its parts.
    waiting: list[tuple[str, StandIn, int]] = [("", module, 0)]
    while waiting:
        prefix, part, depth = waiting.pop()
        tensors, parts = _module_parts(part, budget)
        visits += 1 + len(tensors)
        if depth > _MOST_DEEP or visits > _MOST:
            raise InputError(f"holds a module ({shortened(readable(module.path))}) whose parts lie in each other")
        state.update({readable(f"{prefix}{name}"): tensor for name, tensor in tensors.items()})
        waiting += [(f"{prefix}{name}.", inner, depth + 1) for name, inner in reversed(parts.items())]
    return state


def _module_parts(module: StandIn, budget: Budget) -> tuple[dict[str, StoredTensor], dict[str, StandIn]]:
    """A module's own tensors, and the modules in it."""
    fields = module.state if isinstance(module.state, dict) else {}
    if is_script_object(module):
        budget.spend(len(fields))
        named = {str(name): value for name, value in fields.items()}
    else:
        hidden = fields.get("_non_persistent_buffers_set")
        names = (*hidden.values, *_set_of(hidden.args)) if isinstance(hidden, StandIn) else ()
        budget.spend(1 + len(names))
        without = {name for name in names if isinstance(name, str)}
        named = {}
        for group in ("_parameters", "_buffers", "_modules"):
            inside = fields.get(group)
            inside = inside.items if isinstance(inside, StandIn) else inside
            if isinstance(inside, dict):
                budget.spend(len(inside))
                left_out = without if group == "_buffers" else ()
                named |= {str(name): value for name, value in inside.items() if name not in left_out}
    tensors = {name: tensor for name, value in named.items() if (tensor := stored(value)) is not None}
    parts = {name: value for name, value in named.items() if isinstance(value, StandIn) and _is_module(value)}
    return tensors, parts


def _set_of(args: tuple[object, ...]) -> Sequence[object]:
    """What an older protocol makes a set of."""
    return args[0] if args and isinstance(args[0], list | tuple) else ()


# ---- several networks in one state_dict


def split_siblings(network: FoundNetwork) -> list[FoundNetwork]:
    """The networks of a state_dict in which several lie side by side under prefixes of their own, such as MoCo's.

    Each has a convolution of its own that reads the picture; what belongs to none by its name stays with those that
    were trained.
    """
    shapes = {name: tuple(tensor.shape) for name, tensor in network.state.items() if _is_weight(name)}
    prefixes = _sibling_prefixes(shapes)
    if len(prefixes) < 2:
        return [network]
    inner = prefixes[-1].rpartition(".")[0]
    root = f"{inner}." if inner else ""
    found = []
    groups = {name: _group(name, root) for name in network.state}
    apart = {group for name, group in groups.items() if group not in prefixes}
    heads = {group for name, group in groups.items() if group in apart and _is_weight(name)}
    for prefix in prefixes:
        if inner in prefixes:
            mine, taken = apart if prefix == inner else {prefix}, set[str]()
        else:
            mine = {prefix, *(group for group in heads if _role(group) == _role(prefix))}
            taken = apart - mine
        state = {name: tensor for name, tensor in network.state.items() if groups[name] in mine}
        beside = (*network.beside, *sorted(taken))
        found.append(FoundNetwork(network.trail, state, prefix, network.module, beside))
    return found


def _role(prefix: str) -> frozenset[str]:
    """The words of a prefix that say whom it follows."""
    return frozenset(words_of(prefix.rpartition(".")[2])) & FOLLOWERS


def _group(name: str, root: str) -> str:
    """The prefix of a name just below a root, or a name that lies elsewhere."""
    return f"{root}{name.removeprefix(root).partition('.')[0]}" if name.startswith(root) else name


def _sibling_prefixes(shapes: Mapping[str, tuple[int, ...]]) -> list[str]:
    """Prefixes of which each begins a network of its own; empty for a single network.

    Where one network lies beside the layers of another, the first prefix is what both begin with.
    """
    convolutions = {name: shape for name, shape in shapes.items() if len(shape) == 4 and shape[2] > 1}
    if not convolutions:
        return []
    channels = min(shape[1] for shape in convolutions.values())
    root = ""
    for _ in range(_MOST_DEEP):
        groups: dict[str, list[str]] = {}
        for name in convolutions:
            if name.startswith(root) and "." in name.removeprefix(root):
                groups.setdefault(_group(name, root), []).append(name)
        whole = [prefix for prefix, names in groups.items() if _is_whole(names, convolutions, channels)]
        if len(whole) != 1:
            return whole
        beside = [name for name in convolutions if name.startswith(root) and not name.startswith(f"{whole[0]}.")]
        if _is_whole(beside, convolutions, channels):
            return [root.removesuffix("."), *whole]
        root = f"{whole[0]}."
    return []


def _is_whole(names: Sequence[str], convolutions: Mapping[str, tuple[int, ...]], channels: int) -> bool:
    """Whether convolutions are those of a whole network: several, and a few of them read the picture."""
    stems = sum(convolutions[name][1] == channels for name in names)
    return len(names) >= _LEAST_CONVOLUTIONS and 0 < stems <= _MOST_STEMS


# ---- which one


@dataclass(frozen=True)
class NetworkChoice:
    """The network of a file that is read, all networks that it holds, and whether it was asked for by its key."""

    network: FoundNetwork
    networks: tuple[FoundNetwork, ...]
    asked: bool = False


def choose_network(found: Sequence[FoundNetwork], key: str) -> NetworkChoice | None:
    """The network that a key names, or that is meant without one; None if there is no network.

    The one that was trained comes before averages, teachers and momentum copies (``FOLLOWERS``) and what lies beside
    (``COMPANIONS``); among equals the one with the most tensors, then the first.

    Raises:
        InputError: no network has the key, or several; the end of a sentence that begins with the file.
    """
    if not found:
        return None
    best = max(network.standing for network in found)
    listed = [network for network in found if network.standing == best]
    if not key:
        # ``min`` keeps the first of equals.
        return NetworkChoice(min(listed, key=lambda network: (network.rank, -len(network.state))), tuple(listed))
    exact = [network for network in found if network.key == key]
    ends = exact or [network for network in found if re.split(r"[/.]", network.key)[-1] == key]
    if len(ends) == 1:
        return NetworkChoice(ends[0], tuple(listed if ends[0] in listed else (*listed, ends[0])), asked=True)
    said = "several networks" if ends else "no network"
    raise InputError(f"holds {said} of the key '{shortened(key)}'; it holds {networks_text(listed)}")


def networks_text(networks: Sequence[FoundNetwork]) -> str:
    """``model (122 tensors), model_ema (123 tensors)``."""
    shown = [f"{shortened(network.key)} ({len(network.state):,} tensors)" for network in networks[:_SHOWN]]
    more = [f"and {len(networks) - _SHOWN:,} more"] if len(networks) > _SHOWN else []
    return ", ".join(shown + more)
