"""What weights can be begun from by name, and which of them a design has the stem and stages of."""

from __future__ import annotations

from typing import Final, NamedTuple

from resnet_gui.data.weights_catalogue import SHIPPED, SHIPPED_TOP1, WEIGHTS, published_file
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.gui.kit.format import percent

_COMPARED: Final = tuple(name for name in ResNetSpec.__struct_fields__ if name not in {"input", "classes"})


class NamedWeights(NamedTuple):
    """Weights that have a name: it, a line for people, whether they are here, and whether a design could take them."""

    name: str
    title: str
    here: bool
    fits: bool


def named_weights(spec: ResNetSpec) -> list[NamedWeights]:
    """All weights by name, those that a design may begin from first, and of these the ones that are here."""
    found = [
        NamedWeights(
            weights.name,
            f"{PRESETS[weights.function].title}, {weights.version}, {percent(weights.top1 / 100, 2)}",
            published_file(weights.name).is_file(),
            _alike(spec, PRESETS[weights.function].spec),
        )
        for weights in WEIGHTS.values()
    ]
    inside = PRESETS["resnet20"]
    title = f"{inside.title} inside, CIFAR-10, {percent(SHIPPED_TOP1, 2)}"
    found.append(NamedWeights(SHIPPED, title, here=True, fits=_alike(spec, inside.spec)))
    return sorted(found, key=lambda each: (not each.fits, not each.here))


def _alike(ours: ResNetSpec, theirs: ResNetSpec) -> bool:
    """Whether stem and stages are the same at first sight; the engine compares them tensor by tensor."""
    return all(getattr(ours, name) == getattr(theirs, name) for name in _COMPARED)
