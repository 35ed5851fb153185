"""How cost grows with a network: time and memory of everything that looks at a design, to 10,000 blocks.

Usage: python benchmarks/bench_growth.py [--most BLOCKS] [--verify-most BLOCKS] [--drawn-verify-most BLOCKS]

The networks are CIFAR ResNets as the paper counts them, whose parameters grow as their blocks, and drawn ones:
pre-activation, excitation, groups of blocks of unlike lengths, every block another for stochastic depth. Each row is
done in a process of its own, so that its memory is its own. The exponent is the slope of the logarithms against the
parameters from the first network of the family that takes a millisecond, or a megabyte: 1 is linear.
"""

from __future__ import annotations

import argparse
import gc
import math
import os
import random
import statistics
import time
from collections.abc import Callable, Mapping
from functools import partial
from multiprocessing import get_context
from typing import Final, NamedTuple

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from resnet_gui.analysis.costs import totals
from resnet_gui.checkpoints.identify import identify
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.design.tensors import layer_tensors
from resnet_gui.engine.export.verify import verify
from resnet_gui.gui.design.diagram.network import lay_out
from resnet_gui.gui.design.table.model import LayerModel

SIZES: Final = (9, 27, 54, 165, 600, 2400, 10_002)
"""Blocks of ResNet-20, -56, -110, -332, -1202, -4802 and -20006."""

DRAWN_SIZES: Final = (54, 165, 600, 2400, 10_000)
DRAWN_VERIFIED: Final = 600
"""Each of their blocks is a module of its own for torch, so that 10,000 take minutes to be built."""

SCREENFUL: Final = 40
FEWEST_MS, FEWEST_MB = 1.0, 1.0
"""Below these a time is that of the clock's noise, and a memory that of a page."""


class Grown(NamedTuple):
    """What an operation took: seconds, and megabytes beyond what the process held before."""

    seconds: float
    megabytes: float


def family(blocks: int) -> ResNetSpec:
    """The CIFAR ResNet of so many blocks, a third in each stage (He et al. 2015, section 4.2)."""
    return evolve(PRESETS["resnet20"].spec, blocks=(blocks // 3,) * 3)


def drawn(blocks: int) -> ResNetSpec:
    """A design of so many blocks whose choices are drawn; each block is another for its stochastic depth."""
    draw = random.Random(19)  # noqa: S311
    cuts = sorted(draw.sample(range(1, blocks), 4))
    counts = tuple(end - begin for begin, end in zip((0, *cuts), (*cuts, blocks), strict=True))
    base = evolve(PRESETS["preact_resnet164"].spec, blocks=counts, widths=(8, 16, 32, 64, 128))
    return evolve(base, se_ratio=draw.choice((4, 8)), stochastic_depth=draw.uniform(0.1, 0.5))


def _table(spec: ResNetSpec) -> object:
    """The rows of a design in the model of the table, and what is seen of them."""
    model = LayerModel()
    model.set_plan(plan(spec))
    stage = model.top_nodes()[2]
    return model, [node.texts() for node in model.children_of(stage)[:SCREENFUL]]


def _filtered(spec: ResNetSpec) -> object:
    model = LayerModel()
    model.set_filter("3x3")
    model.set_plan(plan(spec))
    return model


def _edited(spec: ResNetSpec) -> Callable[[], object]:
    model = LayerModel()
    model.set_plan(plan(spec))
    return lambda: model.set_plan(plan(evolve(spec, classes=11)))


def _identified(spec: ResNetSpec) -> Callable[[], object]:
    shapes = {
        f"{path}.{part}": shape for path, layer in plan(spec).layers() for part, shape in layer_tensors(layer).items()
    }
    return lambda: identify(shapes)


def _verified(spec: ResNetSpec) -> Callable[[], object]:
    verify(0, PRESETS["resnet20"].spec)  # what torch loads at its first network is not this network's
    return lambda: verify(1, spec)


OPERATIONS: Final[Mapping[str, Callable[[ResNetSpec], Callable[[], object]]]] = {
    "plan": lambda spec: partial(plan, spec),
    "plan and totals": lambda spec: lambda: totals(plan(spec)),
    "table": lambda spec: partial(_table, spec),
    "table behind a filter": lambda spec: partial(_filtered, spec),
    "table, an edit": _edited,
    "plan and diagram": lambda spec: lambda: lay_out(plan(spec)),
    "identify": _identified,
    "verify": _verified,
}
"""What is measured: given a design, what is to be done with it."""


def measure(name: str, spec: ResNetSpec) -> Grown:
    """Time of an operation, the median of several where one takes little, and the most memory that it held."""
    work = OPERATIONS[name](spec)
    gc.collect()
    gc.disable()
    before = _held("VmRSS")
    _forget_peak()
    kept = work()
    peak = _held("VmHWM") - before
    del kept
    times: list[float] = []
    while len(times) < 1 or (sum(times) < 0.5 and len(times) < 9):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return Grown(statistics.median(times), max(0.0, peak))


def _held(field: str) -> float:
    """Megabytes of this process; nothing where the system does not tell."""
    try:
        with open("/proc/self/status", encoding="ascii") as file:  # noqa: PTH123
            return int(file.read().split(f"{field}:")[1].split()[0]) * 1024 / 1e6
    except OSError:
        return math.nan


def _forget_peak() -> None:
    """Let the most memory that was ever held be what is held now."""
    try:
        with open("/proc/self/clear_refs", "w", encoding="ascii") as file:  # noqa: PTH123
            file.write("5")
    except OSError:
        pass


def apart(name: str, spec: ResNetSpec) -> Grown:
    """``measure`` in a process of its own."""
    with get_context("fork").Pool(1) as pool:
        return pool.apply(measure, (name, spec))


def exponent(sizes: list[float], found: list[float], fewest: float) -> str:
    """Slope of the line through the logarithms, of what is large enough to be measured."""
    pairs = [(math.log(size), math.log(amount)) for size, amount in zip(sizes, found, strict=True) if amount >= fewest]
    if len(pairs) < 3:
        return "   –"
    return f"{statistics.linear_regression(*zip(*pairs, strict=True)).slope:4.2f}"


def table(title: str, make: Callable[[int], ResNetSpec], sizes: list[int], verify_most: int) -> None:
    """Print what each operation takes for designs of growing size, and how that grows with their parameters."""
    params = [totals(plan(make(size))).cost.params for size in sizes]
    print(f"\n  {title}\n  {'blocks':24}" + "".join(f"{size:>16,}" for size in sizes) + "    exponent of parameters")
    print(f"  {'parameters':24}" + "".join(f"{count / 1e6:14.2f} M" for count in params))
    for name in OPERATIONS:
        measured = [size for size in sizes if name != "verify" or size <= verify_most]
        found = [apart(name, make(size)) for size in measured]
        counts = [float(count) for count in params[: len(found)]]
        cells = "".join(f"{each.seconds * 1000:8.1f} ms{each.megabytes:4.0f}M" for each in found)
        time_slope = exponent(counts, [each.seconds * 1000 for each in found], FEWEST_MS)
        memory_slope = exponent(counts, [each.megabytes for each in found], FEWEST_MB)
        print(
            f"  {name:24}{cells}{'':{16 * (len(sizes) - len(found))}}    time {time_slope}, memory {memory_slope}",
            flush=True,
        )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=SIZES[-1], metavar="BLOCKS")
    parser.add_argument("--verify-most", type=int, default=SIZES[-1], metavar="BLOCKS")
    parser.add_argument("--drawn-verify-most", type=int, default=DRAWN_VERIFIED, metavar="BLOCKS")
    options = parser.parse_args()
    sizes = [size for size in SIZES if size <= options.most]
    table("CIFAR ResNets: the blocks of a stage but the first are one", family, sizes, options.verify_most)
    sizes = [size for size in DRAWN_SIZES if size <= options.most]
    table("Drawn designs: every block is another", drawn, sizes, options.drawn_verify_most)


if __name__ == "__main__":
    main()
