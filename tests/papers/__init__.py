"""A residual network written a second time, in functions and from the papers: what the built one is compared with."""

from __future__ import annotations

import importlib
import math
import pkgutil
from collections.abc import Mapping
from typing import Any, Final

import torch
from torch import Tensor
from torch.nn import functional

from resnet_gui.design.spec import ResNetSpec

PATTERNS: Final = {
    # He et al. 2016, Fig. 4 a to e: every convolution but the last | the last | what follows the addition.
    # c is a convolution, n a normalisation, a an activation.
    "original": ("cna", "cn", "a"),
    "bn_after_addition": ("cna", "c", "na"),
    "relu_before_addition": ("cna", "cna", ""),
    "relu_only_preact": ("acn", "acn", ""),
    "full_preact": ("nac", "nac", ""),
}
STEMS: Final = {
    # Kernels' strides, and whether max-pooling follows (He et al. 2015, Table 1; He et al. 2018, Fig. 2, ResNet-C).
    "imagenet": ((2,), True),
    "7x7": ((2,), False),
    "deep": ((2, 1, 1), True),
    "cifar": ((1,), False),
    "3x3": ((2,), False),
}
EPS: Final = 1e-5


def _oracles() -> dict[str, Any]:
    """Choices that have a file of their own here: its function ``compute``, by the choice's field and key."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return {module.CHOICE: module.compute for module in modules}


class Written:
    """The network of a spec under the values of a state_dict; without dropout and stochastic depth."""

    def __init__(self, spec: ResNetSpec, values: Mapping[str, Tensor], *, training: bool) -> None:
        self.spec = spec
        self.values = values
        self.training = training
        self.preact = PATTERNS[spec.order][0][0] != "c"

    def __call__(self, x: Tensor) -> Tensor:
        spec = self.spec
        x = self.stem(x)
        strides = spec.strides or (1, *(2 for _ in spec.blocks[1:]))
        first = True
        for stage, count in enumerate(spec.blocks):
            for number in range(count):
                stride = strides[stage] if number == 0 else 1
                x = self.block(f"layer{stage + 1}.{number}", x, stage, stride=stride, first=first)
                first = False
        return self.head(x)

    # ---- layers

    def conv(self, x: Tensor, name: str, stride: int = 1, groups: int = 1) -> Tensor:
        weight = self.values[f"{name}.weight"]
        bias = self.values.get(f"{name}.bias")
        return functional.conv2d(x, weight, bias, stride, padding=weight.shape[-1] // 2, groups=groups)

    def norm(self, x: Tensor, name: str) -> Tensor:
        if self.spec.norm == "none":
            return x
        weight, bias = (self.values[f"{name}.{part}"].view(-1, 1, 1) for part in ("weight", "bias"))
        if self.spec.norm == "group":
            # Wu & He 2018, eq. 1 to 3.
            cut = x.reshape(len(x), self.spec.norm_groups, -1)
            cut = (cut - cut.mean(2, keepdim=True)) / (cut.var(2, keepdim=True, correction=0) + EPS).sqrt()
            return cut.reshape(x.shape) * weight + bias
        # Ioffe & Szegedy 2015, algorithms 1 and 2.
        if self.training:
            mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3), correction=0)
        else:
            mean, variance = self.values[f"{name}.running_mean"], self.values[f"{name}.running_var"]
        return (x - mean.view(-1, 1, 1)) / (variance.view(-1, 1, 1) + EPS).sqrt() * weight + bias

    def oracle(self, field: str) -> Any:
        """What the file of a design's choice computes; None for the choices that are written below."""
        return ORACLES.get(f"{field}={getattr(self.spec, field)}")

    def activate(self, x: Tensor, name: str) -> Tensor:
        own = self.oracle("activation")
        if own is not None:
            return own(self, x, name)  # type: ignore[no-any-return]
        match self.spec.activation:
            case "relu":
                return x * (x > 0)
            case "leaky_relu":
                return torch.where(x > 0, x, 0.01 * x)
            case "gelu":
                return x * 0.5 * (1 + torch.erf(x / math.sqrt(2)))
            case "silu":
                return x / (1 + torch.exp(-x))
            case _:
                raise AssertionError(f"no oracle for {self.spec.activation}")

    def run(self, letters: str, x: Tensor, norm: str) -> Tensor:
        for letter in letters:
            x = self.norm(x, norm) if letter == "n" else self.activate(x, self.place(norm))
        return x

    def place(self, norm: str) -> str:
        """The name of the activation behind a norm."""
        if norm == "norm":
            return "act"
        if norm.startswith("conv1."):
            return f"conv1.{int(norm[6:]) + 1}"
        return self.spec.activation if norm == "bn1" else norm.replace("bn", self.spec.activation)

    # ---- parts

    def stem(self, x: Tensor) -> Tensor:
        strides, pooled = STEMS[self.spec.stem]
        if len(strides) == 1:
            x = self.conv(x, "conv1", strides[0])
        else:
            for place, stride in zip((0, 3), strides, strict=False):
                x = self.run("na", self.conv(x, f"conv1.{place}", stride), f"conv1.{place + 1}")
            x = self.conv(x, "conv1.6")
        usual = {"full_preact": "", "relu_only_preact": "n"}.get(self.spec.order, "na")
        x = self.run("na" if self.spec.activated_stem else usual, x, "bn1")
        if pooled:
            edge = functional.pad(x, (1, 1, 1, 1), value=-math.inf)
            x = edge.unfold(2, 3, 2).unfold(3, 3, 2).amax((4, 5))
        return x

    def block(self, name: str, x: Tensor, stage: int, *, stride: int, first: bool) -> Tensor:
        spec = self.spec
        each, last, after = PATTERNS[spec.order]
        basic = spec.block == "basic"
        count = 2 if basic else 3
        channels = spec.widths[stage] * (1 if basic else 4)
        changes = stride != 1 or x.shape[1] != channels
        projects = spec.shortcut == "C" or (spec.shortcut == "B" and changes)
        lead = each.partition("c")[0]
        # He et al. 2016, section 5: the first unit activates before it splits; so do those that change the shape.
        shares = self.preact and spec.shortcut != "none" and not spec.raw_projection
        shares = shares and (projects or changes or (first and spec.shared_first and not spec.activated_stem))
        shared = self.run(lead, x, f"{name}.bn1") if shares else x

        f = shared
        strided = 1 if basic or spec.stride_on == "1x1" else 2
        for number in range(1, count + 1):
            before, _, behind = (last if number == count else each).partition("c")
            if not (shares and number == 1):
                f = self.run(before, f, f"{name}.bn{number}")
            groups = spec.groups if not basic and number == 2 else 1
            f = self.conv(f, f"{name}.conv{number}", stride if number == strided else 1, groups)
            f = self.run(behind, f, f"{name}.bn{number}")
        attend = self.oracle("attention")
        if attend is not None:
            f = attend(self, f, name)
        elif spec.se_ratio:
            f = f * self.excitation(f, f"{name}.se")
        if spec.shortcut == "none":
            return self.run(after, f, f"{name}.bn{count}")

        h, own = shared, self.oracle("shortcut")
        if projects:
            h = self.projection(shared, name, stride)
        elif changes and own is not None:
            h = own(self, shared, channels, stride)
        elif changes:
            new = channels - x.shape[1]
            h = torch.zeros(len(x), channels, *f.shape[2:], dtype=x.dtype)
            h[:, new // 2 : new // 2 + x.shape[1]] = shared[:, :, ::stride, ::stride]
        f, h = self.ablated(x, f, h, name, stride)
        scale = self.oracle("branch_scale")
        f = f if scale is None else scale(self, f, name)
        return self.run(after, f + h, f"{name}.bn{count}")

    def excitation(self, x: Tensor, name: str) -> Tensor:
        """Hu et al. 2017, eq. 2 and 3."""
        z = x.mean((2, 3), keepdim=True)
        return torch.sigmoid(self.conv(self.activate(self.conv(z, f"{name}.fc1"), f"{name}.act"), f"{name}.fc2"))

    def projection(self, x: Tensor, name: str, stride: int) -> Tensor:
        spec = self.spec
        place, own = 0, self.oracle("projection")
        if own is not None:
            x, stride = own(self, x, name, stride), 0
        elif spec.projection == "avg_pool":
            # He et al. 2018, Fig. 2 (c); windows that stick out average what lies inside.
            place = 1
            if stride > 1:
                missing = [-edge % stride for edge in x.shape[2:]]
                inside = torch.ones_like(x[:1, :1])
                total, here = (
                    functional.avg_pool2d(
                        functional.pad(each, (0, missing[1], 0, missing[0])), stride, divisor_override=1
                    )
                    for each in (x, inside)
                )
                x, stride = total / here, 1
        x = self.conv(x, f"{name}.downsample.{place}", stride) if stride else x
        wants = spec.order != "full_preact" if spec.projection_norm is None else spec.projection_norm
        return self.norm(x, f"{name}.downsample.{place + 1}") if wants else x

    def ablated(self, x: Tensor, f: Tensor, h: Tensor, name: str, stride: int) -> tuple[Tensor, Tensor]:
        """He et al. 2016, section 3 and Table 1."""
        match self.spec.ablation:
            case "scaling":
                return f, 0.5 * h
            case "scaling_both":
                return 0.5 * f, 0.5 * h
            case "exclusive_gating" | "shortcut_gating":
                g = torch.sigmoid(self.conv(x, f"{name}.gate.0", stride))
                return (g * f if self.spec.ablation == "exclusive_gating" else f), (1 - g) * h
            case _:
                return f, h

    def head(self, x: Tensor) -> Tensor:
        spec = self.spec
        if self.preact and spec.final_activation:
            x = self.run(PATTERNS[spec.order][0].partition("c")[0], x, "norm")
        x = x.mean((2, 3)) if spec.head == "pool" else x.reshape(len(x), -1)
        names = [*(f"hidden.{2 * number}" for number in range(len(spec.hidden))), "fc"]
        for name in names:
            x = x @ self.values[f"{name}.weight"].T + self.values[f"{name}.bias"]
            x = x if name == "fc" else self.activate(x, f"hidden.{int(name[7:]) + 1}")
        return x


ORACLES: Final = _oracles()
