"""What papers print about their networks, by the name of the preset; facts, each with its place."""

from __future__ import annotations

from typing import Final

import msgspec


class Published(msgspec.Struct, frozen=True):
    """Printed figures.

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
_TEN_CROPS, _ON_TEN_CROPS = f"{_TOP1}, 10 crops", f"{_K15}, Tables 2 and 3"
_IMAGENET_ERRORS: Final = {
    "plain18": "27.94", "plain34": "28.54", "resnet18_a": "27.88", "resnet34_a": "25.03", "resnet34": "24.52",
    "resnet34_c": "24.19", "resnet50": "22.85", "resnet101": "21.75", "resnet152": "21.43",
    "resnet50_v1": "22.85", "resnet101_v1": "21.75", "resnet152_v1": "21.43",
}  # fmt: skip
_CIFAR_ERRORS: Final = {20: "8.75", 32: "7.51", 44: "7.17", 56: "6.97", 110: "6.43", 1202: "7.93"}
_CIFAR_PARAMS: Final = {20: "0.27", 32: "0.46", 44: "0.66", 56: "0.85", 110: "1.7", 1202: "19.4"}
_ORDER_ERRORS: Final = {
    "bn_after_addition": ("8.17", "6.50"), "relu_before_addition": ("7.84", "6.14"),
    "relu_only_preact": ("6.71", "5.91"),
}  # fmt: skip

PUBLISHED: Final[dict[str, Published]] = {
    "resnet18": Published(f"{_K15}, Table 1", flops="1.8"),
    "resnet18_a": Published(f"{_K15}, Table 1", flops="1.8", error="27.88", measure=_TEN_CROPS, place=_ON_TEN_CROPS),
    **{
        name: Published(
            f"{_K15}, Table 1", flops="3.6", error=_IMAGENET_ERRORS[name], measure=_TEN_CROPS, place=_ON_TEN_CROPS
        )
        for name in ("resnet34", "resnet34_a", "resnet34_c", "plain34")
    },
    "plain18": Published(f"{_K15}, Table 1", flops="1.8", error="27.94", measure=_TEN_CROPS, place=_ON_TEN_CROPS),
    **{
        f"resnet{depth}{version}": Published(
            f"{_K15}, Table 1",
            flops=flops,
            first_stride=True,
            error=_IMAGENET_ERRORS[f"resnet{depth}"],
            measure=_TEN_CROPS,
            place=_ON_TEN_CROPS,
        )
        for depth, flops in ((50, "3.8"), (101, "7.6"), (152, "11.3"))
        for version in ("", "_v1")
    },
    **{
        f"resnet{depth}": Published(
            f"{_K15}, Table 6", params=_CIFAR_PARAMS[depth], error=error, measure=_CIFAR10, place=f"{_K15}, Table 6"
        )
        for depth, error in _CIFAR_ERRORS.items()
    },
    "resnet164": Published(f"{_K16}, Table 2", error="5.93", measure=_CIFAR10, place=f"{_K16}, Table 2"),
    "preact_resnet110": Published(f"{_K16}, Table 2", error="6.37", measure=_CIFAR10, place=f"{_K16}, Table 2"),
    "preact_resnet164": Published(
        f"{_K16}, Table 4", params="1.7", error="5.46", measure=_CIFAR10, place=f"{_K16}, Tables 2 and 4"
    ),
    "preact_resnet1001": Published(
        f"{_K16}, Table 4", params="10.2", error="4.92", measure=_CIFAR10, place=f"{_K16}, Table 4"
    ),
    **{
        f"resnet{depth}_{order}": Published(
            f"{_K16}, Table 2", error=errors[place], measure=_CIFAR10, place=f"{_K16}, Table 2"
        )
        for order, errors in _ORDER_ERRORS.items()
        for place, depth in enumerate((110, 164))
    },
    "resnet110_conv1x1": Published(f"{_K16}, Table 1", error="12.22", measure=_CIFAR10, place=f"{_K16}, Table 1"),
    "wrn_16_8": Published(f"{_WRN}, Table 4", params="11.0", error="4.27", measure=_CIFAR10, place=f"{_WRN}, Table 5"),
    "wrn_28_10": Published(f"{_WRN}, Table 4", params="36.5", error="4.00", measure=_CIFAR10, place=f"{_WRN}, Table 5"),
    "wrn_40_4": Published(f"{_WRN}, Table 4", params="8.9", error="4.53", measure=_CIFAR10, place=f"{_WRN}, Table 5"),
    "wide_resnet50_2": Published(f"{_WRN}, Table 8", params="68.9"),
    "resnext50_32x4d": Published(
        f"{_RX}, Table 1", params="25.0", flops="4.2", error="22.2", measure=f"{_TOP1}, 1 crop", place=f"{_RX}, Table 3"
    ),
    "seresnet50": Published("Hu et al. 2017, Table 2", flops="3.87"),
    "resnet50d": Published("He et al. 2018, Table 5", flops="4.3"),
}
