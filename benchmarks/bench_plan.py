"""``plan`` and costs beside torchinfo on the meta device, for the same designs in one run."""

from __future__ import annotations

import statistics

import torch
import torchinfo
from table import head, interleaved, row

from resnet_gui.core.resnet import ResNet
from resnet_gui.spec.arch import ResNetSpec
from resnet_gui.spec.costs import totals
from resnet_gui.spec.plan import plan
from resnet_gui.spec.presets import PRESETS


def ours(spec: ResNetSpec) -> int:
    return totals(plan(spec)).cost.params


def theirs(model: torch.nn.Module, shape: tuple[int, ...]) -> int:
    picture = torch.zeros(1, *shape, device="meta")
    summary = torchinfo.summary(model, input_data=picture, depth=8, verbose=0, device="meta", mode="eval")
    return int(summary.total_params)


def main() -> None:
    for name, rounds in (("resnet18", 20), ("resnet50", 10), ("resnet152", 5), ("resnet1202", 2)):
        spec = PRESETS[name].spec
        with torch.device("meta"):
            model = ResNet(plan(spec)).eval()
        assert ours(spec) == theirs(model, spec.input)  # noqa: S101
        fast, slow = interleaved(
            [lambda spec=spec: ours(spec), lambda m=model, s=spec.input: theirs(m, s)],  # type: ignore[misc]
            rounds,
        )
        reference = statistics.median(slow)
        print(head(f"{name}: shapes, parameters, MACs, receptive field", "of theirs"))
        print(row("plan and totals", fast, reference))
        print(row("torchinfo, model on meta already built", slow, reference))
        print(f"  {reference / statistics.median(fast):.0f}× faster")


if __name__ == "__main__":
    main()
