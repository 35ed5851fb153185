"""Published designs by name, each with its source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from resnet_gui.base.errors import SpecError
from resnet_gui.base.files import is_there
from resnet_gui.base.text import shortened
from resnet_gui.design.choices import ABLATIONS, ORDERS
from resnet_gui.design.depth import IMAGENET_BLOCKS, block_for_depth, blocks_for_depth
from resnet_gui.design.spec import Design, ResNetSpec, evolve, load_design


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


_WIDTHS: Final = (64, 128, 256, 512)
_BLOCK_OF: Final = {
    depth: block_for_depth("imagenet", "basic", depth) for depths in IMAGENET_BLOCKS.values() for depth in depths
}
"""Depth -> the block that an ImageNet network has at it."""


def _imagenet_spec(depth: int, **choices: object) -> ResNetSpec:
    block = _BLOCK_OF[depth]
    return evolve(ResNetSpec(block=block, blocks=IMAGENET_BLOCKS[block][depth], widths=_WIDTHS), **choices)


def _cifar_spec(depth: int, block: str = "basic", **choices: object) -> ResNetSpec:
    spec = ResNetSpec(
        block=block, blocks=blocks_for_depth("cifar", block, depth), widths=(16, 32, 64),
        shortcut="A", stem="cifar", stride_on="1x1" if block == "bottleneck" else "3x3", classes=10, input=(3, 32, 32),
    )  # fmt: skip
    return evolve(spec, **choices)


def _imagenet() -> Iterator[Preset]:
    table = "He et al. 2015, Table 1"
    for depth, block in _BLOCK_OF.items():
        if depth == 200:
            continue
        source = f"{table}; stride on the 3×3, as in torchvision" if block == "bottleneck" else f"{table}, option B"
        yield Preset(f"resnet{depth}", f"ResNet-{depth}", "ImageNet", source, _imagenet_spec(depth))
    for depth in (50, 101, 152):
        source = f"{table}; stride on the first 1×1, as the paper has it"
        spec = _imagenet_spec(depth, stride_on="1x1")
        yield Preset(f"resnet{depth}_v1", f"ResNet-{depth} v1", "ImageNet", source, spec)
    for depth, option in ((18, "A"), (34, "A"), (34, "C")):
        title, source = f"ResNet-{depth} {option}", f"He et al. 2015, section 4.1, option {option}"
        yield Preset(
            f"resnet{depth}_{option.lower()}", title, "ImageNet", source, _imagenet_spec(depth, shortcut=option)
        )
    for depth in (18, 34):
        source = "He et al. 2015, Table 2, no shortcuts"
        yield Preset(f"plain{depth}", f"plain-{depth}", "ImageNet", source, _imagenet_spec(depth, shortcut="none"))


def _relatives() -> Iterator[Preset]:
    for depth in (50, 101):
        paper = "Zagoruyko & Komodakis 2016"
        where = f"{paper}, Table 8" if depth == 50 else f"torchvision, after {paper}, section 3"
        source = f"{where}; 3×3 convolutions twice as wide"
        spec = _imagenet_spec(depth, width_per_group=128)
        yield Preset(f"wide_resnet{depth}_2", f"Wide ResNet-{depth}-2", "Wide ResNet", source, spec)
    for depth, groups, width in ((50, 32, 4), (101, 32, 8), (101, 64, 4)):
        table = "Xie et al. 2016, Table 1" if depth == 50 else "Xie et al. 2016, Table 5"
        source = f"{table if width == 4 else 'torchvision, after Xie et al. 2016, section 3'}; stride on the 3×3"
        spec = _imagenet_spec(depth, groups=groups, width_per_group=width)
        title = f"ResNeXt-{depth} {groups}×{width}d"
        yield Preset(f"resnext{depth}_{groups}x{width}d", title, "ResNeXt", source, spec)
    for depth in (18, 50):
        source = f"{'timm, after ' if depth == 18 else ''}Hu et al. 2017, Table 1; reduction 16"
        spec = _imagenet_spec(depth, se_ratio=16)
        yield Preset(f"seresnet{depth}", f"SE-ResNet-{depth}", "Squeeze-and-excitation", source, spec)
    yield Preset(
        "senet154", "SENet-154", "Squeeze-and-excitation",
        "Hu et al. 2017, details of SENet-154: halved first 1×1, 64 groups, 3×3 projections; pooling as in timm",
        _imagenet_spec(
            152, block="half_bottleneck", groups=64, width_per_group=4, se_ratio=16, stem="deep", stem_width=128,
            projection="conv3x3_where_strided",
        ),
    )  # fmt: skip
    for depth in (18, 50, 101):
        after = "" if depth == 50 else "timm, after "
        source = f"{after}He et al. 2018, section 4.2: deep stem, average-pooled projections"
        spec = _imagenet_spec(depth, stem="deep", projection="avg_pool")
        yield Preset(f"resnet{depth}d", f"ResNet-{depth}-D", "ResNet-D", source, spec)


def _cifar() -> Iterator[Preset]:
    section = "He et al. 2015, section 4.2"
    for depth in (20, 32, 44, 56, 110, 1202):
        spec = _cifar_spec(depth)
        yield Preset(f"resnet{depth}", f"ResNet-{depth} (CIFAR)", "CIFAR", f"{section}, option A", spec)
    for depth in (20, 32, 44, 56, 110):
        spec = _cifar_spec(depth, shortcut="none")
        yield Preset(f"plain{depth}", f"plain-{depth}", "CIFAR", f"{section}, no shortcuts", spec)
    # The 2016 paper's bottleneck baseline; stride on the first 1×1, as in its authors' code.
    yield Preset(
        "resnet164", "ResNet-164 (CIFAR)", "CIFAR", "He et al. 2016, Table 2, original order",
        _cifar_spec(164, "bottleneck", shortcut="B"),
    )  # fmt: skip


def _orders() -> Iterator[Preset]:
    family = "Pre-activation and orders"
    for depth, block in ((110, "basic"), (164, "bottleneck"), (1001, "bottleneck")):
        spec = _cifar_spec(depth, block, order="full_preact", shortcut="B")
        table = "Tables 2 and 4" if depth == 164 else "Table 2" if depth == 110 else "Table 4"
        source = f"He et al. 2016, {table}, Fig. 4 (e)"
        yield Preset(f"preact_resnet{depth}", f"Pre-activation ResNet-{depth}", family, source, spec)
    spec = _cifar_spec(1001, "bottleneck", shortcut="B")
    yield Preset("resnet1001", "ResNet-1001 (CIFAR)", family, "He et al. 2016, Table 3, original order", spec)
    for depth in (152, 200):
        spec = _imagenet_spec(depth, order="full_preact", stride_on="1x1")
        source = "He et al. 2016, Table 5, Fig. 4 (e)"
        yield Preset(f"preact_resnet{depth}", f"Pre-activation ResNet-{depth}", family, source, spec)
    spec = _imagenet_spec(200, stride_on="1x1")
    yield Preset("resnet200", "ResNet-200", family, "He et al. 2016, Table 5, original order", spec)
    spec = _imagenet_spec(50, order="full_preact")
    source = "He et al. 2016, Fig. 4 (e), on ResNet-50 with the stride on the 3×3, as in timm"
    yield Preset("resnetv2_50", "ResNet-50 v2", family, source, spec)
    for depth, block, shortcut in ((110, "basic", "A"), (164, "bottleneck", "B")):
        for letter, order in zip("bcd", ("bn_after_addition", "relu_before_addition", "relu_only_preact"), strict=True):
            spec = _cifar_spec(depth, block, order=order, shortcut=shortcut)
            source = f"He et al. 2016, Table 2, Fig. 4 ({letter})"
            yield Preset(f"resnet{depth}_{order}", f"ResNet-{depth}, {ORDERS[order].title}", family, source, spec)


def _ablations() -> Iterator[Preset]:
    family = "Shortcut ablations"
    spec = _cifar_spec(110, shortcut="C")
    source = "He et al. 2016, Table 1: 1×1 convolutions, which is option C"
    yield Preset("resnet110_conv1x1", "ResNet-110, 1×1 conv shortcut", family, source, spec)
    for ablation in ("scaling", "scaling_both", "exclusive_gating", "shortcut_gating", "dropout"):
        spec = _cifar_spec(110, ablation=ablation)
        title, source = f"ResNet-110, {ABLATIONS[ablation].title}", "He et al. 2016, Table 1"
        yield Preset(f"resnet110_{ablation}", title, family, source, spec)


def _wide() -> Iterator[Preset]:
    for depth, factor in ((16, 8), (28, 10), (40, 4)):
        blocks, widths = ((depth - 4) // 6,) * 3, tuple(width * factor for width in (16, 32, 64))
        spec = ResNetSpec(
            block="basic", blocks=blocks, widths=widths, order="full_preact", stem="cifar", stem_width=16,
            classes=10, input=(3, 32, 32),
        )  # fmt: skip
        source = "Zagoruyko & Komodakis 2016, Table 4, depth 6n + 4"
        yield Preset(f"wrn_{depth}_{factor}", f"WRN-{depth}-{factor}", "Wide ResNet (CIFAR)", source, spec)


def _tutorials() -> Iterator[Preset]:
    family = "Tutorials"
    for depth in (50, 101, 152):
        source = f"Tutorials' ResNet-{depth}: every convolution before a BN has a bias too"
        yield Preset(
            f"biased_resnet{depth}", f"Biased ResNet-{depth}", family, source, _imagenet_spec(depth, conv_bias=True)
        )
    yield Preset(
        "unnormalised_resnet18", "Unnormalised ResNet-18", family,
        "A tutorial's ResNet-18 without normalisation: biased convolutions, unbiased projections",
        _imagenet_spec(18, norm="none", conv_bias=True, projection_bias=False),
    )  # fmt: skip
    spec = ResNetSpec(
        block="basic", blocks=(2, 2, 2, 2), widths=(16, 32, 64, 128), strides=(2, 2, 2, 2), order="full_preact",
        stem="3x3", activated_stem=True, final_activation=False, raw_projection=True, conv_bias=True,
        head="flatten", hidden=(128,), classes=4, input=(3, 256, 256),
    )  # fmt: skip
    source = "A tutorial's network for 256×256 pictures with a hidden layer"
    yield Preset("preact_resnet22", "Pre-activation ResNet-22", family, source, spec)


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
        *_imagenet(), *_relatives(), *_cifar(), *_orders(), *_ablations(), *_wide(), *_tutorials(), _DIGITS,
    )
}  # fmt: skip

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
    numbered = re.fullmatch(r"(resnet|plain)(\d{1,9})", bare(name))
    if numbered:
        return _of_depth(numbered[1], int(numbered[2]))
    import difflib

    near = difflib.get_close_matches(shortened(name.strip().casefold()), PRESETS, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    what = f"There is no preset or design file '{shortened(name)}'"
    raise SpecError("preset", f"{what}; {hint}'resnet-gui presets' lists them.")


def find_design(text: str) -> Design:
    """A design by the name of a preset or of a file.

    Raises:
        InputError: there is none.
    """
    path = Path(text)
    is_file = path.suffix == ".json" or (is_there(path) and path.is_file())
    return load_design(path) if is_file else find_preset(text).design


def _of_depth(family: str, depth: int) -> Preset:
    """The CIFAR network of any legal depth; the ImageNet ones are all in the list.

    Raises:
        SpecError: there is none; the sentence says which depths there are.
    """
    try:
        spec = _cifar_spec(depth, shortcut="A" if family == "resnet" else "none")
    except SpecError as error:
        known = ", ".join(map(str, _BLOCK_OF))
        sentence = f"There is no {family}{depth}: ImageNet ResNets have {known} layers. {error}"
        raise SpecError("preset", sentence) from error
    title = f"ResNet-{depth} (CIFAR)" if family == "resnet" else f"plain-{depth}"
    return Preset(f"{family}{depth}", title, "CIFAR", "He et al. 2015, section 4.2, depth 6n + 2", spec)
