"""A network whose inside can be read, with the pictures that it was last asked about."""

from __future__ import annotations

import copy
import io
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from resnet_gui.analysis.locations import find_shape
from resnet_gui.base.cache import LruCache
from resnet_gui.base.errors import InputError
from resnet_gui.design.choices import KINDS
from resnet_gui.design.plan import plan
from resnet_gui.engine.predict.classifier import ClassifierCache
from resnet_gui.engine.predict.lesions import lesion, set_branch_share
from resnet_gui.engine.predict.models import normalised
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.jobs import ModelRequest
from resnet_gui.protocol.model_request import check_branch_share

KEPT: Final = 2
"""Pictures of a network that stay ready."""


class ExplainModel:
    """A network whose inside can be read: nothing works in place, and the pictures last asked about stay ready.

    Attributes:
        network: in eval mode; no parameter of it wants a gradient.
        spec, plan: of the input that is used, which may not be the file's own.
        device: where it computes.
        loaded: the network as it was read: its labels, its preprocessing, what is said of its file.
    """

    def __init__(self, classifiers: ClassifierCache, request: ModelRequest) -> None:
        # One central crop: with ten there is no one map to lay over the picture.
        self._classifier = classifiers.get(_one_crop(request))
        self.loaded = loaded = self._classifier.loaded
        self.device = self._classifier.device
        network = lesion(loaded.model, request.lesions) if request.lesions else copy.deepcopy(loaded.model)
        for path, layer in network.plan.layers():
            if KINDS[layer.kind].in_place:
                network.get_submodule(path).inplace = False  # type: ignore[assignment]
        self.network: ResNet = network.to(self.device).requires_grad_(False)
        self.spec, self.plan = loaded.spec, plan(loaded.spec)
        self._pictures = LruCache[tuple[str, int], NDArray[np.uint8]](KEPT)

    def set_branch_share(self, share: float) -> None:
        """Have every block add so much of its branch, from now on.

        Raises:
            InputError: it is no number from 0 to 1.
        """
        check_branch_share(share)
        set_branch_share(self.network, share)

    def pixels(self, image: str) -> NDArray[np.uint8]:
        """The input that is cut out of a picture, (C, H, W) bytes.

        Raises:
            InputError: the picture cannot be read.
        """
        path = Path(image)
        try:
            key = (image, path.stat().st_mtime_ns)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise InputError(f"{image!r} cannot be read: {reason}.") from error
        return self._pictures.get_or_make(key, lambda: self._classifier.prepare(path, alone=True).pixels[0])

    def input(self, image: str) -> Tensor:
        """The normalised input (1, C, H, W)."""
        return normalised(self.pixels(image), self.loaded.preprocess, self.device)[None]

    def input_png(self, image: str) -> bytes:
        """``pixels`` as PNG."""
        pixels, buffer = self.pixels(image), io.BytesIO()
        picture = Image.fromarray(pixels[0] if len(pixels) == 1 else pixels.transpose(1, 2, 0))
        picture.save(buffer, "PNG", compress_level=1)  # quick rather than small: it goes to the window
        return buffer.getvalue()

    def check_target(self, target: int) -> None:
        """Refuse a number that is neither that of a class nor −1, which stands for the likeliest.

        Raises:
            InputError: the sentence says how many classes there are; one logit tells two apart.
        """
        classes = max(2, self.spec.classes)
        if not -1 <= target < classes:
            raise InputError(f"There is no class {target}: the network has {classes}, counted from 0.")

    def module(self, layer: str, *, flat: bool = False) -> nn.Module:
        """The module of a layer, block or stage; with ``flat`` also of a layer whose output is no map.

        Raises:
            InputError: there is none of that path.
        """
        known = flat and any(path == layer for path, _ in self.plan.layers())
        if not known and (":" in layer or find_shape(self.plan, layer) is None):
            raise InputError(f"The network has no layer '{layer}' with a map.")
        return self.network.get_submodule(layer)

    def output(self, layer: str, x: Tensor, *, flat: bool = False) -> Tensor:
        """What a layer makes of an input, (C, H, W); with ``flat`` perhaps (features,)."""
        kept: list[Tensor] = []
        handle = self.module(layer, flat=flat).register_forward_hook(lambda _m, _i, out: kept.append(out))
        try:
            self.network(x)
        finally:
            handle.remove()
        if not kept:
            raise InputError(f"'{layer}' takes no part in the answer: its branch is turned off.")
        return kept[0][0]


def _one_crop(request: ModelRequest) -> ModelRequest:
    """The same network for one central crop, whole and as trained: what reads pictures, and holds the weights."""
    return msgspec.structs.replace(request, mode="exact", views=1, lesions=(), temperature=1.0, branch_share=1.0)
