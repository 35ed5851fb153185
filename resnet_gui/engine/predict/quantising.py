"""Whether a network may answer in 8 bits: calibrated on pictures, compared with its exact answers, and remembered."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import assets, data_folder, write_atomic
from resnet_gui.engine.data.pictures import prepare
from resnet_gui.engine.predict.models import LoadedModel, normalised
from resnet_gui.network.activation_ranges import ActivationRanges, activation_ranges
from resnet_gui.network.block import Block
from resnet_gui.network.quantised import QUANTISING_ERRORS, quantised, weight_steps
from resnet_gui.network.resnet import ResNet

CALIBRATED: Final = 64
"""Views that ranges are measured on."""

COMPARED: Final = 200
"""Further views, on which the likeliest class is compared with the exact answer's."""

LEAST: Final = 0.97
"""Share of them on which it must be the same."""

BATCH: Final = 16
FEW: Final = 16
"""Pictures of the user's below which the samples join them: what is measured is kept, and one picture is too little."""

FORMAT: Final = 2
"""Of what is kept; another reads none of an older one's."""

SMALLEST_CUT: Final = 0.35
"""Share of a picture's sides that a further view of it shows at least."""

Watch = Callable[[int, int], bool]
"""Is told how many views are done of how many, and says whether to go on."""


class QuantisingStopped(Exception):  # noqa: N818 (nothing failed: somebody asked for something else)
    """The end of a comparison that nobody waits for any more."""


class Int8Calibration(msgspec.Struct, frozen=True):
    """The measurements of a network in 8 bits.

    Attributes:
        ranges: of its maps.
        agreement: share of the compared views with the same likeliest class as the exact answer.
        compared: how many views.
        files: how many pictures of the user's they come from.
        samples: how many that come with the program.
    """

    ranges: ActivationRanges
    agreement: float
    compared: int
    files: int
    samples: int

    @property
    def good(self) -> bool:
        """Whether it may answer."""
        return self.agreement >= LEAST

    @property
    def words(self) -> str:
        """How much it agrees, and on what."""
        own = f"{self.files} picture{'' if self.files == 1 else 's'}" if self.files else ""
        whose = " and ".join(filter(None, (own, f"{self.samples} samples" if self.samples else "")))
        views = {True: f"{self.compared} of ", False: f"{self.compared} views of "}
        seen = self.files + self.samples
        counted = "" if seen == self.compared else views[seen > self.compared]
        return f"{self.agreement:.1%} of {counted}{whose} answered as exact"


class Calibrating(NamedTuple):
    """The pictures of the user's to compare on, samples where there are none, and who watches."""

    pictures: tuple[Path, ...] = ()
    watch: Watch = lambda _done, _total: True


class Quantising:
    """The question whether a network answers faster, and well, in 8 bits."""

    def __init__(
        self, loaded: LoadedModel, digest: str, calibrating: Calibrating, clock: Callable[[nn.Module], float]
    ) -> None:
        """Ask of a network.

        Args:
            loaded: the network.
            digest: of its weights.
            calibrating: what to compare on.
            clock: seconds that a network takes.
        """
        self._model, self._spec, self._preprocess = loaded.model, loaded.spec, loaded.preprocess
        self._digest, self._clock = digest, clock
        self._pictures, self._watch = calibrating

    def network(self, base: Callable[[], ResNet], example: Tensor, least: float) -> tuple[ResNet | None, str]:
        """The network in 8 bits, or None, and a word on it.

        Args:
            base: makes the folded network, in fp32.
            example: an input in its layout.
            least: seconds that it must stay below.

        Raises:
            QuantisingStopped: whoever watches gave it up.
        """
        if any(module.lesioned for module in self._model.modules() if isinstance(module, Block)):
            return None, "int8 is for whole networks"
        try:
            rough = base()
            seconds = self._clock(quantised(rough, activation_ranges(rough, [example])))
        except QUANTISING_ERRORS:
            return None, "int8 is not to be had here"
        if seconds >= least:
            return None, "int8 is slower here"
        plain = not example.is_contiguous(memory_format=torch.channels_last)
        try:
            found = self._calibration(base(), torch.contiguous_format if plain else torch.channels_last)
            if not found.good:
                return None, f"int8 refused: {found.words}, {LEAST:.0%} are asked"
            return quantised(base(), found.ranges), f"int8, folded and fused: {found.words}"
        except InputError as error:
            # Answers in another format need no pictures to compare on.
            return None, str(error)
        except QUANTISING_ERRORS:
            # Maps of real pictures may overflow where those of the example did not.
            return None, "int8 is not to be had here"

    @property
    def _file(self) -> Path:
        """Where the answer is kept: it holds for these weights, this preparation, this torch and this processor."""
        what = (FORMAT, self._digest, self._spec, self._preprocess, str(torch.__version__), weight_steps(), CALIBRATED)
        return data_folder() / "int8" / f"{hashlib.sha256(msgspec.json.encode(what)).hexdigest()[:32]}.json"

    def _calibration(self, base: ResNet, layout: torch.memory_format) -> Int8Calibration:
        """Measure it, or read what was measured before."""
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=Int8Calibration)
        except (OSError, msgspec.MsgspecError):
            found = self._measured(base, layout)
        # A full or read-only disk costs the next start the same seconds, and no answer.
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(self._file, msgspec.json.encode(found))
        return found

    def _measured(self, base: ResNet, layout: torch.memory_format) -> Int8Calibration:
        views, (files, samples) = self._views()
        device, total = torch.device("cpu"), len(views) + COMPARED
        done = 0

        def batches(part: NDArray[np.uint8]) -> Iterator[Tensor]:
            nonlocal done
            for start in range(0, len(part), BATCH):
                if not self._watch(done, total):
                    raise QuantisingStopped
                taken = part[start : start + BATCH]
                yield normalised(taken, self._preprocess, device).contiguous(memory_format=layout)
                done += len(taken)

        ranges = activation_ranges(base, batches(views[:CALIBRATED]))
        exact = _likeliest(base, batches(views[CALIBRATED:]))
        made = quantised(base, ranges)
        same = float(np.mean(_likeliest(made, batches(views[CALIBRATED:])) == exact))
        self._watch(total, total)
        return Int8Calibration(ranges, same, len(exact), files, samples)

    def _views(self) -> tuple[NDArray[np.uint8], tuple[int, int]]:
        """Inputs of the network (N, C, H, W) in an order without meaning, and how many pictures and samples they show.

        Where there are fewer pictures than views, the rest are cut from them at random, some of them mirrored.
        """
        wanted = CALIBRATED + COMPARED
        samples = _samples(self._spec.input[0]) if len(self._pictures) < FEW else ()
        paths = (*self._pictures, *samples)
        spread = np.unique(np.linspace(0, len(paths) - 1, min(wanted, len(paths))).round().astype(int))
        read: list[NDArray[np.uint8]] = []
        own = 0
        for place in spread.tolist():
            try:
                read.append(prepare(paths[place], self._spec.input, self._preprocess).pixels[0])
            except InputError:
                continue  # Said where it is classified.
            own += place < len(self._pictures)
            if not self._watch(0, wanted + COMPARED):
                raise QuantisingStopped
        if not read:
            raise InputError("int8 is not compared: no picture for that can be read")
        draw = np.random.default_rng(0)
        views = [*read, *(_cut(read[number % len(read)], draw) for number in range(wanted - len(read)))]
        order = draw.permutation(len(views))
        return np.stack([views[place] for place in order]), (own, len(read) - own)


def _samples(channels: int) -> tuple[Path, ...]:
    """Pictures that come with the program: digits for a network that reads grey, else photographs."""
    return tuple(sorted((assets() / "samples").glob("*.png" if channels == 1 else "*.jpg")))


def _cut(pixels: NDArray[np.uint8], draw: np.random.Generator) -> NDArray[np.uint8]:
    """A random part of a picture (C, H, W), as large as it, mirrored or not."""
    height, width = pixels.shape[1:]
    share = draw.uniform(SMALLEST_CUT, 1.0)
    high, wide = max(1, round(height * share)), max(1, round(width * share))
    top, left = draw.integers(height - high + 1), draw.integers(width - wide + 1)
    part = torch.from_numpy(pixels[None, :, top : top + high, left : left + wide].astype(np.float32))
    whole = nn.functional.interpolate(part, (height, width), mode="bilinear", antialias=True)[0]
    made: NDArray[np.uint8] = whole.round_().clamp_(0, 255).to(torch.uint8).numpy()
    return made[:, :, ::-1] if draw.random() < 0.5 else made


@torch.inference_mode()
def _likeliest(network: nn.Module, batches: Iterator[Tensor]) -> NDArray[np.int64]:
    found: list[NDArray[np.int64]] = []
    for x in batches:
        logits: Tensor = network(x)
        found.append(logits.argmax(dim=1).numpy() if logits.shape[1] > 1 else (logits[:, 0] > 0).long().numpy())
    return np.concatenate(found)
