"""Published designs by name, each with its source."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from resnet_gui.spec.arch import BlockKind, Design, ResNetSpec, Shortcut
from resnet_gui.spec.depth import IMAGENET_BLOCKS, blocks_for_depth
from resnet_gui.spec.errors import SpecError


class Preset(msgspec.Struct, frozen=True):
    """A named design.

    Attributes:
        name: what the command line calls it.
        title: what the window calls it.
        family: heading under which it is listed.
        source: where it is published, in one line.
    """

    name: str
    title: str
    family: str
    source: str
    spec: ResNetSpec

    @property
    def design(self) -> Design:
        """The preset as a design with its title."""
        return Design(name=self.title, spec=self.spec)


def _imagenet(depth: int, block: BlockKind) -> Preset:
    stride = ". Stride on the 3×3, as in torchvision" if block == "bottleneck" else ""
    spec = ResNetSpec(block=block, blocks=IMAGENET_BLOCKS[block][depth], widths=(64, 128, 256, 512))
    return Preset(f"resnet{depth}", f"ResNet-{depth}", "ImageNet", f"He et al. 2015, Table 1{stride}", spec)


def _cifar(depth: int, shortcut: Shortcut) -> Preset:
    spec = ResNetSpec(
        block="basic", blocks=((depth - 2) // 6,) * 3, widths=(16, 32, 64),
        shortcut=shortcut, stem="cifar", classes=10, input=(3, 32, 32),
    )  # fmt: skip
    if shortcut == "none":
        return Preset(f"plain{depth}", f"plain-{depth}", "CIFAR", "He et al. 2015, section 4.2, no shortcuts", spec)
    return Preset(f"resnet{depth}", f"ResNet-{depth} (CIFAR)", "CIFAR", "He et al. 2015, section 4.2, option A", spec)


_DIGITS = Preset(
    "digits-resnet",
    "Digits ResNet",
    "Small",
    "ResNet-14 of He et al. 2015, section 4.2, option B, for the 8×8 digits inside",
    ResNetSpec(
        block="basic",
        blocks=(2, 2, 2),
        widths=(16, 32, 64),
        shortcut="B",
        stem="cifar",
        classes=10,
        input=(1, 8, 8),
    ),
)

PRESETS: Final[dict[str, Preset]] = {
    preset.name: preset
    for preset in (
        _imagenet(18, "basic"),
        _imagenet(34, "basic"),
        _imagenet(50, "bottleneck"),
        _imagenet(101, "bottleneck"),
        _imagenet(152, "bottleneck"),
        *(_cifar(depth, "A") for depth in (20, 32, 44, 56, 110, 1202)),
        *(_cifar(depth, "none") for depth in (20, 56)),
        _DIGITS,
    )
}

DEFAULT_PRESET: Final = "resnet18"


def find_preset(name: str) -> Preset:
    """The preset of a name; case, hyphens and underscores do not matter.

    Raises:
        SpecError: there is none; the sentence offers the nearest names.
    """

    def bare(text: str) -> str:
        return text.casefold().replace("-", "").replace("_", "")

    for preset in PRESETS.values():
        if bare(preset.name) == bare(name):
            return preset
    numbered = re.fullmatch(r"(?:resnet|plain)(\d{1,9})", bare(name))
    if numbered:
        # A depth that no CIFAR network has is the likeliest slip; the sentence gives the rule.
        blocks_for_depth("cifar", "basic", int(numbered[1]))
    import difflib

    near = difflib.get_close_matches(name.casefold(), PRESETS, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    raise SpecError("preset", f"There is no preset or design file '{name}'; {hint}'resnet-gui presets' lists them.")
