"""The papers behind a design, and what they print about their networks, by the name of the preset."""

from __future__ import annotations

from typing import Final

import msgspec

from resnet_gui.design.applies import applies
from resnet_gui.design.choice import AttentionChoice, Choice
from resnet_gui.design.choices import BLOCKS, CHOICES
from resnet_gui.design.spec import ResNetSpec


class Published(msgspec.Struct, frozen=True):
    """The figures that a paper prints of a network.

    Attributes:
        where: paper and table.
        params: millions of parameters as printed; empty if not printed.
        flops: billions of "FLOPs" as printed; every paper here counts a multiply-add as one.
        error: in per cent, as printed; empty if the paper prints none for this network.
        measure: what the error is of, and ``place`` where it stands.
        first_stride: whether the paper's bottlenecks stride on their first 1×1 convolution.
    """

    where: str
    params: str = ""
    flops: str = ""
    error: str = ""
    measure: str = ""
    place: str = ""
    first_stride: bool = False

    @property
    def counts(self) -> bool:
        """Whether the paper prints parameters or FLOPs."""
        return bool(self.params or self.flops)


_K15, _K16 = "He et al. 2015", "He et al. 2016"
_WRN, _RX = "Zagoruyko & Komodakis 2016", "Xie et al. 2016"


_TOP1, _CIFAR10 = "top-1 error, ImageNet", "error on CIFAR-10"
_TEN_CROPS, _ONE_CROP, _LARGE_CROP = (f"{_TOP1}, {crops}" for crops in ("10 crops", "1 crop", "one 320×320 crop"))
_SE = "Hu et al. 2017"


def _table1(flops: str, error: str = "", tables: str = "Table 3", *, first_stride: bool = False) -> Published:
    """A network of He et al. 2015, Table 1, with its error from one of the tables behind it."""
    where = f"{_K15}, Table 1"
    if not error:
        return Published(where, flops=flops)
    place = f"{_K15}, {tables}"
    return Published(where, flops=flops, error=error, measure=_TEN_CROPS, place=place, first_stride=first_stride)


def _cifar(paper: str, table: str, error: str, params: str = "") -> Published:
    """A network whose error on CIFAR-10 a table prints."""
    where = f"{paper}, {table}"
    return Published(where, params=params, error=error, measure=_CIFAR10, place=where)


def _large(error: str) -> Published:
    """A network of He et al. 2016, Table 5."""
    where = f"{_K16}, Table 5"
    return Published(where, error=error, measure=_LARGE_CROP, place=where)


def _wide(table: str, params: str, error: str, measure: str = _CIFAR10) -> Published:
    """A wide network: parameters and error may stand in two tables."""
    errors = "Table 5" if measure == _CIFAR10 else table
    return Published(f"{_WRN}, {table}", params=params, error=error, measure=measure, place=f"{_WRN}, {errors}")


_PLAIN_AND_RESIDUAL: Final = {
    "resnet18": _table1("1.8"),
    "resnet18_a": _table1("1.8", "27.88", "Table 2"),
    "plain18": _table1("1.8", "27.94", "Table 2"),
    "resnet34": _table1("3.6", "24.52"),
    "resnet34_a": _table1("3.6", "25.03", "Tables 2 and 3"),
    "resnet34_c": _table1("3.6", "24.19"),
    "plain34": _table1("3.6", "28.54", "Tables 2 and 3"),
    **{
        f"resnet{depth}{version}": _table1(flops, error, first_stride=True)
        for depth, flops, error in ((50, "3.8", "22.85"), (101, "7.6", "21.75"), (152, "11.3", "21.43"))
        for version in ("", "_v1")
    },
}
_CIFAR_NETS: Final = {
    f"resnet{depth}": _cifar(_K15, "Table 6", error, params)
    for depth, params, error in (
        (20, "0.27", "8.75"), (32, "0.46", "7.51"), (44, "0.66", "7.17"), (56, "0.85", "6.97"), (110, "1.7", "6.43"),
        (1202, "19.4", "7.93"),
    )
}  # fmt: skip
_ORDERS: Final = {
    "resnet110_bn_after_addition": "8.17", "resnet164_bn_after_addition": "6.50",
    "resnet110_relu_before_addition": "7.84", "resnet164_relu_before_addition": "6.14",
    "resnet110_relu_only_preact": "6.71", "resnet164_relu_only_preact": "5.91",
    "preact_resnet110": "6.37", "resnet164": "5.93",
}  # fmt: skip
_SHORTCUTS: Final = {
    "resnet110_scaling_both": "12.35", "resnet110_exclusive_gating": "8.70", "resnet110_shortcut_gating": "6.91",
    "resnet110_conv1x1": "12.22",
}  # fmt: skip

PUBLISHED: Final[dict[str, Published]] = {
    **_PLAIN_AND_RESIDUAL,
    **_CIFAR_NETS,
    **{name: _cifar(_K16, "Table 2", error) for name, error in _ORDERS.items()},
    **{name: _cifar(_K16, "Table 1", error) for name, error in _SHORTCUTS.items()},
    "resnet1001": _cifar(_K16, "Table 4", "7.61"),
    "preact_resnet164": _cifar(_K16, "Table 4", "5.46", "1.7"),
    "preact_resnet1001": _cifar(_K16, "Table 4", "4.92", "10.2"),
    "preact_resnet152": _large("21.1"),
    "resnet200": _large("21.8"),
    "preact_resnet200": _large("20.7"),
    "wrn_16_8": _wide("Table 4", "11.0", "4.27"),
    "wrn_28_10": _wide("Table 4", "36.5", "4.00"),
    "wrn_40_4": _wide("Table 4", "8.9", "4.53"),
    "wide_resnet50_2": _wide("Table 8", "68.9", "21.9", _ONE_CROP),
    "resnext50_32x4d": Published(
        f"{_RX}, Table 1", params="25.0", flops="4.2", error="22.2", measure=_ONE_CROP, place=f"{_RX}, Table 3"
    ),
    "seresnet50": Published(f"{_SE}, Table 2", flops="3.87", error="23.29", measure=_ONE_CROP, place=f"{_SE}, Table 2"),
    "resnet50d": Published("He et al. 2018, Table 5", flops="4.3"),
}
"""Name of the preset -> what its paper prints of it."""

PAPERS: Final = {
    "K15": "K. He, X. Zhang, S. Ren, J. Sun: Deep Residual Learning for Image Recognition, 2015, arXiv:1512.03385",
    "K16": "K. He, X. Zhang, S. Ren, J. Sun: Identity Mappings in Deep Residual Networks, 2016, arXiv:1603.05027",
    "WRN": "S. Zagoruyko, N. Komodakis: Wide Residual Networks, 2016, arXiv:1605.07146",
    "RESNEXT": "S. Xie et al.: Aggregated Residual Transformations for Deep Neural Networks, 2016, arXiv:1611.05431",
    "SE": "J. Hu, L. Shen, G. Sun: Squeeze-and-Excitation Networks, 2017, arXiv:1709.01507",
    "TRICKS": "T. He et al.: Bag of Tricks for Image Classification with CNNs, 2018, arXiv:1812.01187",
    "GOYAL": "P. Goyal et al.: Accurate, Large Minibatch SGD, 2017, arXiv:1706.02677",
    "DEPTH": "G. Huang et al.: Deep Networks with Stochastic Depth, 2016, arXiv:1603.09382",
    "BN": "S. Ioffe, C. Szegedy: Batch Normalization, 2015, arXiv:1502.03167",
    "GN": "Y. Wu, K. He: Group Normalization, 2018, arXiv:1803.08494",
    "INIT": "K. He, X. Zhang, S. Ren, J. Sun: Delving Deep into Rectifiers, 2015, arXiv:1502.01852",
}
"""Papers by the key that choices name, the main one first."""


def citations(spec: ResNetSpec) -> tuple[str, ...]:
    """Author, title, year and number of every paper that a design takes a choice from, the main one first."""
    wide = spec.dropout > 0 or (BLOCKS[spec.block].grouped and spec.groups == 1 and spec.width_per_group > 64)
    chosen = (CHOICES[field][getattr(spec, field)] for field in CHOICES if applies(spec, field))
    used = {key for choice in chosen if _acts(choice, spec) for key in choice.references} | {"K15", "INIT"}
    used |= {"WRN"} if wide or (spec.stem_width is not None and spec.stem_width < spec.widths[0]) else set()
    used |= {"RESNEXT"} if spec.groups > 1 else set()
    used |= {"GOYAL"} if spec.zero_init else set()
    used |= {"DEPTH"} if spec.stochastic_depth > 0 else set()
    return (*(text for key, text in PAPERS.items() if key in used), *sorted(used - set(PAPERS)))


def _acts(choice: Choice, spec: ResNetSpec) -> bool:
    return not isinstance(choice, AttentionChoice) or choice.acts(spec)
