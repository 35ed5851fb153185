"""``plan`` and costs beside torchinfo on the meta device and on the CPU; building on meta beside torchvision's nets.

Usage: python benchmarks/bench_plan.py [--beside CHECKOUT [--rounds N]]

With ``--beside`` this tree is measured beside another checkout of the program instead.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
import torchinfo
import torchvision
from beside import Seconds, clocked, part, report, run_benchmark
from table import head, interleaved, row

if TYPE_CHECKING:
    from resnet_gui.analysis.costs import rows, totals
    from resnet_gui.design.plan import plan
    from resnet_gui.design.presets import PRESETS
    from resnet_gui.design.spec import ResNetSpec
    from resnet_gui.network.resnet import ResNet
else:
    # Beside an older build, whose modules are elsewhere.
    rows, totals = part("costs", "rows"), part("costs", "totals")
    plan, PRESETS, ResNet = part("plan", "plan"), part("presets", "PRESETS"), part("resnet", "ResNet")

ROUNDS = {"resnet18": 20, "resnet50": 10, "resnet152": 5, "resnet1202": 2}


def headline(spec: ResNetSpec) -> int:
    """What an edit in the window computes."""
    return totals(plan(spec)).cost.params


def table(spec: ResNetSpec) -> int:
    """Every row with shape, parameters, MACs, memory and receptive field, as torchinfo lists them (and more)."""
    return sum(row.cost.params for row in rows(plan(spec)))


def torchinfo_params(model: torch.nn.Module, picture: torch.Tensor) -> int:
    device = picture.device.type
    return int(
        torchinfo.summary(model, input_data=picture, depth=8, verbose=0, device=device, mode="eval").total_params
    )


def arithmetic() -> None:
    for name, rounds in ROUNDS.items():
        spec = PRESETS[name].spec
        planned = plan(spec)
        with torch.device("meta"):
            on_meta, nothing = ResNet(planned).eval(), torch.zeros(1, *spec.input)
        on_cpu, zeros = ResNet(planned).eval(), torch.zeros(1, *spec.input)
        assert headline(spec) == table(spec) == torchinfo_params(on_meta, nothing)  # noqa: S101
        works: list[Callable[[], object]] = [
            lambda spec=spec: headline(spec),  # type: ignore[misc]
            lambda spec=spec: table(spec),  # type: ignore[misc]
            lambda model=on_meta, x=nothing: torchinfo_params(model, x),  # type: ignore[misc]
            lambda model=on_cpu, x=zeros: torchinfo_params(model, x),  # type: ignore[misc]
        ]
        ours, whole, meta, cpu = interleaved(works, rounds)
        reference = statistics.median(meta)
        print(head(f"{name}: shapes, parameters, MACs, receptive field", "of meta"))
        print(row("plan and totals", ours, reference))
        print(row("plan and every row", whole, reference))
        print(row("torchinfo on meta, model already built", meta, reference))
        print(row("torchinfo on the CPU, model already built", cpu, reference))
        for text, times in (("plan and totals", ours), ("plan and every row", whole)):
            fast = statistics.median(times)
            ratios = (
                f"{reference / fast:,.0f}× faster than on meta, {statistics.median(cpu) / fast:,.0f}× than on the CPU"
            )
            print(f"  {text}: {ratios}")


def building() -> None:
    print(head("building on the meta device", "of theirs"))
    for name in ("resnet18", "resnet50", "resnet152", "resnext101_64x4d"):
        spec, make = PRESETS[name].spec, getattr(torchvision.models, name)

        def ours(spec: ResNetSpec = spec) -> object:
            with torch.device("meta"):
                return ResNet(plan(spec))

        def theirs(make: Callable[..., object] = make) -> object:
            with torch.device("meta"):
                return make(weights=None)

        mine, other = interleaved([ours, theirs], 10)
        reference = statistics.median(other)
        print(row(f"{name}: ours", mine, reference))
        print(row(f"{name}: torchvision", other, reference))


def worker() -> None:
    """Times of this build, of designs as the window edits them and of networks on the meta device."""
    times: dict[str, list[Seconds]] = {}
    for name in (*ROUNDS, "resnet34", "resnet110", "wide_resnet50_2"):
        spec = PRESETS[name].spec
        works: dict[str, Callable[[], object]] = {
            "plan": lambda spec=spec: plan(spec),  # type: ignore[misc]
            "plan and totals": lambda spec=spec: headline(spec),  # type: ignore[misc]
            "plan and every row": lambda spec=spec: table(spec),  # type: ignore[misc]
        }
        times |= {f"{name}: {title}": [clocked(work) for _ in range(200)] for title, work in works.items()}
    for name in ("resnet18", "resnet50", "resnet152"):

        def build(spec: ResNetSpec = PRESETS[name].spec) -> None:
            with torch.device("meta"):
                ResNet(plan(spec))

        times[f"{name}: built on meta"] = [clocked(build) for _ in range(10)]
    report(times)


def alone() -> None:
    """Everything that needs no other checkout."""
    arithmetic()
    building()


if __name__ == "__main__":
    run_benchmark(__file__, __doc__ or "", 7, worker, alone)
