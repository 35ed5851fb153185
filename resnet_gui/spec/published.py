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
        first_stride: whether the paper's bottlenecks stride on their first 1×1 convolution.
    """

    where: str
    params: str = ""
    flops: str = ""
    first_stride: bool = False


_K15, _K16 = "He et al. 2015", "He et al. 2016"
_WRN, _RX = "Zagoruyko & Komodakis 2016", "Xie et al. 2016"

PUBLISHED: Final[dict[str, Published]] = {
    "resnet18": Published(f"{_K15}, Table 1", flops="1.8"),
    "resnet34": Published(f"{_K15}, Table 1", flops="3.6"),
    "plain18": Published(f"{_K15}, Table 1", flops="1.8"),
    "plain34": Published(f"{_K15}, Table 1", flops="3.6"),
    **{
        f"resnet{depth}{version}": Published(f"{_K15}, Table 1", flops=flops, first_stride=True)
        for depth, flops in ((50, "3.8"), (101, "7.6"), (152, "11.3"))
        for version in ("", "_v1")
    },
    **{
        f"resnet{depth}": Published(f"{_K15}, Table 6", params=params)
        for depth, params in ((20, "0.27"), (32, "0.46"), (44, "0.66"), (56, "0.85"), (110, "1.7"), (1202, "19.4"))
    },
    "preact_resnet164": Published(f"{_K16}, Table 4", params="1.7"),
    "preact_resnet1001": Published(f"{_K16}, Table 4", params="10.2"),
    "wrn_16_8": Published(f"{_WRN}, Table 4", params="11.0"),
    "wrn_28_10": Published(f"{_WRN}, Table 4", params="36.5"),
    "wrn_40_4": Published(f"{_WRN}, Table 4", params="8.9"),
    "wide_resnet50_2": Published(f"{_WRN}, Table 8", params="68.9"),
    "resnext50_32x4d": Published(f"{_RX}, Table 1", params="25.0", flops="4.2"),
    "seresnet50": Published("Hu et al. 2017, Table 2", flops="3.87"),
    "resnet50d": Published("He et al. 2018, Table 5", flops="4.3"),
}
