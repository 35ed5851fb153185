"""Weights that a file holds as factors: pruned with a mask, or under weight or spectral normalisation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import torch
from torch import Tensor

from resnet_gui.base.errors import InputError

_MOST_VALUES: Final = 2**29
"""Values that are computed; a few bytes can name one tensor a million times."""


def _masked(original: Tensor, mask: Tensor) -> Tensor:
    """As ``torch.nn.utils.prune`` computes it.

    Raises:
        ValueError: the shapes differ.
    """
    if original.shape != mask.shape:
        raise ValueError
    return mask.to(original.dtype) * original


def _weight_norm(size: Tensor, direction: Tensor) -> Tensor:
    """As ``torch.nn.utils.weight_norm`` computes it (Salimans and Kingma 2016); the sizes' shape tells the dimension.

    Raises:
        ValueError: the shapes do not fit.
    """
    wide = [place for place, edge in enumerate(size.shape) if edge != 1]
    if size.ndim not in {0, direction.ndim} or len(wide) > 1:
        raise ValueError
    if size.ndim == 0 or (not wide and direction.shape[0] != 1):
        whole: Tensor = torch.linalg.vector_norm(direction)
        return direction * (size / whole)
    place = wide[0] if wide else 0
    if size.shape[place] != direction.shape[place]:
        raise ValueError
    across = tuple(other for other in range(direction.ndim) if other != place)
    length: Tensor = torch.linalg.vector_norm(direction, dim=across, keepdim=True)
    return direction * (size / length)


def _spectral_norm(original: Tensor, left: Tensor, right: Tensor) -> Tensor:
    """As ``torch.nn.utils.spectral_norm`` computes it in evaluation mode (Miyato et al. 2018)."""
    matrix = original.flatten(1)
    return original / torch.dot(left, torch.mv(matrix, right))


_FORMS: Final[tuple[tuple[tuple[str, ...], str, Callable[..., Tensor]], ...]] = (
    (("{0}_orig", "{0}_mask"), "pruning masks", _masked),
    (("{0}_g", "{0}_v"), "weight normalisation", _weight_norm),
    (("parametrizations.{0}.original0", "parametrizations.{0}.original1"), "weight normalisation", _weight_norm),
    (("{0}_orig", "{0}_u", "{0}_v"), "spectral normalisation", _spectral_norm),
    (("parametrizations.{0}.original", "parametrizations.{0}.0._u", "parametrizations.{0}.0._v"),
     "spectral normalisation", _spectral_norm),
)  # fmt: skip
"""How torch names the factors of a weight ``{0}``, what they are of, and the weight that they give."""


def fold_products(state: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """A state_dict with the weights themselves in the places of their factors, and a sentence for each kind.

    Raises:
        InputError: factors do not fit each other; the end of a sentence that begins with the file.
    """
    folded: dict[str, Tensor] = {}
    counts: dict[str, int] = {}
    values = 0
    for name, tensor in state.items():
        product = _product(state, name)
        if product is None:
            folded[name] = tensor
            continue
        weight, names, what = product
        if weight not in folded:
            values += tensor.numel()
            if values > _MOST_VALUES:
                raise InputError(f"has more than {_MOST_VALUES:,} values in factors of weights, which no network has")
            folded[weight] = _computed(state, names, what)
            counts[what] = counts.get(what, 0) + 1
    notes = tuple(
        f"{count} of its weights {'is' if count == 1 else 'are'} computed from factors in the file ({what})."
        for what, count in counts.items()
    )
    return folded, notes


def _product(state: Mapping[str, Tensor], name: str) -> tuple[str, tuple[str, ...], str] | None:
    """The weight that a tensor is a factor of, with the names of all its factors and what they are of; None if none."""
    for factors, what, _ in _FORMS:
        for factor in factors:
            head, tail = factor.split("{0}")
            for part in ("weight", "bias"):
                end = f"{head}{part}{tail}"
                if name != end and not name.endswith(f".{end}"):
                    continue
                path = name.removesuffix(end)
                names = tuple(path + other.format(part) for other in factors)
                if all(other in state for other in names):
                    return f"{path}{part}", names, what
    return None


def _computed(state: Mapping[str, Tensor], names: tuple[str, ...], what: str) -> Tensor:
    call = next(call for factors, found, call in _FORMS if found == what and len(factors) == len(names))
    try:
        return call(*(state[name] for name in names))
    except (RuntimeError, ValueError, IndexError) as error:
        raise InputError(f"tensor '{names[0]}' does not fit its other factor '{names[1]}' ({what})") from error
