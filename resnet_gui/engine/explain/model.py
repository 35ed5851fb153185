"""A network whose inside can be read, with the pictures that it was last asked about."""

from __future__ import annotations

import copy
import io
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from resnet_gui.analysis.locations import find_shape
from resnet_gui.base.cache import LruCache
from resnet_gui.base.errors import InputError
from resnet_gui.design.choices import KINDS
from resnet_gui.design.plan import plan
from resnet_gui.engine.data.pictures import prepare
from resnet_gui.engine.devices import resolve_device
from resnet_gui.engine.explain.picture_maps import PictureMaps, SectionRow
from resnet_gui.engine.predict.classifier import ClassifierCache
from resnet_gui.engine.predict.lesions import lesion, set_branch_share
from resnet_gui.engine.predict.models import adjusted, check_classifies, normalised
from resnet_gui.network.copies import shared_copy
from resnet_gui.protocol.jobs import ModelRequest
from resnet_gui.protocol.model_request import check_branch_share

KEPT: Final = 2
"""Pictures of a network that stay ready."""


class _PictureState(NamedTuple):
    """A picture as it was read: its path, and when the file was changed."""

    path: str
    changed: int


class _SharedMaps(NamedTuple):
    """The maps of another network, whose first sections are the same."""

    maps: LruCache[_PictureState, PictureMaps]
    sections: int


class ExplainModel:
    """A network whose inside can be read: nothing works in place, and the pictures last asked about stay ready.

    Its weights are those of the network as it was read, which stay as they are.

    Attributes:
        network: in eval mode; no parameter of it wants a gradient.
        spec, plan: of the input that is used, which may not be the file's own.
        device: where it computes.
        loaded: the network as it was read: its labels, its preprocessing, what is said of its file.
    """

    def __init__(self, classifiers: ClassifierCache, request: ModelRequest) -> None:
        _, loaded = classifiers.networks.get(request.model, request.key, request.assigned, request.weights)
        check_classifies(loaded, request.model)
        self.loaded = adjusted(loaded, request)
        self.device = resolve_device(request.device)
        whole = shared_copy(loaded.model)
        for path, layer in whole.plan.layers():
            if KINDS[layer.kind].in_place:
                whole.get_submodule(path).inplace = False  # type: ignore[assignment]
        self._whole = SectionRow(whole.to(self.device))
        self.spec, self.plan = self.loaded.spec, plan(self.loaded.spec)
        self._pictures = LruCache[_PictureState, NDArray[np.uint8]](KEPT)
        self._use(SectionRow(lesion(whole, request.lesions)) if request.lesions else self._whole)

    def _use(self, row: SectionRow) -> None:
        self._row, self.network = row, row.network
        self._branch_share = 1.0
        self._maps = LruCache[_PictureState, PictureMaps](1)
        self._like: _SharedMaps | None = None

    def with_lesions(self, lesions: tuple[str, ...], *, own: bool) -> ExplainModel:
        """The same network with blocks that are left with their shortcuts; it shares weights and pictures.

        Args:
            lesions: paths of blocks.
            own: whether its branches may be scaled, for which it has modules of its own.

        Raises:
            InputError: a name is no block, or a plain block that changes the shape.
        """
        made = copy.copy(self)
        network = lesion(self._whole.network, lesions) if lesions else self._whole.network
        made._use(SectionRow(shared_copy(network) if own else network))
        if lesions and not own:
            made._like = _SharedMaps(self._maps, min(map(made._row.number, lesions)))
        return made

    def set_branch_share(self, share: float) -> None:
        """Have every block add so much of its branch, from now on.

        Raises:
            InputError: it is no number from 0 to 1.
        """
        check_branch_share(share)
        set_branch_share(self.network, share)
        if share != self._branch_share:
            self._branch_share, self._maps = share, LruCache(1)

    def pixels(self, image: str) -> NDArray[np.uint8]:
        """The input that is cut out of a picture, (C, H, W) bytes.

        Raises:
            InputError: the picture cannot be read.
        """
        return self._pixels(self._picture(image))

    def _picture(self, image: str) -> _PictureState:
        try:
            return _PictureState(image, Path(image).stat().st_mtime_ns)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise InputError(f"{image!r} cannot be read: {reason}.") from error

    def _pixels(self, picture: _PictureState) -> NDArray[np.uint8]:
        # One central crop: with ten there is no one map to lay over the picture.
        def cut() -> NDArray[np.uint8]:
            path, how = Path(picture.path), self.loaded.preprocess
            pixels: NDArray[np.uint8] = prepare(path, self.spec.input, how, views=1, alone=True).pixels[0]
            return pixels

        return self._pictures.get_or_make(picture, cut)

    def input(self, image: str) -> Tensor:
        """The normalised input (1, C, H, W)."""
        return normalised(self.pixels(image), self.loaded.preprocess, self.device)[None]

    def maps(self, image: str) -> PictureMaps:
        """What the sections of the network read of a picture; kept until another one, or another share, is asked for.

        Raises:
            InputError: the picture cannot be read.
        """
        picture = self._picture(image)
        return self._maps.get_or_make(picture, lambda: self._made_maps(picture))

    def _made_maps(self, picture: _PictureState) -> PictureMaps:
        known = self._like.maps.get(picture) if self._like is not None else None
        if self._like is not None and known is not None:
            return known.of_row(self._row, self._like.sections)
        return PictureMaps(self._row, self.input(picture.path))

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

    def check_layer(self, layer: str, *, flat: bool = False) -> None:
        """Refuse what is no path of a layer, block or stage with a map; with ``flat`` a layer need not have one.

        Raises:
            InputError: there is none of that path.
        """
        known = flat and any(path == layer for path, _ in self.plan.layers())
        if not known and (":" in layer or find_shape(self.plan, layer) is None):
            raise InputError(f"The network has no layer '{layer}' with a map.")

    def output(self, layer: str, x: Tensor, *, flat: bool = False) -> Tensor:
        """What a layer, block or stage makes of an input, (C, H, W); with ``flat`` perhaps (features,).

        Raises:
            InputError: there is none of that path, or it takes no part in the answer.
        """
        self.check_layer(layer, flat=flat)
        number = self._row.number(layer)
        for section in range(number):
            x = self._row.run(section, x)
        return self._made(layer, number, x)

    def output_on(self, layer: str, image: str, *, flat: bool = False) -> Tensor:
        """``output`` on a picture, from what is known of its maps; without a gradient.

        Raises:
            InputError: as ``output``, or the picture cannot be read.
        """
        self.check_layer(layer, flat=flat)
        number, maps = self._row.number(layer), self.maps(image)
        if self._row.ends_section(layer):
            return maps.before(number + 1)[0]
        with torch.no_grad():
            return self._made(layer, number, maps.before(number))

    def _made(self, layer: str, number: int, x: Tensor) -> Tensor:
        """What a layer makes while its section runs."""
        kept: list[Tensor] = []
        handle = self._row.module(layer).register_forward_hook(lambda _m, _i, out: kept.append(out))
        try:
            self._row.run(number, x)
        finally:
            handle.remove()
        if not kept:
            raise InputError(f"'{layer}' takes no part in the answer: its branch is turned off.")
        return kept[0][0]
