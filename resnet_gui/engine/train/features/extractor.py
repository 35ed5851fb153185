"""What frozen parts make of every picture of a set, computed once; what is behind them then learns from these numbers.

Pictures are computed as they are tested: not augmented, with the running statistics of the norms, in batches that
depend on the design alone and not on the training's, so that whoever computes them again gets the same bits.
"""

from __future__ import annotations

import copy
from collections.abc import Generator
from math import prod
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn

from resnet_gui.base.errors import InputError
from resnet_gui.design.choices import NORMS
from resnet_gui.design.structure import Plan
from resnet_gui.engine.data.loaders import Source
from resnet_gui.engine.devices import free_memory
from resnet_gui.engine.train.distributed import RankGroup
from resnet_gui.engine.train.recompute import keep_blocks_whole
from resnet_gui.engine.train.step import FORMATS
from resnet_gui.network.fusion import FUSING_ERRORS, folded, fused
from resnet_gui.network.parts import first_parts
from resnet_gui.network.resnet import ResNet
from resnet_gui.runs.folder import DataIdentity
from resnet_gui.training.memory_fit import feature_batch

EXACT: Final = 1e-6
"""Largest difference of a faster way's features from those of the network as it is, over the largest of them."""

DRAWN: Final = 4
"""Drawn pictures that a faster way is tried with; on these it must be twice as near as ``EXACT``."""

Progress = Generator[tuple[int, int], None, "FeatureTable"]
"""Pictures that are done and pictures in all, after each batch; at its end the features of all of them."""


class FeatureTable(NamedTuple):
    """The features (N, D) float32 and the labels (N,) int64 of a set's pictures, on the CPU.

    ``IGNORED`` labels a picture that could not be read, whose features mean nothing.
    """

    features: Tensor
    labels: Tensor


def feature_count(planned: Plan, frozen: int | None = None) -> int:
    """Numbers that so many frozen parts, the backbone if None, make of a picture: what the next part reads."""
    return prod(planned.input_of_part(len(planned.stages) + 1 if frozen is None else frozen))


def backbone_of(model: ResNet) -> nn.Module:
    """The network's own modules from the stem to the flattening: pictures (N, C, H, W) to features (N, D)."""
    return first_parts(model, len(model.plan.stages) + 1)


def check_room(count: int, planned: Plan, frozen: int, device: torch.device) -> None:
    """Refuse a set whose features would leave too little memory for anything else.

    Raises:
        InputError: they take more than half of what is free.
    """
    numbers = feature_count(planned, frozen)
    free = free_memory(device)[0]
    if 4 * count * numbers > free / 2:
        raise InputError(
            f"The features of {count:,} pictures, {numbers:,} numbers each, take {4e-9 * count * numbers:,.1f} GB, "
            f"more than half of the memory that is free here ({free / 1e9:,.1f} GB); train without cached features."
        )


class FeatureExtractor:
    """A backbone in evaluation mode that is ready to compute, with the normalisation of its pictures.

    The network is copied: what becomes of it later changes no features.

    Attributes:
        frozen: how many parts compute.
        batch: pictures that are computed together.
        device: where.
        way: "fused", "folded" or "plain", the fastest that gives the network's own features; the layout; the batch.
    """

    def __init__(
        self, model: ResNet, identity: DataIdentity, precision: str = "fp32", frozen: int | None = None
    ) -> None:
        """Make it ready.

        Args:
            model: a network on its device; its mode does not matter.
            identity: of the pictures, with their mean and deviation.
            precision: "fp32", "bf16" or "fp16": what the training computes in.
            frozen: how many parts compute; the backbone if None.
        """
        self.frozen = len(model.plan.stages) + 1 if frozen is None else frozen
        self.device = next(model.parameters()).device
        self.batch = feature_batch(model.plan)
        self._mean, self._std = (
            torch.tensor(values, device=self.device).view(1, -1, 1, 1) for values in (identity.mean, identity.std)
        )
        self._format = FORMATS.get(precision)
        self._network, self._layout, quick = self._fastest(model)
        last = "channels last" if self._layout == torch.channels_last else "contiguous"
        self.way = f"{quick}, {last}, {self.batch} together"

    @torch.inference_mode()
    def __call__(self, raw: Tensor) -> Tensor:
        """Pictures (N, C, H, W) uint8 on the device to features (N, D) float32; D numbers are a map, flattened."""
        return self._computed(self._network, raw, self._layout)

    def _computed(self, network: nn.Module, raw: Tensor, layout: torch.memory_format) -> Tensor:
        images = raw.float().div_(255).sub_(self._mean).div_(self._std)
        # A copy in any case: of one channel both layouts claim to be contiguous, with strides that differ.
        laid = images.clone(memory_format=layout)
        with torch.autocast(self.device.type, self._format or torch.bfloat16, enabled=self._format is not None):
            found: Tensor = network(laid)
        return found.float().flatten(1)

    @torch.inference_mode()
    def _fastest(self, model: ResNet) -> tuple[nn.Module, torch.memory_format, str]:
        """The first of the faster networks whose features of drawn pictures are those of the network as it is.

        Half precision rounds folded weights to others, so there is none for it.
        """
        whole = copy.deepcopy(model).eval()
        keep_blocks_whole(whole)
        # torch's group norm is ten times less exact in channels-last layout.
        quick = torch.contiguous_format if NORMS[model.plan.spec.norm].groups else torch.channels_last
        if self._format is not None:
            return first_parts(whole.to(memory_format=quick), self.frozen), quick, "plain"
        plain = first_parts(whole.to(memory_format=torch.contiguous_format), self.frozen)
        shape, generator = model.plan.spec.input, torch.Generator().manual_seed(0)
        raw = torch.randint(0, 256, (DRAWN, *shape), generator=generator, dtype=torch.uint8).to(self.device)
        expected = self._computed(plain, raw, torch.contiguous_format)
        for way in ("fused", "folded"):
            try:
                made = folded(whole).to(memory_format=quick)
                network = first_parts(fused(made) if way == "fused" else made, self.frozen)
                found = self._computed(network, raw, quick)
            except FUSING_ERRORS:
                continue
            if 2 * float((found - expected).abs().max()) <= EXACT * float(expected.abs().max()):
                return network, quick, way
        return plain, torch.contiguous_format, "plain"


def extracted(extractor: FeatureExtractor, source: Source, ranks: RankGroup, numbers: int) -> Progress:
    """Compute the features of a part of a set, a batch at a time; all ranks do so together and share the batches.

    Args:
        extractor: the backbone.
        source: of the pictures.
        ranks: the processes that share the work; each gets all features at the end.
        numbers: features of a picture.
    """
    total, size = len(source.labels), extractor.batch
    pieces = torch.split(torch.arange(total), size)
    mine = ranks.part(len(pieces)).tolist()
    features, labels = torch.zeros((total, numbers)), torch.zeros(total, dtype=torch.int64)
    batches = source.batches(pieces[number] for number in mine)
    # So many turns in every rank, which agree on what comes next in each.
    for turn in range(-(-len(pieces) // ranks.world)):
        if turn < len(mine):
            raw, theirs = next(batches)
            features[pieces[mine[turn]]] = extractor(raw).cpu()
            labels[pieces[mine[turn]]] = theirs.cpu()
        yield min(total, (turn + 1) * size * ranks.world), total
    return FeatureTable(ranks.sum(features), ranks.sum(labels))
