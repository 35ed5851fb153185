"""The maps of one picture between the sections of a network, computed once for all that is asked about them."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from resnet_gui.design.location import Location
from resnet_gui.network.parts import sections_of
from resnet_gui.network.resnet import ResNet

KEPT_BYTES: Final = 32 * 2**20
"""Of maps that are kept; those of ResNet-50 at 224×224 take 27 MB."""


class SectionRow:
    """The sections of a network, one after the other: 0 is the stem, then every block, then the head.

    Attributes:
        network: in eval mode, nothing of it in place.
    """

    def __init__(self, network: ResNet) -> None:
        self.network = network
        self._modules = sections_of(network)
        self._numbers = {location: number for number, (location, _) in enumerate(network.plan.sections())}

    def __len__(self) -> int:
        return len(self._modules)

    def number(self, path: str) -> int:
        """The section that makes what a path names, see ``analysis.locations``; of a stage, its last one."""
        location = Location.parse(path).without_layer()
        return self._numbers[self._whole(location)]

    def ends_section(self, path: str) -> bool:
        """Whether what a path names is all that its section makes."""
        location = Location.parse(path)
        return location.term is None and not location.layer

    def module(self, path: str) -> nn.Module:
        """The module that makes what a path names; of a stage its last block, which is the one that runs here."""
        location = self._whole(Location.parse(path))
        return self.network.get_submodule((location if location.term is None else location.without_layer()).path)

    def _whole(self, location: Location) -> Location:
        """The same place, of a stage its last block."""
        if isinstance(location.stage, int) and location.block is None:
            return self.network.plan.stages[location.stage].last_block
        return location

    def run(self, number: int, x: Tensor) -> Tensor:
        """What a section makes of what it reads, (N, C, H, W); of the last one logits (N, classes)."""
        made: Tensor = self._modules[number](x)
        return made


class PictureMaps:
    """The maps that the sections of a network read of one picture.

    Attributes:
        row: of the network.
    """

    def __init__(self, row: SectionRow, x: Tensor) -> None:
        """Begin with the normalised picture (1, C, H, W)."""
        self.row = row
        self._maps = {0: x.detach()}
        self._room = KEPT_BYTES

    def before(self, number: int) -> Tensor:
        """What a section reads, without a gradient; behind the last one, the logits (1, classes)."""
        known = max(kept for kept in self._maps if kept <= number)
        x = self._maps[known]
        with torch.no_grad():
            for section in range(known, number):
                x = self.row.run(section, x)
                self.keep(section + 1, x)
        return x

    def keep(self, number: int, x: Tensor) -> None:
        """Keep what a section reads, as long as there is room for it; nobody may write into it."""
        if number not in self._maps and x.nbytes <= self._room:
            self._room -= x.nbytes
            self._maps[number] = x.detach()

    def of_row(self, row: SectionRow, alike: int) -> PictureMaps:
        """The same picture in another network whose first sections are the very same ones; ``alike`` says how many."""
        made = PictureMaps(row, self._maps[0])
        for number, x in self._maps.items():
            if number <= alike:
                made.keep(number, x)
        return made
